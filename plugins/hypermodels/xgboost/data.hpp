// SPDX-License-Identifier: Apache-2.0
//
// What the trees learn from: a sparse table with labels, and the fold of each row.
//
// Folds are the same in every trial, so that trials are compared on the same rows. Of a
// classification they are stratified: each has its share of every class. Rows of one group are in
// one fold.
//
// Errors:  Error{kIo} that names the file and what would be right; what the readers throw.
// Threads: immutable once made.
#pragma once

#include "common/data/class_weights.hpp"
#include "common/data/table_encoding.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dodona::xgboost {

enum class Task { kBinary = 1, kMulticlass = 2, kRegression = 3 };

struct DataOptions {
  std::string path;
  std::string format;  // "csv", "libsvm", or "auto": csv where the name ends so
  std::string label;   // the column of a CSV file
  bool classify = true;
  std::uint32_t folds = 5;  // 1: one part in five is held out
  // Columns of a CSV file, as csv.hpp has them.
  std::vector<std::string> ignore{};
  std::vector<std::string> categories{};
  std::string group{};
  common::ClassWeights class_weights{};
};

// Shapes: row r has the entries starts[r] to starts[r + 1]; labels[rows], fold[rows];
//         words[columns], or empty where no column holds words.
struct Data {
  Task task = Task::kBinary;
  std::uint64_t rows = 0;
  std::uint32_t columns = 0;
  std::vector<std::size_t> starts;
  std::vector<std::uint32_t> indices;
  std::vector<float> values;                    // a number, or the index of a word of the column
  std::vector<float> labels;                    // a class as its index
  std::vector<std::string> classes;             // empty for a regression
  std::vector<std::string> names;               // of the columns; empty where the file has none
  std::vector<std::vector<std::string>> words;  // the different words of a column
  common::ClassWeights class_weights;
  std::uint32_t folds = 0;          // models to train: fold f is held out of the f-th
  std::vector<std::uint32_t> fold;  // may be beyond `folds`: then never held out
};

Data load_data(const DataOptions& options);

// The columns of words, with the categories that the rows outside of a fold have.
common::TableEncoding fold_encoding(const Data& data, std::uint32_t fold);

// Rows that models are measured on, or predict: of one fold, all held out. Columns, their kinds and
// classes are those of `known`. Without targets the labels are 0, and a CSV file need not have their column.
enum class Targets : std::uint8_t { kRead = 1, kIgnored };
Data load_samples(const DataOptions& options, const Data& known, const std::string& path,
                  Targets targets);

// For one model that learns from every row.
Data undivided(Data data);

}  // namespace dodona::xgboost
