// SPDX-License-Identifier: Apache-2.0
#include "runner/server.hpp"

#include "support/fake_roles.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>

namespace dodona::runner {
namespace {

using Read = LineReader::Read;
constexpr std::chrono::milliseconds kLong{60000};

// A message as it is written.
std::string json(const char* text) {
  return base::to_text(base::parse_json(text, "text").root);
}

// The test is the owner.
class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override {
    hang_up();
    if (serving_.joinable()) serving_.join();
    for (const int file : {to_[0], from_[0], from_[1]}) ::close(file);
  }

  void serve(std::function<bool(study::Run&)> execute, int silence_ms = 60000) {
    if (::pipe(to_.data()) != 0 || ::pipe(from_.data()) != 0) FAIL();
    execute_ = std::move(execute);
    serving_ = std::thread([this] {
      Server server(to_[0], from_[1],
                    {[this](const base::JsonReader&, boost::json::object& answer) {
                       if (cannot_) throw Error(DODONA_E_INVALID, "there are no data");
                       answer["version"] = "1.0";
                       return std::make_unique<support::FakeModel>(execute_);
                     },
                     [this] { study_cancelled_ = true; }, [this] { ++left_; },
                     [this] { return asked_to_leave_.load(); }});
      server.serve();
    });
    say(R"({"hello":1,"beat_ms":60000,"silence_ms":)" + std::to_string(silence_ms) + "}");
  }
  void say(const std::string& line) {
    LineWriter writer(to_[1]);
    EXPECT_TRUE(writer.write(line, kLong));
  }
  // The next line that is no sign of life.
  std::string heard() {
    if (reader_ == nullptr) reader_ = std::make_unique<LineReader>(from_[0]);
    std::string line = "nothing";
    do {
      EXPECT_EQ(reader_->read(line, kLong), Read::kLine);
    } while (line == R"({"beat":true})");
    return line;
  }
  void run() {
    say(R"({"run":{"trial":3,"seed":7,"execution":0,"attempt":0,"threads":1,"start_step":0,)"
        R"("budget":0,"deadline_unix_nanos":0,"spent_seconds":0.5,"all_data":false,"devices":[],"directory":"",)"
        R"("resume_directory":""}})");
  }
  void hang_up() {
    if (to_[1] >= 0) ::close(std::exchange(to_[1], -1));
  }

