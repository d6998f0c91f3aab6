// SPDX-License-Identifier: Apache-2.0
#include "common/text/json_text.hpp"
#include "event_line.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/sink.hpp"
#include "support/params.hpp"
#include "unit/plugin/fakes.hpp"

#include <dodona/abi.h>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace dodona {
namespace {

namespace fs = std::filesystem;
using study::Event;
using support::choice;
using support::real;
using support::text;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class JsonlTest : public ::testing::Test {
 protected:
  JsonlTest() {
    std::string name = (fs::temp_directory_path() / "dodona-jsonl-XXXXXX").string();
    directory = mkdtemp(name.data());
    loss = names.intern("loss");
    space.add(real("lr", 0, 1));
    space.add(choice("optimizer", {text("adam"), text("sgd")}));
    catalogue.add(dodona_module_v0());
  }
  ~JsonlTest() override { fs::remove_all(directory); }

  std::unique_ptr<study::Sink> make(const std::string& path = "events.jsonl",
                                    bool memory_store = false) {
    plugin::StudyInfo info{.names = names, .seed = 7};
    info.directory = memory_store ? "" : directory.string();
    info.objective = study::ObjectiveTerm{"loss", direction};
    info.objective.others = more_objectives;
    auto sink = plugin::make_sink(catalogue.find(DODONA_ROLE_SINK, "jsonl"), info, {{"path", path}},
                                  services);
    sink->set_space(space);
    return sink;
  }
  std::string error(const std::string& path, dodona_status code, bool memory_store = false) {
    try {
      make(path, memory_store);
    } catch (const Error& thrown) {
      EXPECT_EQ(thrown.code(), code);
      return thrown.what();
    }
    return "no error";
  }

  // A small study: what a crash leaves of its lines is put right from these.
  std::vector<Event> study(std::uint64_t seed = 7) const {
    std::vector<study::Body> bodies;
    bodies.emplace_back(study::Created{seed, "0.1.0"});
    bodies.emplace_back(study::Configured{"{\n  \"a b\": [1, 2]\n}"});
    for (int trial = 0; trial < 3; ++trial) {
      study::Proposed proposed;
      proposed.assignments = {{0, Cell::real(0.5)}, {1, Cell::whole(1)}};
      bodies.emplace_back(proposed);
      bodies.emplace_back(study::Started{});
      bodies.emplace_back(study::Reported{0, 1, {{loss, 0.25}}, 0.25, study::Verdict::kContinue});
      study::Finished finished;
      finished.assignments = proposed.assignments;
      finished.metrics = {{loss, 0.25}};
      finished.objectives = 0.25;
      finished.best_step = 1;
      bodies.emplace_back(finished);
    }
    std::vector<Event> events;
    for (study::Body& body : bodies) {
      const std::uint64_t sequence = events.size();
      events.push_back({sequence, sequence < 2 ? study::kNoTrial : (sequence - 2) / 4,
                        1'577'836'800'000'000'000 + static_cast<std::int64_t>(sequence),
                        std::move(body)});
    }
    return events;
  }
  // One event's line, in a file of its own.
  std::string line(study::Body body, std::uint64_t trial = 3) {
    const fs::path path = directory / "one.jsonl";
    fs::remove(path);
    const auto sink = make(path.filename());
    const Event event{0, trial, 1'577'836'800'123'456'789, std::move(body)};
    sink->consume({&event, 1});
    sink->flush();
    std::string all = read(path);
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 1);
    all.pop_back();
    const std::string head = "{\"sequence\":0,\"time\":\"2020-01-01T00:00:00.123456789Z\",";
    EXPECT_EQ(all.substr(0, head.size()), head);
    return "{" + all.substr(head.size());
  }

  fs::path directory;
  study::Names names;
  std::uint32_t loss = 0;
  Space space;
  study::Direction direction = study::Direction::kMinimize;
  std::vector<study::ObjectiveTerm> more_objectives;
  support::FakeServices services;
  plugin::Catalogue catalogue;
};

