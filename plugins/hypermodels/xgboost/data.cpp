// SPDX-License-Identifier: Apache-2.0
#include "hypermodels/xgboost/data.hpp"

#include "common/data/csv.hpp"
#include "common/data/groups.hpp"
#include "common/data/libsvm.hpp"

#include <dodona/error.hpp>
#include <dodona/random.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace dodona::xgboost {
namespace {

// With more classes the labels are rather numbers to predict.
constexpr std::size_t kClassesMax = 1000;
// Parts of which one is held out where there is no cross-validation.
constexpr std::uint32_t kParts = 5;

[[noreturn]] void fail(const DataOptions& options, const std::string& what) {
  throw Error(DODONA_E_IO, "\"" + options.path + "\": " + what);
}

float to_float(const DataOptions& options, double value, const std::string& what) {
  if (std::abs(value) > static_cast<double>(std::numeric_limits<float>::max())) {
    fail(options, what + " holds a number beyond 3.4e38, the largest that XGBoost takes");
  }
  return static_cast<float>(value);
}

bool is_csv(const DataOptions& options) {
  if (options.format != "auto") return options.format == "csv";
  return options.path.ends_with(".csv");
}

// Cells without a value have no entry: XGBoost takes that as missing.
Data from_csv(const DataOptions& options, const common::CsvOptions& wanted,
              std::vector<std::uint64_t>& groups) {
  common::CsvTable table = common::load_csv(options.path, wanted);
  Data data;
  data.rows = table.rows;
  data.columns = static_cast<std::uint32_t>(table.columns.size());
  data.starts.push_back(0);
  std::size_t at = 0;
  for (std::uint64_t row = 0; row < table.rows; ++row) {
    for (std::uint32_t column = 0; column < data.columns; ++column) {
      const double value = table.values[at++];
      if (std::isnan(value)) continue;
      data.indices.push_back(column);
      data.values.push_back(static_cast<float>(value));
    }
    data.starts.push_back(data.values.size());
  }
  for (const double target : table.targets) data.labels.push_back(static_cast<float>(target));
  data.classes = std::move(table.classes);
  data.names = std::move(table.columns);
  data.words = std::move(table.words);
  groups = std::move(table.groups);
  return data;
}

common::CsvOptions csv_options(const DataOptions& options) {
  return {.label = options.label,
          .labels = options.classify ? common::CsvLabels::kClasses : common::CsvLabels::kNumbers,
          .ignore = options.ignore,
          .categories = options.categories,
          .group = options.group};
}

void refuse_options_of_csv(const DataOptions& options) {
  const std::pair<const char*, bool> of_csv[] = {{"ignore", !options.ignore.empty()},
                                                 {"categories", !options.categories.empty()},
                                                 {"group", !options.group.empty()}};
  for (const auto& [name, given] : of_csv) {
    if (given) {
      fail(options, std::string("no CSV file, whose columns have names; the option \"") + name +
                        "\" must be left out");
    }
  }
}

std::string text_of(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

// The classes of the file, unless some are known.
Data from_libsvm(const DataOptions& options, const std::vector<std::string>& known = {}) {
  common::SparseTable table = common::load_libsvm(options.path);
  Data data;
  data.rows = table.rows;
  data.columns = table.columns;
  data.starts = std::move(table.starts);
  data.indices = std::move(table.indices);
  data.values = std::move(table.values);
  std::map<double, float> index;
  if (options.classify) {
    for (const double label : table.labels) index.emplace(label, 0.0F);
    data.classes = known;
    for (auto& [label, position] : index) {
      const std::string text = text_of(label);
      if (known.empty()) data.classes.push_back(text);
      const auto found = std::find(data.classes.begin(), data.classes.end(), text);
      if (found == data.classes.end()) {
        fail(options, "it has the label " + text + ", which is none of the " +
                          std::to_string(known.size()) + " known classes");
      }
      position = static_cast<float>(found - data.classes.begin());
    }
  }
  for (const double label : table.labels) {
    data.labels.push_back(options.classify ? index[label] : to_float(options, label, "the label"));
  }
  return data;
}

// Checks that there is something to tell apart, and enough of it for every fold.
void check_classes(const DataOptions& options, const Data& data, std::uint32_t parts) {
  const std::size_t count = data.classes.size();
  if (count < 2) {
    fail(options, "all rows are of the class \"" + data.classes.front() + "\"; two are needed");
  }
  if (count > kClassesMax) {
    fail(options, "the label has " + std::to_string(count) +
                      " different values, where classes are at most " +
                      std::to_string(kClassesMax) +
                      "; for a number to predict, give the option \"task\" as \"regression\"");
  }
  std::vector<std::uint64_t> sizes(count, 0);
  for (const float label : data.labels) ++sizes[static_cast<std::size_t>(label)];
  const auto least = std::min_element(sizes.begin(), sizes.end());
  if (*least < parts) {
    fail(options, "the class \"" + data.classes[static_cast<std::size_t>(least - sizes.begin())] +
                      "\" has " + std::to_string(*least) + (*least == 1 ? " row" : " rows") +
                      ", fewer than the " + std::to_string(parts) +
                      " parts that each should have one of it; give the option \"folds\" a "
                      "smaller value, or more data");
  }
}

// Keeps the rows of a group together, and each part at its share of every class.
void deal_groups(const DataOptions& options, Data& data, const std::vector<std::uint64_t>& groups,
                 std::uint32_t parts) {
  const std::uint64_t count = *std::max_element(groups.begin(), groups.end()) + 1;
  if (count < parts) {
    fail(options, "the column \"" + options.group + "\" has " + std::to_string(count) +
                      (count == 1 ? " group" : " groups") + ", fewer than the " +
                      std::to_string(parts) + " parts that each should have one");
  }
  std::vector<std::int64_t> classes;
  if (!data.classes.empty()) classes.assign(data.labels.begin(), data.labels.end());
  RandomStream random(0, 0, Purpose::kStudySeed);
  data.fold = common::deal_groups(groups, classes, std::vector<double>(parts, 1), random);
}

// Deals the rows out to the parts like cards, class by class.
void deal(Data& data, std::uint32_t parts) {
  std::vector<std::uint64_t> order(data.rows);
  for (std::uint64_t i = 0; i < data.rows; ++i) order[i] = i;
  RandomStream random(0, 0, Purpose::kStudySeed);
  for (std::uint64_t left = data.rows; left > 1; --left) {
    std::swap(order[left - 1], order[random.below(left)]);
  }
  if (!data.classes.empty()) {
    std::stable_sort(order.begin(), order.end(), [&](std::uint64_t a, std::uint64_t b) {
      return data.labels[a] < data.labels[b];
    });
  }
  data.fold.resize(data.rows);
  std::uint32_t part = 0;
  for (const std::uint64_t row : order) {
    data.fold[row] = part;
    part = (part + 1) % parts;
  }
}

}  // namespace

Data load_data(const DataOptions& options) {
  std::vector<std::uint64_t> groups;
  if (!is_csv(options)) refuse_options_of_csv(options);
  Data data =
      is_csv(options) ? from_csv(options, csv_options(options), groups) : from_libsvm(options);
  data.class_weights = options.class_weights;
  const std::uint32_t parts = options.folds == 1 ? kParts : options.folds;
  data.folds = options.folds;
  if (options.classify) {
    check_classes(options, data, parts);
    data.task = data.classes.size() == 2 ? Task::kBinary : Task::kMulticlass;
  } else {
    data.task = Task::kRegression;
  }
  if (data.class_weights.any()) {
    static_cast<void>(common::weights_of(data.class_weights, data.classes,
                                         std::vector<std::uint64_t>(data.classes.size(), 1)));
  }
  if (data.rows < parts) {
    fail(options, std::to_string(data.rows) + (data.rows == 1 ? " row" : " rows") +
                      ", fewer than the " + std::to_string(parts) +
                      " parts that each should have one");
  }
  if (groups.empty()) {
    deal(data, parts);
  } else {
    deal_groups(options, data, groups, parts);
  }
  return data;
}

common::TableEncoding fold_encoding(const Data& data, std::uint32_t fold) {
  common::TableEncoding out;
  std::vector<std::vector<bool>> seen;  // of each word of each column
  for (const auto& words : data.words) seen.emplace_back(words.size());
  for (std::size_t row = 0; !seen.empty() && row < data.rows; ++row) {
    if (data.fold[row] == fold) continue;
    for (std::size_t at = data.starts[row]; at < data.starts[row + 1]; ++at) {
      std::vector<bool>& words = seen[data.indices[at]];
      if (!words.empty()) words[static_cast<std::size_t>(data.values[at])] = true;
    }
  }
  for (std::size_t column = 0; column < seen.size(); ++column) {
    if (seen[column].empty()) continue;
    common::ColumnEncoding& encoding = out.emplace_back();
    encoding.name = data.names[column];
    encoding.words = true;
    for (std::size_t word = 0; word < seen[column].size(); ++word) {
      if (seen[column][word]) encoding.categories.push_back(data.words[column][word]);
    }
  }
  return out;
}

Data load_samples(const DataOptions& options, const Data& known, const std::string& path,
                  Targets targets) {
  DataOptions from = options;
  from.path = path;
  from.classify = options.classify && targets == Targets::kRead;
  Data data;
  if (is_csv(from)) {
    if (known.names.empty()) fail(from, "a CSV file, where the model learned from LIBSVM");
    common::CsvOptions wanted = csv_options(from);
    if (targets == Targets::kIgnored) wanted.label.clear();
    wanted.ignore.clear();
    wanted.group.clear();
    wanted.columns = known.names;
    wanted.categories.clear();
    for (std::size_t column = 0; column < known.words.size(); ++column) {
      if (!known.words[column].empty()) wanted.categories.push_back(known.names[column]);
    }
    if (from.classify) wanted.classes = known.classes;
    std::vector<std::uint64_t> none;
    data = from_csv(from, wanted, none);
    // A column whose values are all missing holds words all the same.
    data.words.resize(known.words.size());
  } else {
    if (!known.names.empty()) fail(from, "no CSV file, where the model learned from one");
    data = from_libsvm(from, known.classes);
  }
  if (data.columns > known.columns) {
    fail(from, "it has " + std::to_string(data.columns) + " columns, and the model knows " +
                   std::to_string(known.columns));
  }
  data.columns = known.columns;
  data.classes = known.classes;
  data.task = known.task;
  data.folds = 1;
  data.fold.assign(data.rows, 0);
  if (targets == Targets::kIgnored) data.labels.assign(data.rows, 0.0F);
  return data;
}

Data undivided(Data data) {
  data.folds = 1;
  data.fold.assign(data.rows, 1);
  return data;
}

}  // namespace dodona::xgboost
