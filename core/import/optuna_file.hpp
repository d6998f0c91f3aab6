// SPDX-License-Identifier: Apache-2.0
//
// The studies of a file of Optuna: of a journal (Optuna 3.1 and later), or of a database of SQLite
// (3.0 and later). Nothing is judged yet but what cannot be read.
//
// Journal: one operation a line, with the codes 0 to 9. As for Optuna, an operation on what is not
//          there, or has ended, counts nothing, nor does a last line that is half written.
// Errors:  Error{kInvalid} with file, line and key, or file, table and row; Error{kIo} for the disk.
// Threads: pure, but for the file.
// Cost:    O(file); a distribution is read once, however many trials have it.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::import {

enum class OptunaState : std::uint8_t { kRunning = 0, kComplete, kPruned, kFail, kWaiting };

struct OptunaDistribution {
  enum class Kind : std::uint8_t { kFloat = 1, kInt, kCategorical };
  Kind kind = Kind::kFloat;
  double low = 0.0;
  double high = 0.0;
  double step = 0.0;  // 0: none
  bool log = false;
  std::vector<boost::json::value> choices{};
};

struct OptunaParam {
  std::string name;
  double value = 0.0;            // of a category, its place
  std::size_t distribution = 0;  // of OptunaFile::distributions
};

struct OptunaTrial {
  std::string where;  // for messages: `file:line`, or `file: trial 3`
  OptunaState state = OptunaState::kRunning;
  std::int64_t started_nanos = 0;  // of the Unix epoch; 0: not told
  std::int64_t finished_nanos = 0;
  std::vector<OptunaParam> params{};
  std::vector<double> values{};  // empty: none
  std::map<std::uint64_t, double> steps{};
  std::vector<std::pair<std::string, boost::json::value>> user{};
  std::vector<std::pair<std::string, boost::json::value>> system{};
};

struct OptunaStudy {
  std::string name;
  std::vector<bool> maximizes;  // of each objective
  std::vector<std::string> metric_names{};
  std::vector<OptunaTrial> trials{};
  bool deleted = false;
};

struct OptunaFile {
  std::string path;  // for messages
  std::vector<OptunaStudy> studies{};
  std::vector<OptunaDistribution> distributions{};
};

OptunaFile parse_optuna_journal(std::string_view text, const std::string& path);
// Either kind of file, told apart by its first bytes.
OptunaFile read_optuna_file(const std::string& path);

// ---- the parts that both kinds share ------------------------------------------------------------

// Reads distributions, each text once.
class OptunaDistributions {
 public:
  explicit OptunaDistributions(std::vector<OptunaDistribution>& all) : all_(all) {}
  // Its place. Messages begin with `where`.
  std::size_t read(std::string_view text, const std::string& where);

 private:
  std::vector<OptunaDistribution>& all_;
  std::map<std::string, std::size_t, std::less<>> known_;
};

// The time of a text such as 2026-11-30T21:37:45.562315, with T or a space, of this machine's zone.
// Nothing for any other text.
std::optional<std::int64_t> optuna_time(std::string_view text);

// Sets the value of a key, in the order in which the keys came.
template <class Value>
void put(std::vector<std::pair<std::string, Value>>& list, std::string_view key, Value value) {
  for (auto& [known, old] : list) {
    if (known == key) {
      old = std::move(value);
      return;
    }
  }
  list.emplace_back(key, std::move(value));
}
void put(std::vector<OptunaParam>& list, OptunaParam param);

OptunaFile read_optuna_sqlite(const std::string& path);

}  // namespace dodona::import
