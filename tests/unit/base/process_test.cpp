// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace dodona::base {
namespace {

TEST(MakerProcess, IsNotAForkedChild) {
  const MakerProcess maker;
  EXPECT_TRUE(maker.is_here());
  EXPECT_NO_THROW(maker.check("this thing"));
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int result = maker.is_here() ? 1 : 0;
    try {
      maker.check("this thing");
      result = 2;
    } catch (const Error& error) {
      const bool named = std::string(error.what()).find("this thing belongs to process ") == 0;
      if (error.code() != kState || !named) result = 3;
    }
    ::_exit(result);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace dodona::base
