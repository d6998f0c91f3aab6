// SPDX-License-Identifier: Apache-2.0
#include "plugin/hypermodel.hpp"

#include "plugin/running_call.hpp"
#include "plugin/trial_bridge.hpp"
#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/hypermodel.hpp>

#include <cstring>
#include <stdexcept>
#include <vector>

namespace dodona::plugin {
namespace {

using support::FakeRun;
using support::FakeServices;

// Says which of its members were called; the one named in `fails` throws, in `cancels` is
// cancelled.
struct Net {
  struct Model {
    Net* net;
    explicit Model(Net* owner) : net(owner) {}
    Model(const Model&) = delete;
    ~Model() { net->calls.push_back("release"); }
  };

  Model build(HyperParameters& hp, Trial&) {
    call("build");
    hp.integer("units", {.min = 1, .max = 9});
    return Model(this);
  }
  void fit(Model&, Trial& trial) {
    call("fit");
    for (std::uint64_t step = trial.start_step() + 1; step <= trial.budget(); ++step) {
      trial.report(step, {{"loss", static_cast<double>(step)}});
    }
  }
  void evaluate(Model&, Trial& trial) {
    call("evaluate");
    trial.finish({{"loss", 0.5}});
  }
  void save(Model&, std::string_view directory) { call("save " + std::string(directory)); }
  void load(Model&, std::string_view directory) { call("load " + std::string(directory)); }

