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

// Immutable and shared by all trials. Exactly one of `images` and `table` is set, and one of
// `labels` and `numbers` has entries.
//
// Shapes: labels[count] or numbers[count]; means and stddevs have an entry for each channel of an
//         image, or for each column of a table.
struct Dataset {
  Shape shape;               // of one sample
  std::int64_t count = 0;    // samples
  std::int64_t classes = 0;  // 0: the targets are numbers
  std::shared_ptr<const common::LabelledImages> images;
  std::shared_ptr<const common::CsvTable> table;
  std::vector<float> features;       // [count][columns] of the table
  std::vector<std::int64_t> labels;  // index of the class
  std::vector<std::string> class_names;
  std::vector<float> numbers;  // the numbers to predict

  std::vector<std::int64_t> training;    // indices of samples
  std::vector<std::int64_t> validation;  // indices of all other samples that are used
  // Mean and deviation of the training part. Pixels are 0 to 255. The deviation of equal values
  // is 1.
  std::vector<double> means;
  std::vector<double> stddevs;
  double number_mean = 0;
  double number_stddev = 1;
};

struct DataOptions {
  std::string data{};   // a directory of IDX or CIFAR-10 files, or a CSV file
  std::string label{};  // the label column of a CSV file
  bool classes = true;  // true: the label column holds classes; false: numbers to predict
  double validation_split = 0.1;
  std::int64_t train_samples = 0;
};

// Reads the data and splits them. With `images` only images are read.
//
// Errors: Error{DODONA_E_INVALID} or Error{DODONA_E_IO} with the name of the file, or of the option
//         that does not fit it.
Dataset load_dataset(const DataOptions& options, bool images);

// Splits samples. The parts depend on the number of samples and on the arguments alone, never on a
// study's seed: the scores of all studies of the same data are comparable. `validation_split` 0
// leaves no sample to validate. `train_samples` is the number of training samples that are kept, 0
// all of them; it does not change the validation part.
//
// Errors: Error{DODONA_E_INVALID} if a part would be empty, or has fewer than train_samples.
Dataset split_dataset(std::shared_ptr<const common::LabelledImages> images, double validation_split,
                      std::int64_t train_samples);
Dataset split_dataset(std::shared_ptr<const common::CsvTable> table, double validation_split,
                      std::int64_t train_samples);

}  // namespace dodona::train
