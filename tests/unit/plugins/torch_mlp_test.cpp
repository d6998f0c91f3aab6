// SPDX-License-Identifier: Apache-2.0
//
// Drives the built plugin through its C table, with a fake kernel and small images.
#include "support/network_plugin.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

namespace {

using dodona::Value;
using dodona::support::Answer;
using dodona::support::highest;
using dodona::support::NetworkPlugin;
using dodona::support::NetworkUnderTest;
using dodona::support::Reports;
using dodona::support::run_trial;
using dodona::support::TemporaryDirectory;
using dodona::support::with_step_constants;
using dodona::support::write_toy_images;
using dodona::testing::FakeHp;
using dodona::testing::FakeTrial;
using dodona::testing::Values;

constexpr std::uint32_t kImages = 600;

class Plugin : public NetworkPlugin {
 public:
  explicit Plugin(const Values& options) : NetworkPlugin("torch_mlp", options) {}
};
using Model = NetworkUnderTest;

// A network with everything that draws random numbers.
Values net(const std::string& optimizer) {
  return {
      {"layers", std::int64_t{2}}, {"units_0", std::int64_t{64}}, {"units_1", std::int64_t{32}},
      {"dropout", true},           {"dropout_rate", 0.3},         {"optimizer", optimizer},
      {"momentum", 0.9},           {"learning_rate", 3e-3},       {"batch_size", std::int64_t{64}}};
}

class TorchMlpTest : public ::testing::Test {
 protected:
  void SetUp() override { write_toy_images(directory(), kImages); }
  std::string directory() const { return directory_.path().string(); }
  Values options() const { return {{"data", directory()}}; }

  TemporaryDirectory directory_;
};

TEST_F(TorchMlpTest, DescribesItself) {
  const dodona_descriptor& descriptor = dodona::support::plugin("torch_mlp");
  EXPECT_STREQ(descriptor.role, DODONA_ROLE_HYPERMODEL);
  EXPECT_STREQ(descriptor.name, "torch_mlp");
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < descriptor.option_count; ++i)
    names.emplace_back(descriptor.options[i]->name);
  EXPECT_EQ(names, (std::vector<std::string>{"data", "validation_split", "epochs", "train_samples",
                                             "stratify", "balance_classes", "class_weights",
                                             "metrics", "label_smoothing", "patience",
                                             "max_model_parameters", "device", "label", "task",
                                             "ignore", "categories", "group", "loss"}));
}

TEST_F(TorchMlpTest, SaysOnceWhichBlasItRunsOn) {
  Plugin plugin(options());
  run_trial(plugin, net("adam"), 1, 1);
  ASSERT_GE(plugin.host.lines().size(), 1U);
  EXPECT_EQ(plugin.host.lines()[0].second.find("torch_mlp: matrix products by "), 0U);
  std::size_t infos = 0;
  for (const auto& [level, line] : plugin.host.lines()) infos += level == DODONA_INFO ? 1 : 0;
  EXPECT_EQ(infos, 1U);
}

// ---- the space
// -----------------------------------------------------------------------------------

TEST_F(TorchMlpTest, DeclaresOnlyWhatIsActive) {
  Plugin plugin(options());
  FakeHp shallow({{"layers", std::int64_t{1}}});
  EXPECT_EQ(
      plugin.names_asked(shallow),
      with_step_constants({"layers", "units_0", "activation", "dropout", "optimizer",
                           "learning_rate", "batch_size", "normalize", "shuffle", "schedule"}));
  FakeHp deep({{"layers", std::int64_t{3}}, {"dropout", true}, {"optimizer", std::string("sgd")}});
  EXPECT_EQ(plugin.names_asked(deep),
            with_step_constants({"layers", "units_0", "units_1", "units_2", "activation", "dropout",
                                 "dropout_rate", "optimizer", "momentum", "learning_rate",
                                 "batch_size", "normalize", "shuffle", "schedule"}));
}

