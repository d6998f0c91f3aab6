// SPDX-License-Identifier: Apache-2.0
#include "import/optuna_file.hpp"

#include "base/file.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "import/python_json.hpp"

#include <dodona/error.hpp>

#include <charconv>
#include <cmath>
#include <ctime>
#include <fstream>
#include <system_error>

namespace dodona::import {
namespace {

using Kind = OptunaDistribution::Kind;

const std::vector<std::string> kNames = {"FloatDistribution",       "IntDistribution",
                                         "CategoricalDistribution", "UniformDistribution",
                                         "LogUniformDistribution",  "DiscreteUniformDistribution",
                                         "IntUniformDistribution",  "IntLogUniformDistribution"};
enum Name : std::size_t {
  kFloat,
  kInt,
  kCategorical,
  kUniform,  // from here on: of Optuna before 3.0
  kLogUniform,
  kDiscreteUniform,
  kIntUniform,
  kIntLogUniform
};

double finite(const base::JsonReader& at) {
  const double value = number(at);
  if (!std::isfinite(value)) at.fail(base::format_real(value) + " should be finite");
  return value;
}

// A bound of an int: a double holds it, and Optuna keeps values as doubles.
double whole(const base::JsonReader& at) {
  const double value = finite(at);
  if (value != std::floor(value) || std::abs(value) > 0x1p53) {
    at.fail(base::format_real(value) + " is no whole number that a double holds");
  }
  return value;
}

OptunaDistribution distribution_of(const base::JsonReader& root) {
  const std::size_t name = root.required("name").word(kNames);
  const base::JsonReader given_attributes = root.required("attributes");
  OptunaDistribution read;
  if (name == kCategorical) {
    read.kind = Kind::kCategorical;
    const base::JsonReader choices = given_attributes.required("choices");
    for (const boost::json::value& choice : choices.array()) read.choices.push_back(choice);
    if (read.choices.empty()) choices.fail("is empty; it should list the choices");
    return read;
  }
  const bool is_int = name == kInt || name == kIntUniform || name == kIntLogUniform;
  const auto bound = [&](const base::JsonReader& at) { return is_int ? whole(at) : finite(at); };
  read.kind = is_int ? Kind::kInt : Kind::kFloat;
  read.low = bound(given_attributes.required("low"));
  read.high = bound(given_attributes.required("high"));
  read.log = name == kLogUniform || name == kIntLogUniform;
  if (const auto log = given(given_attributes, "log")) read.log = log->boolean();
  const char* const step_key = name == kDiscreteUniform ? "q" : "step";
  if (const auto step = given(given_attributes, step_key)) {
    read.step = bound(*step);
    if (!(read.step > 0)) step->fail(base::format_real(read.step) + " should be above 0");
  }
  return read;
}

// Digits at the front as a number.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  int value = 0;
  if (text.size() < count) return std::nullopt;
  const auto [end, code] = std::from_chars(text.data(), text.data() + count, value);
  if (code != std::errc() || end != text.data() + count || value < 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::size_t OptunaDistributions::read(std::string_view text, const std::string& where) {
  const auto found = known_.find(text);
  if (found != known_.end()) return found->second;
  const base::JsonDocument document = base::parse_json(strict_json(std::string(text)), where);
  all_.push_back(distribution_of(base::JsonReader(document)));
  return known_.emplace(text, all_.size() - 1).first->second;
}

std::optional<std::int64_t> optuna_time(std::string_view text) {
  std::tm parts{};
  parts.tm_isdst = -1;
  const auto part = [&](int& out, std::size_t count, int less = 0) {
    const auto value = digits(text, count);
    if (value) out = *value - less;
    return value.has_value();
  };
  const bool date = part(parts.tm_year, 4, 1900) && take(text, "-") && part(parts.tm_mon, 2, 1) &&
                    take(text, "-") && part(parts.tm_mday, 2) && take(text, "T ");
  if (!date || !part(parts.tm_hour, 2) || !take(text, ":") || !part(parts.tm_min, 2) ||
      !take(text, ":") || !part(parts.tm_sec, 2)) {
    return std::nullopt;
  }
  std::int64_t micros = 0;
  if (take(text, ".")) {
    const auto fraction = digits(text, 6);
    if (!fraction) return std::nullopt;
    micros = *fraction;
  }
  const std::time_t seconds = std::mktime(&parts);
  constexpr std::int64_t most = std::int64_t{1} << 33;  // int64 nanoseconds reach to the year 2262
  if (!text.empty() || seconds == -1 || seconds > most || seconds < -most) return std::nullopt;
  return std::int64_t{seconds} * 1'000'000'000 + micros * 1000;
}

void put(std::vector<OptunaParam>& list, OptunaParam param) {
  for (OptunaParam& known : list) {
    if (known.name == param.name) {
      known = std::move(param);
      return;
    }
  }
  list.push_back(std::move(param));
}

OptunaFile read_optuna_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  char start[16] = {};
  file.read(start, sizeof start);
  const bool is_database =
      std::string_view(start, sizeof start) == std::string_view("SQLite format 3\0", sizeof start);
  return is_database ? read_optuna_sqlite(path) : parse_optuna_journal(base::read_file(path), path);
}

}  // namespace dodona::import
