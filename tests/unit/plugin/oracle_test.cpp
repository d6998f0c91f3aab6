// SPDX-License-Identifier: Apache-2.0
#include "plugin/oracle.hpp"

#include "plugin/running_call.hpp"
#include "support/error_of.hpp"
#include "support/params.hpp"
#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/convert.hpp>
#include <dodona/event.hpp>
#include <dodona/oracle.hpp>

#include <functional>
#include <vector>

namespace dodona::plugin {
namespace {

using support::boolean;
using support::choice;
using support::real;
using support::text;

// An oracle in C whose slots do what the test says.
struct Script {
  std::function<dodona_status(std::uint64_t, const dodona_proposal_sink*, dodona_error*)> propose;
  dodona_verdict verdict = DODONA_CONTINUE;
  dodona_value filled{};
  dodona_status status = DODONA_OK;  // of observe, judge and fill
  std::size_t observed = 0;
  std::vector<std::size_t> portions;
  std::size_t space = 0;
  double deviation = 0.5;  // of an estimate
};

Script& script(void* self) {
  return *static_cast<Script*>(self);
}

dodona_oracle_vtable scripted_table() {
  dodona_oracle_vtable table{};
  table.struct_size = sizeof table;
  table.set_space = [](void* self, const dodona_space* space, dodona_error*) noexcept {
    script(self).space = space->count;
    return dodona_status{DODONA_OK};
  };
  table.observe = [](void* self, const dodona_event* const*, std::uint64_t count,
                     dodona_error* error) noexcept {
    script(self).observed += count;
    script(self).portions.push_back(count);
    return fill_error(error, script(self).status, "observed badly");
  };
  table.propose = [](void* self, const dodona_request* request, const dodona_proposal_sink* sink,
                     dodona_error* error) noexcept {
    return script(self).propose(request->trial, sink, error);
  };
  table.judge = [](void* self, const dodona_event*, dodona_verdict* out, dodona_error*) noexcept {
    *out = script(self).verdict;
    return script(self).status;
  };
  table.fill = [](void* self, std::uint64_t, const dodona_param*, dodona_value* out,
                  dodona_error*) noexcept {
    *out = script(self).filled;
    return script(self).status;
  };
  return table;
}

// lr is always active, momentum only with sgd.
Space optimizer_space() {
  Space space;
  space.add(real("lr", 0, 1));
  space.add(choice("optimizer", {text("adam"), text("sgd")}));
  space.add(real("momentum", 0, 1, {{"optimizer", {text("sgd")}}}));
  return space;
}

class OracleTest : public ::testing::Test {
 protected:
  OracleTest() : oracle(make_oracle(&table, &script, "oracle \"s\"", names, services)) {
    oracle->set_space(optimizer_space());
  }

  // Proposes these values for trial 5 and says what came of it.
  std::string push(
      std::vector<dodona_assignment> values,
      const std::function<void(dodona_proposal&)>& change = [](dodona_proposal&) {}) {
    script.propose = [&](std::uint64_t, const dodona_proposal_sink* sink, dodona_error* error) {
      dodona_proposal proposal{};
      proposal.struct_size = sizeof proposal;
      proposal.repeat_of = DODONA_NO_TRIAL;
      proposal.assignments = {values.data(), values.size()};
      proposal.resume_of = DODONA_NO_TRIAL;
      change(proposal);
      std::uint64_t trial = 0;
      const dodona_status status = sink->push(sink->impl, &proposal, &trial, error);
      if (status == DODONA_OK) {
        EXPECT_EQ(trial, 5u);
      }
      return status;
    };
    try {
      return propose(5) == study::Answer::kProposed ? "taken" : "not proposed";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), DODONA_E_PLUGIN);
      return error.what();
    }
  }
  study::Answer propose(std::uint64_t trial) {
    return oracle->propose(trial, [&](study::Proposed&& proposed) { taken = std::move(proposed); });
  }
  static dodona_assignment set(std::uint32_t param, const Value& value) {
    static const std::vector<Value> kWords{"adam", "sgd", "rmsprop"};
    for (const Value& word : kWords) {
      if (word == value) return {param, 0, to_abi(word)};  // outlives the call
    }
    return {param, 0, to_abi(value)};
  }

