// SPDX-License-Identifier: Apache-2.0
#include <dodona/hypermodel.hpp>
#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace dodona {
namespace {

using testing::FakeHost;
using testing::FakeHp;
using testing::FakeOptions;
using testing::FakeTrial;

template <class M>
const dodona_hypermodel_vtable& table() {
  return HyperModelAdapter<M>::kTable;
}

struct Runs {
  void run(Trial& trial) {
    HyperParameters hp = trial.hp();
    trial.report(1, {{"loss", hp.real("x", {.min = 0, .max = 1})}});
    trial.finish({{"loss", 0.5}, {"accuracy", 0.9}});
  }
};

struct RunsOnValues {
  double run(HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}) + 1; }
};

struct RunsToMetrics {
  std::map<std::string, double> run(HyperParameters&) { return {{"a", 1}, {"b", 2}}; }
};

TEST(HyperModelAdapter, FindsTheFormOfARunFunction) {
  FakeTrial trial;
  Runs runs;
  EXPECT_EQ(table<Runs>().build, nullptr);
  EXPECT_EQ(table<Runs>().declare, nullptr);
  EXPECT_EQ(table<Runs>().run(&runs, trial.get(), nullptr), DODONA_OK);
  EXPECT_EQ(trial.reports.size(), 1u);
  EXPECT_EQ(trial.finished.at("accuracy"), 0.9);

  FakeTrial one;
  RunsOnValues values;
  EXPECT_EQ(table<RunsOnValues>().run(&values, one.get(), nullptr), DODONA_OK);
  EXPECT_EQ(one.finished.at(""), 1.0);

  FakeTrial two;
  RunsToMetrics metrics;
  EXPECT_EQ(table<RunsToMetrics>().run(&metrics, two.get(), nullptr), DODONA_OK);
  EXPECT_EQ(two.finished, (std::map<std::string, double>{{"a", 1}, {"b", 2}}));
}

struct Net {
  struct Model {
    explicit Model(std::int64_t n) : units(n) { ++alive; }
    Model(const Model&) = delete;
    ~Model() { --alive; }
    std::int64_t units;
    static inline int alive = 0;
  };
  Model build(HyperParameters& hp) { return Model(hp.integer("units", {.min = 1, .max = 9})); }
  void fit(Model& model, Trial& trial) {
    for (std::uint64_t step = trial.start_step() + 1; step <= trial.budget(); ++step) {
      trial.report(step, {{"loss", 1.0 / static_cast<double>(model.units)}});
    }
  }
  void evaluate(Model&, Trial& trial) { trial.finish({{"loss", 0.25}}); }
  void save(Model&, std::string_view) { throw std::runtime_error("disk is full"); }
  void load(Model& model, std::string_view directory) {
    model.units = static_cast<std::int64_t>(directory.size());
  }
};

TEST(HyperModelAdapter, BuildsFitsAndReleases) {
  FakeTrial trial({{"units", Value(std::int64_t{4})}});
  trial.raw.budget = 3;
  Net net;
  void* model = nullptr;
  EXPECT_EQ(table<Net>().build(&net, trial.hp.get(), trial.get(), &model, nullptr), DODONA_OK);
  EXPECT_EQ(Net::Model::alive, 1);
  EXPECT_EQ(table<Net>().fit(&net, model, trial.get(), nullptr), DODONA_OK);
  EXPECT_EQ(trial.reports.size(), 3u);
  EXPECT_EQ(trial.reports[2], (FakeTrial::Report{3, {{"loss", 0.25}}}));
  EXPECT_EQ(table<Net>().evaluate(&net, model, trial.get(), nullptr), DODONA_OK);
  EXPECT_EQ(table<Net>().load(&net, model, to_abi("/dir"), nullptr), DODONA_OK);
  EXPECT_EQ(static_cast<Net::Model*>(model)->units, 4);
  ErrorBuffer error;
  EXPECT_EQ(table<Net>().save(&net, model, to_abi("/dir"), error.get()), DODONA_E_EXCEPTION);
  EXPECT_EQ(error.text(), "disk is full");
  table<Net>().release(&net, model);
  EXPECT_EQ(Net::Model::alive, 0);
}

TEST(HyperModelAdapter, DeclaresByBuildingWhereBuildTakesValuesAlone) {
  FakeHp hp;
  Net net;
  ASSERT_NE(table<Net>().declare, nullptr);
  EXPECT_EQ(table<Net>().declare(&net, hp.get(), nullptr), DODONA_OK);
  EXPECT_EQ(hp.asked().size(), 1u);
  EXPECT_EQ(Net::Model::alive, 0);
}

struct NeedsTrial {
  struct Model {};
  explicit NeedsTrial(const StudyContext& context)
      : epochs(context.options.get<std::int64_t>("epochs")) {}
  Model build(HyperParameters&, Trial&) { return {}; }
  void fit(Model&, Trial&) {}
  std::int64_t epochs;
};

