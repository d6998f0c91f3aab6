// SPDX-License-Identifier: Apache-2.0
//
// Executions of `command` with real children: shells that print, wait, die and leave others behind.
//
// A grace period is waited for only where a test is about it; elsewhere it is longer than the test
// may take, so that a child which had to be killed shows.
#include "session.hpp"

#include "support/command_settings.hpp"
#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <dodona/testing/fake_trial.hpp>

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace command {
namespace {

namespace fs = std::filesystem;
using dodona::support::contains;
using dodona::support::error_of;
using dodona::testing::FakeTrial;
using Metrics = std::map<std::string, double>;
using Reports = std::vector<FakeTrial::Report>;

constexpr const char* kNever = "600.0";
constexpr const char* kSoon = "0.1";
constexpr const char* kTimeToAnswer = "1.5";  // for a trap of a shell on a busy machine

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : trial_({{"lr", 0.25}, {"name", std::string("$(touch hacked) \"'; exit 3")}}) {
    trial_.raw.directory = dodona::to_abi(place_);
  }

  // Runs /bin/sh with a script; `more` are options such as ", \"shell\": true".
  void run(const std::string& script, const std::string& grace = kNever,
           const std::string& more = "") {
    boost::json::array command;
    command.emplace_back("/bin/sh");
    command.emplace_back("-c");
    std::string braces;
    for (const char c : script)
      braces += c == '{' || c == '}' ? std::string(2, c) : std::string(1, c);
    command.emplace_back(braces);
    run_command(boost::json::serialize(command), grace, more);
  }
  void run_command(const std::string& command, const std::string& grace = kNever,
                   const std::string& more = "") {
    const CommandSettings settings =
        test_settings("{\"grace_seconds\": " + grace + ", \"command\": " + command +
                      (more.empty() ? "" : ", ") + more + "}");
    const auto warn = [this](const std::string& text) { warnings_.push_back(text); };
    Session(settings, inherited_variables(), guardian_, meter_, dodona::Trial(trial_.get()), warn)
        .run();
  }
  // The message of the Error with which the trial fails.
  template <class... Arguments>
  std::string failure(dodona_status code, const Arguments&... arguments) {
    return error_of(code, [&] { run(arguments...); });
  }
  template <class... Arguments>
  bool cancelled(const Arguments&... arguments) {
    try {
      run(arguments...);
    } catch (const dodona::Cancelled&) {
      return true;
    }
    return false;
  }

  std::string read(const std::string& name) const {
    std::ifstream file(directory_ / ("t/0/" + name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  // True if the process runs whose number a child wrote to this file.
  bool lives(const std::string& name) const {
    std::ifstream stat("/proc/" + std::to_string(std::stol(read(name))) + "/stat");
    std::string word;
    std::string state;
    stat >> word >> word >> state;
    return !state.empty() && state != "Z";
  }

  const dodona::support::TemporaryDirectory directory_;
  const std::string place_ = directory_.string() + "/t";
  const Guardian guardian_;
  MemoryMeter meter_;
  FakeTrial trial_;
  std::vector<std::string> warnings_;
};

// ---- metrics -----------------------------------------------------------------------------------

TEST_F(SessionTest, ReportsLinesWithAStepAndTakesTheOthersAsResult) {
  run(R"(echo hello; echo '{"step": 1, "loss": 2}'; echo '{"step": 2, "loss": 1}'
         echo '{"loss": 0.5}'; printf '{"accuracy": 3}')");
  EXPECT_EQ(trial_.reports, (Reports{{1, {{"loss", 2}}}, {2, {{"loss", 1}}}}));
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 0.5}, {"accuracy", 3}}));
}

// The last report once was the result, while the best one's state was kept.
TEST_F(SessionTest, LeavesItToTheKernelWhichReportCountsWithoutAResult) {
  run(R"(echo '{"step": 1, "loss": 1}'; echo '{"step": 5, "loss": 2}')");
  EXPECT_EQ(trial_.reports.size(), 2U);
  EXPECT_TRUE(trial_.finished.empty());
}

