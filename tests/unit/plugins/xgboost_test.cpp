// SPDX-License-Identifier: Apache-2.0
//
// Drives the built plugin through its C table, with a fake kernel and tables made here.
#include "hypermodels/xgboost/data.hpp"
#include "support/built_plugin.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>
#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace {

using dodona::Error;
using dodona::RandomStream;
using dodona::Value;
using dodona::support::contains;
using dodona::support::error_of;
using dodona::support::TemporaryDirectory;
using dodona::testing::FakeHost;
using dodona::testing::FakeOptions;
using dodona::testing::FakeTrial;
using dodona::testing::Values;
using dodona::xgboost::Data;
using dodona::xgboost::DataOptions;
using dodona::xgboost::load_data;

constexpr int kRows = 400;

const dodona_descriptor& descriptor() {
  return dodona::support::plugin("xgboost");
}

const dodona_hypermodel_vtable& table() {
  return *static_cast<const dodona_hypermodel_vtable*>(descriptor().vtable);
}

// Throws what a slot answered.
void check(const std::function<dodona_status(dodona_error*)>& call) {
  dodona::call([&](dodona_error* error) { return call(error); });
}

// The hypermodel of a table, and one model after another.
class Driven {
 public:
  explicit Driven(Values options, const std::string& json = "{}")
      : options_(descriptor(), std::move(options), json) {
    check([&](dodona_error* e) {
      return table().create(host_.get(), host_.study(), options_.get(), &self_, e);
    });
  }
  ~Driven() { table().destroy(self_); }
  Driven(const Driven&) = delete;
  Driven& operator=(const Driven&) = delete;

  const FakeHost& host() const { return host_; }

  // Trains as the trial says; first from what `from` holds, and then into `to`, if they are given.
  void train(FakeTrial& trial, const std::string& from = "", const std::string& to = "") {
    void* model = nullptr;
    check([&](dodona_error* e) {
      return table().build(self_, trial.raw.hp, trial.get(), &model, e);
    });
    struct Release {
      void* self;
      void* model;
      ~Release() { table().release(self, model); }
    } const release{self_, model};
    if (!from.empty()) {
      check([&](dodona_error* e) { return table().load(self_, model, dodona::to_abi(from), e); });
    }
    check([&](dodona_error* e) { return table().fit(self_, model, trial.get(), e); });
    if (!to.empty()) {
      check([&](dodona_error* e) { return table().save(self_, model, dodona::to_abi(to), e); });
    }
  }

 private:
  FakeHost host_;
  FakeOptions options_;
  void* self_ = nullptr;
};

// Two columns whose signs make the class together, and one of noise: no column alone tells a thing.
std::string signs(int rows = kRows) {
  RandomStream random(1, 0, dodona::Purpose::kFill);
  std::ostringstream out;
  out << "a,b,noise,label\n";
  for (int i = 0; i < rows; ++i) {
    const double a = random.uniform() - 0.5;
    const double b = random.uniform() - 0.5;
    out << a << ',' << b << ',' << random.uniform() << ','
        << ((a > 0) == (b > 0) ? "same" : "other") << '\n';
  }
  return out.str();
}

// Four classes, by the signs of columns 1 and 2; zeros are left out.
std::string quarters() {
  RandomStream random(2, 0, dodona::Purpose::kFill);
  std::ostringstream out;
  for (int i = 0; i < kRows; ++i) {
    const double a = random.uniform() - 0.5;
    const double b = random.uniform() - 0.5;
    out << (a > 0 ? 10 : 20) + (b > 0 ? 1 : 2) << " 1:" << a << " 2:" << b << '\n';
  }
  return out.str();
}

