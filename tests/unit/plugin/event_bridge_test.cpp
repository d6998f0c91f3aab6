// SPDX-License-Identifier: Apache-2.0
#include "plugin/event_bridge.hpp"

#include "support/params.hpp"

#include <dodona/event.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace dodona::plugin {
namespace {

using study::Event;
using support::choice;
using support::integer;
using support::real;
using support::text;

class EventBridgeTest : public ::testing::Test {
 protected:
  EventBridgeTest() {
    loss = names.intern("loss");
    accuracy = names.intern("accuracy");
    space.add(real("lr", 0, 1));
    space.add(choice("optimizer", {text("adam"), text("sgd")}));
    space.add(integer("units", 1, 9));
    abi.emplace(space);
    bridge.set_space(*abi);
  }

  static Event event(study::Body body, std::uint64_t sequence = 7) {
    return {sequence, 3, 1234, std::move(body)};
  }
  // The C form of one event; its body is checked by the caller.
  const dodona_event& convert(const Event& in) {
    last = in;
    const auto list = bridge.convert({&*last, 1});
    EXPECT_EQ(list.size(), 1u);
    EXPECT_EQ(list[0]->struct_size, sizeof(dodona_event));
    EXPECT_EQ(list[0]->sequence, 7u);
    EXPECT_EQ(list[0]->trial, 3u);
    EXPECT_EQ(list[0]->unix_nanos, 1234);
    return *list[0];
  }
  template <class Body>
  const Body& body(const Event& in) {
    const Body* found = body_of<Body>(convert(in));
    EXPECT_NE(found, nullptr);
    return *found;
  }

