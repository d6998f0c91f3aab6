// SPDX-License-Identifier: Apache-2.0
#include "tuner/open_study.hpp"

#include "support/error_of.hpp"
#include "support/ladder_module.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

namespace dodona::tuner {
namespace {

using support::contains;
using support::error_of;
using support::TemporaryDirectory;

TunerOptions options_in(const TemporaryDirectory& directory, std::uint64_t max_trials) {
  TunerOptions options = support::ladder_options();
  options.study.store = "sqlite";
  options.study.directory = directory.string();
  options.study.max_trials = max_trials;
  return options;
}

// It once was three failed trials.
TEST(OpenStudy, RefusesARangeThatChangedBeforeAnyTrialFails) {
  for (const std::uint32_t lag : {0U, 2U}) {
    const TemporaryDirectory directory;
    TunerOptions options = options_in(directory, 3);
    options.study.lag = lag;
    const auto in = [](double high) {
      return [high](HyperParameters& hp) { return hp.real("x", {.min = 0, .max = high}); };
    };
    {
      Tuner tuner(options);
      tuner.search(in(1));
    }
    options.study.max_trials = 6;
    Tuner tuner(options);
    EXPECT_TRUE(contains(error_of(DODONA_E_SPACE_CONFLICT, [&] { tuner.search(in(2)); }),
                         "\"x\" is float x in [0, 1], default 0 in the study, and now asked for"));
    const Summary summary = tuner.search(in(1));
    EXPECT_EQ(summary.failed, 0U);
    EXPECT_EQ(summary.completed, 6U);
    for (const Result& trial : tuner.trials()) EXPECT_EQ(trial.attempt, 0U);
  }
}

// The ladder in another version, and another plugin of its name.
const dodona_module* newer_module() {
  static const Module module(oracle<support::LadderOracle>(
      {.id = "org.example.ladder", .name = "ladder", .description = "climbs", .version = "0.2.0"},
      option("stop_at", 0, "the step at which trials end; 0: never", {.low = 0})));
  return module.get();
}
const dodona_module* strange_module() {
  static const Module module(oracle<support::LadderOracle>(
      {.id = "com.stranger.ladder", .name = "ladder", .description = "climbs"},
      option("stop_at", 0, "the step at which trials end; 0: never", {.low = 0})));
  return module.get();
}

class PluginsOfAStudy : public ::testing::Test {
 protected:
  PluginsOfAStudy() { open_with(support::ladder_module()); }

  // Opens the study while this module is there, and returns the lines that are logged.
  std::vector<std::string> open_with(const dodona_module* module, bool accept_changes = false) {
    TunerOptions options = options_in(directory_, 3);
    options.plugins.modules = {module};
    options.accept_changes = accept_changes;
    std::vector<std::string> lines;
    options.on_log = [&](dodona_level, const std::string& line) { lines.push_back(line); };
    OpenStudy study(options);
    if (study.state.trials().empty()) study.journal.append(0, study::Proposed{});
    return lines;
  }
  // The oracles of the documents in the log.
  std::vector<std::string> configured() const {
    std::vector<std::string> oracles;
    const auto store = project::open_to_read(directory_.string() + "/untitled_project");
    store->read(0, [&](const study::Event& event) {
      if (const auto* each = std::get_if<study::Configured>(&event.body)) {
        oracles.push_back(each->plugins.at(0).id + " " + each->plugins.at(0).version);
      }
      return true;
    });
    return oracles;
  }