// Of ten cities the even ones are of one class, but that a number, which may be missing, turns it.
std::string cities() {
  RandomStream random(5, 0, dodona::Purpose::kFill);
  std::ostringstream out;
  out << "city,id,turned,label\n";
  for (int i = 0; i < kRows; ++i) {
    const std::uint64_t city = random.below(10);
    const std::uint64_t turned = random.below(3);
    out << "city" << city << ",i" << i << ',' << (turned == 0 ? "" : std::to_string(turned)) << ','
        << ((city % 2 == 0) == (turned == 2) ? "same" : "other") << '\n';
  }
  return out.str();
}

// A number around 1000 with a deviation of about 30 that a * b decides.
std::string products() {
  RandomStream random(3, 0, dodona::Purpose::kFill);
  std::ostringstream out;
  out << "a,b,label\n";
  for (int i = 0; i < kRows; ++i) {
    const double a = random.uniform() - 0.5;
    const double b = random.uniform() - 0.5;
    out << a << ',' << b << ',' << 1000 + 270 * a * b << '\n';
  }
  return out.str();
}

// The best of all reports. Tests of learning go by it. Their bounds lie between what guessing gives
// and the worst of 11 runs, which stands beside the bound: with these tables, and with tables and
// trials of other seeds.
double best(const FakeTrial& trial, const std::string& metric, bool maximize) {
  std::vector<double> values;
  for (const auto& report : trial.reports) values.push_back(report.metrics.at(metric));
  return maximize ? *std::max_element(values.begin(), values.end())
                  : *std::min_element(values.begin(), values.end());
}

std::set<std::string> names(const FakeTrial& trial) {
  std::set<std::string> out;
  for (const auto& [name, value] : trial.reports.front().metrics) out.insert(name);
  return out;
}

class XGBoostTest : public ::testing::Test {
 protected:
  XGBoostTest()
      : binary{{"data", directory.write("signs.csv", signs())}, {"folds", std::int64_t{3}}},
        multiclass{{"data", directory.write("quarters.txt", quarters())},
                   {"folds", std::int64_t{3}}},
        regression{{"data", directory.write("products.csv", products())},
                   {"folds", std::int64_t{3}},
                   {"task", std::string("regression")}},
        words{{"data", directory.write("cities.csv", cities())},
              {"folds", std::int64_t{3}},
              {"ignore[0]", std::string("id")}} {}

  // Few rounds, and draws of rows and columns, on which the seed works.
  static Values drawing(std::int64_t rounds = 12) {
    return {{"rounds", rounds},
            {"max_depth", std::int64_t{4}},
            {"subsample", 0.6},
            {"colsample_bytree", 0.7}};
  }

  std::string error_of_data(const std::string& text, Values options = {},
                            const std::string& name = "t.csv", dodona_status code = DODONA_E_IO) {
    options.emplace("data", directory.write(name, text));
    return error_of(code, [&] { Driven{options}; });
  }

  TemporaryDirectory directory;
  Values binary;
  Values multiclass;
  Values regression;
  Values words;
};

TEST_F(XGBoostTest, AsksForTheUsualSpace) {
  Driven driven(binary);
  FakeTrial trial({{"rounds", std::int64_t{1}}});
  driven.train(trial);
  std::vector<std::string> asked;
  for (const dodona::Param& param : trial.hp.asked()) asked.push_back(param.name);
  EXPECT_EQ(asked,
            (std::vector<std::string>{"eta", "max_depth", "min_child_weight", "subsample",
                                      "colsample_bytree", "lambda", "alpha", "gamma", "rounds"}));
  EXPECT_EQ(trial.reports.size(), 1U);
}

TEST_F(XGBoostTest, LearnsToTellTwoClasses) {
  Driven driven(binary);
  FakeTrial trial({{"rounds", std::int64_t{40}}});
  driven.train(trial);
  EXPECT_EQ(names(trial), (std::set<std::string>{"loss", "accuracy", "auc", "val_loss",
                                                 "val_accuracy", "val_auc"}));
  EXPECT_GT(best(trial, "val_auc", true), 0.85);      // worst: 0.996, guessing: 0.5
  EXPECT_GT(best(trial, "val_accuracy", true), 0.8);  // worst: 0.98, guessing: 0.5
  EXPECT_LT(best(trial, "val_loss", false), 0.4);     // worst: 0.08, guessing: 0.69
  EXPECT_TRUE(contains(driven.host().lines().at(0).second, "400 rows of 3 columns, 2 classes"));
}

