// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/xgboost/ensemble.hpp"

#include "common/data/cell_text.hpp"
#include "common/data/files.hpp"
#include "common/text/json_members.hpp"
#include "common/text/json_text.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>

namespace dodona::xgboost {
namespace {

constexpr const char* kProgressFile = "/progress.txt";
constexpr const char* kCardFile = "/model.json";
// Of the tree methods the one that splits categories.
constexpr const char* kMethodOfWords = "hist";

double mean(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

// Where trees start from: XGBoost 1.7 would take 0.5, however far the labels are from it.
double mean_label(const Data& data, std::uint32_t fold) {
  double sum = 0;
  std::uint64_t count = 0;
  for (std::size_t row = 0; row < data.rows; ++row) {
    if (data.fold[row] == fold) continue;
    sum += static_cast<double>(data.labels[row]);
    ++count;
  }
  return sum / static_cast<double>(count);
}

bool is_held_out(const Data& data, std::uint32_t fold) {
  return std::find(data.fold.begin(), data.fold.end(), fold) != data.fold.end();
}

std::string fold_name(std::size_t fold) {
  return "fold_" + std::to_string(fold);
}

std::string fold_path(const std::string& directory, std::size_t fold) {
  return directory + "/" + fold_name(fold) + ".ubj";
}

// A member of a JSON object, or nothing.
std::string_view member(std::string_view object, const std::string& name) {
  for (const common::Member& each :
       common::json_members(object).value_or(std::vector<common::Member>())) {
    if (each.name == name) return each.raw;
  }
  return {};
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw Error(DODONA_E_IO, "\"" + path + "\": cannot be written");
}

}  // namespace

std::vector<MetricKind> kinds_of(Task task) {
  switch (task) {
    case Task::kBinary:
      return {{"logloss", "loss", false, false},
              {"error", "accuracy", true, true},
              {"auc", "auc", false, true}};
    case Task::kMulticlass:
      return {{"mlogloss", "loss", false, false}, {"merror", "accuracy", true, true}};
    case Task::kRegression:
      break;
  }
  return {{"rmse", "rmse", false, false}, {"mae", "mae", false, false}};
}

Ensemble::Fold::Fold(const Data& data, std::uint32_t index, common::TableEncoding columns)
    : encoding(std::move(columns)),
      train(data, index, Matrix::Part::kTraining, encoding),
      validation(is_held_out(data, index) ? std::optional<Matrix>(std::in_place, data, index,
                                                                  Matrix::Part::kHeldOut, encoding)
                                          : std::nullopt),
      booster(train, validation ? &*validation : nullptr) {}

Ensemble::Ensemble(std::shared_ptr<const Data> data, const BoosterSettings& settings,
                   std::string tree_method, std::uint64_t seed, std::uint32_t threads)
    : data_(std::move(data)),
      settings_(settings),
      tree_method_(std::move(tree_method)),
      seed_(seed),
      threads_(threads),
      kinds_(kinds_of(data_->task)),
      best_(kinds_.size()) {
  for (std::uint32_t index = 0; index < data_->folds; ++index)
    folds_.push_back(make_fold(index, fold_encoding(*data_, index)));
}

std::unique_ptr<Ensemble::Fold> Ensemble::make_fold(std::uint32_t index,
                                                    common::TableEncoding encoding) const {
  auto fold = std::make_unique<Fold>(*data_, index, std::move(encoding));
  // Small enough for the sum with a round.
  fold->seed = RandomStream(seed_, index, Purpose::kTrialSeed).bits() >> 33;
  configure(*fold, index);
  return fold;
}

void Ensemble::configure(Fold& fold, std::uint32_t index) const {
  Booster& booster = fold.booster;
  booster.set("verbosity", "0");
  booster.set("nthread", std::to_string(threads_));
  booster.set("tree_method", fold.encoding.empty() ? tree_method_ : kMethodOfWords);
  booster.set("max_depth", std::to_string(settings_.max_depth));
  const std::pair<const char*, double> numbers[] = {
      {"eta", settings_.eta},
      {"min_child_weight", settings_.min_child_weight},
      {"subsample", settings_.subsample},
      {"colsample_bytree", settings_.colsample_bytree},
      {"lambda", settings_.lambda},
      {"alpha", settings_.alpha},
      {"gamma", settings_.gamma}};
  for (const auto& [name, number] : numbers) booster.set(name, text_of(number));
  for (const MetricKind& kind : kinds_) booster.set("eval_metric", kind.eval);
  switch (data_->task) {
    case Task::kBinary:
      booster.set("objective", "binary:logistic");
      break;
    case Task::kMulticlass:
      booster.set("objective", "multi:softprob");
      booster.set("num_class", std::to_string(data_->classes.size()));
      break;
    case Task::kRegression:
      booster.set("objective", "reg:squarederror");
      booster.set("base_score", text_of(mean_label(*data_, index)));
      break;
  }
}

std::vector<std::pair<std::string, double>> Ensemble::run_round(const std::function<bool()>& stop) {
  const std::size_t count = kinds_.size();
  const std::size_t expected = holds_out() ? 2 * count : count;
  std::vector<std::vector<double>> scores(expected);  // of each metric for each fold
  for (const auto& fold : folds_) {
    if (stop()) throw Cancelled();
    fold->booster.update(rounds_, fold->seed + rounds_, fold->train);
    const Matrix* const validation = fold->validation ? &*fold->validation : nullptr;
    const auto said = fold->booster.evaluate(rounds_, fold->train, validation);
    if (said.size() != expected) {
      throw Error(DODONA_E_FAILED, "XGBoost told " + std::to_string(said.size()) +
                                       " metrics where " + std::to_string(expected) +
                                       " were asked for");
    }
    for (std::size_t i = 0; i < said.size(); ++i) {
      scores[i].push_back(kinds_[i % count].complement ? 1 - said[i] : said[i]);
    }
  }
  ++rounds_;
  std::vector<std::pair<std::string, double>> means;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    means.emplace_back((i < count ? "" : "val_") + kinds_[i % count].name, mean(scores[i]));
  }
  scores.erase(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(count));
  if (holds_out()) note_best(scores);
  return means;
}

std::vector<std::pair<std::string, double>> Ensemble::evaluate_each(
    const std::function<const Matrix&(const Fold&)>& on, const std::function<bool()>& stop) {
  std::vector<std::vector<double>> scores(kinds_.size());
  for (const auto& fold : folds_) {
    if (stop()) throw Cancelled();
    const auto said = fold->booster.evaluate(on(*fold));
    for (std::size_t i = 0; i < kinds_.size(); ++i)
      scores[i].push_back(kinds_[i].complement ? 1 - said.at(i) : said.at(i));
  }
  std::vector<std::pair<std::string, double>> means;
  for (std::size_t i = 0; i < kinds_.size(); ++i)
    means.emplace_back("val_" + kinds_[i].name, mean(scores[i]));
  return means;
}

std::vector<std::pair<std::string, double>> Ensemble::evaluate(const std::function<bool()>& stop) {
  return evaluate_each([](const Fold& fold) -> const Matrix& { return *fold.validation; }, stop);
}

std::vector<std::pair<std::string, double>> Ensemble::evaluate(const Data& data,
                                                               const std::function<bool()>& stop) {
  std::optional<Matrix> matrix;
  return evaluate_each(
      [&](const Fold& fold) -> const Matrix& {
        return matrix.emplace(data, 0, Matrix::Part::kHeldOut, fold.encoding);
      },
      stop);
}

std::vector<double> Ensemble::predict(const Data& data, const std::function<bool()>& stop) {
  const std::size_t width = data.task == Task::kMulticlass ? data.classes.size() : 1;
  std::vector<double> sums(data.rows * width);
  for (const auto& fold : folds_) {
    if (stop()) throw Cancelled();
    const Matrix matrix(data, 0, Matrix::Part::kHeldOut, fold->encoding);
    const std::vector<float> said = fold->booster.predict(matrix);
    if (said.size() != sums.size()) {
      throw Error(DODONA_E_FAILED, "XGBoost predicted " + std::to_string(said.size()) +
                                       " numbers where " + std::to_string(sums.size()) +
                                       " were expected");
    }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += double{said[i]};
  }
  for (double& sum : sums) sum /= static_cast<double>(folds_.size());
  if (data.task != Task::kBinary) return sums;
  std::vector<double> both;
  for (const double second : sums) both.insert(both.end(), {1 - second, second});
  return both;
}

void Ensemble::note_best(const std::vector<std::vector<double>>& scores) {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const double now = mean(scores[i]);
    const double before = best_[i].round == 0 ? std::nan("") : mean(best_[i].scores);
    const bool better = kinds_[i].maximize ? now > before : now < before;
    if (better || std::isnan(before)) best_[i] = {rounds_, scores[i]};
  }
}