  study::Names names;
  support::FakeServices services;
  Script script;
  const dodona_oracle_vtable table = scripted_table();
  std::unique_ptr<study::Oracle> oracle;
  study::Proposed taken;
};

TEST_F(OracleTest, TakesALegalProposal) {
  const auto complete = [](dodona_proposal& proposal) {
    proposal.budget = 9;
    proposal.start_step = 3;
    proposal.resume_of = 4;
    proposal.tag = 8;
    proposal.note = to_abi("{\"why\": \"so\"}");
  };
  EXPECT_EQ(push({set(0, 0.5), set(1, "sgd"), set(2, std::int64_t{1})}, complete), "taken");
  EXPECT_EQ(taken.assignments, (std::vector<Assignment>{
                                   {0, Cell::real(0.5)}, {1, Cell::whole(1)}, {2, Cell::real(1)}}));
  EXPECT_EQ(taken.budget, 9u);
  EXPECT_EQ(taken.start_step, 3u);
  EXPECT_EQ(taken.resume_of, 4u);
  EXPECT_EQ(taken.tag, 8u);
  EXPECT_EQ(taken.note, "{\"why\": \"so\"}");
  EXPECT_EQ(push({set(0, 0.5), set(1, "adam")}), "taken");
}

// A crash in propose was told as one "while trial 5 ran", though that did not exist yet.
TEST_F(OracleTest, ProposesForNoTrialThatRuns) {
  RunningCall call;
  script.propose = [&](std::uint64_t, const dodona_proposal_sink*, dodona_error*) {
    call = running_call();
    return dodona_status{DODONA_E_EXHAUSTED};
  };
  propose(5);
  EXPECT_STREQ(call.plugin, "oracle \"s\"");
  EXPECT_EQ(call.trial, study::kNoTrial);
}

TEST_F(OracleTest, RefusesIllegalValues) {
  EXPECT_EQ(push({set(0, 1.5), set(1, "adam")}),
            "oracle \"s\": the proposal is refused: 1.5 is not a value of float lr in [0, 1], "
            "default 0");
  EXPECT_TRUE(contains(push({set(0, 0.5), set(1, "rmsprop")}), "rmsprop is not a value of choice"));
  EXPECT_TRUE(contains(push({set(9, 0.5)}), "there is no hyperparameter 9; the space has 3"));
  EXPECT_TRUE(contains(push({set(1, "adam"), set(0, 0.5)}), "\"lr\" is out of order"));
  EXPECT_TRUE(contains(push({set(0, 0.5), set(0, 0.5)}), "\"lr\" is out of order"));
}

TEST_F(OracleTest, RefusesMissingAndInactiveValues) {
  EXPECT_TRUE(contains(push({set(0, 0.5)}), "no value for \"optimizer\", which is active there"));
  EXPECT_TRUE(contains(push({set(0, 0.5), set(1, "sgd")}), "no value for \"momentum\""));
  EXPECT_TRUE(contains(push({set(0, 0.5), set(1, "adam"), set(2, 0.5)}),
                       "a value for \"momentum\", which is not active there"));
}

TEST_F(OracleTest, RefusesImpossibleRequests) {
  const auto with = [&](const std::function<void(dodona_proposal&)>& change) {
    return push({set(0, 0.5), set(1, "adam")}, change);
  };
  EXPECT_TRUE(contains(with([](auto& p) { p.budget = p.start_step = 3; }), "start_step 3"));
  EXPECT_TRUE(contains(with([](auto& p) { p.resume_of = 5; }), "resume_of 5 is not an earlier"));
  EXPECT_TRUE(contains(with([](auto& p) { p.repeat_of = 5; }), "repeat_of 5 is not an earlier"));
  EXPECT_TRUE(contains(with([](auto& p) { p.struct_size = DODONA_PROPOSAL_SIZE_MIN - 8; }),
                       "its struct has 64 bytes, fewer than the 72"));
  EXPECT_TRUE(contains(with([](auto& p) { p.note = to_abi("{"); }), "note of the proposal:1:"));
  const std::string large(65 * 1024, ' ');
  EXPECT_TRUE(contains(with([&](auto& p) { p.note = to_abi(large); }), "more than 65536"));
}