TEST_F(XGBoostTest, LearnsToTellSeveralClasses) {
  Driven driven(multiclass);
  FakeTrial trial({{"rounds", std::int64_t{40}}});
  driven.train(trial);
  EXPECT_EQ(names(trial), (std::set<std::string>{"loss", "accuracy", "val_loss", "val_accuracy"}));
  EXPECT_GT(best(trial, "val_accuracy", true), 0.7);  // worst: 0.98, guessing: 0.25
}

TEST_F(XGBoostTest, LearnsToPredictANumber) {
  Driven driven(regression);
  FakeTrial trial({{"rounds", std::int64_t{60}}});
  driven.train(trial);
  EXPECT_EQ(names(trial), (std::set<std::string>{"rmse", "mae", "val_rmse", "val_mae"}));
  // The labels deviate by 22; the first round begins at their mean, 1000.
  EXPECT_LT(trial.reports[0].metrics["val_rmse"], 100);  // worst: 20
  EXPECT_LT(best(trial, "val_rmse", false), 15);         // worst: 8.5, the mean: 22
}

TEST_F(XGBoostTest, LearnsFromWordsAndMissingNumbers) {
  Driven driven(words, R"({"balance_classes":true,"class_weights":{"same":2}})");
  FakeTrial trial({{"rounds", std::int64_t{40}}});
  driven.train(trial, "", directory.string());
  EXPECT_GT(best(trial, "val_accuracy", true), 0.8);  // seen: 1, without cities: 0.5
  EXPECT_TRUE(contains(driven.host().lines().at(0).second, "400 rows of 2 columns, 2 classes"));
  std::ifstream in(directory / "model.json");
  const std::string card(std::istreambuf_iterator<char>(in), {});
  EXPECT_TRUE(contains(card, R"("fold_2":{"city":{"categories":["city0","city1",)")) << card;
}

TEST_F(XGBoostTest, WeighsClassesWhereItLearns) {
  const auto first = [&](const std::string& json) {
    Driven driven(binary, json);
    FakeTrial trial({{"rounds", std::int64_t{1}}});
    driven.train(trial);
    return trial.reports.at(0).metrics.at("val_loss");
  };
  const double plain = first("{}");
  EXPECT_EQ(first(R"({"class_weights":{"same":1}})"), plain);
  EXPECT_NE(first(R"({"class_weights":{"same":9}})"), plain);
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { first(R"({"class_weights":{"no":9}})"); }),
                       "\"no\" is none of the classes \"other\", \"same\""));
}

TEST_F(XGBoostTest, KeepsTheScoreOfEachFoldAtTheBestRound) {
  Driven driven(binary);
  FakeTrial trial(drawing());
  driven.train(trial);
  const std::string& note = trial.notes.at("folds");
  for (const auto& [metric, maximize] : {std::pair<std::string, bool>{"val_loss", false},
                                         {"val_accuracy", true},
                                         {"val_auc", true}}) {
    const std::size_t at = note.find('"' + metric + "\":{\"round\":");
    ASSERT_NE(at, std::string::npos) << note;
    std::istringstream in(note.substr(note.find(':', note.find("round", at)) + 1));
    std::uint64_t round = 0;
    in >> round;
    in.ignore(100, '[');
    double sum = 0;
    for (int fold = 0; fold < 3; ++fold) {
      double score = 0;
      in >> score;
      sum += score;
      EXPECT_EQ(in.get(), fold < 2 ? ',' : ']');
    }
    EXPECT_DOUBLE_EQ(sum / 3, best(trial, metric, maximize));
    EXPECT_DOUBLE_EQ(trial.reports[round - 1].metrics[metric], sum / 3);
  }
}

