// SPDX-License-Identifier: Apache-2.0
//
// Drives the built plugin through its C table, with a fake kernel and small images.
#include "hypermodels/torch_mlp/dataset.hpp"
#include "support/fake_trial.hpp"
#include "support/idx_files.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using dodona::Error;
using dodona::Param;
using dodona::Value;
using dodona::support::FakeHost;
using dodona::support::FakeHp;
using dodona::support::FakeOptions;
using dodona::support::FakeTrial;
using dodona::support::TemporaryDirectory;
using dodona::support::Values;
using dodona::support::write_toy_images;
using dodona::torch_mlp::Dataset;
using dodona::torch_mlp::split_dataset;

constexpr std::uint32_t kImages = 600;

const dodona_module* module_of_plugin() {
  static const dodona_module* module = [] {
    void* library = dlopen(DODONA_TORCH_MLP, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (library == nullptr) throw std::runtime_error(dlerror());
    using Entry = const dodona_module*();
    return reinterpret_cast<Entry*>(dlsym(library, DODONA_ENTRY_SYMBOL))();
  }();
  return module;
}

const dodona_descriptor& descriptor() {
  return *module_of_plugin()->descriptors[0];
}

const dodona_hypermodel_vtable& table() {
  return *static_cast<const dodona_hypermodel_vtable*>(descriptor().vtable);
}

// Calls a slot with a fresh error buffer: its status, and its text.
struct Answer {
  dodona_status status;
  std::string text;
};
template <class Slot>
Answer ask(Slot&& slot) {
  dodona::ErrorBuffer error;
  const dodona_status status = slot(error.get());
  return {status, status == DODONA_OK ? "" : error.text()};
}

// One instance of the plugin.
class Plugin {
 public:
  explicit Plugin(const Values& options) {
    const FakeOptions given(descriptor(), options);
    created =
        ask([&](dodona_error* e) { return table().create(host.get(), given.get(), &self, e); });
  }
  ~Plugin() {
    if (self != nullptr) table().destroy(self);
  }
  Plugin(const Plugin&) = delete;
  Plugin& operator=(const Plugin&) = delete;

  FakeHost host;
  Answer created{};
  void* self = nullptr;
};

// One model of a plugin, built for a trial.
class Model {
 public:
  Model(Plugin& plugin, FakeTrial& trial) : plugin_(plugin), trial_(trial) {
    const Answer built = ask([&](dodona_error* e) {
      return table().build(plugin_.self, trial_.hp.get(), trial_.get(), &model_, e);
    });
    if (built.status != DODONA_OK) throw Error(built.status, built.text);
  }
  ~Model() { table().release(plugin_.self, model_); }
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  Answer fit() {
    return ask([&](dodona_error* e) { return table().fit(plugin_.self, model_, trial_.get(), e); });
  }
  Answer save(std::string_view directory) {
    return ask([&](dodona_error* e) {
      return table().save(plugin_.self, model_, dodona::to_abi(directory), e);
    });
  }
  Answer load(std::string_view directory) {
    return ask([&](dodona_error* e) {
      return table().load(plugin_.self, model_, dodona::to_abi(directory), e);
    });
  }

 private:
  Plugin& plugin_;
  FakeTrial& trial_;
  void* model_ = nullptr;
};

// A network with everything that draws random numbers.
Values net(const std::string& optimizer) {
  return {
      {"layers", std::int64_t{2}}, {"units_0", std::int64_t{64}}, {"units_1", std::int64_t{32}},
      {"dropout", true},           {"dropout_rate", 0.3},         {"optimizer", optimizer},
      {"momentum", 0.9},           {"learning_rate", 3e-3},       {"batch_size", std::int64_t{64}}};
}

using Reports = std::vector<FakeTrial::Report>;

class TorchMlpTest : public testing::Test {
 protected:
  void SetUp() override { write_toy_images(directory(), kImages); }
  std::string directory() const { return directory_.path().string(); }
  Values options() const { return {{"data", directory()}}; }

  // What a fresh trial reports in `epochs` epochs on one thread.
  static Reports run(Plugin& plugin, const Values& values, std::uint64_t seed,
                     std::uint64_t epochs) {
    FakeTrial trial(values);
    trial.raw.seed = seed;
    trial.raw.budget = epochs;
    const Answer answer = Model(plugin, trial).fit();
    EXPECT_EQ(answer.status, DODONA_OK) << answer.text;
    return trial.reports;
  }

  TemporaryDirectory directory_;
};

TEST_F(TorchMlpTest, DescribesItself) {
  EXPECT_EQ(module_of_plugin()->count, 1U);
  EXPECT_STREQ(descriptor().role, DODONA_ROLE_HYPERMODEL);
  EXPECT_STREQ(descriptor().name, "torch_mlp");
  std::vector<std::string> names;
  for (std::uint64_t i = 0; i < descriptor().option_count; ++i)
    names.emplace_back(descriptor().options[i]->name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"data", "validation_split", "epochs", "train_samples"}));
}