TEST(HyperModelAdapter, LeavesOutWhatAClassDoesNotHave) {
  EXPECT_EQ(table<NeedsTrial>().declare, nullptr);
  EXPECT_EQ(table<NeedsTrial>().run, nullptr);
  EXPECT_EQ(table<NeedsTrial>().evaluate, nullptr);
  EXPECT_EQ(table<NeedsTrial>().save, nullptr);
  EXPECT_EQ(table<NeedsTrial>().load, nullptr);
}

TEST(HyperModelAdapter, CreatesFromOptionsAndTellsWhatIsWrong) {
  const dodona_descriptor nothing{};
  FakeHost host;
  const FakeOptions given(nothing, {{"epochs", Value(std::int64_t{7})}});
  void* self = nullptr;
  EXPECT_EQ(table<NeedsTrial>().create(host.get(), host.study(), given.get(), &self, nullptr),
            DODONA_OK);
  EXPECT_EQ(static_cast<NeedsTrial*>(self)->epochs, 7);
  table<NeedsTrial>().destroy(self);

  const FakeOptions missing(nothing, {});
  ErrorBuffer error;
  EXPECT_EQ(table<NeedsTrial>().create(host.get(), host.study(), missing.get(), &self, error.get()),
            DODONA_E_INVALID);
  EXPECT_EQ(error.text(), "no such option");
}

// An application may tune an object that only it can make.
struct Embedded {
  explicit Embedded(int& counter) : calls(counter) {}
  double run(HyperParameters&) { return ++calls; }
  int& calls;
};

TEST(HyperModelAdapter, RunsAnObjectThatItCouldNotMake) {
  int calls = 0;
  Embedded model(calls);
  FakeTrial trial;
  EXPECT_EQ(table<Embedded>().run(&model, trial.get(), nullptr), DODONA_OK);
  EXPECT_EQ(calls, 1);
  void* self = nullptr;
  EXPECT_EQ(table<Embedded>().create(nullptr, nullptr, nullptr, &self, nullptr),
            DODONA_E_UNSUPPORTED);
}

struct Throws {
  struct Model {};
  Model build(HyperParameters&) { throw 42; }
  void fit(Model&, Trial& trial) {
    for (std::uint64_t step = 1;; ++step) trial.report(step, {{"loss", 1}});
  }
};

TEST(HyperModelAdapter, StopsExceptionsAtTheBoundary) {
  Throws throws;
  FakeTrial trial;
  trial.stop_at = 5;
  void* model = nullptr;
  ErrorBuffer error;
  EXPECT_EQ(table<Throws>().build(&throws, trial.hp.get(), trial.get(), &model, error.get()),
            DODONA_E_EXCEPTION);
  EXPECT_EQ(model, nullptr);
  Throws::Model made;
  EXPECT_EQ(table<Throws>().fit(&throws, &made, trial.get(), error.get()), DODONA_E_CANCELLED);
  EXPECT_EQ(trial.reports.size(), 5u);
}

TEST(HyperModelAdapter, TellsWhatAClassReports) {
  struct Tells {
    std::vector<ReportedMetric> metrics() {
      return {{"loss", Better::kLess}, {"accuracy", Better::kMore}};
    }
    double run(HyperParameters&) { return 0; }
  };
  Tells tells;
  std::map<std::string, dodona_direction> told;
  const auto push = [](void* ctx, dodona_str name, dodona_direction direction) noexcept {
    (*static_cast<std::map<std::string, dodona_direction>*>(ctx))[std::string(view(name))] =
        direction;
  };
  EXPECT_EQ(table<Tells>().metrics(&tells, push, &told, nullptr), DODONA_OK);
  EXPECT_EQ(told, (std::map<std::string, dodona_direction>{{"loss", DODONA_MINIMIZE},
                                                           {"accuracy", DODONA_MAXIMIZE}}));
  EXPECT_EQ(table<Runs>().metrics, nullptr);
}

TEST(Trial, ShowsItsStruct) {
  FakeTrial fake;
  fake.raw.id = 3;
  fake.raw.seed = 4;
  fake.raw.execution = 1;
  fake.raw.attempt = 2;
  fake.raw.start_step = 5;
  fake.raw.budget = 6;
  fake.raw.directory = to_abi("/d");
  fake.raw.resume_directory = to_abi("/r");
  const Trial trial(fake.get());
  EXPECT_EQ(trial.id(), 3u);
  EXPECT_EQ(trial.seed(), 4u);
  EXPECT_EQ(trial.execution(), 1u);
  EXPECT_EQ(trial.attempt(), 2u);
  EXPECT_EQ(trial.threads(), 1u);
  EXPECT_EQ(trial.start_step(), 5u);
  EXPECT_EQ(trial.budget(), 6u);
  EXPECT_EQ(trial.directory(), "/d");
  EXPECT_EQ(trial.resume_directory(), "/r");
  EXPECT_FALSE(trial.cancelled());
  fake.cancel = true;
  EXPECT_TRUE(trial.cancelled());
}

TEST(Trial, ReportsMoreMetricsThanFitIntoItsOwnBuffer) {
  FakeTrial fake;
  Trial trial(fake.get());
  const std::vector<Metric> many(20, Metric{"m", 1.5});
  trial.report(1, many);
  EXPECT_EQ(fake.reports.at(0).metrics.at("m"), 1.5);
}

}  // namespace
}  // namespace dodona
