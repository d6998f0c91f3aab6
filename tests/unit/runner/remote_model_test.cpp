// SPDX-License-Identifier: Apache-2.0
//
// The owner's side, with runners that are shell scripts: they do what no real one does.
#include "runner/remote_model.hpp"

#include "support/error_of.hpp"
#include "support/shell.hpp"
#include "support/temporary_directory.hpp"
#include "unit/plugin/fakes.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona::runner {
namespace {

using support::contains;
using support::error_of;

const std::string kHello =
    R"(read hello; echo '{"hello":1,"host":"node1","abi":"0.6","version":"1.0","build_id":"b",)"
    R"("declares":true,"saves":true,"goes_on":false,"metrics":[["loss",1],["size",0]]}'; )";
const std::string kDone = R"(echo '{"done":true,"told":false}'; )";

bool never() {
  return false;
}

class RemoteModelTest : public testing::Test {
 protected:
  Launch launch(const std::string& script) const {
    return {.slots = {{"", support::shell(script)}},
            .greeting = {{"hello", 1}},
            .label = "hypermodel \"toy\"",
            .build = {"0.6", "1.0", "b"},
            .silence = silence_};
  }
  std::string refused(const std::string& script) {
    return error_of(DODONA_E_PLUGIN, [&] { RemoteModel(launch(script), services_); });
  }
  // The exception of an execution in such a runner.
  template <class Thrown>
  std::string thrown(const std::string& script, study::Outcome outcome) {
    RemoteModel model(launch(kHello + "read run; " + script), services_);
    support::FakeRun run;
    run.trial = 3;
    try {
      model.execute(run);
    } catch (const Thrown& error) {
      if constexpr (requires { error.outcome; }) {
        EXPECT_EQ(error.outcome, outcome);
      }
      return error.what();
    }
    return "nothing was thrown";
  }
  std::string failed(const std::string& script, study::Outcome outcome) {
    return thrown<study::RunFailed>(script, outcome);
  }
  std::string lost(const std::string& script) {
    return thrown<study::RunnerLost>(script, study::Outcome::kLost);
  }