// A network of one hidden layer was trained for "layers 6" of a study file.
TEST_F(TorchMlpTest, RefusesMoreLayersThanItHas) {
  const Plugin plugin(options());
  for (const std::int64_t layers : {0, 4, 6, -1}) {
    Values values = net("adam");
    values["layers"] = layers;
    const Answer answer = dodona::support::build_error(plugin, values);
    EXPECT_EQ(answer.status, DODONA_E_INVALID);
    EXPECT_EQ(answer.text, "hyperparameter \"layers\": " + std::to_string(layers) +
                               " is not in 1 to 3, whatever the study file allows");
  }
}

TEST_F(TorchMlpTest, DeclaresConditionsThatTheKernelCanSee) {
  Plugin plugin(options());
  FakeHp hp({{"layers", std::int64_t{3}}, {"dropout", true}, {"optimizer", std::string("sgd")}});
  plugin.names_asked(hp);
  const auto conditions = [&hp](const std::string& name) { return hp.definition(name).conditions; };
  EXPECT_TRUE(conditions("units_0").empty());
  ASSERT_EQ(conditions("units_1").size(), 1U);
  EXPECT_EQ(conditions("units_1")[0].parent, "layers");
  EXPECT_EQ(conditions("units_1")[0].any_of,
            (std::vector<Value>{std::int64_t{2}, std::int64_t{3}}));
  ASSERT_EQ(conditions("units_2").size(), 1U);
  EXPECT_EQ(conditions("units_2")[0].any_of, (std::vector<Value>{std::int64_t{3}}));
  EXPECT_EQ(conditions("momentum")[0].parent, "optimizer");
  EXPECT_EQ(conditions("dropout_rate")[0].any_of, (std::vector<Value>{true}));
  EXPECT_EQ(hp.definition("learning_rate").sampling, dodona::Sampling::kLog);
}

// ---- training
// ------------------------------------------------------------------------------------

TEST_F(TorchMlpTest, ReportsEachEpochAndLearns) {
  Plugin plugin(options());
  for (const char* optimizer : {"adam", "sgd", "rmsprop"}) {
    const Reports reports = run_trial(plugin, net(optimizer), 1, 8);
    ASSERT_EQ(reports.size(), 8U);
    for (std::uint64_t i = 0; i < 8; ++i) {
      EXPECT_EQ(reports[i].step, i + 1);
      EXPECT_EQ(reports[i].metrics.size(), 6U);
      const double parameters = reports[i].metrics.at("parameters");
      EXPECT_GT(parameters, 0.0);
      EXPECT_EQ(reports[i].metrics.at("model_mb"), parameters * 4 / 1e6);
    }
    EXPECT_LT(reports.back().metrics.at("loss"), reports.front().metrics.at("loss"));
    EXPECT_LT(reports.back().metrics.at("val_loss"), reports.front().metrics.at("val_loss"));
    // Chance is a quarter.
    EXPECT_GT(highest(reports, "accuracy"), 0.6) << optimizer;      // worst: 0.99
    EXPECT_GT(highest(reports, "val_accuracy"), 0.6) << optimizer;  // worst: 1
  }
}

TEST_F(TorchMlpTest, TrainsForItsEpochsWhereNobodyElseSays) {
  Values two = options();
  two["epochs"] = std::int64_t{2};
  Plugin plugin(two);
  EXPECT_EQ(run_trial(plugin, {}, 1, 0).size(), 2U);
  EXPECT_EQ(run_trial(plugin, {}, 1, 3).size(), 3U);
}

TEST_F(TorchMlpTest, EveryValueMattersToTheResult) {
  Plugin plugin(options());
  const Reports reference = run_trial(plugin, net("sgd"), 1, 1);
  const Values others{{"layers", std::int64_t{1}},
                      {"units_0", std::int64_t{32}},
                      {"units_1", std::int64_t{64}},
                      {"activation", std::string("tanh")},
                      {"dropout", false},
                      {"dropout_rate", 0.1},
                      {"optimizer", std::string("adam")},
                      {"momentum", 0.5},
                      {"learning_rate", 1e-3},
                      {"batch_size", std::int64_t{128}},
                      {"normalize", false},
                      {"shuffle", false},
                      {"schedule", std::string("one_cycle")},
                      {"warmup_epochs", std::int64_t{1}},
                      {"weight_decay", 0.1},
                      {"clip_norm", 0.1},
                      {"clip_value", 0.01}};
  for (const auto& [name, value] : others) {
    Values values = net("sgd");
    values[name] = value;
    EXPECT_NE(run_trial(plugin, values, 1, 1), reference) << name;
  }
}