TEST_F(OracleTest, RefusesValuesThatBreakAConstraint) {
  Space space = optimizer_space();
  space.add_constraint("optimizer == 'adam' or momentum < lr");
  oracle->set_space(space);
  EXPECT_EQ(push({set(0, 0.5), set(1, "sgd"), set(2, 0.25)}), "taken");
  EXPECT_EQ(push({set(0, 0.0), set(1, "adam")}), "taken");
  const auto pushed = [&](double momentum) {
    script.propose = [&, momentum](std::uint64_t, const dodona_proposal_sink* sink,
                                   dodona_error* error) {
      std::vector<dodona_assignment> values{set(0, 0.5), set(1, "sgd"), set(2, momentum)};
      dodona_proposal proposal{};
      proposal.struct_size = sizeof proposal;
      proposal.resume_of = proposal.repeat_of = DODONA_NO_TRIAL;
      proposal.assignments = {values.data(), values.size()};
      std::uint64_t trial = 0;
      const dodona_status status = sink->push(sink->impl, &proposal, &trial, error);
      if (status != DODONA_E_INFEASIBLE || momentum < 0.9) return status;
      values[2] = set(2, 0.125);  // others in the same call
      return sink->push(sink->impl, &proposal, &trial, nullptr);
    };
    propose(5);
  };
  EXPECT_EQ(support::error_of(DODONA_E_INFEASIBLE, [&] { pushed(0.75); }),
            "oracle \"s\": the proposal is refused: its values break the constraint \"optimizer == "
            "'adam' or momentum < lr\", where optimizer is 'sgd' and momentum is 0.75 and lr is "
            "0.5");
  pushed(1.0);
  EXPECT_EQ(taken.assignments.back().cell.real(), 0.125);
}

TEST_F(OracleTest, EndsACallThatFindsNoValues) {
  Space space = optimizer_space();
  space.add_constraint("lr > 0.5");
  oracle->set_space(space);
  script.propose = [&](std::uint64_t, const dodona_proposal_sink* sink, dodona_error* error) {
    std::vector<dodona_assignment> values{set(0, 0.25), set(1, "adam")};
    dodona_proposal proposal{};
    proposal.struct_size = sizeof proposal;
    proposal.resume_of = proposal.repeat_of = DODONA_NO_TRIAL;
    proposal.assignments = {values.data(), values.size()};
    std::uint64_t trial = 0;
    dodona_status status = DODONA_E_INFEASIBLE;
    while (status == DODONA_E_INFEASIBLE) {
      status = sink->push(sink->impl, &proposal, &trial, error);
    }
    return status;
  };
  EXPECT_EQ(support::error_of(DODONA_E_FAILED, [&] { propose(5); }),
            "oracle \"s\": 200000 proposals in a row broke a constraint; the last one: the "
            "proposal is refused: its values break the constraint \"lr > 0.5\", where lr is 0.25");
}

TEST_F(OracleTest, TakesOneProposalACall) {
  script.propose = [&](std::uint64_t, const dodona_proposal_sink* sink, dodona_error* error) {
    const std::vector<dodona_assignment> values{set(0, 0.5), set(1, "adam")};
    dodona_proposal proposal{};
    proposal.struct_size = sizeof proposal;
    proposal.repeat_of = DODONA_NO_TRIAL;
    proposal.assignments = {values.data(), values.size()};
    proposal.resume_of = DODONA_NO_TRIAL;
    std::uint64_t trial = 0;
    EXPECT_EQ(sink->push(sink->impl, &proposal, &trial, error), DODONA_OK);
    return sink->push(sink->impl, &proposal, &trial, error);
  };
  EXPECT_TRUE(contains(error_of([&] { propose(0); }, DODONA_E_PLUGIN), "the second one"));
}

TEST_F(OracleTest, RefusesAnswersThatDoNotFitWhatWasPushed) {
  script.propose = [](auto, auto*, auto*) { return dodona_status{DODONA_OK}; };
  EXPECT_EQ(error_of([&] { propose(0); }), "oracle \"s\" says that it proposes and does not");
  script.propose = [&](std::uint64_t, const dodona_proposal_sink* sink, dodona_error* error) {
    const std::vector<dodona_assignment> values{set(0, 0.5), set(1, "adam")};
    dodona_proposal proposal{};
    proposal.struct_size = sizeof proposal;
    proposal.repeat_of = DODONA_NO_TRIAL;
    proposal.assignments = {values.data(), values.size()};
    proposal.resume_of = DODONA_NO_TRIAL;
    std::uint64_t trial = 0;
    sink->push(sink->impl, &proposal, &trial, error);
    return dodona_status{DODONA_E_WAIT};
  };
  EXPECT_EQ(error_of([&] { propose(0); }), "oracle \"s\" proposes and says that it does not");
}