  support::FakeServices services_;
  std::chrono::milliseconds silence_{60000};
};

TEST_F(RemoteModelTest, KnowsWhatItsRunnerTold) {
  RemoteModel model(launch(kHello + "cat > /dev/null"), services_);
  EXPECT_TRUE(model.declares());
  EXPECT_TRUE(model.saves());
  EXPECT_FALSE(model.goes_on());
  const auto metrics = model.metrics();
  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_EQ(metrics[0].name, "loss");
  EXPECT_EQ(metrics[0].better, study::Direction::kMinimize);
  EXPECT_FALSE(metrics[1].better);
  const auto seat = model.seat(0);
  EXPECT_TRUE(seat->ready(never));
  EXPECT_EQ(seat->runner(), "node1");
}

TEST_F(RemoteModelTest, RunsExecutions) {
  const std::string script =
      R"(while read run; do echo '{"beat":true}'; echo '{"report":1,"metrics":[["loss",0.5]]}'; )"
      R"(read answer; echo '{"log":30,"source":"toy","message":"hm"}'; )" +
      kDone + "done";
  RemoteModel model(launch(kHello + script), services_);
  const auto seat = model.seat(0);
  support::FakeRun run;
  EXPECT_TRUE(seat->ready(never));
  EXPECT_TRUE(seat->execute(run));
  EXPECT_TRUE(seat->execute(run));
  ASSERT_EQ(run.reports.size(), 2u);
  EXPECT_EQ(run.reports[0].second.at("loss"), 0.5);
  EXPECT_EQ(services_.lines.at(0), "30 toy: hm");
}

TEST_F(RemoteModelTest, AnswersWhatItCannotAnswerWithAnError) {
  RemoteModel model(
      launch(kHello + R"(read run; echo '{"dance":true}'; read answer; echo "$answer" >&2; )" +
             R"(echo "{\"failed\":$(echo "$answer" | sed 's/^{"error"://; s/}$//')}")"),
      services_);
  support::FakeRun run;
  EXPECT_EQ(error_of(DODONA_E_PLUGIN, [&] { model.execute(run); }),
            "the owner does not know this question");
}

TEST_F(RemoteModelTest, StartsAnotherRunnerAfterOneThatEnded) {
  const support::TemporaryDirectory scratch;
  const std::string mark = (scratch / "crashed").string();
  RemoteModel model(launch(kHello + "while read run; do [ -e " + mark + " ] || { touch " + mark +
                           "; kill -SEGV $$; }; " + kDone + "done"),
                    services_);
  const auto seat = model.seat(0);
  support::FakeRun run;
  EXPECT_THROW(seat->execute(run), study::RunFailed);
  EXPECT_TRUE(seat->ready(never));
  EXPECT_TRUE(seat->execute(run));
}

TEST_F(RemoteModelTest, TellsTheModelsOwnEndsFromLosses) {
  using study::Outcome;
  EXPECT_EQ(failed("echo 'last words' >&2; kill -SEGV $$", Outcome::kCrash),
            "hypermodel \"toy\" crashed with SIGSEGV in trial 3 after step 0: last words");
  EXPECT_EQ(failed(R"(echo '{"report":4,"metrics":[]}'; read answer; exit 3)", Outcome::kExit),
            "hypermodel \"toy\" ended its process with code 3 in trial 3 after step 4");
  EXPECT_EQ(failed(R"(echo '{"bye":"exit","code":0}'; exit 0)", Outcome::kExit),
            "hypermodel \"toy\" called exit(0) in trial 3 after step 0");
  EXPECT_EQ(lost("kill -KILL $$"), "the runner was ended by SIGKILL");
  EXPECT_EQ(lost("kill -TERM $$"), "the runner was ended by SIGTERM");
  EXPECT_EQ(lost(R"(echo '{"bye":"terminated"}'; exit 75)"),
            "the runner was asked to end by somebody else");
}

TEST_F(RemoteModelTest, LosesARunnerThatTalksNonsense) {
  EXPECT_TRUE(contains(lost("echo '{'; cat > /dev/null"), "the runner talked nonsense: runner:1:"));
  EXPECT_EQ(lost("echo '{\"log\":30,\"source\":{}}'; cat > /dev/null"),
            "the runner talked nonsense: runner:1:1: lacks \"message\"");
  EXPECT_EQ(lost("echo '[]'; cat > /dev/null"),
            "the runner talked nonsense: runner:1:1: is a list; it should be an object");
}

TEST_F(RemoteModelTest, LosesARunnerThatIsSilent) {
  silence_ = std::chrono::milliseconds(1000);
  EXPECT_EQ(lost("exec sleep 1000"), "the runner gave no sign of life for 1 s");
}

TEST_F(RemoteModelTest, RefusesAtTheStart) {
  EXPECT_EQ(refused("read hello; echo 'no memory' >&2; kill -ABRT $$"),
            "hypermodel \"toy\" crashed with SIGABRT while it was created: no memory");
  EXPECT_EQ(
      refused(
          "read hello; echo '{\"hello\":1,\"host\":\"node2\",\"abi\":\"0.5\"}'; cat >/dev/null"),
      "hypermodel \"toy\" on node2 has the plugin ABI 0.5 instead of 0.6; install the same files "
      "on "
      "both sides");
  EXPECT_EQ(refused(R"(read hello; echo '{"hello":1,"host":"node2","abi":"0.6","version":"1.0",)"
                    R"("build_id":"c"}'; cat >/dev/null)"),
            "hypermodel \"toy\" on node2 has the build c instead of b; install the same files on "
            "both sides");
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [&] {
                       RemoteModel(launch(R"(read hello; echo '{"bye":"failed","error":)"
                                          R"({"code":2,"message":"there are no data"}}')"),
                                   services_);
                     }),
            "there are no data");
}

