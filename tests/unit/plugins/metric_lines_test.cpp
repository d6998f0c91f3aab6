// SPDX-License-Identifier: Apache-2.0
#include "metric_lines.hpp"

#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace command {
namespace {

using dodona::support::contains;
using dodona::support::error_of;
using Metrics = std::map<std::string, double>;

TEST(JsonLine, IsAReportOrAResult) {
  const auto report = read_json_line(R"({"step": 3, "loss": 0.5, "name": "x", "ok": true})");
  ASSERT_TRUE(report);
  EXPECT_EQ(report->step, 3U);
  EXPECT_EQ(Metrics(report->metrics.begin(), report->metrics.end()), (Metrics{{"loss", 0.5}}));
  const auto result = read_json_line(R"({"loss": 1, "loss": 2})");
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->step);
  EXPECT_EQ(Metrics(result->metrics.begin(), result->metrics.end()), (Metrics{{"loss", 2}}));
  EXPECT_EQ(read_json_line(R"({"step": 2.0, "a": 1})")->step, 2U);
  for (const char* text :
       {R"({"step": 3})", R"({"step": -1, "a": 1})", R"({"step": 0.5, "a": 1})",
        R"({"step": "1", "a": 1})", R"({"step": NaN, "a": 1})", R"({"step": 1e30, "a": 1})",
        R"({"a": "b"})", R"({"": 1})", "epoch 1: loss 0.5", "[1]", "0.5"}) {
    EXPECT_FALSE(read_json_line(text)) << text;
  }
}

// Such lines were passed over, and then the trial failed as one that had reported nothing.
TEST(JsonLine, ThatComesNearToAReportHasAMistake) {
  EXPECT_EQ(mistake_in(R"({"step": "1", "loss": 2})"),
            "\"step\" is \"1\"; it should be a count such as 1");
  EXPECT_EQ(mistake_in(R"({"step": -1, "loss": 2})"),
            "\"step\" is -1; it should be a count such as 1");
  EXPECT_EQ(mistake_in(R"({"step": 1.5, "loss": 2})"),
            "\"step\" is 1.5; it should be a count such as 1");
  EXPECT_EQ(mistake_in("\xEF\xBB\xBF{\"loss\": 2}"),
            "it begins with a byte order mark, which should not be there");
  EXPECT_EQ(mistake_in(R"({"step": 1, "metrics": {"loss": 2}})"),
            "\"metrics\" is an object; metrics stand in the line itself: "
            "{\"step\": 1, \"loss\": 0.5}");
  EXPECT_EQ(mistake_in(R"({"step": 1, "loss": "0.5"})"),
            "\"loss\" is the text \"0.5\"; a metric is a number without quotes");
  EXPECT_EQ(mistake_in("{'step': 1, 'loss': 0.5}"), "it is no JSON: names stand in double quotes");
  for (const char* text :
       {R"({"step": 1, "loss": 2, "name": "x", "more": {"a": 1}})", R"({"step": 3})", "{}",
        R"({"message": "hello"})", "epoch 1", "{ a block", "\xEF\xBB\xBFtext", ""}) {
    EXPECT_EQ(mistake_in(text), "") << text;
  }
}

std::vector<std::string> lines(const std::vector<std::string>& portions) {
  LineSplitter splitter;
  std::vector<std::string> out;
  const auto keep = [&](std::string_view line) { out.emplace_back(line); };
  for (const std::string& portion : portions) splitter.feed(portion, keep);
  splitter.end(keep);
  return out;
}

TEST(LineSplitter, CutsWhateverThePortions) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(lines({"a\nb", "c\r\n\n", "\rd"}), (Lines{"a", "bc", "d"}));
  EXPECT_EQ(lines({"10%\r20%\rdone\n"}), (Lines{"10%", "20%", "done"}));
  EXPECT_EQ(lines({"", "\n"}), Lines());
}

TEST(LineSplitter, CountsLinesAsEditorsDo) {
  LineSplitter splitter;
  std::vector<std::size_t> numbers;
  const auto note = [&](std::string_view) { numbers.push_back(splitter.number()); };
  splitter.feed("one\r\n\nthree\n10%\r20%\n", note);
  splitter.feed("five", note);
  splitter.end(note);
  EXPECT_EQ(numbers, (std::vector<std::size_t>{1, 3, 4, 4, 5}));
}

TEST(LineSplitter, PassesOverLinesThatAreTooLong) {
  const std::string longest(LineSplitter::kLineMax, 'x');
  EXPECT_EQ(lines({longest + "\nb"}), (std::vector<std::string>{longest, "b"}));
  EXPECT_EQ(lines({longest, "x", longest, "\nb\n"}), (std::vector<std::string>{"b"}));
  EXPECT_EQ(lines({longest + "x"}), std::vector<std::string>());
}

std::vector<std::pair<int, Metrics>> told(const Patterns& patterns, const std::string& text) {
  std::vector<std::pair<int, Metrics>> out;  // step -1: a result
  MetricStream stream(patterns, [&](Reading&& reading) {
    out.emplace_back(reading.step ? static_cast<int>(*reading.step) : -1,
                     Metrics(reading.metrics.begin(), reading.metrics.end()));
  });
  stream.feed(text);
  stream.end();
  return out;
}

TEST(MetricStream, KnowsWhatRegularExpressionsTellOfALine) {
  Patterns patterns;
  patterns.add("step", R"(^Epoch (\d+))");
  patterns.add("loss", R"(loss[=:] ?([-+.\w]+))");
  using Told = std::vector<std::pair<int, Metrics>>;
  EXPECT_EQ(
      told(patterns, "Epoch 1 loss=0.5 acc=1\nEpoch 2/3\n  loss: .25\nloss: +1e-1\n3 is best"),
      (Told{{1, {{"loss", 0.5}}}, {2, {{"loss", 0.25}}}, {-1, {{"loss", 0.1}}}}));
  EXPECT_EQ(told(patterns, "{\"loss\": 1}\nloss= nothing\nloss=\xFF 1\n"), Told());
  EXPECT_EQ(told(patterns, "loss=inf"), (Told{{-1, {{"loss", HUGE_VAL}}}}));
}

TEST(MetricStream, IsNotHeldUpByAnExpressionThatTakesForEver) {
  Patterns patterns;
  patterns.add("loss", "(a+)+([a]+)+(a*)*b(\\d)");
  patterns.add("other", "b? c=(\\d)");
  EXPECT_EQ(told(patterns, std::string(3000, 'a') + " c=2\n").size(), 1U);
}

TEST(Patterns, SayWhatIsNoRegularExpression) {
  Patterns patterns;
  EXPECT_EQ(error_of(DODONA_E_INVALID, [&] { patterns.add("loss", "loss [0-9.]+"); }),
            "metrics_regex: \"loss [0-9.]+\" of \"loss\" has no group; parentheses say where the "
            "number stands: \"loss ([0-9.]+)\"");
  EXPECT_TRUE(patterns.empty());
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { patterns.add("loss", "loss (["); }),
                       "metrics_regex: \"loss ([\" of \"loss\" is no regular expression: "));
}

}  // namespace
}  // namespace command
