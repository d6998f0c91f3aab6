// SPDX-License-Identifier: Apache-2.0
//
// The sink's files against crashes at every event, and its parts against known values.
// tests/e2e/tensorboard_test.py reads the content of the files back.
#include "hparams.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/sink.hpp"
#include "record.hpp"
#include "support/params.hpp"
#include "support/temporary_directory.hpp"
#include "unit/plugin/fakes.hpp"
#include "wire.hpp"

#include <dodona/abi.h>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace dodona {
namespace {

namespace fs = std::filesystem;
using study::Event;
using support::choice;
using support::real;
using support::text;
using Tree = std::map<std::string, std::string>;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

Tree tree(const fs::path& root) {
  Tree files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    // The state names files that are gone, and those depend on when it was saved.
    if (!entry.is_regular_file() || entry.path().filename() == "state.dodona") continue;
    files[fs::relative(entry, root).string()] = read(entry);
  }
  return files;
}

class TensorBoardTest : public ::testing::Test {
 protected:
  // No test here cuts the power, and a thousand syncs of a disk take a minute.
  static void SetUpTestSuite() {
    if (::access("/dev/shm", W_OK) == 0) ::setenv("TMPDIR", "/dev/shm", 1);
  }

  TensorBoardTest() {
    loss = names.intern("loss");
    size = names.intern("size");
    space.add(real("lr", 0, 1));
    space.add(choice("optimizer", {text("adam"), text("sgd")}));
    space.add(real("late", 0, 1));
    catalogue.add(dodona_module_v0());
  }

  std::unique_ptr<study::Sink> make(const fs::path& project, const std::string& place = "board") {
    plugin::StudyInfo info{.names = names, .seed = 7};
    info.directory = project.string();
    info.objective = study::ObjectiveTerm{"loss", study::Direction::kMinimize};
    auto sink = plugin::make_sink(catalogue.find(DODONA_ROLE_SINK, "tensorboard"), info,
                                  {{"directory", place}}, services);
    sink->set_space(space);
    return sink;
  }