  void call(const std::string& what) {
    calls.push_back(what);
    if (what == fails) throw std::runtime_error(what + " failed");
    if (what == cancels) throw Cancelled();
  }
  std::vector<std::string> calls;
  std::string fails, cancels;
};

using Calls = std::vector<std::string>;

class HyperModelTest : public ::testing::Test {
 protected:
  FakeServices services;
  Net net;
  FakeRun run;
  std::unique_ptr<study::HyperModel> model =
      make_hypermodel(&HyperModelAdapter<Net>::kTable, &net, "hypermodel \"net\"", services);
};

TEST_F(HyperModelTest, ExecutesInOrder) {
  run.budget = 2;
  EXPECT_TRUE(model->execute(run));
  EXPECT_EQ(net.calls, (Calls{"build", "fit", "evaluate", "release"}));
  EXPECT_EQ(run.reports.size(), 2u);
  EXPECT_EQ(run.reports[1].second.at("loss"), 2.0);
  EXPECT_EQ(run.finished.at("loss"), 0.5);
}

TEST_F(HyperModelTest, LoadsWhereItResumes) {
  run.resume_directory = "/last";
  run.start_step = 2;
  run.budget = 3;
  EXPECT_TRUE(model->execute(run));
  EXPECT_EQ(net.calls, (Calls{"build", "load /last", "fit", "evaluate", "release"}));
  EXPECT_EQ(run.reports.size(), 1u);
}

TEST_F(HyperModelTest, SavesFromWithinAReport) {
  run.save_to = "/new";
  run.budget = 1;
  EXPECT_TRUE(model->execute(run));
  EXPECT_EQ(net.calls, (Calls{"build", "fit", "save /new", "evaluate", "release"}));
  EXPECT_EQ(run.times_saved, 1);
}

// The one-function form is told where, and says when it is done.
TEST_F(HyperModelTest, LetsARunFunctionSaveItself) {
  struct Function {
    void run(Trial& trial) {
      const Metric loss{"loss", 1.0};
      trial.report(1, {&loss, 1}, [&](std::string_view directory) { saved = directory; });
      trial.report(2, {{"loss", 0.5}});  // without a way to save nothing is kept
    }
    std::string saved;
  } function;
  run.save_to = "/new";
  EXPECT_TRUE(make_hypermodel(&HyperModelAdapter<Function>::kTable, &function, "f", services)
                  ->execute(run));
  EXPECT_EQ(function.saved, "/new");
  EXPECT_EQ(run.times_saved, 1);
}

TEST_F(HyperModelTest, ReleasesWhateverFails) {
  run.resume_directory = "/last";
  for (const std::string fails : {"load /last", "fit", "evaluate"}) {
    net.fails = fails;
    net.calls.clear();
    EXPECT_EQ(error_of([&] { model->execute(run); }, DODONA_E_EXCEPTION), fails + " failed");
    EXPECT_EQ(net.calls.back(), "release");
  }
  net.fails = "build";
  net.calls.clear();
  EXPECT_EQ(error_of([&] { model->execute(run); }, DODONA_E_EXCEPTION), "build failed");
  EXPECT_EQ(net.calls, Calls{"build"});  // nothing was built
}

TEST_F(HyperModelTest, SaysThatItWasCancelled) {
  for (const std::string cancels : {"build", "fit", "evaluate"}) {
    net.cancels = cancels;
    EXPECT_FALSE(model->execute(run));
  }
  net.cancels.clear();
  run.budget = 100;
  run.stop_at = 3;
  EXPECT_FALSE(model->execute(run));
  EXPECT_EQ(run.reports.size(), 3u);
  EXPECT_EQ(net.calls.back(), "release");
}

TEST_F(HyperModelTest, PassesOnWhatAReportThrows) {
  run.budget = 1;
  run.report_error = Error(DODONA_E_IO, "the disk is full");
  EXPECT_EQ(error_of([&] { model->execute(run); }, DODONA_E_IO), "the disk is full");
}

struct Telling : Net {
  using Net::Net;
  std::vector<Layer> summary(Model&) {
    call("summary");
    return {{.name = "dense", .kind = "dense", .shape = {3}, .parameters = 7, .trainable = 6}};
  }
  void evaluate_on(Model&, Trial& trial, std::string_view data, Evaluation& out) {
    call("evaluate_on " + std::string(data));
    out.metric("threads", trial.threads());
  }
  void predict(Model&, Trial&, std::string_view input, Rows& out) {
    call("predict " + std::string(input));
    out.columns({"value"});
    out.row({0.5});
  }
};

struct Told final : study::Rows, study::Evaluation {
  void columns(std::vector<std::string>&&) override {}
  void row(std::vector<std::optional<Value>>&& cells) override { rows.push_back(cells); }
  void metric(std::string&& name, double) override { metrics.push_back(name); }
  study::Rows& table(std::string&&) override { return *this; }
  std::vector<std::string> metrics;
  std::vector<std::vector<std::optional<Value>>> rows;
};

TEST_F(HyperModelTest, AsksALoadedModelOutsideOfASearch) {
  Telling telling;
  const auto asked =
      make_hypermodel(&HyperModelAdapter<Telling>::kTable, &telling, "telling", services);
  const auto layers = asked->layers(run);
  EXPECT_EQ(telling.calls, (Calls{"build", "summary", "release"}));
  ASSERT_EQ(layers.size(), 1u);
  EXPECT_EQ(layers[0].trainable, 6u);
  run.resume_directory = "/best";
  Told told;
  telling.calls.clear();
  asked->evaluate_on(run, "data", told);
  asked->predict(run, "in", told);
  EXPECT_EQ(telling.calls, (Calls{"build", "load /best", "evaluate_on data", "release", "build",
                                  "load /best", "predict in", "release"}));
  EXPECT_EQ(told.metrics, Calls{"threads"});
  EXPECT_EQ(told.rows.size(), 1u);
  telling.fails = "predict in";
  EXPECT_EQ(error_of([&] { asked->predict(run, "in", told); }, DODONA_E_EXCEPTION),
            "telling: predict in failed");
  EXPECT_EQ(telling.calls.back(), "release");
  telling.cancels = "evaluate_on data";
  EXPECT_EQ(
      error_of([&] { asked->evaluate_on(run, "data", told); }, DODONA_E_CANCELLED).substr(0, 7),
      "telling");
}

TEST_F(HyperModelTest, SaysWhatAModelDoesNotOffer) {
  Told told;
  EXPECT_EQ(error_of([&] { model->layers(run); }, DODONA_E_UNSUPPORTED),
            "hypermodel \"net\" cannot tell its layers: it does not offer dodona.summary/1");
  EXPECT_EQ(error_of([&] { model->evaluate_on(run, "", told); }, DODONA_E_UNSUPPORTED),
            "hypermodel \"net\" cannot evaluate a model on data: it does not offer "
            "dodona.evaluate/1");
  EXPECT_EQ(error_of([&] { model->predict(run, "x", told); }, DODONA_E_UNSUPPORTED),
            "hypermodel \"net\" cannot predict: it does not offer dodona.predict/1");
  EXPECT_TRUE(net.calls.empty());
}

TEST_F(HyperModelTest, WithoutDeclareSaysSo) {
  EXPECT_FALSE(model->declares());
  support::FakeAsker asker;
  EXPECT_EQ(error_of([&] { model->declare(asker); }, DODONA_E_UNSUPPORTED),
            "hypermodel \"net\" does not declare its space");
}

struct Line {
  double run(HyperParameters& hp) {
    const double x = hp.real("x", {.min = 0, .max = 1});
    if (x > 0.5) throw std::domain_error("x is too large");
    return x;
  }
  void declare(HyperParameters& hp) { hp.real("x", {.min = 0, .max = 1}); }
};

TEST(HyperModel, OfOneFunctionRunsIt) {
  FakeServices services;
  Line line;
  const auto model =
      make_hypermodel(&HyperModelAdapter<Line>::kTable, &line, "hypermodel \"line\"", services);
  FakeRun run;
  run.questions.cells["x"] = Cell::real(0.25);
  EXPECT_TRUE(model->execute(run));
  EXPECT_EQ(run.finished.at(""), 0.25);
  run.questions.cells["x"] = Cell::real(0.75);
  EXPECT_EQ(error_of([&] { model->execute(run); }, DODONA_E_EXCEPTION), "x is too large");
  EXPECT_TRUE(model->declares());
  support::FakeAsker asker;
  model->declare(asker);
  EXPECT_EQ(asker.define_calls, 1);
}

// Shows what it was given.
struct Looks {
  void run(Trial& trial) {
    seen = trial;
    cancelled = trial.cancelled();
    hp_value = trial.hp().boolean("b");
    directory = std::string(trial.directory());
    id = trial.id();
    seed = trial.seed();
    threads = trial.threads();
    for (const std::string_view device : trial.devices()) devices.emplace_back(device);
    attempt = trial.attempt();
    execution = trial.execution();
    trial.note("host", "here");
  }
  std::optional<Trial> seen;
  bool cancelled = false;
  bool hp_value = true;
  std::string directory;
  std::uint64_t id = 0, seed = 0;
  std::uint32_t threads = 0, attempt = 0, execution = 0;
  std::vector<std::string> devices;
};

TEST(HyperModel, SeesItsRun) {
  FakeServices services;
  Looks looks;
  const auto model = make_hypermodel(&HyperModelAdapter<Looks>::kTable, &looks, "x", services);
  FakeRun run;
  run.trial = 3;
  run.seed = 99;
  run.threads = 4;
  run.devices = {"cuda:0", "cuda:3"};
  run.attempt = 1;
  run.execution = 2;
  run.directory = "/d";
  run.cancel = true;
  EXPECT_TRUE(model->execute(run));
  EXPECT_EQ(looks.id, 3u);
  EXPECT_EQ(looks.seed, 99u);
  EXPECT_EQ(looks.threads, 4u);
  EXPECT_EQ(looks.devices, (std::vector<std::string>{"cuda:0", "cuda:3"}));
  EXPECT_EQ(looks.attempt, 1u);
  EXPECT_EQ(looks.execution, 2u);
  EXPECT_EQ(looks.directory, "/d");
  EXPECT_TRUE(looks.cancelled);
  EXPECT_FALSE(looks.hp_value);
  EXPECT_EQ(run.notes.at("host"), "here");
}

TEST(HyperModel, TellsItsMetricsIfItCan) {
  struct Tells {
    std::vector<ReportedMetric> metrics() {
      EXPECT_STREQ(running_call().plugin, "x");  // for the message of a crash
      return {{"loss", Better::kLess}};
    }
    double run(HyperParameters&) { return 0; }
  };
  FakeServices services;
  Tells tells;
  dodona_hypermodel_vtable table = HyperModelAdapter<Tells>::kTable;
  const auto told = make_hypermodel(&table, &tells, "x", services)->metrics();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].name, "loss");
  EXPECT_EQ(told[0].better, study::Direction::kMinimize);
  // A table of before there was the slot.
  table.struct_size = DODONA_SIZE_TO(dodona_hypermodel_vtable, load);
  EXPECT_TRUE(make_hypermodel(&table, &tells, "x", services)->metrics().empty());
}

