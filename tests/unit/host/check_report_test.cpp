// SPDX-License-Identifier: Apache-2.0
#include "host/check_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace dodona::host {
namespace {

CheckReport report() {
  return {"/lib/mine.so",
          {{"file.ids", "", "", "passed", "", 1, 0.25},
           {"oracle.fold", "mine", "", "failed", "trial 3 <otherwise>", 9, 0.5},
           {"oracle.fill", "mine", "", "skipped", "it has no fill", 1, 0}},
          {{"oracle.fold", "mine", "oracle.legal", "", "", 0, 0}}};
}

TEST(CheckReport, TextHasTheCommandThatRepeatsAFailure) {
  EXPECT_EQ(
      report_text(report()),
      "FAILED  oracle.fold@mine: trial 3 <otherwise>\n"
      "        again: dodona check /lib/mine.so --in-process --only oracle.fold@mine --seed 9\n"
      "skipped oracle.fill: mine: it has no fill\n"
      "/lib/mine.so: 1 passed, 1 failed, 1 skipped\n");
}

TEST(CheckReport, JsonIsReadAgain) {
  const CheckReport again = parse_report(report_json(report()));
  EXPECT_EQ(report_json(again), report_json(report()));
  EXPECT_EQ(again.planned.front().needs, "oracle.legal");
  EXPECT_EQ(again.count("failed"), 1U);
}

TEST(CheckReport, JunitEscapesTexts) {
  const std::string xml = report_junit(report());
  EXPECT_NE(xml.find("message=\"trial 3 &lt;otherwise&gt;\""), std::string::npos) << xml;
  EXPECT_NE(xml.find("tests=\"3\" failures=\"1\" skipped=\"1\" time=\"0.750\""), std::string::npos);
}

}  // namespace
}  // namespace dodona::host