TEST_F(XGBoostTest, LearnsFromAllRowsInItsLastTraining) {
  Driven driven(binary);
  FakeTrial trial({{"rounds", std::int64_t{40}}});
  trial.raw.all_data = 1;
  trial.raw.budget = 45;  // more than `rounds`
  driven.train(trial, "", directory.string());
  EXPECT_EQ(names(trial), (std::set<std::string>{"loss", "accuracy", "auc"}));
  EXPECT_EQ(trial.reports.size(), 45U);
  EXPECT_GT(best(trial, "accuracy", true), 0.8);  // worst: 1, guessing: 0.5
  EXPECT_TRUE(std::filesystem::exists(directory / "fold_0.ubj"));
  EXPECT_FALSE(std::filesystem::exists(directory / "fold_1.ubj"));
}

TEST_F(XGBoostTest, RefusesValuesThatXGBoostDoesNotTake) {
  Driven driven(binary);
  for (const auto& [name, value, problem] :
       {std::tuple<const char*, Value, const char*>{"eta", 1e39,
                                                    "1e+39 is above 3.4e+38, the most"},
        {"eta", -0.5, "-0.5 is below 0, the least"},
        {"gamma", -1.0, "-1 is below 0, the least"},
        {"subsample", 2.0, "2 is above 1, the most"},
        {"max_depth", std::int64_t{-3}, "-3 is below 0, the least"}}) {
    FakeTrial trial({{name, value}});
    EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { driven.train(trial); }),
              std::string("hyperparameter \"") + name + "\": " + problem + " that XGBoost takes");
  }
}

TEST_F(XGBoostTest, IsAFunctionOfTheSeed) {
  Driven driven(binary);
  const auto curve = [&](std::uint64_t seed) {
    FakeTrial trial(drawing());
    trial.raw.seed = seed;
    driven.train(trial);
    return trial.reports;
  };
  const auto first = curve(1);
  EXPECT_EQ(curve(1), first);
  EXPECT_NE(curve(2), first);
}

TEST_F(XGBoostTest, GoesOnFromACheckpointAsIfItHadNeverStopped) {
  for (const Values& options : {binary, multiclass, regression, words}) {
    Driven driven(options);
    Values values = drawing();
    // Words need `hist`, which draws rows and columns anew.
    if (options == words) values["subsample"] = values["colsample_bytree"] = 1.0;
    FakeTrial whole(values);
    whole.raw.seed = 5;
    driven.train(whole);
    ASSERT_EQ(whole.reports.size(), 12U);
    FakeTrial first(values);
    first.raw.seed = 5;
    first.raw.budget = 7;
    const TemporaryDirectory checkpoint;
    driven.train(first, "", checkpoint.string());
    ASSERT_EQ(first.reports.size(), 7U);
    FakeTrial rest(values);
    rest.raw.seed = 6;  // another trial
    rest.raw.start_step = 7;
    driven.train(rest, checkpoint.string());
    const std::vector<FakeTrial::Report> tail(whole.reports.begin() + 7, whole.reports.end());
    EXPECT_EQ(rest.reports, tail);
    EXPECT_EQ(rest.notes, whole.notes);
  }
}

// `rounds` ended at the checkpoint: nothing is left to report, also after a second promotion, and
// the kernel keeps the score of the trial before.
TEST_F(XGBoostTest, ReportsNothingWhereItsRoundsEndedAtTheCheckpoint) {
  Driven driven(binary);
  const TemporaryDirectory checkpoint;
  FakeTrial first(drawing(3));
  first.raw.budget = 3;
  driven.train(first, "", checkpoint.string());
  for (const std::uint64_t promoted_at : {3U, 9U}) {
    FakeTrial rest(drawing(3));
    rest.raw.start_step = promoted_at;
    rest.raw.budget = 27;
    driven.train(rest, checkpoint.string());
    EXPECT_TRUE(rest.reports.empty());
    EXPECT_EQ(rest.notes, first.notes);
  }
}