  // Consumes and does not flush.
  static std::string error_of_consuming(study::Sink& sink, std::span<const Event> events) {
    try {
      sink.consume(events);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  study::Reported report(std::uint32_t execution, std::uint64_t step, double value) const {
    return {execution, step, {{loss, value}}, value, study::Verdict::kContinue};
  }
  study::Finished finished(study::TrialState state, std::vector<Assignment> values) const {
    study::Finished out;
    out.state = state;
    out.assignments = std::move(values);
    out.metrics = {{loss, 0.25}, {size, 3}};
    out.objectives = state == study::TrialState::kFailed ? std::nan("") : 0.25;
    out.best_step = 1;
    return out;
  }

  // Two trials at a time: values met late, a rerun after a search that stopped, a retry, a failure.
  std::vector<Event> study(std::uint64_t seed = 7) const {
    std::vector<std::pair<std::uint64_t, study::Body>> bodies;
    const auto put = [&](std::uint64_t trial, study::Body body) {
      bodies.emplace_back(trial, std::move(body));
    };
    const auto none = study::kNoTrial;
    const std::vector<Assignment> values = {{0, Cell::real(0.5)}, {1, Cell::whole(1)}};
    std::vector<Assignment> more = values;
    more.push_back({2, Cell::real(0.125)});
    study::Proposed proposed;
    proposed.assignments = values;
    put(none, study::Created{seed, "0.1.0"});
    put(none, study::Configured{"{}"});
    for (const std::uint64_t trial : {0u, 1u}) put(trial, proposed);
    for (const std::uint64_t trial : {0u, 1u}) put(trial, study::Started{});
    put(0, report(0, 1, 0.5));
    put(1, report(0, 1, 0.75));
    put(0, study::Filled{{2, Cell::real(0.125)}});  // after a report
    put(0, report(0, 2, 0.25));
    put(0, study::Started{1, 0});
    put(0, report(1, 1, 0.125));
    put(0, finished(study::TrialState::kCompleted, more));
    put(none, study::Stopped{"interrupted"});
    put(1, study::Started{});  // once more
    put(1, report(0, 1, 0.875));
    put(1, study::Started{0, 1});  // a retry
    put(1, report(0, 1, 0.0625));
    put(1, finished(study::TrialState::kFailed, values));
    put(2, proposed);
    put(2, study::Started{});
    put(2, study::Filled{{2, Cell::real(0.25)}});
    put(2, finished(study::TrialState::kStopped, more));
    put(3, proposed);
    put(3, study::Started{});
    put(3, report(0, 1, 1));
    put(none, study::Stopped{"interrupted"});
    put(4, proposed);
    put(4, study::Started{0, 0, 0});
    for (const std::uint64_t step : {1u, 2u, 3u}) put(4, report(0, step, 0.5));
    put(4, study::Lost{0, "the node went away"});
    put(4, study::Started{0, 0, 2});  // goes on
    put(4, report(0, 3, 0.25));
    std::vector<Event> events;
    for (auto& [trial, body] : bodies) {
      const std::uint64_t sequence = events.size();
      events.push_back({sequence, trial,
                        1'577'836'800'000'000'000 + static_cast<std::int64_t>(sequence),
                        std::move(body)});
    }
    return events;
  }

  Tree whole(const std::vector<Event>& events) {
    const support::TemporaryDirectory project;
    const auto sink = make(project.string());
    sink->consume(events);
    sink->flush();
    return tree(project.string());
  }

  study::Names names;
  std::uint32_t loss = 0;
  std::uint32_t size = 0;
  Space space;
  support::FakeServices services;
  plugin::Catalogue catalogue;
};

TEST_F(TensorBoardTest, HasAFileForEachRunAndTheExperiment) {
  const Tree files = whole(study());
  std::vector<std::string> paths;
  for (const auto& [path, bytes] : files) paths.push_back(path);
  const std::string prefix = "events.out.tfevents.1577836800";
  EXPECT_EQ(paths, (std::vector<std::string>{
                       "board/" + prefix + ".dodona",
                       "board/trial_0000/execution_0/" + prefix + ".000000000008.dodona",
                       "board/trial_0000/execution_1/" + prefix + ".000000000011.dodona",
                       "board/trial_0001/execution_0/" + prefix + ".000000000017.dodona",
                       "board/trial_0002/execution_0/" + prefix + ".000000000022.dodona",
                       "board/trial_0003/execution_0/" + prefix + ".000000000025.dodona",
                       "board/trial_0004/execution_0/" + prefix + ".000000000033.dodona"}));
}

TEST_F(TensorBoardTest, HoldsEachEventOnceWhereverItWasCut) {
  const std::vector<Event> events = study();
  const Tree expected = whole(events);
  const auto count = events.size();
  for (std::size_t flushed = 0; flushed <= count; ++flushed) {
    for (std::size_t seen = flushed; seen <= count; ++seen) {
      const support::TemporaryDirectory project;
      Tree durable;
      {
        const auto sink = make(project.string());
        sink->consume({events.data(), flushed});
        if (flushed > 0) sink->flush();
        durable = tree(project.string());
        sink->consume({events.data() + flushed, seen - flushed});
      }
      // Bytes written since the flush may be there in part, or as zeros.
      for (const auto& [path, bytes] : tree(project.string())) {
        if (durable[path] != bytes) write(project / path, bytes + std::string(seen, '\0'));
      }
      const auto sink = make(project.string());
      const std::size_t cursor = flushed - flushed * (seen % 3) / 2 % (flushed + 1);
      sink->consume({events.data() + cursor, count - cursor});
      sink->flush();
      ASSERT_EQ(tree(project.string()), expected) << "flushed " << flushed << ", seen " << seen;
    }
  }
}

// Reports after the step from which a run goes on are void, in its file too.
TEST_F(TensorBoardTest, TellsATrialThatGoesOnAsOneThatWasNeverInterrupted) {
  const auto told = [this](bool interrupted) {
    std::vector<Event> events;
    const auto put = [&](std::uint64_t trial, study::Body body, std::int64_t nanos) {
      events.push_back({events.size(), trial, nanos, std::move(body)});
    };
    study::Proposed promoted;
    promoted.start_step = 1;
    put(study::kNoTrial, study::Created{7, "0.1.0"}, 0);
    put(study::kNoTrial, study::Configured{"{}"}, 0);
    put(0, promoted, 1);
    put(0, study::Started{0, 0, 1}, 2);
    put(0, report(0, 2, 0.5), 3);
    put(0, report(0, 3, 0.25), 4);
    if (interrupted) {
      study::Reported unlike = report(0, 4, 9.0);
      unlike.metrics.push_back({size, 1.0});
      put(0, std::move(unlike), 5);
      put(0, study::Started{0, 0, 3}, 6);
    }
    put(0, report(0, 4, 0.125), 7);
    put(0, finished(study::TrialState::kCompleted, {}), 8);
    std::string scalars;
    for (const auto& [name, bytes] : whole(events)) {
      if (name.find("trial_") != std::string::npos) scalars += bytes;
    }
    return scalars;
  };
  EXPECT_GT(told(false).size(), 100u);
  EXPECT_EQ(told(true), told(false));
}

TEST_F(TensorBoardTest, GoesOnAfterAFlushThatFailed) {
  const std::vector<Event> events = study();
  const Tree expected = whole(events);
  for (std::size_t flushed = 1; flushed < events.size(); ++flushed) {
    const support::TemporaryDirectory project;
    const fs::path obstacle = project / "board/temporary.dodona";
    {
      const auto sink = make(project.string());
      sink->consume({events.data(), flushed});
      sink->flush();
      fs::create_directory(obstacle);
      sink->consume({events.data() + flushed, events.size() - flushed});
      EXPECT_THROW(sink->flush(), Error);
    }
    fs::remove(obstacle);
    const auto sink = make(project.string());
    sink->consume({events.data() + flushed, events.size() - flushed});
    sink->flush();
    ASSERT_EQ(tree(project.string()), expected) << "flushed " << flushed;
  }
}

TEST_F(TensorBoardTest, BeginsAnewForAnotherStudy) {
  const support::TemporaryDirectory project;
  for (const std::uint64_t seed : {1u, 2u}) {
    const auto sink = make(project.string());
    sink->consume(study(seed));
    sink->flush();
  }
  EXPECT_EQ(tree(project.string()), whole(study(2)));
}

TEST_F(TensorBoardTest, TellsTheExperimentAgainWhenTheSpaceGrows) {
  const support::TemporaryDirectory project;
  const std::vector<Event> events = study();
  const auto sink = make(project.string());
  const auto experiment = [&] {
    return read(project / "board/events.out.tfevents.1577836800.dodona");
  };
  sink->consume({events.data(), 12});
  sink->flush();
  EXPECT_EQ(experiment(), "");  // its metrics are not known yet
  sink->consume({events.data() + 12, 1});
  sink->flush();
  const std::string first = experiment();
  EXPECT_NE(first.find("late"), std::string::npos);
  space.add(real("later", 0, 1));
  sink->set_space(space);
  sink->flush();
  EXPECT_NE(experiment().find("later"), std::string::npos);
  EXPECT_EQ(experiment().find("later"), experiment().rfind("later"));
}

TEST_F(TensorBoardTest, NeedsWhatItWrote) {
  const support::TemporaryDirectory project;
  const std::vector<Event> events = study();
  const std::span<const Event> rest(events.data() + 8, events.size() - 8);
  {
    const auto sink = make(project.string());
    EXPECT_NE(error_of_consuming(*sink, rest).find("lacks events 0 to 7"), std::string::npos);
  }
  {
    const auto sink = make(project.string());
    sink->consume({events.data(), 8});
    sink->flush();
  }
  const fs::path state = project / "board/state.dodona";
  const std::string bytes = read(state);
  const auto refused = [&](const std::string& why) {
    try {
      make(project.string());
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(why), std::string::npos) << error.what();
    }
  };
  for (std::size_t at = 0; at < bytes.size(); at += 5) {
    std::string broken = bytes;
    broken[at] = static_cast<char>(broken[at] ^ 4);
    write(state, broken);
    refused("state.dodona is damaged");
  }
  write(state, bytes);
  for (const auto& [path, content] : tree(project.string())) {
    if (path.find("trial_") != std::string::npos) write(project / path, "short");
  }
  refused("is shorter than what was written to it");
}

TEST_F(TensorBoardTest, SharesItsDirectoryWithNoOther) {
  const support::TemporaryDirectory project;
  const auto first = make(project.string());
  try {
    make(project.string());
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_STATE);
    EXPECT_NE(std::string(error.what()).find("another sink writes to"), std::string::npos);
  }
  make(project.string(), "other");
}