TEST_F(RemoteModelTest, GivesUpTheWaitForARunnerWhenItIsTold) {
  const support::TemporaryDirectory scratch;
  const std::string mark = (scratch / "first").string();
  // The first one greets and ends at its first execution. All others keep silent.
  RemoteModel model(
      launch("[ -e " + mark + " ] && exec sleep 1000; touch " + mark + "; " + kHello + "read run"),
      services_);
  support::FakeRun run;
  EXPECT_THROW(model.execute(run), study::RunFailed);
  int asked = 0;
  EXPECT_FALSE(model.seat(0)->ready([&] { return ++asked > 1; }));
}

TEST_F(RemoteModelTest, TellsARunnerThatItsTrialIsCancelled) {
  RemoteModel model(
      launch(kHello + R"(read run; read cancel; echo "$cancel" >&2; echo '{"done":false,"told":)"
                      R"(true}'; cat > /dev/null)"),
      services_);
  support::FakeRun run;
  run.cancel = true;
  const auto seat = model.seat(0);
  EXPECT_TRUE(seat->ready(never));
  EXPECT_FALSE(seat->execute(run));
}

// ---- runners of an engine, whose clients are the scripts ---------------------------------------

class FarRunners : public RemoteModelTest {
 protected:
  Launch far(std::vector<Slot> slots) const {
    Launch made = launch("");
    made.slots = std::move(slots);
    made.far = true;
    return made;
  }
  static Slot slot(const std::string& name, const std::string& script) {
    return {name, support::shell(script)};
  }
  std::string end(const std::string& script) {
    RemoteModel model(far({slot("node1", kHello + "read run; " + script)}), services_);
    support::FakeRun run;
    run.trial = 3;
    try {
      model.execute(run);
    } catch (const study::RunFailed& error) {
      return std::string("failed: ") + error.what();
    } catch (const study::RunnerLost& error) {
      return std::string("lost: ") + error.what();
    }
    return "nothing was thrown";
  }
};

TEST_F(FarRunners, AreLostForReasonsOfTheirEngine) {
  EXPECT_EQ(end("echo 'srun: error: Node failure on n2' >&2; exit 0"),
            "lost: node failure (Slurm)");
  EXPECT_EQ(end("echo 'Connection to h1 closed by remote host.' >&2; exit 255"),
            "lost: connection closed (ssh)");
  EXPECT_EQ(end("exit 255"), "lost: the runner is gone");
  EXPECT_EQ(end("exit 137"), "lost: the runner was ended by SIGKILL");
  EXPECT_EQ(end("exit 75"), "lost: the runner heard nothing of its owner");
  EXPECT_EQ(end("kill -KILL $$"), "lost: the runner lost its client, which was ended by SIGKILL");
}

TEST_F(FarRunners, FailByThemselves) {
  EXPECT_EQ(end(R"(echo '{"bye":"crash","code":134}'; exit 255)"),
            "failed: hypermodel \"toy\" crashed with SIGABRT in trial 3 after step 0");
  EXPECT_EQ(end("exit 139"),
            "failed: hypermodel \"toy\" crashed with SIGSEGV in trial 3 after step 0");
  EXPECT_EQ(end("exit 3"),
            "failed: hypermodel \"toy\" ended its process with code 3 in trial 3 after step 0");
}

TEST_F(FarRunners, GoOnWithoutASlotWhereNoneCanBe) {
  RemoteModel model(
      far({slot("node1",
                R"(read hello; echo '{"bye":"failed","error":{"code":2,"message":"no data"}}')"),
           slot("node2", kHello + "cat > /dev/null")}),
      services_);
  EXPECT_EQ(services_.lines.at(0), "30 runner: node1: no data; the search goes on without it");
  EXPECT_FALSE(model.seat(0)->ready(never));
  EXPECT_TRUE(model.seat(1)->ready(never));
  EXPECT_FALSE(model.seat(2)->ready(never));
  EXPECT_EQ(services_.lines.size(), 1u);
}