// So does one whose patience ended there: it once trained one more round.
TEST_F(XGBoostTest, ReportsNothingWhereItsPatienceEndedAtTheCheckpoint) {
  binary["early_stopping_rounds"] = std::int64_t{1};
  Driven driven(binary);
  const TemporaryDirectory checkpoint;
  FakeTrial first(drawing(100));
  driven.train(first, "", checkpoint.string());
  ASSERT_LT(first.reports.size(), 100U);
  FakeTrial rest(drawing(100));
  rest.raw.start_step = first.reports.size();
  driven.train(rest, checkpoint.string());
  EXPECT_TRUE(rest.reports.empty());
}

TEST_F(XGBoostTest, TrialsSideBySideDoNotDisturbOneAnother) {
  Driven driven(binary);
  const auto train = [&](std::uint64_t seed, std::vector<FakeTrial::Report>& out) {
    FakeTrial trial(drawing());
    trial.raw.seed = seed;
    driven.train(trial);
    out = trial.reports;
  };
  constexpr std::size_t count = 4;
  std::vector<std::vector<FakeTrial::Report>> alone(count), together(count);
  for (std::size_t i = 0; i < count; ++i) train(i, alone[i]);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&, i] { train(i, together[i]); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, alone);
}

TEST_F(XGBoostTest, StopsWhereNothingGetsBetter) {
  // Labels that nothing tells of: each round fits noise.
  RandomStream random(4, 0, dodona::Purpose::kFill);
  std::ostringstream out;
  out << "a,label\n";
  for (int i = 0; i < kRows; ++i) out << random.uniform() << ',' << random.below(2) << '\n';
  Values options{{"data", directory.write("noise.csv", out.str())},
                 {"early_stopping_rounds", std::int64_t{3}}};
  const auto rounds = [&] {
    Driven driven(options);
    FakeTrial trial({{"rounds", std::int64_t{30}}});
    driven.train(trial);
    EXPECT_TRUE(trial.notes.contains("folds"));
    const auto best_round = std::min_element(
        trial.reports.begin(), trial.reports.end(), [](const auto& a, const auto& b) {
          return a.metrics.at("val_loss") < b.metrics.at("val_loss");
        });
    return std::pair(trial.reports.size(), best_round->step);
  };
  const auto [stopped, best_step] = rounds();
  EXPECT_LT(stopped, 30U);  // worst: 4
  EXPECT_EQ(stopped, best_step + 3);
  options["early_stopping_rounds"] = std::int64_t{0};
  EXPECT_EQ(rounds().first, 30U);
}

TEST_F(XGBoostTest, StopsWhenItIsTold) {
  Driven driven(binary);
  FakeTrial stopped(drawing());
  stopped.stop_at = 4;
  EXPECT_THROW(driven.train(stopped), dodona::Cancelled);
  EXPECT_EQ(stopped.reports.size(), 4U);
  EXPECT_TRUE(stopped.notes.contains("folds"));
  FakeTrial cancelled(drawing());
  cancelled.on_report = [&](std::uint64_t step) { cancelled.cancel = step == 2; };
  EXPECT_THROW(driven.train(cancelled), dodona::Cancelled);
  EXPECT_EQ(cancelled.reports.size(), 2U);
}

TEST_F(XGBoostTest, HasHistogramsForManyRows) {
  binary["tree_method"] = std::string("hist");
  Driven driven(binary);
  FakeTrial trial({{"rounds", std::int64_t{40}}});
  driven.train(trial);
  EXPECT_GT(best(trial, "val_auc", true), 0.85);  // worst: 0.99, guessing: 0.5
}