std::string Ensemble::fold_scores() const {
  std::string json = "{";
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    json += (i > 0 ? ",\"val_" : "\"val_") + kinds_[i].name +
            "\":{\"round\":" + std::to_string(best_[i].round) + ",\"scores\":[";
    const auto& scores = best_[i].scores;
    for (std::size_t fold = 0; fold < scores.size(); ++fold) {
      if (fold > 0) json += ',';
      json += std::isfinite(scores[fold]) ? text_of(scores[fold]) : "null";
    }
    json += "]}";
  }
  return json + "}";
}

void Ensemble::save(const std::string& directory) {
  for (std::size_t i = 0; i < folds_.size(); ++i) {
    folds_[i]->booster.save(fold_path(directory, i));
  }
  if (!folds_.front()->encoding.empty()) {
    std::string text;
    common::JsonText json(text);
    json.open('{');
    json.key("format");
    json.whole(1);
    json.key("plugin");
    json.text("xgboost");
    json.key("preprocessing");
    json.open('{');
    for (std::size_t i = 0; i < folds_.size(); ++i) {
      json.key(fold_name(i));
      common::write_encoding(json, folds_[i]->encoding);
    }
    json.close('}');
    json.close('}');
    write_file(directory + kCardFile, text + "\n");
  }
  std::ostringstream out;
  out << "rounds " << rounds_ << "\nseeds";
  for (const auto& fold : folds_) out << ' ' << fold->seed;
  out << '\n';
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    out << "val_" << kinds_[i].name << ' ' << best_[i].round;
    for (const double score : best_[i].scores) out << ' ' << text_of(score);
    out << '\n';
  }
  write_file(directory + kProgressFile, out.str());
}

