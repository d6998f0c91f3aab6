// SPDX-License-Identifier: Apache-2.0
#include "document/launch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::document {
namespace {

using Words = std::vector<std::string>;

TEST(Launch, FillsItsPlaces) {
  const Places places{"/lib/runner", "node1", "ab12"};
  EXPECT_EQ(filled({"ssh", "-T", "{slot}", "exec {runner}"}, places),
            (Words{"ssh", "-T", "node1", "exec /lib/runner"}));
  EXPECT_EQ(filled({"srun", "--job-name=dodona-{study}", "-w{slot}{slot}"}, places),
            (Words{"srun", "--job-name=dodona-ab12", "-wnode1node1"}));
}

TEST(Launch, LeavesOtherBracesAsTheyAre) {
  const Places places{"{slot}", "{study}", "s"};
  const Words words{"sh", "-c", "f() { x; }; ${HOME} {} {a b} { {runner} {"};
  EXPECT_EQ(fault_of(words, false), "");
  EXPECT_EQ(filled({"a{ }b{}{", "{runner}"}, places), (Words{"a{ }b{}{", "{slot}"}));
}

TEST(Launch, NamesItsFault) {
  EXPECT_EQ(fault_of({"ssh", "{slot}", "{runner}"}, true), "");
  EXPECT_EQ(fault_of({"srun", "{runner}"}, false), "");
  EXPECT_EQ(fault_of({"ssh", "{host}", "{runner}"}, true),
            "has the place {host}; it may have {runner}, {slot} and {study}");
  EXPECT_EQ(fault_of({"ssh", "{slot}", "{runner}"}, false),
            "has the place {slot}; give the slots, such as hosts");
  EXPECT_EQ(fault_of({"srun", "{runner}"}, true),
            "has no place {slot} for the slots that are given");
}

}  // namespace
}  // namespace dodona::document