TEST_F(TorchMlpTest, ReportsALossThatIsNotFiniteAsItIs) {
  Plugin plugin(options());
  Values values = net("sgd");
  values["learning_rate"] = 1e30;
  const Reports reports = run_trial(plugin, values, 1, 2);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_FALSE(std::isfinite(reports[1].metrics.at("val_loss")));
}

TEST_F(TorchMlpTest, RefusesARateThatOverflowsAFloat) {
  const Plugin plugin(options());
  for (const char* optimizer : {"adam", "sgd", "rmsprop"}) {
    Values values = net(optimizer);
    values["learning_rate"] = 1e37;
    EXPECT_EQ(run_trial(plugin, values, 1, 1).size(), 1U) << optimizer;
    values["learning_rate"] = 1e39;
    EXPECT_EQ(dodona::support::build_error(plugin, values).text,
              "hyperparameter \"learning_rate\": 1e+39 is above 1e+37, beyond which steps overflow "
              "a float");
  }
}

TEST_F(TorchMlpTest, RefusesSettingsThatNoTrainingHasWhenItDeclares) {
  const Plugin plugin(options());
  for (const auto& [name, value, problem] :
       {std::tuple<const char*, Value, const char*>{"learning_rate", -1.0, "-1 is below 0"},
        {"learning_rate", 1e39, "1e+39 is above 1e+37, beyond which steps overflow a float"},
        {"momentum", -0.5, "-0.5 is below 0"},
        {"batch_size", std::int64_t{0}, "0 is below 1"},
        {"warmup_epochs", std::int64_t{-1}, "-1 is below 0"},
        {"weight_decay", -0.1, "-0.1 is below 0"},
        {"clip_norm", -1.0, "-1 is below 0"},
        {"clip_value", 1e39, "1e+39 is above 1e+06"},
        {"plateau_epochs", std::int64_t{0}, "0 is below 1"},
        {"plateau_factor", 1.0, "1 is not between 0 and 1, both excluded"}}) {
    Values values = net("sgd");
    values["schedule"] = std::string("plateau");
    values[name] = value;
    const std::string text = std::string("hyperparameter \"") + name + "\": " + problem;
    FakeHp hp(values);
    const Answer declared = dodona::support::ask(
        [&](dodona_error* e) { return plugin.table.declare(plugin.self, hp.get(), e); });
    EXPECT_EQ(declared.status, DODONA_E_INVALID);
    EXPECT_EQ(declared.text, text);
    EXPECT_EQ(dodona::support::build_error(plugin, values).text, text);
  }
}

// ---- determinism
// ---------------------------------------------------------------------------------

TEST_F(TorchMlpTest, GivesTheSameBitsForTheSameSeed) {
  Plugin plugin(options());
  Plugin other(options());
  const Reports reports = run_trial(plugin, net("adam"), 7, 3);
  EXPECT_EQ(run_trial(plugin, net("adam"), 7, 3), reports);
  EXPECT_EQ(run_trial(other, net("adam"), 7, 3), reports);
  EXPECT_NE(run_trial(plugin, net("adam"), 8, 3), reports);
}

TEST_F(TorchMlpTest, GivesTheSameBitsBesideAnotherTrial) {
  const Plugin plugin(options());
  dodona::support::expect_same_bits_side_by_side(plugin, net("adam"), net("sgd"), 6, 3);
}

TEST_F(TorchMlpTest, LeavesThreadsThatASmallNetworkDoesNotGainFrom) {
  const Plugin plugin(options());
  EXPECT_EQ(dodona::support::threads_added(plugin, net("adam"), 2), 0U);
}

// ---- checkpoints
// ---------------------------------------------------------------------------------