TEST_F(SessionTest, HasNoResultWhereNothingIsToldOfIt) {
  run("echo done");
  EXPECT_TRUE(trial_.reports.empty());
  EXPECT_TRUE(trial_.finished.empty());
}

TEST_F(SessionTest, SaysWhichLineCameNearToAReport) {
  EXPECT_EQ(failure(DODONA_E_INVALID, R"(echo hello; echo '{"step": "1", "loss": 2}')"),
            "the program reported nothing: line 2 of standard output (" + place_ +
                "/0/stdout.txt), {\"step\": \"1\", \"loss\": 2}: \"step\" is \"1\"; it should be "
                "a count such as 1");
  EXPECT_EQ(failure(DODONA_E_INVALID, R"(echo '{"step": 1, "loss": 2}' >&2)"),
            "the program reported nothing: metrics on standard error (" + place_ +
                "/0/stderr.txt): metrics are read from standard output");
  EXPECT_EQ(failure(DODONA_E_INVALID, R"(echo '{"step": 1, "loss": 2}')", kNever,
                    R"("metrics_file": "m")"),
            "the program reported nothing: metrics on standard output (" + place_ +
                "/0/stdout.txt): the option metrics_file says that they come in " + place_ +
                "/0/m");
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(SessionTest, WarnsOfALineThatLacksANumberWhereOthersReport) {
  run(R"(echo '{"step": 1, "loss": 2, "accuracy": "0.5"}')");
  EXPECT_EQ(trial_.reports, (Reports{{1, {{"loss", 2}}}}));
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(warnings_[0].find("trial 0: line 1 of standard output"), 0U) << warnings_[0];
}

TEST_F(SessionTest, SaysNothingOfMetricsThatARightProgramLogsElsewhere) {
  run(R"(echo '{"step": 1, "loss": 2}'; echo '{"step": 1, "loss": 2}' >&2)");
  EXPECT_EQ(trial_.reports.size(), 1U);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(SessionTest, ReadsAFileInsteadOfTheOutput) {
  run(R"(echo '{"loss": 9}'; echo '{"step": 1, "loss": 2}' > "$DODONA_METRICS_FILE"
         printf '{"loss": 1}' >> "$DODONA_TRIAL_DIR/out/m.jsonl")",
      kNever, R"("metrics_file": "out/m.jsonl")");
  EXPECT_EQ(trial_.reports, (Reports{{1, {{"loss", 2}}}}));
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 1}}));
}

TEST_F(SessionTest, ForgetsAFileOfAnEarlierRun) {
  directory_.write("t/0/m", "{\"loss\": 7}\n");
  run("true", kNever, R"("metrics_file": "m")");
  EXPECT_TRUE(trial_.finished.empty());
}

TEST_F(SessionTest, SkipsReportsThatARewrittenFileRepeats) {
  trial_.on_report = [&](std::uint64_t step) { directory_.write("go" + std::to_string(step)); };
  run(R"(m="$DODONA_METRICS_FILE"; up="$DODONA_TRIAL_DIR/../.."
         echo '{"step": 1, "loss": 3, "padding": "longer than what comes after it, both lines"}' > "$m"
         until [ -e "$up/go1" ]; do sleep 0.01; done
         printf '{"step": 1, "loss": 3}\n{"step": 2, "loss": 2}\n' > "$m"
         until [ -e "$up/go2" ]; do sleep 0.01; done)",
      kNever, R"("metrics_file": "m")");
  EXPECT_EQ(trial_.reports.size(), 2U);
}

TEST_F(SessionTest, ReadsBothStreamsByRegularExpressions) {
  run(R"(echo 'epoch 1: loss 2'; echo '{"loss": 9}'; echo 'final accuracy 0.5' >&2)", kNever,
      R"x("metrics_regex": {"step": "epoch (\\d+)", "loss": " loss (\\S+)",
                            "accuracy": "accuracy ([0-9.]+)"})x");
  EXPECT_EQ(trial_.reports, (Reports{{1, {{"loss", 2}}}}));
  EXPECT_EQ(trial_.finished, (Metrics{{"accuracy", 0.5}}));
}