TEST_F(TorchMlpTest, SaysOnceWhichBlasItRunsOn) {
  Plugin plugin(options());
  run(plugin, net("adam"), 1, 1);
  ASSERT_GE(plugin.host.lines().size(), 1U);
  EXPECT_EQ(plugin.host.lines()[0].second.find("torch_mlp: matrix products by "), 0U);
  std::size_t infos = 0;
  for (const auto& [level, line] : plugin.host.lines()) infos += level == DODONA_INFO ? 1 : 0;
  EXPECT_EQ(infos, 1U);
}

// ---- the space
// -----------------------------------------------------------------------------------

std::vector<std::string> names_asked(Plugin& plugin, FakeHp& hp) {
  const Answer answer =
      ask([&](dodona_error* e) { return table().declare(plugin.self, hp.get(), e); });
  EXPECT_EQ(answer.status, DODONA_OK) << answer.text;
  EXPECT_EQ(hp.open_scopes(), 0U);
  std::vector<std::string> names;
  for (const Param& param : hp.asked()) names.push_back(param.name);
  return names;
}

TEST_F(TorchMlpTest, DeclaresOnlyWhatIsActive) {
  Plugin plugin(options());
  FakeHp shallow({{"layers", std::int64_t{1}}});
  EXPECT_EQ(names_asked(plugin, shallow),
            (std::vector<std::string>{"layers", "units_0", "activation", "dropout", "optimizer",
                                      "learning_rate", "batch_size"}));
  FakeHp deep({{"layers", std::int64_t{3}}, {"dropout", true}, {"optimizer", std::string("sgd")}});
  EXPECT_EQ(names_asked(plugin, deep),
            (std::vector<std::string>{"layers", "units_0", "units_1", "units_2", "activation",
                                      "dropout", "dropout_rate", "optimizer", "momentum",
                                      "learning_rate", "batch_size"}));
}

TEST_F(TorchMlpTest, DeclaresConditionsThatTheKernelCanSee) {
  Plugin plugin(options());
  FakeHp hp({{"layers", std::int64_t{3}}, {"dropout", true}, {"optimizer", std::string("sgd")}});
  names_asked(plugin, hp);
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
    const Reports reports = run(plugin, net(optimizer), 1, 8);
    ASSERT_EQ(reports.size(), 8U);
    for (std::uint64_t i = 0; i < 8; ++i) {
      EXPECT_EQ(reports[i].step, i + 1);
      EXPECT_EQ(reports[i].metrics.size(), 4U);
    }
    EXPECT_LT(reports.back().metrics.at("loss"), reports.front().metrics.at("loss"));
    EXPECT_LT(reports.back().metrics.at("val_loss"), reports.front().metrics.at("val_loss"));
    EXPECT_GT(reports.back().metrics.at("accuracy"), 0.8) << optimizer;
    EXPECT_GT(reports.back().metrics.at("val_accuracy"), 0.8) << optimizer;
  }
}

TEST_F(TorchMlpTest, TrainsForItsEpochsWhereNobodyElseSays) {
  Values two = options();
  two["epochs"] = std::int64_t{2};
  Plugin plugin(two);
  EXPECT_EQ(run(plugin, {}, 1, 0).size(), 2U);
  EXPECT_EQ(run(plugin, {}, 1, 3).size(), 3U);
}

TEST_F(TorchMlpTest, EveryValueMattersToTheResult) {
  Plugin plugin(options());
  const Reports reference = run(plugin, net("sgd"), 1, 1);
  const Values others{{"layers", std::int64_t{1}},
                      {"units_0", std::int64_t{32}},
                      {"units_1", std::int64_t{64}},
                      {"activation", std::string("tanh")},
                      {"dropout", false},
                      {"dropout_rate", 0.1},
                      {"optimizer", std::string("adam")},
                      {"momentum", 0.5},
                      {"learning_rate", 1e-3},
                      {"batch_size", std::int64_t{128}}};
  for (const auto& [name, value] : others) {
    Values values = net("sgd");
    values[name] = value;
    EXPECT_NE(run(plugin, values, 1, 1), reference) << name;
  }
}