TEST_F(JsonlTest, WritesLinesThatPeopleCanRead) {
  EXPECT_EQ(line(study::Created{7, "0.1.0", {0x0f, 0xa0}}, study::kNoTrial),
            R"({"type":"created","seed":7,"version":"0.1.0",)"
            R"("study":"0fa00000000000000000000000000000"})");
  EXPECT_EQ(line(study::Configured{"{\n \"a \\\" b\": 1\n}",
                                   {{"r", "i", "1", "ab"}, {"r", "j", "2", ""}}},
                 study::kNoTrial),
            R"({"type":"configured","document":{"a \" b":1},"plugins":[)"
            R"({"role":"r","id":"i","version":"1","build_id":"ab"},)"
            R"({"role":"r","id":"j","version":"2"}]})");
  study::Proposed proposed;
  proposed.assignments = {{0, Cell::real(1)}, {1, Cell::whole(1)}};
  proposed.seen = 4;
  EXPECT_EQ(line(proposed),
            R"({"trial":3,"type":"proposed","values":{"lr":1.0,"optimizer":"sgd"},"seen":4})");
  proposed.budget = 9;
  proposed.resume_of = 2;
  proposed.tag = 1;
  proposed.enqueued = 0;
  proposed.note = "{\"why\": 1}";
  proposed.repeat_of = 1;
  EXPECT_EQ(line(proposed),
            R"({"trial":3,"type":"proposed","values":{"lr":1.0,"optimizer":"sgd"},"budget":9,)"
            R"("resume_of":2,"repeat_of":1,"tag":1,"seen":4,"enqueued":0,"note":{"why":1}})");
  EXPECT_EQ(line(study::Started{1, 2}),
            R"({"trial":3,"type":"started","execution":1,"attempt":2})");
  EXPECT_EQ(line(study::Started{1, 2, 5}),
            R"({"trial":3,"type":"started","execution":1,"attempt":2,"start_step":5})");
  EXPECT_EQ(line(study::Lost{1, "node failure"}),
            R"({"trial":3,"type":"lost","execution":1,"why":"node failure"})");
  EXPECT_EQ(line(study::Filled{{0, Cell::real(0.1)}}),
            R"({"trial":3,"type":"filled","values":{"lr":0.1}})");
  EXPECT_EQ(line(study::Noted{"k", "v"}), R"({"trial":3,"type":"noted","key":"k","value":"v"})");
  EXPECT_EQ(line(study::Enqueued{{{1, Cell::whole(0)}}}, study::kNoTrial),
            R"({"type":"enqueued","values":{"optimizer":"adam"}})");
  EXPECT_EQ(line(study::Stopped{"done"}, study::kNoTrial), R"({"type":"stopped","reason":"done"})");
}

TEST_F(JsonlTest, WritesStatesVerdictsAndScoresAsTheUserKnowsThem) {
  study::Finished finished;
  finished.state = study::TrialState::kInvalid;
  finished.metrics = {{loss, std::nan("")}};
  finished.message = "a \"bad\"\nloss\x01";
  EXPECT_EQ(
      line(finished),
      R"({"trial":3,"type":"finished","state":"invalid","values":{},"metrics":{"loss":"NaN"},)"
      R"("score":null,"best_step":0,"message":"a \"bad\"\nloss\u0001","outcome":"ok"})");
  finished.message.clear();
  finished.outcome = study::Outcome::kInfeasible;
  finished.seconds = 1.5;
  EXPECT_TRUE(line(finished).ends_with(R"("best_step":0,"outcome":"infeasible","seconds":1.5})"));
  direction = study::Direction::kMaximize;
  EXPECT_EQ(line(study::Reported{0, 2, {{loss, 0.5}}, -0.5, study::Verdict::kStopTrial}),
            R"({"trial":3,"type":"reported","execution":0,"step":2,"metrics":{"loss":0.5},)"
            R"("score":0.5,"verdict":"stop_trial"})");
  EXPECT_TRUE(line(study::Reported{0, 2, {}, {-0.5, 2.0}, study::Verdict::kContinue})
                  .ends_with(R"("score":0.5,"verdict":"continue"})"));
  more_objectives = {{"size", study::Direction::kMinimize}};
  EXPECT_TRUE(line(study::Reported{0, 2, {}, {-0.5, study::kNoScore}, study::Verdict::kContinue})
                  .ends_with(R"("score":0.5,"scores":{"loss":0.5,"size":null},)"
                             R"("verdict":"continue"})"));
  more_objectives.clear();
  study::Imported imported;
  imported.objectives = -2;
  imported.source = "there";
  EXPECT_EQ(line(imported, study::kNoTrial),
            R"({"type":"imported","state":"completed","values":{},"metrics":{},"score":2.0,)"
            R"("source":"there"})");
  imported.trial = 4;
  EXPECT_TRUE(line(imported, study::kNoTrial).ends_with(R"("source":"there","source_trial":4})"));
}