TEST_F(SessionTest, SaysWhereExpressionsFoundNothing) {
  const std::string regex = R"x("metrics_regex": {"step": "epoch (\\d+)", "loss": "loss=(\\S+)"})x";
  EXPECT_EQ(failure(DODONA_E_INVALID, "echo 'epoch 1'; echo 'loss 2'", kNever, regex),
            "the program reported nothing: metrics_regex finds no metric in standard output (" +
                place_ + "/0/stdout.txt) or standard error (" + place_ + "/0/stderr.txt)");
  EXPECT_EQ(failure(DODONA_E_INVALID, "true", kNever, regex + R"(, "metrics_file": "m")"),
            "the program reported nothing: metrics_regex finds no metric in " + place_ + "/0/m");
}

// A promoted trial whose program had nothing left to do failed for good.
TEST_F(SessionTest, TakesItThatAProgramWhichGoesOnMaySayNothing) {
  trial_.raw.resume_directory = dodona::to_abi(place_);
  run("true", kNever, R"x("metrics_regex": {"loss": "loss=(\\S+)"})x");
  EXPECT_TRUE(trial_.reports.empty());
  EXPECT_TRUE(trial_.finished.empty());
}

TEST_F(SessionTest, FailsWithWhatTheKernelSaysOfAReport) {
  trial_.on_report = [](std::uint64_t) { throw dodona::Error(DODONA_E_INVALID, "steps count up"); };
  EXPECT_EQ(failure(DODONA_E_INVALID, R"(echo '{"step": 1, "loss": 1}'; read answer)"),
            "steps count up");
}

// ---- what a program is given -------------------------------------------------------------------

TEST_F(SessionTest, GivesValuesAsArgumentsVariablesAndJson) {
  trial_.hp.inactive = {"momentum"};
  run_command(
      R"(["/bin/sh", "-c", "printf '%s\\n' \"$@\" \"$DODONA_HP_LR\" \"$DODONA_HP_NAME\" \"${{DODONA_HP_MOMENTUM-none}}\" \"$DODONA_TRIAL_DIR\"; cat \"$DODONA_VALUES_FILE\"", "sh", "--lr={lr}", "{name}", "--m={momentum}"])");
  const std::string name = "$(touch hacked) \"'; exit 3";
  EXPECT_EQ(read("stdout.txt"),
            "--lr=0.25\n" + name + "\n0.25\n" + name + "\nnone\n" + place_ +
                "/0\n{\"lr\":0.25,\"name\":\"$(touch hacked) \\\"'; exit 3\"}\n");
  EXPECT_FALSE(fs::exists("hacked"));
}

TEST_F(SessionTest, PutsNoValueIntoAShellsText) {
  run_command(R"(["echo \"$1\" \"$DODONA_HP_NAME\" | cat", "{name}"])", kNever, R"("shell": true)");
  const std::string name = "$(touch hacked) \"'; exit 3";
  EXPECT_EQ(read("stdout.txt"), name + " " + name + "\n");
}

TEST_F(SessionTest, GivesNothingOfItsOwnProcess) {
  // Neither files, nor blocked or ignored signals, nor a terminal.
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  std::signal(SIGHUP, SIG_IGN);
  run(R"(ls /proc/$$/fd; grep -E '^Sig(Blk|Ign):' /proc/$$/status | cut -f2 | grep -o '.......$' | tr -d 0; ps=$(cut -d' ' -f6 /proc/$$/stat); [ "$ps" = $$ ] && echo leads)");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::signal(SIGHUP, SIG_DFL);
  std::istringstream output(read("stdout.txt"));
  std::vector<std::string> words{std::istream_iterator<std::string>(output), {}};
  EXPECT_EQ(words, (std::vector<std::string>{"0", "1", "2", "leads"}));
}

