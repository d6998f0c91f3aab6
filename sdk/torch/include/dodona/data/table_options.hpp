// SPDX-License-Identifier: Apache-2.0
//
// The options of plugins that learn from tables, and those that weigh classes.
#pragma once

#include <dodona/error.hpp>
#include <dodona/plugin.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dodona::common {

inline OptionEntry ignore_option() {
  return json_option(
      "ignore", DODONA_LIST, "[]",
      "of a CSV file: columns that are left out, such as [\"id\", \"time\"], because "
      "they tell nothing of rows to come");
}

inline OptionEntry categories_option() {
  return json_option("categories", DODONA_LIST, "[]",
                     "of a CSV file: columns whose numbers are names of categories, such as "
                     "[\"postcode\"]; a column with many words is one without being named");
}

inline OptionEntry group_option() {
  return option(
      "group", "",
      "of a CSV file: a column such as \"patient\"; rows with one value of it are trained "
      "on or held out together, and the column itself is left out. Without it, scores are "
      "too good where rows of a group are alike");
}

inline OptionEntry balance_classes_option() {
  return option("balance_classes", false,
                "of classes: each counts as much as any other in training, however few samples it "
                "has; helps to find rare ones, at the cost of false alarms");
}

inline OptionEntry class_weights_option() {
  return json_option("class_weights", DODONA_OBJECT, "{}",
                     "of classes: how much a sample counts in training, such as {\"fraud\": 5}; 1 "
                     "where none is named. Scores of held-out samples have no weights");
}

// The texts of a list.
//
// Errors: Error{DODONA_E_INVALID} with the option's name and the place of what is none.
inline std::vector<std::string> read_names(const Options& options, const std::string& option) {
  std::vector<std::string> out;
  for (std::uint64_t i = 0; i < options.size(option); ++i)
    out.push_back(options.get<std::string>(option + "[" + std::to_string(i) + "]"));
  return out;
}

}  // namespace dodona::common