TEST(HyperModel, NeverThrowsIntoTheTableThatTellsItsMetrics) {
  static bool threw = false;
  dodona_hypermodel_vtable table{};
  table.struct_size = sizeof table;
  table.metrics = [](void*, void (*push)(void*, dodona_str, dodona_direction) noexcept, void* ctx,
                     dodona_error*) noexcept {
    try {
      push(ctx, {"", UINT64_MAX}, 0);  // no memory has room for this name
      push(ctx, {"loss", 4}, DODONA_MINIMIZE);
    } catch (...) {
      threw = true;
    }
    return dodona_status{DODONA_OK};
  };
  FakeServices services;
  const auto model = make_hypermodel(&table, nullptr, "x", services);
  EXPECT_EQ(error_of([&] { model->metrics(); }, DODONA_E_EXCEPTION).substr(0, 3), "x: ");
  EXPECT_FALSE(threw);
}

struct CannotLoad {
  struct Model {};
  Model build(HyperParameters&) { return {}; }
  void fit(Model&, Trial&) {}
};

TEST(HyperModel, ThatCannotLoadRefusesToResume) {
  FakeServices services;
  CannotLoad object;
  const auto model =
      make_hypermodel(&HyperModelAdapter<CannotLoad>::kTable, &object, "x", services);
  FakeRun run;
  run.resume_directory = "/last";
  EXPECT_EQ(error_of([&] { model->execute(run); }, DODONA_E_UNSUPPORTED),
            "x cannot load a checkpoint");
}

