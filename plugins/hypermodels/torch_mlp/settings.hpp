// SPDX-License-Identifier: Apache-2.0
//
// The hyperparameters of the network and of its training.
#pragma once

#include <dodona/hyperparameters.hpp>

#include <cstdint>
#include <vector>

namespace dodona::torch_mlp {

enum class Activation { kRelu = 1, kTanh = 2 };
enum class Optimizer { kAdam = 1, kSgd = 2, kRmsprop = 3 };

struct Settings {
  std::vector<std::int64_t> units;  // of each hidden layer
  Activation activation = Activation::kRelu;
  double dropout_rate = 0;  // after each hidden layer; 0 is none
  Optimizer optimizer = Optimizer::kAdam;
  double momentum = 0;  // of sgd
  double learning_rate = 0;
  std::int64_t batch_size = 0;
};

// Asks for all of them; the asking is the definition of the space.
Settings ask_settings(HyperParameters& hp);

}  // namespace dodona::torch_mlp