TEST_F(JsonlTest, WritesDefinitionsWithTheKeysOfAStudyFile) {
  Param lr = real("lr", 0.5, 8);
  lr.sampling = Sampling::kLog;
  lr.step = Cell::real(2);
  lr.conditions = {{"optimizer", {text("sgd")}}};
  Param fixed = choice("batch", {Value(std::int64_t{64})});
  fixed.type = ParamType::kFixed;
  EXPECT_EQ(line(study::SpaceGrown{1, {}, {"lr < 1", "c != 'x'"}}, study::kNoTrial),
            R"({"type":"space_grown","hyperparameters":[],"constraints":["lr < 1","c != 'x'"]})");
  EXPECT_EQ(line(study::SpaceGrown{0, {lr, choice("c", {Value(0.5)}), fixed}}, study::kNoTrial),
            R"({"type":"space_grown","hyperparameters":[{"name":"lr","type":"float",)"
            R"("min_value":0.5,"max_value":8.0,"step":2.0,"sampling":"log","default":0.5,)"
            R"("when":{"optimizer":["sgd"]}},{"name":"c","type":"choice","values":[0.5],)"
            R"("default":0.5},{"name":"batch","type":"fixed","value":64}]})");
}

TEST_F(JsonlTest, HoldsEachEventOnceHoweverItWasCut) {
  const std::vector<Event> events = study();
  {
    const auto sink = make();
    sink->consume(events);
    sink->flush();
  }
  const fs::path path = directory / "events.jsonl";
  const std::string whole = read(path);
  ASSERT_EQ(static_cast<std::size_t>(std::count(whole.begin(), whole.end(), '\n')), events.size());
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    write(path, whole.substr(0, size));
    const auto sink = make();
    // Some events come again; a cursor never runs ahead of the file.
    sink->consume(
        std::span(events).subspan(size % 2 == 0 ? 0 : size * events.size() / whole.size() / 2));
    sink->flush();
    ASSERT_EQ(read(path), whole) << "cut after " << size << " bytes";
  }
}

TEST_F(JsonlTest, DropsLinesThatAreNotWhole) {
  const std::vector<Event> events = study();
  make()->consume(events);
  const fs::path path = directory / "events.jsonl";
  {
    const auto sink = make();
    sink->consume(events);
    sink->flush();
  }
  const std::string whole = read(path);
  // A page that never reached the disk reads as zeros.
  std::string torn = whole;
  const std::size_t from = whole.size() / 2;
  std::fill(torn.begin() + static_cast<std::ptrdiff_t>(from), torn.end(), '\0');
  torn.back() = '\n';
  write(path, torn);
  const auto sink = make();
  sink->consume(events);
  sink->flush();
  EXPECT_EQ(read(path), whole);
}

