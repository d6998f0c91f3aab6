// SPDX-License-Identifier: Apache-2.0
#include "runner/reason.hpp"

#include <gtest/gtest.h>

namespace dodona::runner {
namespace {

TEST(EngineReason, IsFoundAmongOtherWords) {
  EXPECT_EQ(engine_reason("srun: error: Node failure on n2 srun: Job step aborted"),
            "node failure (Slurm)");
  EXPECT_EQ(
      engine_reason("slurmstepd: error: *** STEP 1.0 CANCELLED AT 12:00 DUE TO TIME LIMIT ***"),
      "time limit (Slurm)");
  EXPECT_EQ(engine_reason("ssh: connect to host h9 port 22: No route to host"),
            "no route to the host (ssh)");
  EXPECT_EQ(engine_reason("epoch 3: loss 0.1"), "");
  EXPECT_EQ(engine_reason(""), "");
}

}  // namespace
}  // namespace dodona::runner