// A table of a C program, or of C++ before 17, may throw for all that its type says.
TEST(HyperModel, OfATableThatThrowsAllTheSameFailsItsTrialAlone) {
  dodona_hypermodel_vtable table{};
  table.struct_size = sizeof table;
  dodona_status (*const throws)(void*, dodona_trial*, dodona_error*) =
      [](void*, dodona_trial*, dodona_error*) -> dodona_status {
    throw std::runtime_error("thrown in C");
  };
  static_assert(sizeof table.run == sizeof throws);
  std::memcpy(&table.run, &throws, sizeof throws);
  FakeServices services;
  const auto model = make_hypermodel(&table, nullptr, "x", services);
  FakeRun run;
  EXPECT_EQ(error_of([&] { model->execute(run); }, DODONA_E_EXCEPTION),
            "threw out of its table: thrown in C");
}

TEST(HyperModel, ThatRunsOneTrialAtATimeRefusesMore) {
  dodona_hypermodel_vtable table{};
  table.struct_size = sizeof table;
  table.create = [](const dodona_host*, const dodona_study*, const dodona_options*, void**,
                    dodona_error*) noexcept -> dodona_status { return DODONA_OK; };
  table.destroy = [](void*) noexcept {};
  dodona_descriptor described{};
  described.vtable = &table;
  Descriptor descriptor;
  descriptor.role = DODONA_ROLE_HYPERMODEL;
  descriptor.name = "alone";
  descriptor.flags = DODONA_FLAG_SERIAL;
  descriptor.table = &described;
  FakeServices services;
  const study::Names names;
  EXPECT_EQ(error_of(
                [&] {
                  make_hypermodel(descriptor, {.names = names, .parallel_trials = 2}, {}, services);
                },
                DODONA_E_INVALID),
            "hypermodel \"alone\" runs one trial at a time in a process; give parallel_trials 1 "
            "instead of 2");
  EXPECT_NE(make_hypermodel(descriptor, {.names = names}, {}, services), nullptr);
}

TEST(HyperModel, OfALibraryThatThrowsFailsItsTrialAlone) {
  const Catalogue catalogue({{DODONA_BAD_PLUGINS, true}});
  FakeServices services;
  const study::Names names;
  const auto make = [&](const std::string& name) {
    return make_hypermodel(catalogue.find(DODONA_ROLE_HYPERMODEL, name), {.names = names}, {},
                           services);
  };
  const auto error = [&](study::HyperModel& model, std::uint64_t trial) {
    FakeRun run;
    run.trial = trial;
    return error_of([&] { model.execute(run); }, DODONA_E_EXCEPTION);
  };
  const auto runs = make("throws_in_run");
  EXPECT_EQ(error(*runs, 0), "an exception that is not a std::exception");
  EXPECT_EQ(error(*runs, 1), "thrown in run");
  const auto fits = make("throws_in_fit");
  EXPECT_EQ(error(*fits, 0), "thrown in build");
  EXPECT_EQ(error(*fits, 1), "thrown in fit");
}

TEST_F(HyperModelTest, TellsAModelTheLimitsThatItKeeps) {
  run.spent_seconds = 2;
  const TrialLimits limits{.seconds = 5, .step_seconds = 3, .memory_mb = 7, .output_mb = 1};
  TrialBridge bridge(run, nullptr, limits);
  Trial trial(bridge.get());
  EXPECT_EQ(trial.limit_watch().limits(), limits);
  EXPECT_EQ(bridge.get()->limits->spent_seconds, 2.0);
  EXPECT_FALSE(bridge.limit());
  EXPECT_EQ(error_of([&] { trial.limit_reached(DODONA_OUTCOME_CRASH); }, DODONA_E_INVALID),
            "outcome 3 is not that of a limit");
  trial.limit_reached(DODONA_OUTCOME_MEMORY);
  EXPECT_EQ(bridge.limit(), study::Outcome::kMemory);
  EXPECT_TRUE(run.must_stop());
}

TEST_F(HyperModelTest, HasNoLimitsToKeepWithoutAny) {
  TrialBridge bridge(run);
  Trial trial(bridge.get());
  EXPECT_EQ(trial.limit_watch().limits(), TrialLimits());
  EXPECT_EQ(error_of([&] { trial.limit_reached(DODONA_OUTCOME_TIME); }, DODONA_E_STATE),
            "the trial has no limits");
}

}  // namespace
}  // namespace dodona::plugin