// Dodona 0.1 wrote no study id into the first line.
TEST_F(JsonlTest, GoesOnWithAFileOf01) {
  const std::vector<Event> events = study();
  const auto write = [&](std::size_t count) {
    const auto sink = make("log.jsonl");
    sink->consume(std::span(events).first(count));
    sink->flush();
    return read(directory / "log.jsonl");
  };
  std::string of_0_1 = write(4);
  const std::size_t id = of_0_1.find(",\"study\":");
  of_0_1.erase(id, of_0_1.find('}') - id);
  std::ofstream(directory / "log.jsonl") << of_0_1;
  EXPECT_EQ(write(events.size()).substr(0, of_0_1.size()), of_0_1);
}

TEST_F(JsonlTest, BeginsAnewForAnotherStudyInItsDirectory) {
  {
    const auto sink = make();
    sink->consume(study(1));
    sink->flush();
  }
  const std::vector<Event> second = study(2);
  const auto sink = make();
  sink->consume({second.data(), 3});
  sink->flush();
  const std::string lines = read(directory / "events.jsonl");
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
  EXPECT_NE(lines.find("\"seed\":2"), std::string::npos);
}

TEST_F(JsonlTest, LeavesAnotherStudysFileElsewhereAlone) {
  const std::string elsewhere = (directory / "mine.jsonl").string();
  {
    const auto sink = make(elsewhere, true);
    sink->consume(study(1));
    sink->flush();
  }
  const std::string before = read(elsewhere);
  const auto sink = make(elsewhere, true);
  try {
    sink->consume(study(2));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("holds the events of another study"),
              std::string::npos);
  }
  EXPECT_EQ(read(elsewhere), before);
}

TEST_F(JsonlTest, NeedsAPlaceToWriteTo) {
  EXPECT_EQ(error("events.jsonl", DODONA_E_INVALID, true),
            "sink \"jsonl\": a study with the store \"memory\" has no directory for events.jsonl; "
            "give the option \"path\" as an absolute path");
  EXPECT_NE(error("../x.jsonl", DODONA_E_INVALID).find("leads out of"), std::string::npos);
  EXPECT_NE(error("", DODONA_E_INVALID).find("should name a file"), std::string::npos);
  EXPECT_NE(error("/nowhere/at/all.jsonl", DODONA_E_IO).find("No such file"), std::string::npos);
  make("logs/events.jsonl")->flush();
  EXPECT_TRUE(fs::exists(directory / "logs/events.jsonl"));
}

TEST_F(JsonlTest, LeavesAFileOfSomethingElseAlone) {
  write(directory / "notes.txt", "dear diary\n");
  EXPECT_NE(error("notes.txt", DODONA_E_INVALID).find("not a log of this kind"), std::string::npos);
  EXPECT_EQ(read(directory / "notes.txt"), "dear diary\n");
}

TEST_F(JsonlTest, SharesItsFileWithNoOther) {
  const auto first = make();
  EXPECT_NE(error("events.jsonl", DODONA_E_STATE).find("another sink writes to"),
            std::string::npos);
}

TEST_F(JsonlTest, TellsThatTheDiskIsFull) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  const auto sink = make("/dev/full");
  sink->consume(study());
  try {
    sink->flush();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_IO);
    EXPECT_STREQ(error.what(),
                 "sink \"jsonl\": cannot write to /dev/full: No space left on device");
  }
}

TEST(JsonText, EscapesAndMendsText) {
  std::string out;
  common::JsonText json(out);
  json.open('[');
  json.text("tab\t quote\" back\\ \x7f \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
  json.text("bad \xC3 \xE2\x82 \xED\xA0\x80 \xF5 \xC0\xAF");
  json.real(0.1);
  json.real(1e300);
  json.real(-0.0);
  json.real(INFINITY);
  json.whole(INT64_MIN);
  json.natural(UINT64_MAX);
  json.boolean(true);
  json.null();
  json.close(']');
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(out,
            "[\"tab\\t quote\\\" back\\\\ \x7f \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\",\"bad " +
                mark + " " + mark + mark + " " + mark + mark + mark + " " + mark + " " + mark +
                mark +
                "\",0.1,1e+300,-0.0,\"Infinity\",-9223372036854775808,18446744073709551615,"
                "true,null]");
}

}  // namespace
}  // namespace dodona