TEST_F(TorchMlpTest, GoesOnFromACheckpointWithTheSameBits) {
  const Plugin plugin(options());
  for (const auto& [optimizer, schedule] : {std::pair{"adam", "cosine"},
                                            {"sgd", "plateau"},
                                            {"rmsprop", "one_cycle"},
                                            {"adamw", "plateau"}}) {
    SCOPED_TRACE(optimizer);
    Values values = net(optimizer);
    values["schedule"] = std::string(schedule);
    values["warmup_epochs"] = std::int64_t{3};
    values["weight_decay"] = 0.01;
    values["clip_norm"] = 1.0;
    // A cut before the checkpoint, and another one that is due just after it.
    values["plateau_epochs"] = std::int64_t{1};
    dodona::support::expect_same_bits_from_checkpoint(plugin, values, 2, 5);
  }
}

// Once it is cut to nothing the network stays as it is. Smoothed labels keep the loss from 0.
TEST_F(TorchMlpTest, CutsTheRateWhereTheLossGetsNoBetter) {
  Values smoothed = options();
  smoothed["label_smoothing"] = 0.2;
  const Plugin plugin(smoothed);
  Values values = net("sgd");
  values["learning_rate"] = 0.3;
  const auto losses = [&](const char* schedule) {
    values["schedule"] = std::string(schedule);
    std::vector<double> out;
    for (const auto& report : run_trial(plugin, values, 1, 10))
      out.push_back(report.metrics.at("val_loss"));
    return out;
  };
  const std::vector<double> constant = losses("constant");
  values["plateau_epochs"] = std::int64_t{1};
  values["plateau_factor"] = 1e-30;
  const std::vector<double> cut = losses("plateau");
  std::size_t worse = 1;
  while (worse < 9 && constant[worse] < constant[worse - 1]) ++worse;
  ASSERT_LT(worse, 9U);
  for (std::size_t i = 0; i <= worse; ++i) EXPECT_EQ(cut[i], constant[i]) << i;
  for (std::size_t i = worse; i < 10; ++i) EXPECT_EQ(cut[i], cut[worse]) << i;
  EXPECT_NE(cut[worse + 1], constant[worse + 1]);
}

TEST_F(TorchMlpTest, TrainsNothingOnceTheBudgetIsReached) {
  Plugin plugin(options());
  const TemporaryDirectory checkpoint;
  FakeTrial first(net("adam"));
  first.raw.budget = 1;
  Model model(plugin, first);
  ASSERT_EQ(model.fit().text, "");
  ASSERT_EQ(model.save(checkpoint.path().string()).text, "");
  FakeTrial second(net("adam"));
  second.raw.start_step = second.raw.budget = 1;
  Model again(plugin, second);
  ASSERT_EQ(again.load(checkpoint.path().string()).text, "");
  EXPECT_EQ(again.fit().status, DODONA_OK);
  EXPECT_TRUE(second.reports.empty());
}

TEST_F(TorchMlpTest, RefusesToGoOnWithoutItsCheckpoint) {
  Plugin plugin(options());
  FakeTrial trial(net("adam"));
  trial.raw.start_step = 2;
  const Answer answer = Model(plugin, trial).fit();
  EXPECT_EQ(answer.status, DODONA_E_STATE);
  EXPECT_EQ(answer.text, "the trial goes on from epoch 2, its model has done 0");
}

TEST_F(TorchMlpTest, NamesACheckpointThatIsNotThere) {
  Plugin plugin(options());
  FakeTrial trial(net("adam"));
  Model model(plugin, trial);
  const std::string none = directory_ / "none";
  const Answer loaded = model.load(none);
  EXPECT_EQ(loaded.status, DODONA_E_IO);
  EXPECT_EQ(loaded.text, "checkpoint \"" + none + "/model.json\" cannot be opened");
  const Answer saved = model.save(none);
  EXPECT_EQ(saved.status, DODONA_E_IO);
  EXPECT_EQ(saved.text, "checkpoint \"" + none + "/weights.pt\" cannot be written");
}