  std::array<int, 2> to_{-1, -1};
  std::array<int, 2> from_{-1, -1};
  std::function<bool(study::Run&)> execute_;
  std::unique_ptr<LineReader> reader_;
  std::thread serving_;
  std::atomic<bool> cannot_ = false;
  std::atomic<bool> study_cancelled_ = false;
  std::atomic<bool> asked_to_leave_ = false;
  std::atomic<int> left_ = 0;
};

TEST_F(ServerTest, GreetsAndRunsOneExecutionAfterAnother) {
  serve([](study::Run& run) {
    const study::NamedMetric loss{"loss", static_cast<double>(run.trial)};
    const study::Verdict verdict = run.report(1, {&loss, 1});
    run.finish({&loss, 1});
    run.note("k", "v");
    return verdict == study::Verdict::kContinue;
  });
  const std::string greeting = heard();
  EXPECT_NE(
      greeting.find(R"("version": "1.0", "declares": false, "saves": false, "goes_on": false)"),
      std::string::npos)
      << greeting;
  for (int i = 0; i < 2; ++i) {
    run();
    EXPECT_EQ(heard(), json(R"({"report":1,"metrics":[["loss",3.0]]})"));
    say(R"({"answer":{"verdict":)" + std::to_string(i + 1) + R"(,"save":false}})");
    EXPECT_EQ(heard(), json(R"({"finish":[["loss",3.0]]})"));
    say(R"({"answer":false})");
    EXPECT_EQ(heard(), json(R"({"note":["k","v"]})"));
    say(R"({"answer":true})");
    EXPECT_EQ(heard(),
              json(i == 0 ? R"({"done":true,"told":false})" : R"({"done":false,"told":false})"));
  }
}

TEST_F(ServerTest, SavesWhereTheOwnerWantsIt) {
  serve([](study::Run& run) {
    EXPECT_EQ(run.save_directory(), "");  // asks for nothing
    run.report(1, {});
    EXPECT_TRUE(run.wants_save());
    EXPECT_EQ(run.save_directory(), "runs/toy/x");
    run.saved();
    EXPECT_FALSE(run.wants_save());
    return true;
  });
  heard();
  run();
  heard();
  say(R"({"answer":{"verdict":1,"save":true}})");
  EXPECT_EQ(heard(), json(R"({"save_directory":true})"));
  say(R"({"answer":"runs/toy/x"})");
  EXPECT_EQ(heard(), json(R"({"saved":true})"));
  say(R"({"answer":true})");
  EXPECT_EQ(heard(), json(R"({"done":true,"told":false})"));
}

TEST_F(ServerTest, TellsThatASaveFailed) {
  serve([](study::Run& run) {
    run.report(1, {});
    return run.save_failed(Error(DODONA_E_IO, "no room")) && !run.wants_save();
  });
  heard();
  run();
  heard();
  say(R"({"answer":{"verdict":1,"save":true}})");
  EXPECT_EQ(heard(), json(R"({"save_failed":{"code":11,"message":"no room"}})"));
  say(R"({"answer":true})");
  EXPECT_EQ(heard(), json(R"({"done":true,"told":false})"));
}

TEST_F(ServerTest, AnswersWithTheErrorsOfBothSides) {
  serve([](study::Run& run) -> bool {
    EXPECT_THROW(run.note("k", "v"), Error);
    throw std::runtime_error("out of cheese");
  });
  heard();
  run();
  heard();
  say(R"({"error":{"code":11,"message":"no room"}})");
  EXPECT_EQ(heard(), json(R"({"failed":{"code":1,"message":"out of cheese"}})"));
}

TEST_F(ServerTest, TellsThatTheModelCannotBeMade) {
  cannot_ = true;
  serve([](study::Run&) { return true; });
  EXPECT_EQ(heard(), json(R"({"bye":"failed","error":{"code":2,"message":"there are no data"}})"));
}

TEST_F(ServerTest, CancelsARunningTrialAndSaysThatItKnew) {
  serve([](study::Run& run) {
    while (!run.cancelled()) std::this_thread::yield();
    return false;
  });
  heard();
  run();
  say(R"({"cancel":"study"})");
  EXPECT_EQ(heard(), json(R"({"done":false,"told":true})"));
  EXPECT_TRUE(study_cancelled_);
}

TEST_F(ServerTest, LeavesAtWorkWhenTheOwnerIsGone) {
  std::atomic<bool> go_on = false;
  serve([&](study::Run&) {
    while (!go_on) std::this_thread::yield();
    return true;
  });
  heard();
  run();
  hang_up();
  while (left_ == 0) std::this_thread::yield();
  go_on = true;
  serving_.join();
}

// It once took itself for idle if the second request came right after the first result.
TEST_F(ServerTest, LeavesAtWorkAgainWhenTheOwnerIsGone) {
  std::atomic<int> runs = 0;
  std::atomic<bool> go_on = false;
  serve([&](study::Run&) {
    while (++runs > 1 && !go_on) std::this_thread::yield();
    return true;
  });
  heard();
  run();
  run();
  heard();
  while (runs < 2) std::this_thread::yield();
  hang_up();
  while (left_ == 0) std::this_thread::yield();
  go_on = true;
  serving_.join();
}

TEST_F(ServerTest, ReturnsIdleWhenTheOwnerIsGone) {
  serve([](study::Run&) { return true; });
  heard();
  hang_up();
  serving_.join();
  EXPECT_EQ(left_, 0);
}

TEST_F(ServerTest, LeavesWhereTheOwnerIsSilent) {
  serve([](study::Run&) { return true; }, 1);
  while (left_ == 0) std::this_thread::yield();
}

TEST_F(ServerTest, SaysFarewellWhenItIsAskedToEnd) {
  serve([](study::Run&) { return true; });
  heard();
  asked_to_leave_ = true;
  EXPECT_EQ(heard(), R"({"bye":"terminated"})");
  while (left_ == 0) std::this_thread::yield();
}

TEST_F(ServerTest, RefusesAnotherProtocol) {
  if (::pipe(to_.data()) != 0 || ::pipe(from_.data()) != 0) FAIL();
  serving_ = std::thread([this] { Server(to_[0], from_[1], {}).serve(); });
  say(R"({"hello":99})");
  EXPECT_NE(heard().find("the runner speaks protocol 1, and the owner 99"), std::string::npos);
}

}  // namespace
}  // namespace dodona::runner