TEST_F(SessionTest, NeedsADirectoryForAMetricsFileAndForNothingElse) {
  trial_.raw.directory = {};
  run(R"(echo "{\"trial\": $DODONA_TRIAL, \"here\": ${DODONA_TRIAL_DIR:-1}}")");
  EXPECT_EQ(trial_.finished.at("here"), 1);
  EXPECT_TRUE(contains(failure(DODONA_E_INVALID, "true", kNever, R"("metrics_file": "m")"),
                       "metrics_file: the study keeps no files"));
}

// ---- what it writes ----------------------------------------------------------------------------

TEST_F(SessionTest, KeepsBothStreamsAsTheyAre) {
  run(R"(printf 'a\000\377\nno end'; printf 'b\r\n' >&2)");
  EXPECT_EQ(read("stdout.txt"), std::string("a\0\xFF\nno end", 10));
  EXPECT_EQ(read("stderr.txt"), "b\r\n");
  trial_.raw.attempt = 2;
  run("echo again");
  EXPECT_EQ(read("stdout-2.txt"), "again\n");
  EXPECT_EQ(read("stderr.txt"), "b\r\n");
}

TEST_F(SessionTest, TakesALineOfAnyLength) {
  run(R"(head -c 20000000 /dev/zero | tr '\0' '{'; echo; echo '{"loss": 1}')");
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 1}}));
  EXPECT_EQ(fs::file_size(directory_ / "t/0/stdout.txt"), 20000001U + 12U);
}

TEST_F(SessionTest, GoesOnWithAProgramThatClosesItsStreams) {
  run(R"(echo '{"step": 1, "loss": 1}'; exec >&- 2>&-; sleep 0.2; : > "$DODONA_TRIAL_DIR/end")");
  EXPECT_EQ(trial_.reports.size(), 1U);
  EXPECT_TRUE(fs::exists(directory_ / "t/0/end"));
}

TEST_F(SessionTest, HearsWhatOthersSayAfterTheProgramEnded) {
  run(R"((sleep 0.2; echo '{"loss": 1}') & exit 0)");
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 1}}));
}

TEST_F(SessionTest, EndsWhatAProgramLeavesBehind) {
  run(R"(sh -c 'trap "" TERM; echo $$ > "$DODONA_TRIAL_DIR/left"; while :; do sleep 1; done' &
         until [ -s "$DODONA_TRIAL_DIR/left" ]; do sleep 0.01; done; echo '{"loss": 1}')",
      kSoon);
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 1}}));
  EXPECT_FALSE(lives("left"));
}

// ---- its end -----------------------------------------------------------------------------------

TEST_F(SessionTest, TellsTheExitCodeAndTheLastLinesOfError) {
  EXPECT_EQ(failure(DODONA_E_FAILED, R"(echo '{"loss": 1}'; echo one >&2; echo two >&2; exit 3)"),
            "the program ended with exit code 3: one\ntwo");
  EXPECT_TRUE(trial_.finished.empty());
  EXPECT_EQ(failure(DODONA_E_FAILED, "exit 1"), "the program ended with exit code 1");
}

TEST_F(SessionTest, TellsTheSignal) {
  EXPECT_EQ(failure(DODONA_E_FAILED, "echo oh >&2; kill -SEGV $$"),
            "the program was killed by signal 11 (SIGSEGV): oh");
}

TEST_F(SessionTest, SaysWhatCannotBeStarted) {
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { run_command(R"(["no-such-program"])"); }),
            "cannot start \"no-such-program\": No such file or directory");
  EXPECT_EQ(error_of(DODONA_E_IO, [&] { run_command(R"(["/"])"); }),
            "cannot start \"/\": Permission denied");
}

// ---- stopping ----------------------------------------------------------------------------------