TEST_F(XGBoostTest, SaysWhatIsWrongWithACheckpoint) {
  Driven driven(binary);
  const auto load = [&](const TemporaryDirectory& from) {
    FakeTrial trial(drawing());
    trial.raw.start_step = 2;
    return error_of(DODONA_E_IO, [&] { driven.train(trial, from.string()); });
  };
  const TemporaryDirectory checkpoint;
  EXPECT_TRUE(contains(load(checkpoint), "/fold_0.ubj\" is no model"));
  FakeTrial trial(drawing(2));
  driven.train(trial, "", checkpoint.string());
  FakeTrial other(drawing());
  EXPECT_TRUE(contains(error_of(DODONA_E_STATE, [&] { driven.train(other, checkpoint.string()); }),
                       "goes on from round 0, its model has done 2"));
  checkpoint.write("progress.txt", "rounds 2\nseeds 1 2 3\nval_loss 1 0.5");
  EXPECT_TRUE(contains(load(checkpoint), "progress.txt\": \"val_accuracy\" should follow"));
  checkpoint.write("progress.txt", "rats 2\n");
  EXPECT_TRUE(contains(load(checkpoint), "\"rounds\" should follow, not \"rats\""));
  checkpoint.write("fold_1.ubj", "not a model");
  EXPECT_TRUE(contains(load(checkpoint), "/fold_1.ubj\" is no model"));
}

TEST_F(XGBoostTest, SaysWhatIsWrongWithTheData) {
  EXPECT_TRUE(contains(error_of(DODONA_E_IO,
                                [] {
                                  Driven{{{"data", std::string("/no.csv")}}};
                                }),
                       "\"/no.csv\""));
  EXPECT_TRUE(contains(error_of_data("a,b\n1,2\n"), "no label column \"label\""));
  EXPECT_TRUE(contains(error_of_data("a,label\n1,2\n2,2\nx,2\n4,2\n5,2\n6,2\n7,2\n8,2\n9,2\n"
                                     "10,2\n11,2\n"),
                       "line 4: column \"a\" holds \"x\", which is not a finite number"));
  const Values groups{{"group", std::string("g")}, {"folds", std::int64_t{3}}};
  EXPECT_TRUE(
      contains(error_of_data("a,g,label\n1,u,x\n2,u,x\n3,u,x\n4,v,y\n5,v,y\n6,v,y\n", groups),
               "the column \"g\" has 2 groups, fewer than the 3 parts"));
  EXPECT_TRUE(contains(error_of_data("1 1:2\n2 1:3\n", groups, "t.txt"),
                       "no CSV file, whose columns have names; the option \"group\" must be left"));
  EXPECT_TRUE(contains(error_of_data("a,label\n1,x\n2,x\n"),
                       "all rows are of the class \"x\"; two are needed"));
  EXPECT_TRUE(contains(error_of_data("a,label\n1,x\n2,x\n3,y\n"),
                       "the class \"y\" has 1 row, fewer than the 5 parts"));
  EXPECT_TRUE(contains(error_of_data("1 1:2\n2 1:3\n", {}, "t.txt"), "the class \"1\" has 1 row"));
  EXPECT_TRUE(contains(error_of_data("1 2:1 1:2\n", {}, "t.txt"), "line 1: index 1 follows 2"));
  EXPECT_TRUE(contains(error_of_data("a,label\n1e99,x\n", {}),
                       "line 2: column \"a\" holds \"1e99\", which is beyond 3.4e38"));
  const Values regress{{"task", std::string("regression")}};
  EXPECT_TRUE(contains(error_of_data("a,label\n1,2\n", regress), "1 row, fewer than the 5 parts"));
  EXPECT_TRUE(contains(error_of_data("a,label\n1,x\n", regress), "\"x\", which is not a finite"));
  std::string many = "a,label\n";
  for (int i = 0; i <= 1000; ++i) many += "1," + std::to_string(i) + "\n";
  EXPECT_TRUE(contains(error_of_data(many), "give the option \"task\" as \"regression\""));
}