TEST_F(TorchMlpTest, NamesACheckpointThatIsDamagedOrOfAnotherModel) {
  Plugin plugin(options());
  FakeTrial trial(net("adam"));
  Model model(plugin, trial);
  const auto start = [&](const std::string& file) {
    return "checkpoint \"" + (directory_ / file) + "\" is damaged or of another model: ";
  };
  ASSERT_EQ(model.save(directory()).text, "");

  Values wider = net("adam");
  wider["units_0"] = std::int64_t{96};
  FakeTrial other(wider);
  const Answer unfit = Model(plugin, other).load(directory());
  EXPECT_EQ(unfit.status, DODONA_E_INVALID);
  EXPECT_EQ(unfit.text,
            start("weights.pt") + "dense_1.weight has the sizes [64, 64], not [96, 64]");

  FakeTrial sgd(net("sgd"));
  const Answer unlike = Model(plugin, sgd).load(directory());
  EXPECT_EQ(unlike.status, DODONA_E_INVALID);
  EXPECT_EQ(unlike.text.find(start("training.pt")), 0U) << unlike.text;
  EXPECT_EQ(unlike.text.find('\n'), std::string::npos) << unlike.text;

  std::filesystem::resize_file(directory_ / "weights.pt", 1000);
  const Answer damaged = model.load(directory());
  EXPECT_EQ(damaged.status, DODONA_E_INVALID);
  EXPECT_EQ(damaged.text.find(start("weights.pt")), 0U) << damaged.text;
  EXPECT_EQ(damaged.text.find('\n'), std::string::npos) << damaged.text;

  std::ofstream(directory_ / "model.json") << R"({"format": 2})";
  EXPECT_EQ(model.load(directory()).text,
            start("model.json") + "its format is 2, and this version reads 1");
}

// 0.1 wrote all into one file, without a description.
TEST_F(TorchMlpTest, GoesOnFromACheckpointOf01) {
  const std::string old = DODONA_TEST_DATA "/models_of_0_1";
  Plugin plugin({{"data", old + "/table.csv"}, {"label", std::string("kind")}});
  FakeTrial trial({{"layers", std::int64_t{1}},
                   {"units_0", std::int64_t{8}},
                   {"optimizer", std::string("adam")}});
  trial.raw.start_step = 2;
  trial.raw.budget = 3;
  Model model(plugin, trial);
  EXPECT_EQ(model.load(old).text, "");
  EXPECT_EQ(model.fit().text, "");
  EXPECT_EQ(trial.reports.size(), 1U);
  EXPECT_EQ(model.save(directory()).text, "");
  EXPECT_EQ(model.load(directory()).text, "");
}

// ---- stopping
// ------------------------------------------------------------------------------------

TEST_F(TorchMlpTest, StopsOnAVerdict) {
  Plugin plugin(options());
  FakeTrial trial(net("adam"));
  trial.raw.budget = 5;
  trial.stop_at = 2;
  EXPECT_EQ(Model(plugin, trial).fit().status, DODONA_E_CANCELLED);
  EXPECT_EQ(trial.reports.size(), 2U);
}

TEST_F(TorchMlpTest, StopsBetweenBatchesWhenCancelled) {
  Plugin plugin(options());
  FakeTrial trial(net("adam"));
  trial.raw.budget = 5;
  std::uint64_t asked = 0;
  trial.on_report = [&](std::uint64_t) {
    asked = trial.cancelled_asked;
    trial.cancel = true;
  };
  EXPECT_EQ(Model(plugin, trial).fit().status, DODONA_E_CANCELLED);
  EXPECT_EQ(trial.reports.size(), 1U);
  EXPECT_GE(asked, 540U / 64);  // once a batch of an epoch
  EXPECT_EQ(trial.cancelled_asked, asked + 1);
}

// ---- the data
// ------------------------------------------------------------------------------------

TEST_F(TorchMlpTest, NamesDataThatIsNotThere) {
  const Plugin plugin({{"data", directory_ / "none"}});
  EXPECT_EQ(plugin.created.status, DODONA_E_IO);
  EXPECT_EQ(plugin.created.text.find("\"" + (directory_ / "none") + "\": no such directory"), 0U)
      << plugin.created.text;
}

TEST_F(TorchMlpTest, NamesDataThatIsNotIdx) {
  dodona::support::write_file(directory_ / "train-labels-idx1-ubyte", {'P', 'K', 3, 4});
  const Plugin plugin(options());
  EXPECT_EQ(plugin.created.status, DODONA_E_IO);
  EXPECT_EQ(plugin.created.text,
            "\"" + (directory_ / "train-labels-idx1-ubyte") +
                "\": starts with the bytes 50 4b 03 04; an IDX file of unsigned bytes and 1 "
                "dimension starts with 00 00 08 01");
}

