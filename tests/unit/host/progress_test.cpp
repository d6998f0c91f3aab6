// SPDX-License-Identifier: Apache-2.0
//
// As a file or a pipe gets it; what a terminal shows is tested with the program.
#include "host/progress.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

namespace dodona::host {
namespace {

using Shown = ProgressDisplay::Shown;

// Text that a display prints; it may print from its own thread until it is closed.
std::string printed(Shown shown, const std::function<void(ProgressDisplay&)>& act) {
  ::testing::internal::CaptureStderr();
  {
    ProgressDisplay display({{"loss", Direction::kMin}, 10, 0, 0.0, 1}, shown);
    act(display);
  }
  return ::testing::internal::GetCapturedStderr();
}

Progress started(std::uint64_t trial) {
  Progress progress;
  progress.trial = trial;
  return progress;
}

TEST(ProgressDisplay, PrintsLinesInTheirOrder) {
  EXPECT_EQ(printed(Shown::kProgress,
                    [](ProgressDisplay& display) {
                      display.apply(started(0));
                      display.print("disk\nfull", Tone::kWarning);
                      display.apply(started(1));
                      display.close();
                      display.print("the end");
                    }),
            "trial 0 started\ndisk full\ntrial 1 started\nthe end\n");
}

TEST(ProgressDisplay, PrintsWhatItIsGivenWhereItIsNotShown) {
  EXPECT_EQ(printed(Shown::kMessages,
                    [](ProgressDisplay& display) {
                      display.apply(started(0));
                      display.print("disk full", Tone::kBad);
                      display.close();
                    }),
            "disk full\n");
}

TEST(ProgressDisplay, EndsWithHowTheSearchStands) {
  const std::string text = printed(Shown::kProgress, [](ProgressDisplay& display) {
    Result result;
    result.state = TrialState::kCompleted;
    result.score = 0.5;
    for (std::uint64_t trial = 0; trial < 100; ++trial) {
      Progress progress = started(trial);
      progress.kind = Progress::Kind::kFinished;
      progress.trials_finished = trial + 1;
      result.trial = trial;
      progress.result = &result;
      display.apply(progress);
    }
  });
  const std::string last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  EXPECT_NE(last.find("100/10 trials"), std::string::npos) << text;
}

}  // namespace
}  // namespace dodona::host