TEST_F(XGBoostTest, TellsTheFormatByNameOrOption) {
  const std::string path = directory.write("table.data", signs());
  EXPECT_TRUE(contains(error_of(DODONA_E_IO,
                                [&] {
                                  Driven{{{"data", path}}};
                                }),
                       "the label \"a,b,noise,label\" is not a finite number"));
  Driven{{{"data", path}, {"format", std::string("csv")}}};
}

TEST(XGBoostData, HoldsOutEachRowOnceAndEachClassEvenly) {
  const TemporaryDirectory directory;
  std::string text = "a,label\n";
  for (int i = 0; i < 103; ++i) text += std::to_string(i) + (i % 4 == 0 ? ",rare\n" : ",often\n");
  DataOptions options{
      .path = directory.write("t.csv", text), .format = "auto", .label = "label", .folds = 4};
  const Data data = load_data(options);
  EXPECT_EQ(data.folds, 4U);
  std::vector<std::vector<int>> sizes(4, std::vector<int>(2, 0));
  for (std::size_t row = 0; row < data.rows; ++row) {
    ++sizes.at(data.fold[row])[static_cast<std::size_t>(data.labels[row])];
  }
  for (const auto& fold : sizes) {
    EXPECT_NEAR(fold[0], 77 / 4.0, 1);  // often
    EXPECT_NEAR(fold[1], 26 / 4.0, 1);
    EXPECT_NEAR(fold[0] + fold[1], 103 / 4.0, 1);
  }
  EXPECT_EQ(load_data(options).fold, data.fold);
  // Not simply in the order of the file.
  EXPECT_FALSE(std::is_sorted(data.fold.begin(), data.fold.begin() + 20));
  options.folds = 1;
  const Data once = load_data(options);
  EXPECT_EQ(once.folds, 1U);
  EXPECT_EQ(std::count(once.fold.begin(), once.fold.end(), 0U), 21);  // of 103
}

// The rows of a fold do not tell its model which categories there are.
TEST(XGBoostData, KnowsTheCategoriesOfTheOtherFolds) {
  const TemporaryDirectory directory;
  std::string text = "city,who,label\n";
  for (int i = 0; i < 12; ++i)
    text += "city" + std::to_string(i) + ",p" + std::to_string(i / 2) + "," +
            std::to_string(i % 2) + "\n";
  DataOptions options{.path = directory.write("t.csv", text),
                      .format = "csv",
                      .label = "label",
                      .folds = 3,
                      .group = "who"};
  const Data data = load_data(options);
  EXPECT_EQ(data.names, std::vector<std::string>{"city"});
  for (std::uint32_t fold = 0; fold < 3; ++fold) {
    const auto encoding = dodona::xgboost::fold_encoding(data, fold);
    ASSERT_EQ(encoding.size(), 1U);
    EXPECT_EQ(encoding[0].categories.size(), 8U);
  }
  for (std::size_t row = 0; row < 12; row += 2) EXPECT_EQ(data.fold[row], data.fold[row + 1]);
  const std::string later = directory.write("later.csv", "label,city\n0,city3\n1,elsewhere\n1,\n");
  const Data samples = load_samples(options, data, later, dodona::xgboost::Targets::kRead);
  EXPECT_EQ(samples.words, (std::vector<std::vector<std::string>>{{"city3", "elsewhere"}}));
}

TEST(XGBoostData, LeavesOutCellsWithoutAValue) {
  const TemporaryDirectory directory;
  std::string text = "a,b,label\n";
  for (int i = 0; i < 6; ++i) text += (i % 2 == 0 ? ",0," : "NA,1,") + std::to_string(i % 2) + "\n";
  DataOptions options{
      .path = directory.write("t.csv", text), .format = "csv", .label = "label", .folds = 2};
  const Data data = load_data(options);
  EXPECT_EQ(data.columns, 2U);
  EXPECT_EQ(data.indices, (std::vector<std::uint32_t>(6, 1)));
  EXPECT_EQ(data.values, (std::vector<float>{0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(data.starts, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6}));
}

}  // namespace