TEST_F(TorchMlpTest, ReportsALossThatIsNotFiniteAsItIs) {
  Plugin plugin(options());
  Values values = net("sgd");
  values["learning_rate"] = 1e30;
  const Reports reports = run(plugin, values, 1, 2);
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_FALSE(std::isfinite(reports[1].metrics.at("val_loss")));
}

// ---- determinism
// ---------------------------------------------------------------------------------

TEST_F(TorchMlpTest, GivesTheSameBitsForTheSameSeed) {
  Plugin plugin(options());
  Plugin other(options());
  const Reports reports = run(plugin, net("adam"), 7, 3);
  EXPECT_EQ(run(plugin, net("adam"), 7, 3), reports);
  EXPECT_EQ(run(other, net("adam"), 7, 3), reports);
  EXPECT_NE(run(plugin, net("adam"), 8, 3), reports);
}

TEST_F(TorchMlpTest, GivesTheSameBitsBesideAnotherTrial) {
  Plugin plugin(options());
  const Reports adam_alone = run(plugin, net("adam"), 7, 6);
  const Reports sgd_alone = run(plugin, net("sgd"), 8, 6);
  for (int round = 0; round < 3; ++round) {
    Reports adam;
    Reports sgd;
    std::thread one([&] { adam = run(plugin, net("adam"), 7, 6); });
    std::thread two([&] { sgd = run(plugin, net("sgd"), 8, 6); });
    one.join();
    two.join();
    EXPECT_EQ(adam, adam_alone);
    EXPECT_EQ(sgd, sgd_alone);
  }
}

std::size_t thread_count() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(tasks, {}));
}

// Threads that a trial adds to the process while it runs.
std::size_t threads_added(Plugin& plugin, std::uint32_t budget) {
  FakeTrial trial(net("adam"));
  trial.raw.budget = 1;
  trial.raw.threads = budget;
  std::size_t before = 0;
  std::size_t after = 0;
  std::thread([&] {
    before = thread_count();
    EXPECT_EQ(Model(plugin, trial).fit().text, "");
    after = thread_count();
  }).join();
  return after - before;
}

// The validation part is one batch of 1000: enough to be shared out.
TEST_F(TorchMlpTest, UsesTheThreadsOfItsBudget) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer does not see the barriers of libgomp";
#endif
  write_toy_images(directory(), 2'000);
  Values half = options();
  half["validation_split"] = 0.5;
  Plugin plugin(half);
  EXPECT_EQ(threads_added(plugin, 1), 0U);
  EXPECT_GE(threads_added(plugin, 2), 1U);
}

// ---- checkpoints
// ---------------------------------------------------------------------------------

TEST_F(TorchMlpTest, GoesOnFromACheckpointWithTheSameBits) {
  Plugin plugin(options());
  for (const char* optimizer : {"adam", "sgd", "rmsprop"}) {
    const TemporaryDirectory checkpoint;
    FakeTrial whole(net(optimizer));
    whole.raw.seed = 5;
    whole.raw.budget = 5;
    Model model(plugin, whole);
    Answer saved{DODONA_E_FAILED, "never called"};
    whole.on_report = [&](std::uint64_t step) {
      if (step == 2) saved = model.save(checkpoint.path().string());
    };
    ASSERT_EQ(model.fit().text, "");
    ASSERT_EQ(saved.text, "");

    FakeTrial rest(net(optimizer));
    rest.raw.seed = 99;  // all that comes after is in the checkpoint
    rest.raw.start_step = 2;
    rest.raw.budget = 5;
    Model again(plugin, rest);
    ASSERT_EQ(again.load(checkpoint.path().string()).text, "");
    ASSERT_EQ(again.fit().text, "");
    ASSERT_EQ(whole.reports.size(), 5U);
    EXPECT_EQ(rest.reports, Reports(whole.reports.begin() + 2, whole.reports.end())) << optimizer;
  }
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
  EXPECT_EQ(loaded.text, "checkpoint \"" + none + "/torch_mlp.pt\" cannot be opened");
  const Answer saved = model.save(none);
  EXPECT_EQ(saved.status, DODONA_E_IO);
  EXPECT_EQ(saved.text, "checkpoint \"" + none + "/torch_mlp.pt\" cannot be written");
}