TEST_F(OracleTest, KnowsAnswersFromFailures) {
  dodona_status status = DODONA_E_WAIT;
  script.propose = [&](auto, auto*, dodona_error* error) {
    return fill_error(error, status, status == DODONA_E_IO ? "no disk" : "");
  };
  EXPECT_EQ(propose(0), study::Answer::kWait);
  status = DODONA_E_EXHAUSTED;
  EXPECT_EQ(propose(0), study::Answer::kExhausted);
  status = DODONA_E_IO;
  EXPECT_EQ(error_of([&] { propose(0); }, DODONA_E_IO), "oracle \"s\": no disk");
  status = 4711;
  EXPECT_EQ(error_of([&] { propose(0); }, DODONA_E_FAILED),
            "oracle \"s\": failed without a message (status 4711)");
  status = -3;
  error_of([&] { propose(0); }, DODONA_E_FAILED);
  status = DODONA_E_CANCELLED;
  error_of([&] { propose(0); }, DODONA_E_CANCELLED);
}

TEST_F(OracleTest, ObservesEveryEventInOrder) {
  const std::vector<study::Event> events(600, study::Event{0, 0, 0, study::Started{}});
  oracle->observe(events);
  EXPECT_EQ(script.observed, 600u);
  EXPECT_EQ(script.portions.size(), 3u);
  oracle->observe({});
  EXPECT_EQ(script.portions.size(), 3u);
  script.status = DODONA_E_FAILED;
  EXPECT_EQ(error_of(
                [&] {
                  oracle->observe({events.data(), 1});
                },
                DODONA_E_FAILED),
            "oracle \"s\": observed badly");
}

TEST_F(OracleTest, JudgesWithAVerdictOfTheAbi) {
  const study::Event report{study::kNoSequence, 1, 0, study::Reported{}};
  script.verdict = DODONA_STOP_TRIAL;
  EXPECT_EQ(oracle->judge(report), study::Verdict::kStopTrial);
  script.verdict = 0;
  EXPECT_EQ(error_of([&] { oracle->judge(report); }), "oracle \"s\" judges without a verdict");
  script.verdict = 77;  // of a later minor
  EXPECT_EQ(oracle->judge(report), study::Verdict::kStopTrial);
}

TEST_F(OracleTest, FillsWithALegalValueOrNone) {
  const Param word = choice("w", {text("a"), text("b")});
  script.filled = to_abi(Value(std::int64_t{1}));
  EXPECT_TRUE(contains(error_of([&] { oracle->fill(1, word); }), "1, which is not a value of"));
  script.status = DODONA_E_UNSUPPORTED;
  EXPECT_EQ(oracle->fill(1, word), std::nullopt);
  script.status = DODONA_OK;
  EXPECT_EQ(oracle->fill(1, support::integer("n", 0, 3)), Cell::whole(1));
}

// An oracle whose estimates are what the test says.
dodona_oracle_vtable estimating_table() {
  dodona_oracle_vtable table = scripted_table();
  table.get_extension = [](void*, const char* id) noexcept -> const void* {
    static constexpr dodona_surrogate_extension kSurrogate{
        sizeof kSurrogate, 0,
        [](void* self, const dodona_assignment_span* points, std::uint64_t count,
           dodona_estimate* out, dodona_error* error) noexcept {
          for (std::uint64_t i = 0; i < count; ++i) {
            out[i] = {points[i].data[0].value.as.d, script(self).deviation};
          }
          return fill_error(error, script(self).status, "no model");
        }};
    return std::string_view(id) == DODONA_EXTENSION_SURROGATE ? &kSurrogate : nullptr;
  };
  return table;
}

