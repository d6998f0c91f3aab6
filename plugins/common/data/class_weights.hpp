// SPDX-License-Identifier: Apache-2.0
//
// How much a sample of each class counts in the loss that a model is trained on.
//
// Threads: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona::common {

struct ClassWeights {
  bool balance = false;  // true: times the mean count of a class over the count of its own
  std::vector<std::pair<std::string, double>> given{};  // of classes by name; 1 for all others

  bool any() const { return balance || !given.empty(); }
};

// The options `balance_classes` and `class_weights` among all options as a JSON object.
//
// Errors: Error{DODONA_E_INVALID} for a weight that is no positive number.
ClassWeights read_class_weights(std::string_view options_json);

// The weight of each class.
//
// Shapes: classes[n], counts[n]: the samples of each class that are trained on.
// Errors: Error{DODONA_E_INVALID} for a weight of no class, or where there are no classes.
std::vector<double> weights_of(const ClassWeights& weights, const std::vector<std::string>& classes,
                               const std::vector<std::uint64_t>& counts);

}  // namespace dodona::common
