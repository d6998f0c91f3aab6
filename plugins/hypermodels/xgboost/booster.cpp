// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/xgboost/booster.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <system_error>
#include <xgboost/c_api.h>

namespace dodona::xgboost {
namespace {

// XGBoost's text goes on with a stack trace in further lines.
std::string last_error() {
  const std::string text = XGBGetLastError();
  return text.substr(0, text.find('\n'));
}

void check(int code) {
  if (code != 0) throw Error(DODONA_E_FAILED, "XGBoost: " + last_error());
}

// The number after the colon of "name:0.5", however it is written.
double number_after_colon(std::string_view word) {
  const std::string_view text = word.substr(word.rfind(':') + 1);
  double value = std::numeric_limits<double>::quiet_NaN();
  const auto code = std::from_chars(text.data(), text.data() + text.size(), value).ec;
  if (code != std::errc()) {
    throw Error(DODONA_E_FAILED, "XGBoost: a metric that is no number: " + std::string(word));
  }
  return value;
}

// "[12]\ttrain-logloss:0.5\ttrain-auc:0.7\tvalidation-logloss:0.6\t..."
std::vector<double> numbers_of(std::string_view rest) {
  std::vector<double> metrics;
  for (std::size_t tab = rest.find('\t'); tab != std::string_view::npos; tab = rest.find('\t')) {
    rest.remove_prefix(tab + 1);
    metrics.push_back(number_after_colon(rest.substr(0, rest.find('\t'))));
  }
  return metrics;
}

// The category of each word of each column; nothing for columns of numbers.
std::vector<std::vector<double>> categories_by_column(const Data& data,
                                                      const common::TableEncoding& encoding) {
  std::vector<std::vector<double>> out(data.words.size());
  for (const common::ColumnEncoding& column : encoding) {
    const auto at = std::find(data.names.begin(), data.names.end(), column.name);
    const auto index = static_cast<std::size_t>(at - data.names.begin());
    out[index] = common::categories_of(column, data.words[index]);
  }
  return out;
}

// Tells XGBoost which columns hold categories.
void set_kinds(DMatrixHandle handle, const Data& data, const common::TableEncoding& encoding) {
  std::vector<const char*> kinds(data.columns, "q");
  for (const common::ColumnEncoding& column : encoding) {
    const auto at = std::find(data.names.begin(), data.names.end(), column.name);
    kinds[static_cast<std::size_t>(at - data.names.begin())] = "c";
  }
  check(XGDMatrixSetStrFeatureInfo(handle, "feature_type", kinds.data(), kinds.size()));
}

// The weights of rows by their classes.
std::vector<float> weights_by_class(const Data& data, const std::vector<float>& labels) {
  std::vector<std::uint64_t> counts(data.classes.size());
  for (const float label : labels) ++counts[static_cast<std::size_t>(label)];
  const std::vector<double> weights = common::weights_of(data.class_weights, data.classes, counts);
  std::vector<float> out;
  for (const float label : labels)
    out.push_back(static_cast<float>(weights[static_cast<std::size_t>(label)]));
  return out;
}

void set_weights(DMatrixHandle handle, const std::vector<float>& weights) {
  check(XGDMatrixSetFloatInfo(handle, "weight", weights.data(), weights.size()));
}

}  // namespace

void Matrix::Free::operator()(void* handle) const {
  XGDMatrixFree(handle);
}

Matrix::Matrix(const Data& data, std::uint32_t fold, Part part,
               const common::TableEncoding& encoding) {
  const std::vector<std::vector<double>> categories = categories_by_column(data, encoding);
  std::vector<std::size_t> starts{0};
  std::vector<unsigned> indices;
  std::vector<float> values;
  std::vector<float> labels;
  for (std::size_t row = 0; row < data.rows; ++row) {
    if ((data.fold[row] == fold) != (part == Part::kHeldOut)) continue;
    for (std::size_t at = data.starts[row]; at < data.starts[row + 1]; ++at) {
      const std::uint32_t column = data.indices[at];
      float value = data.values[at];
      if (column < categories.size() && !data.words[column].empty()) {
        value = static_cast<float>(categories[column][static_cast<std::size_t>(value)]);
        if (std::isnan(value)) continue;
      }
      indices.push_back(column);
      values.push_back(value);
    }
    starts.push_back(values.size());
    labels.push_back(data.labels[row]);
  }
  DMatrixHandle handle = nullptr;
  check(XGDMatrixCreateFromCSREx(starts.data(), indices.data(), values.data(), starts.size(),
                                 values.size(), data.columns, &handle));
  handle_.reset(handle);
  check(XGDMatrixSetFloatInfo(handle, "label", labels.data(), labels.size()));
  if (!encoding.empty()) set_kinds(handle, data, encoding);
  if (part == Part::kTraining && data.class_weights.any())
    weights_ = weights_by_class(data, labels);
}

void Matrix::weigh() const {
  if (!weights_.empty()) set_weights(handle_.get(), weights_);
}

// XGBoost 1.7 refuses to compute an auc where sums of weights round.
void Matrix::weigh_alike() const {
  if (!weights_.empty()) set_weights(handle_.get(), {});
}

void Booster::Free::operator()(void* handle) const {
  XGBoosterFree(handle);
}

Booster::Booster(const Matrix& train, const Matrix* validation) {
  const DMatrixHandle cached[] = {train.handle(),
                                  validation != nullptr ? validation->handle() : nullptr};
  BoosterHandle handle = nullptr;
  check(XGBoosterCreate(cached, validation != nullptr ? 2 : 1, &handle));
  handle_.reset(handle);
}

void Booster::set(const std::string& name, const std::string& value) {
  check(XGBoosterSetParam(handle_.get(), name.c_str(), value.c_str()));
}

void Booster::update(std::uint64_t round, std::uint64_t seed, const Matrix& train) {
  // A seed that changes makes XGBoost draw from it anew; its generator belongs to the thread.
  set("seed", std::to_string(seed));
  train.weigh();
  check(XGBoosterUpdateOneIter(handle_.get(), static_cast<int>(round), train.handle()));
  train.weigh_alike();
}

std::vector<double> Booster::evaluate(std::uint64_t round, const Matrix& train,
                                      const Matrix* validation) {
  DMatrixHandle matrices[] = {train.handle(),
                              validation != nullptr ? validation->handle() : nullptr};
  const char* names[] = {"train", "validation"};
  const char* out = nullptr;
  check(XGBoosterEvalOneIter(handle_.get(), static_cast<int>(round), matrices, names,
                             validation != nullptr ? 2 : 1, &out));
  return numbers_of(out);
}

std::vector<double> Booster::evaluate(const Matrix& matrix) {
  DMatrixHandle matrices[] = {matrix.handle()};
  const char* names[] = {"data"};
  const char* out = nullptr;
  check(XGBoosterEvalOneIter(handle_.get(), 0, matrices, names, 1, &out));
  return numbers_of(out);
}

std::vector<float> Booster::predict(const Matrix& matrix) {
  bst_ulong count = 0;
  const float* numbers = nullptr;
  check(XGBoosterPredict(handle_.get(), matrix.handle(), 0, 0, 0, &count, &numbers));
  return {numbers, numbers + count};
}

void Booster::save(const std::string& path) {
  check(XGBoosterSaveModel(handle_.get(), path.c_str()));
}

void Booster::load(const std::string& path) {
  if (XGBoosterLoadModel(handle_.get(), path.c_str()) != 0) {
    throw Error(DODONA_E_IO, "\"" + path + "\" is no model: " + last_error());
  }
}

std::uint64_t Booster::rounds() {
  int rounds = 0;
  check(XGBoosterBoostedRounds(handle_.get(), &rounds));
  return static_cast<std::uint64_t>(rounds);
}

}  // namespace dodona::xgboost
