// SPDX-License-Identifier: Apache-2.0
#include "tuner/sinks.hpp"

#include "support/ladder_module.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::tuner {
namespace {

// A sink that is made again goes on where the earlier one stood.
TEST(Sinks, HearTheWholeLogAndGoOnFromWhereTheyStood) {
  support::heard().clear();
  TunerOptions options = support::ladder_options();
  options.sinks = {{"keep", "{}"}};
  OpenStudy study(options);
  {
    Sinks sinks(study);
    sinks.finish(Sinks::Patience::kFull);
  }
  EXPECT_EQ(support::heard(), (std::vector<std::uint64_t>{0, 1}));  // created, configured
  study.journal.append(study::kNoTrial, study::Noted{"key", "value"});
  Sinks sinks(study);
  sinks.finish(Sinks::Patience::kFull);
  EXPECT_EQ(support::heard(), (std::vector<std::uint64_t>{0, 1, 2}));
}

TEST(Sinks, ThatFailAreSetAside) {
  std::string log;
  TunerOptions options = support::ladder_options();
  options.sinks = {{"keep", R"({"fails": true})"}};
  options.on_log = [&](dodona_level, const std::string& line) { log += line; };
  OpenStudy study(options);
  Sinks sinks(study);
  sinks.finish(Sinks::Patience::kFull);
  EXPECT_NE(log.find("the sink failed and is set aside"), std::string::npos) << log;
}

}  // namespace
}  // namespace dodona::tuner