// The categories are those that the models know, also where the data have others by now.
void Ensemble::load_encodings(const std::string& directory) {
  const std::string path = directory + kCardFile;
  std::error_code ignored;
  if (folds_.front()->encoding.empty() && !std::filesystem::exists(path, ignored)) return;
  const auto bytes = common::read_file(path);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  for (std::size_t i = 0; i < folds_.size(); ++i) {
    common::TableEncoding read;
    try {
      read = common::read_encoding(member(member(text, "preprocessing"), fold_name(i)));
    } catch (const Error& error) {
      throw Error(DODONA_E_IO, "\"" + path + "\", " + fold_name(i) + ": " + error.what());
    }
    if (common::word_columns(read) != common::word_columns(folds_[i]->encoding))
      throw Error(DODONA_E_IO, "\"" + path + "\": other columns held words than those of the data");
    if (read != folds_[i]->encoding)
      folds_[i] = make_fold(static_cast<std::uint32_t>(i), std::move(read));
  }
}

void Ensemble::load(const std::string& directory) {
  std::error_code ignored;
  if (!std::filesystem::exists(fold_path(directory, 1), ignored)) folds_.resize(1);
  load_encodings(directory);
  for (std::size_t i = 0; i < folds_.size(); ++i) {
    folds_[i]->booster.load(fold_path(directory, i));
  }
  const std::string path = directory + kProgressFile;
  std::ifstream in(path);
  const auto expect = [&](const std::string& what) {
    std::string word;
    if (in >> word && word == what) return;
    throw Error(DODONA_E_IO,
                "\"" + path + "\": \"" + what + "\" should follow, not " + common::shown(word));
  };
  expect("rounds");
  in >> rounds_;
  expect("seeds");
  for (const auto& fold : folds_) in >> fold->seed;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    expect("val_" + kinds_[i].name);
    in >> best_[i].round;
    best_[i].scores.assign(best_[i].round == 0 ? 0 : folds_.size(), 0.0);
    for (double& score : best_[i].scores) {
      std::string word;
      in >> word;
      score = common::finite_number<double>(word).value_or(std::nan(""));
    }
  }
  if (!in) throw Error(DODONA_E_IO, "\"" + path + "\" is cut short");
}

}  // namespace dodona::xgboost