TEST_F(TensorBoardTest, StaysBelowTheStudysDirectory) {
  const support::TemporaryDirectory project;
  for (const char* place : {"", ".", "..", "a/..", "a/../../b", "/elsewhere"}) {
    EXPECT_THROW(make(project.string(), place), Error) << place;
  }
  EXPECT_TRUE(project.empty());
  EXPECT_THROW(make(""), Error);
}

TEST(Record, HasTheChecksumOfItsStandard) {
  using tensorboard::crc32c;
  // RFC 3720, appendix B.4, and the usual check value.
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  const std::string record = tensorboard::record("payload");
  ASSERT_EQ(record.size(), 16 + 7u);
  EXPECT_EQ(tensorboard::payload_of(record), "payload");
  for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
    std::string broken = record;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(tensorboard::payload_of(broken)) << bit;
  }
  EXPECT_FALSE(tensorboard::payload_of(record + "more"));
  EXPECT_FALSE(tensorboard::payload_of(record.substr(1)));
}

TEST(Wire, WritesTheBytesOfTheSpecification) {
  // Examples of the Protocol Buffers encoding chapter.
  EXPECT_EQ(tensorboard::Message().natural(1, 150).encoded(), "\x08\x96\x01");
  EXPECT_EQ(tensorboard::Message().bytes(2, "testing").encoded(), "\x12\x07testing");
  EXPECT_EQ(tensorboard::Message().real(1, 1).encoded(),
            std::string("\x09\0\0\0\0\0\0\xF0\x3F", 9));
  EXPECT_EQ(tensorboard::Message().single(2, 1).encoded(), std::string("\x15\0\0\x80\x3F", 5));
  EXPECT_EQ(tensorboard::Message().natural(16, UINT64_MAX).encoded(),
            "\x80\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
  EXPECT_EQ(tensorboard::Message().text(1, "a\xFFz").encoded(),
            "\x0A\x05"
            "a\xEF\xBF\xBD"
            "z");
}

TEST(Wire, ReadsWhatItWroteAndRefusesTheRest) {
  tensorboard::Message message;
  message.natural(1, UINT64_MAX).bytes(2, "text").bytes(3, "");
  const std::string numbers =
      tensorboard::Message().real(4, 1.5).single(5, 2).natural(6, 7).encoded();
  tensorboard::WireReader past(numbers);
  ASSERT_TRUE(past.next());
  EXPECT_THROW(past.natural(), Error);
  ASSERT_TRUE(past.next());
  EXPECT_THROW(past.bytes(), Error);
  ASSERT_TRUE(past.next());
  EXPECT_EQ(past.natural(), 7u);
  tensorboard::WireReader in(message.encoded());
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.field(), 1u);
  EXPECT_EQ(in.natural(), UINT64_MAX);
  EXPECT_THROW(in.bytes(), Error);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.bytes(), "text");
  EXPECT_THROW(in.natural(), Error);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.bytes(), "");
  EXPECT_FALSE(in.next());
  const auto all = [](std::string_view bytes) {
    for (tensorboard::WireReader reader(bytes); reader.next();) continue;
  };
  for (std::size_t end = 1; end + 2 < message.encoded().size(); ++end) {
    if (end == 11) continue;  // after the first field
    EXPECT_THROW(all(std::string_view(message.encoded()).substr(0, end)), Error) << end;
  }
  EXPECT_THROW(all("\x09"
                   "1234567"),
               Error);               // a fixed-size number that is cut off
  EXPECT_THROW(all("\x0b"), Error);  // a group
  EXPECT_THROW(all(std::string(11, '\xFF')), Error);
}

TEST(HParams, JoinsDefinitionsOfOneName) {
  Space space;
  space.add(choice("kind", {text("a"), text("b")}));
  space.add(choice("x", {text("auto")}, {{"kind", {text("a")}}}));
  space.add(real("x", 0.5, 2, {{"kind", {text("b")}}}));
  const std::string record =
      tensorboard::experiment(0, space, {}, {{"dodona/score", "loss", false}}).encoded();
  tensorboard::Message list;
  list.bytes(1, tensorboard::encoded(text("auto")))
      .bytes(1, tensorboard::encoded(0.5))
      .bytes(1, tensorboard::encoded(2.0));
  tensorboard::Message info;
  info.text(1, "x").natural(4, 1).message(5, list);
  EXPECT_NE(record.find(info.encoded()), std::string::npos);
}

}  // namespace
}  // namespace dodona
