// SPDX-License-Identifier: Apache-2.0
//
// The samples of a study, split into a training and a validation part.
#pragma once

#include "common/data/csv.hpp"
#include "common/data/images.hpp"
#include "common/train/network.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dodona::train {

// Immutable and shared by all trials. Exactly one of `images` and `table` is there, and one of
// `labels` and `numbers` has entries.
//
// Shapes: labels[count] or numbers[count]; means and stddevs have one entry a channel of an image,
//         or a column of a table.
struct Dataset {
  Shape shape;               // of one sample
  std::int64_t count = 0;    // samples
  std::int64_t classes = 0;  // 0: the targets are numbers
  std::shared_ptr<const common::LabelledImages> images;
  std::shared_ptr<const common::CsvTable> table;
  std::vector<float> features;       // [count][columns] of the table
  std::vector<std::int64_t> labels;  // index of the class
  std::vector<float> numbers;        // to predict

  std::vector<std::int64_t> training;    // indices of samples
  std::vector<std::int64_t> validation;  // the same, disjoint from those
  // Of the training part; the pixels are 0 to 255, and a deviation is 1 where all are alike.
  std::vector<double> means;
  std::vector<double> stddevs;
  double number_mean = 0;
  double number_stddev = 1;
};

struct DataOptions {
  std::string data{};   // a directory of IDX or CIFAR-10 files, or a CSV file
  std::string label{};  // the label column of a CSV file
  bool classes = true;  // what the label column holds, or a number to predict
  double validation_split = 0.1;
  std::int64_t train_samples = 0;
};

// Reads what is there, and splits it; only images where `images` is set.
//
// Errors: Error{kInvalid} or Error{kIo} that names the file, or the option that does not fit it.
Dataset load_dataset(const DataOptions& options, bool images);

// Parts of samples that are there already. They depend on the number of samples and on the
// arguments alone, never on a study's seed: the scores of all studies of the same data are
// comparable. `validation_split` 0 trains on all samples, and none is left to validate;
// `train_samples` keeps so many of the training part, 0 all of it, and leaves the validation part.
//
// Errors: throws Error{kInvalid} where a part would be empty, or holds less than train_samples.
Dataset split_dataset(std::shared_ptr<const common::LabelledImages> images, double validation_split,
                      std::int64_t train_samples);
Dataset split_dataset(std::shared_ptr<const common::CsvTable> table, double validation_split,
                      std::int64_t train_samples);

}  // namespace dodona::train
