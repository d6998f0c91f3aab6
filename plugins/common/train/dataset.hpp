// SPDX-License-Identifier: Apache-2.0
//
// The samples of a study, split into a training and a validation part.
#pragma once

#include "common/data/csv.hpp"
#include "common/data/images.hpp"
#include "common/data/table_encoding.hpp"

#include <dodona/train/network.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dodona::train {

// Immutable and shared by all trials. Exactly one of `images` and `table` is set, and one of
// `labels` and `numbers` has entries.
//
// Shapes: labels[count] or numbers[count]; means and stddevs have an entry for each channel of an
//         image, or for each input of a table.
struct Dataset {
  Shape shape;               // of one sample
  std::int64_t count = 0;    // samples
  std::int64_t classes = 0;  // 0: the targets are numbers
  std::shared_ptr<const common::LabelledImages> images;
  std::shared_ptr<const common::CsvTable> table;
  common::TableEncoding encoding;    // of the table's columns, by the training part
  std::vector<float> features;       // [count][inputs] of the table, encoded
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

struct SplitOptions {
  double validation_split = 0.1;  // 0 leaves no sample to validate
  // The number of training samples that are kept, 0: all. It does not change the validation part.
  std::int64_t train_samples = 0;
  bool stratify = false;  // true: each part has its share of each class
};

struct DataOptions {
  std::string data{};   // a directory of IDX or CIFAR-10 files, or a CSV file
  std::string label{};  // of a CSV file: the label column, and others as csv.hpp has them
  std::vector<std::string> ignore{};
  std::vector<std::string> categories{};
  std::string group{};  // rows with one value of this column stay in one part
  bool classes = true;  // true: the label column holds classes; false: numbers to predict
  SplitOptions split{};
};

// Reads the data and splits them. With `images` only images are read. A table is encoded as
// `encoding` says, or where that is null, as the training part does.
//
// Errors: Error{DODONA_E_INVALID} or Error{DODONA_E_IO} with the name of the file, or of the option
//         that does not fit it.
Dataset load_dataset(const DataOptions& options, bool images,
                     const common::TableEncoding* encoding = nullptr);

// Splits samples. The parts depend on the samples' number, groups and classes and on the arguments
// alone, never on a study's seed: the scores of all studies of the same data are comparable.
//
// Errors: Error{DODONA_E_INVALID} if a part would be empty, or has fewer than train_samples.
Dataset split_dataset(std::shared_ptr<const common::LabelledImages> images,
                      const SplitOptions& options);
Dataset split_dataset(std::shared_ptr<const common::CsvTable> table, const SplitOptions& options,
                      const common::TableEncoding* encoding = nullptr);

// The inputs of a table's rows for a network.
std::vector<float> features_of(const common::CsvTable& table,
                               const common::TableEncoding& encoding);

}  // namespace dodona::train