TEST_F(SessionTest, TellsAReaderOfItsInputToGoOnAndToStop) {
  trial_.stop_at = 2;
  EXPECT_TRUE(cancelled(R"(for step in 1 2 3; do
           echo "{\"step\": $step, \"loss\": 1}"; read answer; echo "$answer" >&2
           [ "$answer" = '{"continue": true}' ] || break
         done; read more || echo end >&2)"));
  EXPECT_EQ(trial_.reports.size(), 2U);
  EXPECT_EQ(read("stderr.txt"), "{\"continue\": true}\n{\"continue\": false}\nend\n");
}

TEST_F(SessionTest, TakesAResultOfAProgramThatIsToldToStop) {
  trial_.stop_at = 1;
  EXPECT_TRUE(cancelled(R"(echo '{"step": 1, "loss": 1}'; read answer; echo '{"step": 2, "loss": 1}'
                           echo '{"loss": 0.5}'; exit 4)"));
  EXPECT_EQ(trial_.reports.size(), 1U);
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 0.5}}));
}

TEST_F(SessionTest, SendsSigtermToTheWholeGroupAfterTheGrace) {
  trial_.stop_at = 1;
  EXPECT_TRUE(cancelled(R"(d="$DODONA_TRIAL_DIR"
         sh -c 'trap "echo child >> \"$DODONA_TRIAL_DIR/terms\"; exit" TERM; : > "$DODONA_TRIAL_DIR/up"
                while :; do sleep 0.01; done' &
         trap 'echo parent >> "$d/terms"; wait; exit' TERM
         until [ -e "$d/up" ]; do sleep 0.01; done
         echo '{"step": 1, "loss": 1}'; while :; do sleep 0.01; done)",
                        kTimeToAnswer));
  const std::string terms = read("terms");
  EXPECT_TRUE(contains(terms, "parent\n"));
  EXPECT_TRUE(contains(terms, "child\n"));
}

TEST_F(SessionTest, SendsSigkillToWhatIgnoresSigterm) {
  trial_.stop_at = 1;
  EXPECT_TRUE(cancelled(R"(trap '' TERM; echo $$ > "$DODONA_TRIAL_DIR/pid"
                           echo '{"step": 1, "loss": 1}'; while :; do sleep 0.01; done)",
                        kSoon));
  EXPECT_FALSE(lives("pid"));
}

TEST_F(SessionTest, EndsAProgramThatIsStoppedItself) {
  trial_.stop_at = 1;
  EXPECT_TRUE(cancelled(R"(echo '{"step": 1, "loss": 1}'; kill -STOP $$)", kSoon));
}

TEST_F(SessionTest, IsCancelledWithoutAReport) {
  trial_.cancel = true;
  EXPECT_TRUE(cancelled("read answer; exit 1"));
}

// ---- budgets and checkpoints -------------------------------------------------------------------

TEST_F(SessionTest, EndsAProgramThatGoesOnBeyondItsBudget) {
  trial_.raw.budget = 2;
  run(R"(step=1; while :; do echo "{\"step\": $step, \"loss\": $step}"; step=$((step + 1)); sleep 0.01
         done)",
      kSoon);
  EXPECT_EQ(trial_.reports, (Reports{{1, {{"loss", 1}}}, {2, {{"loss", 2}}}}));
  EXPECT_TRUE(trial_.finished.empty());
}

TEST_F(SessionTest, LetsAProgramThatKnowsItsBudgetTakeItsTime) {
  trial_.raw.budget = 1;
  run(R"(echo '{"step": 1, "loss": 1}'; read answer; sleep 0.5; echo '{"loss": 3}')", kSoon);
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 3}}));
}