TEST_F(OracleTest, EstimatesByItsModel) {
  Point adam(3), sgd(3);
  adam.set(0, Cell::real(0.25));
  adam.set(1, Cell::whole(0));
  sgd.set(0, Cell::real(0.75));
  sgd.set(1, Cell::whole(1));
  sgd.set(2, Cell::real(0.5));
  const std::vector<Point> points{adam, sgd};
  EXPECT_FALSE(oracle->estimate(points).has_value());  // it does not offer that

  const dodona_oracle_vtable estimating = estimating_table();
  const auto other = make_oracle(&estimating, &script, "oracle \"e\"", names, services);
  EXPECT_FALSE(other->estimate(points).has_value());  // it knows no space yet
  other->set_space(optimizer_space());
  const auto estimates = other->estimate(points);
  ASSERT_TRUE(estimates.has_value());
  ASSERT_EQ(estimates->size(), 2u);
  EXPECT_EQ((*estimates)[1].mean, 0.75);
  EXPECT_EQ((*estimates)[1].deviation, 0.5);

  script.deviation = -1;
  EXPECT_EQ(error_of([&] { other->estimate(points); }, DODONA_E_PLUGIN),
            "oracle \"e\" estimates 0.25 with the deviation -1");
  script.status = DODONA_E_STATE;
  EXPECT_FALSE(other->estimate(points).has_value());
  script.status = DODONA_E_FAILED;
  EXPECT_EQ(error_of([&] { other->estimate(points); }, DODONA_E_FAILED), "oracle \"e\": no model");
}

TEST_F(OracleTest, LearnsOfAGrownSpace) {
  Space space = optimizer_space();
  space.add(boolean("bias"));
  oracle->set_space(space);
  EXPECT_EQ(script.space, 4u);
  EXPECT_TRUE(contains(push({set(0, 0.5), set(1, "adam")}), "no value for \"bias\""));
}

TEST(Oracle, WithoutProposeOnlyJudges) {
  dodona_oracle_vtable table = scripted_table();
  table.propose = nullptr;
  table.fill = nullptr;
  Script script;
  study::Names names;
  support::FakeServices services;
  const auto oracle = make_oracle(&table, &script, "oracle \"s\"", names, services);
  EXPECT_FALSE(oracle->proposes());
  EXPECT_TRUE(oracle->judges());
  EXPECT_EQ(oracle->fill(0, boolean("b")), std::nullopt);
  EXPECT_EQ(error_of([&] { oracle->propose(0, nullptr); }, DODONA_E_UNSUPPORTED),
            "oracle \"s\" only judges");
}

// A proposal of before there was repeat_of, and a table of before there were its last slots.
TEST_F(OracleTest, TakesStructsThatEndSooner) {
  EXPECT_EQ(push({set(0, 0.5), set(1, "adam")},
                 [](dodona_proposal& proposal) {
                   proposal.struct_size = DODONA_PROPOSAL_SIZE_MIN;
                   proposal.repeat_of = 1;  // not there
                 }),
            "taken");
  EXPECT_EQ(taken.repeat_of, study::kNoTrial);
  dodona_oracle_vtable older = table;
  older.struct_size = DODONA_SIZE_TO(dodona_oracle_vtable, propose);
  const auto short_one = make_oracle(&older, &script, "oracle \"s\"", names, services);
  EXPECT_TRUE(short_one->proposes());
  EXPECT_FALSE(short_one->judges());
  EXPECT_EQ(short_one->fill(0, real("x", 0, 1)), std::nullopt);
}

TEST(Takes, RefusesWhatAnOracleDoesNotKnow) {
  dodona_descriptor table{};
  table.struct_size = sizeof table;
  EXPECT_NO_THROW(check_taken(takes_of(table), boolean("b", {{"a", {text("x")}}}), "x"));
  table.takes_types = DODONA_TAKES(DODONA_PARAM_FLOAT);
  EXPECT_NO_THROW(check_taken(takes_of(table), real("x", 0, 1), "x"));
  const auto why = [&](const Param& param) {
    return error_of([&] { check_taken(takes_of(table), param, "oracle \"o\""); }, DODONA_E_INVALID);
  };
  EXPECT_TRUE(contains(why(boolean("b")), "oracle \"o\" does not take the type of "))
      << why(boolean("b"));
  table.takes_conditions = DODONA_TAKES(DODONA_WHEN_IN);
  EXPECT_TRUE(contains(why(real("x", 0, 1, {{"a", {text("x")}}})), "the condition of "));
  table.struct_size = DODONA_DESCRIPTOR_SIZE_MIN;  // the masks are not there
  EXPECT_NO_THROW(check_taken(takes_of(table), boolean("b"), "x"));
}

