// SPDX-License-Identifier: Apache-2.0
//
// The file model.json beside the weights of a network, from which others can rebuild it.
//
// The file names the plugin, the values, the metrics, the input with its preprocessing, the output
// with its classes or scale, and each layer. plugins/README.md describes it.
//
// Threads: pure.
#pragma once

#include "common/data/table_encoding.hpp"
#include "common/train/dataset.hpp"

#include <dodona/model_output.hpp>
#include <dodona/space.hpp>
#include <dodona/train/network.hpp>
#include <dodona/train/training_settings.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::train {

// The way from data to inputs, and from outputs to numbers. An input is (x - subtract) / divide, of
// each channel of an image (0 to 255) or each input of a table. A predicted number is
// output * number_stddev + number_mean.
struct Scaling {
  std::vector<double> subtract;
  std::vector<double> divide;
  double number_mean = 0;
  double number_stddev = 1;
  friend bool operator==(const Scaling&, const Scaling&) = default;
};

Scaling scaling_of(const Dataset& data, const TrainingSettings& settings);

// The layers of a network, for people.
std::vector<dodona::Layer> layers_of(const Network& network);

// The plugin that made a network, and the values that it had.
struct Origin {
  std::string plugin{};  // its short name
  std::string version{};
  std::vector<std::pair<std::string, Value>> values{};
};

struct ModelCard {
  const Origin& origin;
  const Network* network;                    // or none, for a module of somebody's own
  const std::vector<dodona::Layer>& layers;  // of either
  const Dataset& data;
  const TrainingSettings& settings;
  const Scaling& scaling;
  const common::TableEncoding& encoding;  // of a table
  std::uint64_t step = 0;
  std::vector<std::pair<std::string, double>> metrics{};  // at the step
};

// The text of the file, with a layer on a line.
std::string model_json(const ModelCard& card);

// The scaling of a network that was saved.
//
// Errors: Error{DODONA_E_INVALID} for a text that is no such file, or of a later format.
Scaling read_scaling(std::string_view json);

// The encoding of the columns of a table; nothing where the file has none, as in version 0.1.
//
// Errors: Error{DODONA_E_INVALID} for one that is damaged.
std::optional<common::TableEncoding> read_table_encoding(std::string_view json);

}  // namespace dodona::train
