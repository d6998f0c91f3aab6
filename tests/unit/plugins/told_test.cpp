// SPDX-License-Identifier: Apache-2.0
#include "told.hpp"

#include "support/command_settings.hpp"
#include "support/error_of.hpp"

#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace command {
namespace {

using dodona::Value;
using dodona::support::contains;
using dodona::support::error_of;

TEST(Names, OfArgumentsAreThoseOfTheSpaceAndOfVariables) {
  const Values space = {{"lr", Value(0.1)}, {"units", std::nullopt}};
  check_names(test_settings(R"({"command": ["{lr}", "{units}", "{DODONA_SEED}", "{{x}}"]})"),
              space);
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [&] { check_names(test_settings(R"({"command": ["a", "{lrr}"]})"), space); }),
            "command[1]: there is no hyperparameter \"lrr\"; the space has lr, units; braces that "
            "stand for themselves are written twice");
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [&] {
                       check_names(test_settings(R"({"command": ["a"]})"),
                                   {{"a-b", Value(0.1)}, {"A_b", Value(0.1)}});
                     }),
            "the hyperparameters \"a-b\" and \"A_b\" would both be the variable DODONA_HP_A_B; "
            "give one of them another name");
}

TEST(Program, ThatIsNotThereIsAMistake) {
  const Variables path = {{"PATH", "/nowhere:/bin"}};
  const auto refusal = [&](const std::string& command) {
    return error_of(DODONA_E_INVALID, [&] {
      check_program(test_settings("{\"command\": [" + command + "]}"), path);
    });
  };
  check_program(test_settings(R"({"command": ["sh", "x"]})"), path);
  check_program(test_settings(R"({"command": ["/bin/sh"]})"), path);
  check_program(test_settings(R"({"command": ["{name}"]})"), path);
  check_program(test_settings(R"({"command": ["no-such-program"], "shell": true})"), path);
  EXPECT_EQ(refusal(R"("no-such-program")"),
            "command[0]: \"no-such-program\" is no program in PATH, /nowhere:/bin; one that is "
            "elsewhere has a \"/\" in its name, such as \"./train\"");
  EXPECT_EQ(refusal(R"("python3 train.py")"),
            "command[0]: \"python3 train.py\" is no program in PATH, /nowhere:/bin; each argument "
            "is an element of its own: [\"python3\", \"train.py\"]");
  EXPECT_EQ(refusal(R"("/no/such")"), "command[0]: \"/no/such\" does not exist");
  EXPECT_EQ(refusal(R"("/etc/passwd")"),
            "command[0]: \"/etc/passwd\" is no program that may be executed; a script can follow "
            "its interpreter: [\"python3\", \"/etc/passwd\"]");
}

TEST(Names, InAShellsTextAreAMistake) {
  const Values space = {{"lr", Value(0.1)}};
  check_names(test_settings(R"({"shell": true, "command": ["lr=1; echo ${lr} {x}", "{lr}"]})"),
              space);
  EXPECT_EQ(error_of(DODONA_E_INVALID,
                     [&] {
                       check_names(
                           test_settings(R"({"shell": true, "command": ["train --lr {lr}"]})"),
                           space);
                     }),
            "command[0]: a shell's text is taken as it is, without values in it; write "
            "\"$DODONA_HP_LR\" for {lr}, or \"$1\" and a further element {lr}");
}

TEST(Arguments, ThatNameWhatIsNotThereAreLeftOut) {
  const Values values = {{"lr", Value(0.5)}, {"momentum", std::nullopt}};
  const auto arguments = [&](const std::string& json) {
    return filled_arguments(test_settings(json), values, {{"DODONA_SEED", "7"}});
  };
  using List = std::vector<std::string>;
  EXPECT_EQ(arguments(R"({"command": ["p", "--lr={lr}", "--m={momentum}", "{DODONA_RESUME_DIR}",
                                      "{DODONA_SEED}"]})"),
            (List{"p", "--lr=0.5", "7"}));
  EXPECT_EQ(arguments(R"({"shell": true, "command": ["echo $1 {", "{lr}"]})"),
            (List{"/bin/sh", "-c", "echo $1 {", "sh", "0.5"}));
  EXPECT_TRUE(contains(
      error_of(DODONA_E_INVALID, [&] { arguments(R"({"command": ["{momentum}", "x"]})"); }),
      "command[0]"));
}

TEST(CudaDevices, CountAmongThoseThatThisProcessSees) {
  EXPECT_EQ(cuda_devices({"cuda:0", "cuda:2"}, ""), "0,2");
  EXPECT_EQ(cuda_devices({"cuda:1", "left"}, "5,7"), "7");
  EXPECT_EQ(cuda_devices({"left", "right"}, "5,7"), "");
  EXPECT_EQ(cuda_devices({"cuda:GPU-8f"}, "5,7"), "GPU-8f");
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { cuda_devices({"cuda:2"}, "5,7"); }),
                       "there is no device cuda:2: CUDA_VISIBLE_DEVICES is 5,7"));
}

TEST(Variables, TellOfTheTrial) {
  dodona::testing::FakeTrial raw;
  raw.raw.id = 4;
  raw.raw.execution = 1;
  raw.raw.seed = UINT64_MAX;
  raw.raw.threads = 3;
  raw.raw.budget = 9;
  raw.raw.start_step = 3;
  raw.raw.resume_directory = dodona::to_abi("/r");
  const dodona_str devices[] = {dodona::to_abi("cuda:3"), dodona::to_abi("b")};
  raw.raw.devices = devices;
  raw.raw.device_count = 2;
  const dodona::Trial trial(raw.get());
  const Variables told = told_variables(trial, {{"lr", Value(0.5)}, {"m", std::nullopt}},
                                        {"/d", "/d/v", "", "/d/c"}, {{"OMP_NUM_THREADS", "8"}});
  EXPECT_EQ(told, (Variables{{"CUDA_VISIBLE_DEVICES", "3"},
                             {"DODONA_ATTEMPT", "0"},
                             {"DODONA_BUDGET", "9"},
                             {"DODONA_CHECKPOINT_DIR", "/d/c"},
                             {"DODONA_DEVICES", "cuda:3,b"},
                             {"DODONA_EXECUTION", "1"},
                             {"DODONA_HP_LR", "0.5"},
                             {"DODONA_RESUME_DIR", "/r"},
                             {"DODONA_SEED", "18446744073709551615"},
                             {"DODONA_START_STEP", "3"},
                             {"DODONA_THREADS", "3"},
                             {"DODONA_TRIAL", "4"},
                             {"DODONA_TRIAL_DIR", "/d"},
                             {"DODONA_VALUES_FILE", "/d/v"},
                             {"PYTHONUNBUFFERED", "1"}}));
}

}  // namespace
}  // namespace command