TEST_F(TorchMlpTest, TrainsOnAsManyImagesAsItIsTold) {
  Values few = options();
  few["train_samples"] = std::int64_t{10};
  Plugin plugin(few);
  FakeTrial trial(net("adam"));
  trial.raw.budget = 1;
  ASSERT_EQ(Model(plugin, trial).fit().text, "");
  const double correct = trial.reports[0].metrics.at("accuracy") * 10;
  EXPECT_DOUBLE_EQ(correct, std::round(correct));
}

// ---- tables, metrics, patience
// -------------------------------------------------------------------

// Writes lines a,b,y in which y is a function of a and b.
template <class Label>
void write_table(const std::string& path, Label&& label) {
  dodona::RandomStream random(1, 0, dodona::Purpose::kTrialSeed);
  std::ofstream out(path);
  out << "a,y,b\n";
  for (int i = 0; i < 400; ++i) {
    const double a = random.uniform();
    const double b = 1000 + 100 * random.uniform();
    out << a << ',' << label(a, b) << ',' << b << '\n';
  }
}

TEST_F(TorchMlpTest, LearnsTheClassesOfATable) {
  const std::string file = directory_ / "t.csv";
  write_table(file, [](double a, double b) { return a > (b - 1000) / 100 ? "above" : "below"; });
  const Plugin plugin({{"data", file},
                       {"label", std::string("y")},
                       {"metrics[0]", std::string("auc")},
                       {"metrics[1]", std::string("top_2_accuracy")}});
  const Reports reports = run_trial(plugin, {{"learning_rate", 0.01}}, 1, 10);
  EXPECT_GT(reports.back().metrics.at("val_auc"), 0.97);  // worst: 1.00, idle: 0.90
  EXPECT_LT(reports.back().metrics.at("val_loss"), 0.2);  // worst: 0.035, idle: 0.6
  EXPECT_EQ(reports.back().metrics.at("top_2_accuracy"), 1);
  EXPECT_FALSE(reports.back().metrics.contains("accuracy"));
}

// The labels lie in the thousands, and the error is measured in their units.
TEST_F(TorchMlpTest, LearnsTheNumbersOfATable) {
  const std::string file = directory_ / "t.csv";
  write_table(file, [](double a, double b) { return 5000 * a + 10 * b; });
  const Plugin plugin({{"data", file},
                       {"label", std::string("y")},
                       {"task", std::string("regression")},
                       {"metrics[0]", std::string("mean_absolute_error")},
                       {"metrics[1]", std::string("mean_squared_error")}});
  const Reports reports = run_trial(plugin, {{"learning_rate", 0.01}}, 1, 20);
  const auto& last = reports.back().metrics;
  EXPECT_LT(last.at("val_mean_absolute_error"), 150);  // worst: 23, idle: 1110
  EXPECT_GT(last.at("val_mean_absolute_error"), 1);
  EXPECT_GE(last.at("val_mean_squared_error"),
            last.at("val_mean_absolute_error") * last.at("val_mean_absolute_error"));
  EXPECT_LT(last.at("val_loss"), 0.02);  // worst: 0.0004, idle: 0.75
}

// A network that stays as it is: what is spread changes the loss in proportion.
TEST_F(TorchMlpTest, SpreadsAShareOfTheTargets) {
  const auto loss = [&](double share) {
    Values options = this->options();
    options["label_smoothing"] = share;
    const Plugin plugin(options);
    return run_trial(plugin, {{"learning_rate", 1e-30}}, 1, 1).back().metrics.at("val_loss");
  };
  EXPECT_GT(std::abs(loss(0.2) - loss(0)), 1e-4);
  EXPECT_NEAR(loss(0.2) - loss(0), 2 * (loss(0.1) - loss(0)), 1e-5);
}