// ---- of libraries ------------------------------------------------------------------------------

class LoadedOracle : public ::testing::Test {
 protected:
  std::unique_ptr<study::Oracle> make(const char* directory, const std::string& name) {
    const Catalogue catalogue({{directory, true}});
    return make_oracle(catalogue.find(DODONA_ROLE_ORACLE, name), info, {}, services);
  }
  study::Names names;
  support::FakeServices services;
  StudyInfo info{.names = names, .seed = 7};
};

TEST_F(LoadedOracle, OfTheTreeProposesUntilItsSpaceIsExhausted) {
  const auto oracle = make(DODONA_PLUGINS, "random");
  Space space;
  space.add(choice("a", {text("x"), text("y")}));
  space.add(boolean("b", {{"a", {text("x")}}}));
  oracle->set_space(space);
  std::vector<std::vector<Assignment>> seen;
  for (std::uint64_t trial = 0; trial < 3; ++trial) {
    study::Proposed proposed;
    ASSERT_EQ(oracle->propose(trial, [&](study::Proposed&& p) { proposed = p; }),
              study::Answer::kProposed);
    EXPECT_EQ(std::find(seen.begin(), seen.end(), proposed.assignments), seen.end());
    seen.push_back(proposed.assignments);
    const study::Event event{trial, trial, 0, proposed};
    oracle->observe({&event, 1});
  }
  // A trial that runs might meet a hyperparameter yet.
  EXPECT_EQ(oracle->propose(3, [](study::Proposed&&) {}), study::Answer::kWait);
  for (std::uint64_t trial = 0; trial < 3; ++trial) {
    study::Finished finished;
    finished.state = study::TrialState::kCompleted;
    finished.assignments = seen[trial];
    finished.objectives = 1.0;
    const study::Event event{3 + trial, trial, 0, finished};
    oracle->observe({&event, 1});
  }
  EXPECT_EQ(oracle->propose(3, [](study::Proposed&&) {}), study::Answer::kExhausted);
}

TEST_F(LoadedOracle, ThatThrowsInCreateIsAnErrorWithItsText) {
  EXPECT_EQ(error_of([&] { make(DODONA_BAD_PLUGINS, "throws_in_create"); }, DODONA_E_EXCEPTION),
            "oracle \"throws_in_create\": thrown in create");
}

TEST_F(LoadedOracle, ThatThrowsInACallIsAnErrorWithItsText) {
  const auto oracle = make(DODONA_BAD_PLUGINS, "throws_in_propose");
  Space space;
  space.add(boolean("b"));
  oracle->set_space(space);
  const auto error = [&](std::uint64_t trial, dodona_status code) {
    return error_of([&] { oracle->propose(trial, [](study::Proposed&&) {}); }, code);
  };
  EXPECT_TRUE(contains(error(0, DODONA_E_EXCEPTION), "not a std::exception"));
  EXPECT_TRUE(contains(error(1, DODONA_E_NO_MEMORY), "out of memory"));
  EXPECT_EQ(oracle->propose(2, [](study::Proposed&&) {}), study::Answer::kWait);  // cancelled
  EXPECT_EQ(error(3, DODONA_E_PLUGIN), "oracle \"throws_in_propose\": thrown in propose");
  const study::Event noted{0, 0, 0, study::Noted{}};
  EXPECT_TRUE(contains(error_of(
                           [&] {
                             oracle->observe({&noted, 1});
                           },
                           DODONA_E_EXCEPTION),
                       "thrown in observe"));
  space.add(boolean("c"));
  EXPECT_TRUE(contains(error_of([&] { oracle->set_space(space); }, DODONA_E_UNSUPPORTED),
                       "thrown in set_space"));
}

TEST_F(LoadedOracle, WithUnknownOptionsIsNotEvenLoaded) {
  const PluginDirectory directory;
  directory.add_raw("unresolved");  // could not be loaded
  const Catalogue catalogue = directory.catalogue();
  EXPECT_TRUE(contains(error_of(
                           [&] {
                             make_oracle(*catalogue.list().front(), info, {{"x", 1}}, services);
                           },
                           DODONA_E_INVALID),
                       "has no option \"x\"; it takes none"));
}

}  // namespace
}  // namespace dodona::plugin