TEST_F(TorchMlpTest, NamesACheckpointThatIsDamagedOrOfAnotherModel) {
  Plugin plugin(options());
  FakeTrial trial(net("adam"));
  Model model(plugin, trial);
  const std::string start =
      "checkpoint \"" + (directory_ / "torch_mlp.pt") + "\" is damaged or of another model: ";
  ASSERT_EQ(model.save(directory()).text, "");

  Values wider = net("adam");
  wider["units_0"] = std::int64_t{96};
  FakeTrial other(wider);
  const Answer unfit = Model(plugin, other).load(directory());
  EXPECT_EQ(unfit.status, DODONA_E_INVALID);
  EXPECT_EQ(unfit.text, start + "weight 0 has the sizes [64, 64], not [96, 64]");

  FakeTrial sgd(net("sgd"));
  const Answer unlike = Model(plugin, sgd).load(directory());
  EXPECT_EQ(unlike.status, DODONA_E_INVALID);
  EXPECT_EQ(unlike.text.find(start), 0U) << unlike.text;
  EXPECT_EQ(unlike.text.find('\n'), std::string::npos) << unlike.text;

  std::filesystem::resize_file(directory_ / "torch_mlp.pt", 1000);
  const Answer damaged = model.load(directory());
  EXPECT_EQ(damaged.status, DODONA_E_INVALID);
  EXPECT_EQ(damaged.text.find(start), 0U) << damaged.text;
  EXPECT_EQ(damaged.text.find('\n'), std::string::npos) << damaged.text;
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

class DatasetTest : public TorchMlpTest {
 protected:
  std::shared_ptr<const dodona::common::LabelledImages> images() const {
    return dodona::common::shared_images(directory(), "train");
  }
  std::string split_error(double validation_split, std::int64_t train_samples) const {
    try {
      split_dataset(images(), validation_split, train_samples);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
};

TEST_F(DatasetTest, PartsAreDisjointAndComplete) {
  const Dataset parts = split_dataset(images(), 0.1, 0);
  EXPECT_EQ(parts.training.size(), 540U);
  EXPECT_EQ(parts.validation.size(), 60U);
  std::set<std::int64_t> all(parts.training.begin(), parts.training.end());
  all.insert(parts.validation.begin(), parts.validation.end());
  EXPECT_EQ(all.size(), kImages);
  EXPECT_EQ(*all.rbegin(), kImages - 1);
}

// Pinned: the scores of old studies are comparable only as long as the split stays.
TEST_F(DatasetTest, PartsStayTheSame) {
  const Dataset parts = split_dataset(images(), 0.01, 3);
  EXPECT_EQ(parts.validation, (std::vector<std::int64_t>{435, 35, 268, 400, 410, 362}));
  EXPECT_EQ(parts.training, (std::vector<std::int64_t>{300, 7, 554}));
}

TEST_F(DatasetTest, FewerTrainingSamplesLeaveTheValidationPart) {
  const Dataset all = split_dataset(images(), 0.2, 0);
  const Dataset few = split_dataset(images(), 0.2, 50);
  EXPECT_EQ(few.validation, all.validation);
  EXPECT_EQ(few.training,
            std::vector<std::int64_t>(all.training.begin(), all.training.begin() + 50));
}

TEST_F(DatasetTest, MeasuresThePixelsOfTheTrainingPart) {
  const Dataset parts = split_dataset(images(), 0.1, 7);
  double sum = 0;
  double squares = 0;
  for (const std::int64_t index : parts.training) {
    for (std::size_t at = 0; at < 64; ++at) {
      const double pixel = images()->pixels[static_cast<std::size_t>(index) * 64 + at];
      sum += pixel;
      squares += pixel * pixel;
    }
  }
  EXPECT_NEAR(parts.mean, sum / 448, 1e-9);
  EXPECT_NEAR(parts.stddev, std::sqrt(squares / 448 - parts.mean * parts.mean), 1e-9);
}

TEST_F(DatasetTest, TakesPixelsThatAreAllAlike) {
  dodona::common::LabelledImages grey{
      10, 1, 2, 2, std::vector<std::uint8_t>(20, 9), std::vector<std::uint8_t>(10, 1)};
  const Dataset parts =
      split_dataset(std::make_shared<const dodona::common::LabelledImages>(grey), 0.5, 0);
  EXPECT_EQ(parts.mean, 9);
  EXPECT_EQ(parts.stddev, 1);
}

TEST_F(DatasetTest, RefusesPartsThatWouldBeEmptyOrTooSmall) {
  EXPECT_EQ(split_error(0.0005, 0),
            "validation_split 0.0005 of 600 images leaves 600 to train and 0 to validate");
  EXPECT_EQ(split_error(0.1, 541),
            "train_samples 541 is above 540, the images left to train by validation_split 0.1");
}

}  // namespace