  study::Names names;
  std::uint32_t loss = 0;
  std::uint32_t accuracy = 0;
  Space space;
  std::optional<AbiSpace> abi;
  EventBridge bridge{names};
  std::optional<Event> last;
};

TEST_F(EventBridgeTest, TellsOfTheStudy) {
  const auto& created = body<dodona_created_event>(event(study::Created{9, "1.2", {1, 2, 3}}));
  EXPECT_EQ(created.seed, 9u);
  EXPECT_EQ(view(created.version), "1.2");
  EXPECT_EQ(created.study_id[2], 3);
  EXPECT_EQ(created.study_id[15], 0);
  const auto& configured = body<dodona_configured_event>(
      event(study::Configured{"{}", {{DODONA_ROLE_ORACLE, "a", "1", "ab"}, {"r", "b", "2", ""}}}));
  EXPECT_EQ(view(configured.document), "{}");
  ASSERT_EQ(configured.plugin_count, 2u);
  EXPECT_EQ(view(configured.plugins[0]->role), DODONA_ROLE_ORACLE);
  EXPECT_EQ(view(configured.plugins[0]->build_id), "ab");
  EXPECT_EQ(view(configured.plugins[1]->id), "b");
  EXPECT_EQ(view(configured.plugins[1]->version), "2");
  EXPECT_EQ(view(body<dodona_stopped_event>(event(study::Stopped{"done"})).reason), "done");
  const auto& noted = body<dodona_noted_event>(event(study::Noted{"k", "v"}));
  EXPECT_EQ(view(noted.key), "k");
  EXPECT_EQ(view(noted.value), "v");
}

TEST_F(EventBridgeTest, TellsOfDefinitions) {
  const Event grown =
      event(study::SpaceGrown{1, {space.params()[1], space.params()[2]}, {"units > 2"}});
  const auto& body_of_grown = body<dodona_space_grown_event>(grown);
  EXPECT_EQ(body_of_grown.first, 1u);
  ASSERT_EQ(body_of_grown.count, 2u);
  EXPECT_EQ(from_abi(*body_of_grown.params[0]), space.params()[1]);
  EXPECT_EQ(from_abi(*body_of_grown.params[1]), space.params()[2]);
  ASSERT_EQ(body_of_grown.constraints.size, 1u);
  EXPECT_EQ(view(body_of_grown.constraints.data[0]), "units > 2");
}

TEST_F(EventBridgeTest, TellsValuesAsTheSpaceSaysThem) {
  study::Proposed proposed;
  proposed.assignments = {{0, Cell::real(0.5)}, {1, Cell::whole(1)}, {2, Cell::whole(4)}};
  proposed.budget = 10;
  proposed.resume_of = 2;
  proposed.tag = 5;
  proposed.seen = 6;
  proposed.enqueued = 1;
  proposed.note = "{\"a\": 1}";
  proposed.repeat_of = 1;
  const auto& out = body<dodona_proposed_event>(event(proposed));
  ASSERT_EQ(out.assignments.size, 3u);
  EXPECT_EQ(out.assignments.data[0].value.as.d, 0.5);
  EXPECT_EQ(view(out.assignments.data[1].value.as.s), "sgd");
  EXPECT_EQ(out.assignments.data[2].value.as.i, 4);
  EXPECT_EQ(out.assignments.data[2].param, 2u);
  EXPECT_EQ(out.budget, 10u);
  EXPECT_EQ(out.resume_of, 2u);
  EXPECT_EQ(out.tag, 5u);
  EXPECT_EQ(out.seen, 6u);
  EXPECT_EQ(out.enqueued, 1u);
  EXPECT_EQ(view(out.note), "{\"a\": 1}");
  EXPECT_EQ(out.repeat_of, 1u);
  const auto& enqueued = body<dodona_enqueued_event>(event(study::Enqueued{{{2, Cell::whole(9)}}}));
  EXPECT_EQ(enqueued.assignments.data[0].value.as.i, 9);
  const auto& filled = body<dodona_filled_event>(event(study::Filled{{1, Cell::whole(0)}}));
  EXPECT_EQ(view(filled.assignment.value.as.s), "adam");
}

TEST_F(EventBridgeTest, TellsOfTheCourseOfATrial) {
  const auto& started = body<dodona_started_event>(event(study::Started{1, 2, 4, "node2"}));
  EXPECT_EQ(started.execution, 1u);
  EXPECT_EQ(started.attempt, 2u);
  EXPECT_EQ(started.start_step, 4u);
  EXPECT_EQ(view(started.runner), "node2");
  study::Reported reported{
      1, 4, {{accuracy, 0.9}, {loss, 0.1}}, {-0.9, 2.0}, study::Verdict::kStopTrial};
  reported.excesses = 0.25;
  const auto& report = body<dodona_reported_event>(event(reported));
  EXPECT_EQ(report.execution, 1u);
  EXPECT_EQ(report.step, 4u);
  ASSERT_EQ(report.metrics.size, 2u);
  EXPECT_EQ(view(report.metrics.data[0].name), "accuracy");
  EXPECT_EQ(view(report.metrics.data[1].name), "loss");
  EXPECT_EQ(report.metrics.data[1].value, 0.1);
  EXPECT_EQ(std::vector(report.objectives.data, report.objectives.data + report.objectives.size),
            (std::vector{-0.9, 2.0}));
  ASSERT_EQ(report.excesses.size, 1u);
  EXPECT_EQ(report.excesses.data[0], 0.25);
  EXPECT_EQ(report.verdict, DODONA_STOP_TRIAL);
  study::Finished finished;
  finished.state = study::TrialState::kFailed;
  finished.assignments = {{2, Cell::whole(1)}};
  finished.metrics = {{loss, 2.0}};
  finished.best_step = 8;
  finished.message = "boom";
  finished.outcome = study::Outcome::kMemory;
  finished.seconds = 1.5;
  finished.executions = {4.0, 5.0};
  const auto& end = body<dodona_finished_event>(event(finished));
  EXPECT_EQ(end.state, DODONA_FAILED);
  EXPECT_EQ(end.assignments.size, 1u);
  EXPECT_EQ(end.metrics.size, 1u);
  EXPECT_TRUE(std::isnan(first_of(end.objectives)));
  EXPECT_EQ(end.outcome, DODONA_OUTCOME_MEMORY);
  EXPECT_EQ(end.seconds, 1.5);
  ASSERT_EQ(end.executions.size, 2u);
  EXPECT_EQ(end.executions.data[1], 5.0);
  EXPECT_EQ(end.best_step, 8u);
  EXPECT_EQ(view(end.message), "boom");
  study::Imported imported;
  imported.assignments = {{0, Cell::real(1.0)}};
  imported.metrics = {{loss, 3.0}};
  imported.objectives = 3.0;
  imported.source = "elsewhere";
  const auto& import = body<dodona_imported_event>(event(imported));
  EXPECT_EQ(import.state, DODONA_COMPLETED);
  EXPECT_EQ(first_of(import.objectives), 3.0);
  EXPECT_EQ(view(import.source), "elsewhere");
  const auto& lost = body<dodona_lost_event>(event(study::Lost{1, "node failure"}));
  EXPECT_EQ(lost.execution, 1u);
  EXPECT_EQ(view(lost.why), "node failure");
}

TEST_F(EventBridgeTest, KeepsABlockOfEventsApart) {
  std::vector<Event> events;
  for (std::uint64_t i = 0; i < EventBridge::kBlock; ++i) {
    study::Finished finished;
    finished.assignments = {{2, Cell::whole(static_cast<std::int64_t>(i % 9 + 1))}};
    finished.metrics.assign(i % 4, {loss, static_cast<double>(i)});
    events.push_back(event(finished, i));
  }
  for (int round = 0; round < 2; ++round) {
    const auto list = bridge.convert(events);
    ASSERT_EQ(list.size(), EventBridge::kBlock);
    for (std::uint64_t i = 0; i < list.size(); ++i) {
      const auto* out = body_of<dodona_finished_event>(*list[i]);
      EXPECT_EQ(list[i]->sequence, i);
      EXPECT_EQ(out->assignments.data[0].value.as.i, static_cast<std::int64_t>(i % 9 + 1));
      ASSERT_EQ(out->metrics.size, i % 4);
      if (i % 4 > 0) {
        EXPECT_EQ(out->metrics.data[0].value, static_cast<double>(i));
      }
    }
  }
}

TEST(AbiSpace, IsItsOwnCopy) {
  std::optional<Space> space(std::in_place);
  space->add(integer("units", 1, 9));
  space->add_constraint("units > 2 and units != 7");
  const AbiSpace abi(*space);
  space.reset();
  EXPECT_EQ(abi.get()->count, 1u);
  EXPECT_EQ(abi.get()->revision, 2u);
  ASSERT_EQ(abi.get()->constraints.size, 1u);
  EXPECT_EQ(view(abi.get()->constraints.data[0]), "units > 2 and units != 7");
  EXPECT_EQ(view(abi.get()->params[0]->name), "units");
}

}  // namespace
}  // namespace dodona::plugin