// Asks for what was written by each report, as the kernel does.
class CheckpointTest : public SessionTest {
 protected:
  CheckpointTest() {
    static CheckpointTest* self = nullptr;
    self = this;
    trial_.raw.report = [](dodona_trial*, std::uint64_t step, dodona_metric_span,
                           dodona_reply* reply, dodona_error*) noexcept -> dodona_status {
      reply->verdict = DODONA_CONTINUE;
      self->steps_.push_back(step);
      reply->save_now = 0;
      if (step > self->wanted_) return DODONA_OK;
      self->to_ = self->directory_.string() + "/saved" + std::to_string(step);
      fs::create_directories(self->to_);
      reply->save_now = 1;
      reply->directory = dodona::to_abi(self->to_);
      return DODONA_OK;
    };
    trial_.raw.saved = [](dodona_trial*, dodona_error*) noexcept -> dodona_status {
      ++self->saved_;
      return DODONA_OK;
    };
  }
  std::string saved(const std::string& name) const {
    std::ifstream file(directory_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::string to_;
  std::vector<std::uint64_t> steps_;
  std::uint64_t wanted_ = UINT64_MAX;  // the last step at which a state is asked for
  int saved_ = 0;
};

TEST_F(CheckpointTest, IsWhatTheProgramWroteBeforeItsReport) {
  run(R"(cd "$DODONA_CHECKPOINT_DIR"; mkdir sub
         for step in 1 2; do echo "state $step" > sub/model; echo "{\"step\": $step, \"loss\": 1}"
         read answer; done)");
  EXPECT_EQ(steps_, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(saved("saved1/sub/model"), "state 1\n");
  EXPECT_EQ(saved("saved2/sub/model"), "state 2\n");
  EXPECT_EQ(saved_, 2);
  EXPECT_FALSE(fs::exists(directory_ / "t/0/checkpoint"));
}

// The model that a program wrote after its last report was lost, or a torn copy of it was kept.
TEST_F(CheckpointTest, OfTheLastReportIsWhatIsThereAtACleanEnd) {
  run(R"(cd "$DODONA_CHECKPOINT_DIR"; echo old > model; echo '{"step": 1, "loss": 1}'; read answer
         echo '{"step": 2, "loss": 0.5}'; read answer; rm model; echo whole > late)");
  EXPECT_EQ(saved("saved1/model"), "old\n");
  EXPECT_EQ(saved("saved2/late"), "whole\n");
  EXPECT_FALSE(fs::exists(directory_ / "saved2/model"));
  EXPECT_EQ(saved_, 2);
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(CheckpointTest, ThatIsWrittenAfterTheOnlyReportIsKept) {
  run(R"(echo '{"step": 1, "loss": 1}'; read answer; echo late > "$DODONA_CHECKPOINT_DIR/m")");
  EXPECT_EQ(saved("saved1/m"), "late\n");
  EXPECT_EQ(saved_, 1);
}

// The kernel asks for the state of step 1 alone, and the program writes each state too late.
TEST_F(CheckpointTest, ThatMayBeOfAnotherStepIsWarnedAbout) {
  wanted_ = 1;
  run(R"(cd "$DODONA_CHECKPOINT_DIR"; for step in 1 2; do
           echo "{\"step\": $step, \"loss\": $step}"; read answer; echo "state $step" > model; done)");
  EXPECT_EQ(saved_, 0) << "there was nothing at step 1";
  EXPECT_TRUE(warnings_.empty());
  run(R"(cd "$DODONA_CHECKPOINT_DIR"; echo "state 0" > model; for step in 1 2; do
           echo "{\"step\": $step, \"loss\": $step}"; read answer; echo "state $step" > model; done)");
  EXPECT_EQ(saved("saved1/model"), "state 0\n");
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_TRUE(contains(warnings_[0], "/checkpoint changed after the last report"));
  EXPECT_TRUE(contains(warnings_[0], "write the checkpoint before the report of its step"));
}

TEST_F(CheckpointTest, OfTheBudgetIsCompleteWhenTheProgramEnds) {
  trial_.raw.budget = 2;
  run(R"(cd "$DODONA_CHECKPOINT_DIR"; echo '{"step": 1, "loss": 1}'; echo '{"step": 2, "loss": 1}'
         read answer; read answer; echo late > model)");
  EXPECT_EQ(steps_, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(saved("saved2/model"), "late\n");
}

TEST_F(CheckpointTest, OfAProgramWithoutStepsIsThatOfItsResult) {
  run(R"(echo '{"loss": 4}'; echo model > "$DODONA_CHECKPOINT_DIR/m")");
  EXPECT_EQ(steps_, (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(saved("saved1/m"), "model\n");
  EXPECT_EQ(trial_.finished, (Metrics{{"loss", 4}}));
}

TEST_F(CheckpointTest, OfAFailedProgramIsNone) {
  trial_.raw.budget = 1;
  EXPECT_TRUE(contains(failure(DODONA_E_FAILED, R"(echo x > "$DODONA_CHECKPOINT_DIR/m"
                                    echo '{"step": 1, "loss": 1}'; exit 5)"),
                       "exit code 5"));
  EXPECT_EQ(saved_, 0);
}

// ---- limits ------------------------------------------------------------------------------------

class LimitedSessionTest : public SessionTest {
 protected:
  void limit(const dodona::TrialLimits& limits, double spent = 0) {
    limits_ = {sizeof limits_,  0, limits.seconds, limits.step_seconds, spent, limits.memory_mb,
               limits.output_mb};
    trial_.raw.limits = &limits_;
  }
  // The message of a trial that had to be killed at a limit.
  std::string killed(dodona_outcome outcome, const std::string& script) {
    const std::string message = failure(DODONA_E_FAILED, script);
    EXPECT_EQ(trial_.limit, outcome);
    return message;
  }

 private:
  dodona_trial_limits limits_{};
};

TEST_F(LimitedSessionTest, StopsAtTheNextReportAndKeepsIt) {
  limit({.seconds = 0.05});
  EXPECT_TRUE(cancelled(R"(echo '{"step": 1, "loss": 2}'; read go; read stop
                           echo '{"step": 2, "loss": 1}')"));
  EXPECT_EQ(trial_.limit, DODONA_OUTCOME_TIME);
  EXPECT_EQ(trial_.reports.size(), 2U);
}

TEST_F(LimitedSessionTest, KillsAProgramThatDoesNotStop) {
  limit({.seconds = 0.05});
  EXPECT_EQ(killed(DODONA_OUTCOME_TIME, R"(trap '' TERM; echo '{"step": 1, "loss": 2}'
                                           echo 'last words' >&2; sleep 600 & wait; wait)"),
            "ran for more than 0.05 s in trial 0 after step 1: last words");
}

TEST_F(LimitedSessionTest, CountsTheTimeOfEarlierStarts) {
  limit({.seconds = 5}, 6);
  EXPECT_EQ(killed(DODONA_OUTCOME_TIME,
                   "exec 2>/dev/null; trap 'exit 0' TERM; while true; do sleep 0.01; done"),
            "ran for more than 5 s in trial 0 after step 0");
}

TEST_F(LimitedSessionTest, EndsOneThatReportsNothing) {
  limit({.step_seconds = 0.2});
  EXPECT_EQ(killed(DODONA_OUTCOME_SILENCE, R"(echo '{"step": 1, "loss": 2}'; exec sleep 600)"),
            "reported nothing for more than 0.2 s in trial 0 after step 1");
}

TEST_F(LimitedSessionTest, CountsTheMemoryOfAllProcesses) {
  limit({.memory_mb = 40});
  // Each of them is below the limit. The text of 12 MB is a value of the shell.
  const std::string message = killed(DODONA_OUTCOME_MEMORY, R"(
      grow() { text=$(head -c 12000000 /dev/zero | tr '\0' x); sleep 600; }
      grow & grow & grow & grow & wait)");
  EXPECT_TRUE(contains(message, "MB of memory, more than 40 in trial 0")) << message;
}

TEST_F(LimitedSessionTest, RefusesMemoryFarBeyondTheLimit) {
  limit({.memory_mb = 20});
  const std::string message = failure(
      DODONA_E_FAILED, R"(text=$(head -c 90000000 /dev/zero | tr '\0' x); echo "${#text}")");
  EXPECT_FALSE(contains(read("stdout.txt"), "90000000"));
}

TEST_F(LimitedSessionTest, CountsItsOutput) {
  limit({.output_mb = 1});
  const std::string message =
      killed(DODONA_OUTCOME_OUTPUT, "head -c 2000000 /dev/zero; exec sleep 600");
  EXPECT_EQ(message.rfind("wrote more than 1 MB of output in trial 0 after step 0", 0), 0U);
}

}  // namespace
}  // namespace command