// Loss and metric differ by the deviation of the numbers alone, in both parts.
TEST_F(TorchMlpTest, TakesTheLossThatIsNamed) {
  const std::string file = directory_ / "t.csv";
  std::ofstream out(file);
  out << "a,y\n";
  for (int i = 0; i < 40; ++i) out << i % 7 << ',' << 100 * (i % 7) + i % 3 << '\n';
  out.close();
  const auto last = [&](const std::string& loss, const std::string& metric) {
    const Plugin plugin({{"data", file},
                         {"label", std::string("y")},
                         {"task", std::string("regression")},
                         {"loss", loss},
                         {"metrics[0]", metric}});
    EXPECT_EQ(plugin.created.text, "");
    return run_trial(plugin, {{"learning_rate", 1e-30}}, 1, 1).back().metrics;
  };
  for (const std::string name : {"mean_absolute_error", "mean_squared_error"}) {
    const auto metrics = last(name, name);
    const double validated = metrics.at("val_loss") / metrics.at("val_" + name);
    EXPECT_NEAR(validated * metrics.at(name) / metrics.at("loss"), 1, 1e-4) << name;
  }
  const auto of = [&](const std::string& loss) { return last(loss, "r2").at("val_loss"); };
  EXPECT_EQ(of("auto"), of("mean_squared_error"));
  EXPECT_LT(of("huber"), of("mean_absolute_error"));
  EXPECT_LE(of("huber"), of("mean_squared_error") / 2 + 1e-6);
}

TEST_F(TorchMlpTest, RefusesALossOfAnotherKind) {
  Values options = this->options();
  options["loss"] = std::string("huber");
  EXPECT_EQ(Plugin(options).created.text,
            "option \"loss\": \"huber\" is a loss of numbers; classes have the cross entropy, for "
            "which the option is auto");
}

TEST_F(TorchMlpTest, RefusesAMetricOfAnotherKind) {
  Values options = this->options();
  options["metrics[0]"] = std::string("mean_squared_error");
  const Plugin plugin(options);
  EXPECT_EQ(plugin.created.status, DODONA_E_INVALID);
}

TEST_F(TorchMlpTest, ReportsNothingOfValidationWithoutAPartForIt) {
  Values options = this->options();
  options["validation_split"] = 0.0;
  const Plugin plugin(options);
  const Reports reports = run_trial(plugin, net("adam"), 1, 1);
  EXPECT_EQ(reports[0].metrics.size(), 4U);
  EXPECT_TRUE(reports[0].metrics.contains("accuracy"));
}

TEST_F(TorchMlpTest, TrainsOnAllTheDataWhereToldSo) {
  Values options = this->options();
  options["train_samples"] = std::int64_t{10};
  const Plugin plugin(options);
  FakeTrial trial(net("adam"));
  trial.raw.budget = 1;
  trial.raw.all_data = 1;
  ASSERT_EQ(NetworkUnderTest(plugin, trial).fit().text, "");
  const auto& metrics = trial.reports[0].metrics;
  EXPECT_EQ(metrics.size(), 4U);
  const double correct = metrics.at("accuracy") * kImages;
  EXPECT_NEAR(correct, std::round(correct), 1e-9);
  EXPECT_GT(correct, 10);
}

// A learning rate that is too large: val_loss gets worse from some epoch on.
TEST_F(TorchMlpTest, StopsWhereItsPatienceEnds) {
  Values options = this->options();
  options["patience"] = std::int64_t{2};
  const Plugin plugin(options);
  Values values = net("sgd");
  values["learning_rate"] = 1e30;
  FakeTrial trial(values);
  trial.raw.budget = 9;
  NetworkUnderTest model(plugin, trial);
  ASSERT_EQ(model.fit().text, "");
  ASSERT_EQ(trial.reports.size(), 2U);
  // The count goes along with a checkpoint. There is nothing to report after a promotion, also
  // after a second one, and the kernel keeps the score of the trial before.
  ASSERT_EQ(model.save(directory()).text, "");
  for (const std::uint64_t promoted_at : {2U, 9U}) {
    FakeTrial rest(values);
    rest.raw.start_step = promoted_at;
    rest.raw.budget = 27;
    NetworkUnderTest again(plugin, rest);
    ASSERT_EQ(again.load(directory()).text, "");
    ASSERT_EQ(again.fit().text, "");
    EXPECT_TRUE(rest.reports.empty());
  }
}

}  // namespace