TEST_F(FarRunners, SayOnceThatTheirProcessorIsAnother) {
  Launch made = far({slot("node1", kHello + "read run; exit 255")});
  made.processor = "x86-64-v3";
  RemoteModel model(made, services_);
  support::FakeRun run;
  EXPECT_THROW(model.execute(run), study::RunnerLost);
  EXPECT_TRUE(model.seat(0)->ready(never));
  ASSERT_EQ(services_.lines.size(), 1u);
  EXPECT_EQ(services_.lines[0],
            "30 runner: hypermodel \"toy\" on node1 is compiled for every processor, and here for "
            "x86-64-v3; last digits of its results may differ");
}

TEST_F(FarRunners, BeginWhereThereIsAPlaceFirst) {
  Launch made = far({slot("queued", "exec sleep 1000"), slot("node2", kHello + "cat > /dev/null")});
  made.workers = 2;
  const RemoteModel model(made, services_);
  EXPECT_TRUE(model.declares());
  EXPECT_TRUE(services_.lines.empty());
}

TEST_F(FarRunners, AreOfNoUseOnceEverySlotIsOut) {
  const support::TemporaryDirectory scratch;
  const std::string mark = (scratch / "first").string();
  RemoteModel model(far({slot("node1", "[ -e " + mark + " ] && exit 127; touch " + mark + "; " +
                                           kHello + "read run; exit 255")}),
                    services_);
  support::FakeRun run;
  EXPECT_THROW(model.execute(run), study::RunnerLost);
  EXPECT_EQ(error_of(DODONA_E_PLUGIN, [&] { model.seat(0)->ready(never); }),
            "node1: hypermodel \"toy\" ended its process with code 127 while it was created");
}

TEST_F(FarRunners, AreTriedAgainWhereAHostDoesNotAnswer) {
  const support::TemporaryDirectory scratch;
  const std::string first = (scratch / "first").string();
  const std::string second = (scratch / "second").string();
  RemoteModel model(far({slot("node1", "[ -e " + first + " ] && [ ! -e " + second + " ] && touch " +
                                           second + " && exit 255; touch " + first + "; " + kHello +
                                           "read run; exit 255")}),
                    services_);
  support::FakeRun run;
  EXPECT_THROW(model.execute(run), study::RunnerLost);
  EXPECT_TRUE(model.seat(0)->ready(never));
  EXPECT_EQ(services_.lines.at(0),
            "30 runner: node1: hypermodel \"toy\" is gone while it was created; it is tried again");
}

TEST_F(FarRunners, WaitInAQueueAsLongAsItTakes) {
  silence_ = std::chrono::milliseconds(1);
  const support::TemporaryDirectory scratch;
  const std::string open = (scratch / "open").string();
  int asked = 0;
  const std::string script = "[ -e " + open + " ] && exec sleep 1000; touch " + open + "; " +
                             kHello + "read run; exit 255";
  RemoteModel model(far({slot("node1", script)}), services_);
  support::FakeRun run;
  EXPECT_THROW(model.execute(run), study::RunnerLost);
  EXPECT_FALSE(model.seat(0)->ready([&] { return ++asked > 2; }));
  EXPECT_TRUE(services_.lines.empty());
}

TEST_F(FarRunners, AreEndedAfterAWhileWithoutATrial) {
  Launch made = far({slot("node1", kHello + "cat > /dev/null")});
  made.idle = std::chrono::milliseconds(1);
  RemoteModel model(made, services_);
  const auto seat = model.seat(0);
  EXPECT_TRUE(seat->ready(never));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (seat->is_ready() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_FALSE(seat->is_ready());
}

}  // namespace
}  // namespace dodona::runner
