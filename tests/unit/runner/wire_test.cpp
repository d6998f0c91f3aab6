// SPDX-License-Identifier: Apache-2.0
#include "runner/wire.hpp"

#include "base/json.hpp"
#include "support/error_of.hpp"
#include "support/params.hpp"
#include "unit/plugin/fakes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace dodona::runner {
namespace {

using support::contains;
using support::error_of;

base::JsonDocument sent(const boost::json::value& value) {
  return base::parse_json(base::to_text(value), "line");
}

// Cells of any bits, names of any bytes: what is sent comes back the same.
TEST(Wire, GivesBackEveryDefinition) {
  std::mt19937_64 random(1);
  const auto real = [&] { return std::ldexp(static_cast<double>(random() >> 11), -60); };
  for (int i = 0; i < 500; ++i) {
    Param param = i % 2 == 0 ? support::real("a\"b\n" + std::to_string(i), -real(), real())
                             : support::integer("ü", -static_cast<std::int64_t>(random() >> 1),
                                                static_cast<std::int64_t>(random() >> 1));
    param.sampling = static_cast<Sampling>(1 + random() % 3);
    if (random() % 2 == 0) param.step = param.high;
    param.conditions = {{"parent", {Value(true), Value(0.1), Value(std::int64_t{3}), Value("x")}}};
    const base::JsonDocument line = sent(to_json(param));
    EXPECT_EQ(read_param(base::JsonReader(line)), param) << line.text;
  }
  Param choice = support::choice("c", {Value(1.0), Value(2.5)});
  choice.ordered = true;
  choice.initial = Cell::whole(1);
  const base::JsonDocument line = sent(to_json(choice));
  EXPECT_EQ(read_param(base::JsonReader(line)), choice);
}

TEST(Wire, GivesBackEveryMetric) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  const std::vector<study::NamedMetric> metrics{
      {"loss", 0.1}, {"", -0.0}, {"up", infinite}, {"down", -infinite}, {"none", NAN}};
  const base::JsonDocument line = sent(to_json(metrics));
  const Metrics read = read_metrics(base::JsonReader(line));
  ASSERT_EQ(read.size(), metrics.size());
  for (std::size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].first, metrics[i].name);
    EXPECT_EQ(std::isnan(read[i].second), std::isnan(metrics[i].value));
    if (!std::isnan(metrics[i].value)) {
      EXPECT_EQ(read[i].second, metrics[i].value);
    }
  }
  EXPECT_TRUE(std::signbit(read[1].second));
}

TEST(Wire, GivesBackTheFactsOfAnExecution) {
  support::FakeRun run;
  run.trial = 7;
  run.seed = UINT64_MAX;
  run.execution = 2;
  run.attempt = 3;
  run.threads = 4;
  run.start_step = 5;
  run.budget = 9;
  run.deadline_unix_nanos = -1;
  run.spent_seconds = 2.5;
  run.all_data = true;
  run.devices = {"cuda:0", "b"};
  run.directory = "runs/ä";
  run.resume_directory = "runs/b";
  support::FakeRun read;
  const base::JsonDocument line = sent(facts_to_json(run));
  read_facts(base::JsonReader(line), read);
  EXPECT_EQ(facts_to_json(read), facts_to_json(run));
  EXPECT_EQ(read.seed, UINT64_MAX);
}

TEST(Wire, TakesAnUnknownCodeForAFailure) {
  const base::JsonDocument line = sent({{"code", 99}, {"message", "m"}});
  const Error error = read_error(base::JsonReader(line));
  EXPECT_EQ(error.code(), DODONA_E_FAILED);
  EXPECT_STREQ(error.what(), "m");
}

TEST(Wire, NamesThePlaceOfWhatItCannotRead) {
  const base::JsonDocument line = sent({{"name", "x"}, {"type", 9}});
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { read_param(base::JsonReader(line)); }),
                       "type: is 9; it should be 1 to 5"));
  const base::JsonDocument pair = sent(boost::json::array{boost::json::array{"loss"}});
  EXPECT_TRUE(contains(error_of(DODONA_E_INVALID, [&] { read_metrics(base::JsonReader(pair)); }),
                       "[0]: is not a name and a number"));
}

}  // namespace
}  // namespace dodona::runner