  const TemporaryDirectory directory_;
};

TEST_F(PluginsOfAStudy, AreLoggedOnceForEachVersion) {
  EXPECT_TRUE(open_with(support::ladder_module()).empty());
  EXPECT_EQ(configured(), std::vector<std::string>{"org.example.ladder 0.1.0"});
  EXPECT_EQ(open_with(newer_module()),
            std::vector<std::string>{"study: the study goes on with other builds of its plugins: "
                                     "org.example.ladder 0.2.0 (was 0.1.0)"});
  EXPECT_TRUE(open_with(newer_module()).empty());
  EXPECT_EQ(configured(),
            (std::vector<std::string>{"org.example.ladder 0.1.0", "org.example.ladder 0.2.0"}));
}

TEST_F(PluginsOfAStudy, AreNotChangedForThoseOfAnotherIdUnlessThatIsAccepted) {
  const std::string message = error_of(DODONA_E_INVALID, [&] { open_with(strange_module()); });
  EXPECT_TRUE(contains(message, "(org.example.ladder), not ")) << message;
  EXPECT_TRUE(contains(message,
                       "(com.stranger.ladder); go on with that one, or all the same with "
                       "--accept-changes"))
      << message;
  EXPECT_EQ(configured().size(), 1U);
  open_with(strange_module(), true);
  EXPECT_EQ(configured(),
            (std::vector<std::string>{"org.example.ladder 0.1.0", "com.stranger.ladder 0.1.0"}));
  EXPECT_NO_THROW(open_with(strange_module()));
}

// A study of a lambda, as an application with dodona 0.1 left it.
TEST(OpenStudy, GoesOnWithAStudyThatAFunctionMadeWith01) {
  const TemporaryDirectory directory;
  std::filesystem::copy(DODONA_STUDIES "/function", directory / "function");
  const std::string project = (directory / "function").string();
  const std::vector<Result> before = open(project).trials();
  TunerOptions options = options_in(directory, before.size() + 3);
  options.study.project_name = "function";
  options.study.oracle = {"random"};
  options.study.objective = {};
  options.plugins = {};
  Tuner tuner(options);
  const Summary summary = tuner.search([](HyperParameters& hp) {
    const double x = hp.real("x", {.min = -1, .max = 1});
    return x * x + (x > 0 ? static_cast<double>(hp.integer("n", {.min = 1, .max = 9})) : 0.0);
  });
  EXPECT_EQ(summary.failed, 0U);
  std::vector<Result> after = tuner.trials();
  ASSERT_EQ(after.size(), before.size() + 3);
  EXPECT_LE(*after.back().score, 10);
  after.resize(before.size());
  EXPECT_EQ(to_json(after), to_json(before));
  EXPECT_FALSE(open(project).replay().difference);
}

TEST(OpenStudy, MentionsWhatWasTakenOutOfTheSpace) {
  const TemporaryDirectory directory;
  TunerOptions options = options_in(directory, 3);
  options.study.space = R"([{"name": "x", "type": "boolean"}, {"name": "y", "type": "boolean"}])";
  {
    Tuner tuner(options);
    tuner.search([](HyperParameters& hp) { return hp.get<bool>("x") ? 1.0 : 0.0; });
  }
  options.study.space = R"([{"name": "x", "type": "boolean"}])";
  std::string log;
  options.on_log = [&](dodona_level, const std::string& line) { log += line; };
  const OpenStudy study(options);
  EXPECT_TRUE(contains(log, "\"y\" is no longer given by the study file")) << log;
}

// Studies with such values were made before they were refused, and go on.
TEST(OpenStudy, WithTrialsGoesOnWithValuesThatItsModelRefuses) {
  struct Shallow {
    void declare(HyperParameters& hp) const { run(hp); }
    double run(HyperParameters& hp) const {
      const std::int64_t layers = hp.integer("layers", {.min = 1, .max = 3});
      if (layers > most) throw Error(kInvalid, "too deep");
      return static_cast<double>(layers);
    }
    std::int64_t most = 3;
  };
  TunerOptions options = support::ladder_options();
  options.study.space = R"([{"name": "layers", "type": "int", "min_value": 2, "max_value": 6}])";
  options.study.max_consecutive_failed_trials = 0;
  Tuner tuner(options);
  EXPECT_TRUE(contains(error_of(kInvalid, [&] { tuner.search(Shallow{}); }),
                       "space[0]: \"layers\" may be 6, which is refused: "));
  EXPECT_TRUE(tuner.trials().empty());
  options.study.max_trials = 2;
  Tuner old(options);
  EXPECT_EQ(old.search(Shallow{.most = 6}).completed, 2U);
  EXPECT_EQ(old.search(Shallow{}).completed, 2U);
}

}  // namespace
}  // namespace dodona::tuner
