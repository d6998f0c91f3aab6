// SPDX-License-Identifier: Apache-2.0
#include "common/data/class_weights.hpp"

#include "common/data/cell_text.hpp"
#include "common/text/json_members.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace dodona::common {
namespace {

constexpr std::size_t kShownNames = 10;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(DODONA_E_INVALID, "option \"class_weights\": " + what);
}

}  // namespace

ClassWeights read_class_weights(std::string_view options_json) {
  ClassWeights out;
  for (const Member& option : json_members(options_json).value_or(std::vector<Member>())) {
    if (option.name == "balance_classes") out.balance = option.raw == "true";
    if (option.name != "class_weights") continue;
    for (const Member& entry : json_members(option.raw).value_or(std::vector<Member>())) {
      const auto weight = json_number(entry.raw);
      if (!weight || !std::isfinite(*weight) || *weight <= 0)
        refuse("the weight of " + shown(entry.name) + " should be a number above 0, not " +
               std::string(entry.raw));
      out.given.emplace_back(entry.name, *weight);
    }
  }
  return out;
}

std::vector<double> weights_of(const ClassWeights& weights, const std::vector<std::string>& classes,
                               const std::vector<std::uint64_t>& counts) {
  if (classes.empty())
    refuse("numbers to predict have no classes; it must be left out, and balance_classes too");
  std::vector<double> out(classes.size(), 1);
  const auto all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  for (std::size_t i = 0; weights.balance && i < out.size(); ++i) {
    if (counts[i] > 0)
      out[i] = static_cast<double>(all) /
               (static_cast<double>(classes.size()) * static_cast<double>(counts[i]));
  }
  for (const auto& [name, weight] : weights.given) {
    const auto found = std::find(classes.begin(), classes.end(), name);
    if (found == classes.end()) {
      std::string list;
      for (std::size_t i = 0; i < std::min(classes.size(), kShownNames); ++i)
        list += (i > 0 ? ", " : "") + shown(classes[i]);
      refuse(shown(name) + " is none of the classes " + list +
             (classes.size() > kShownNames ? ", ..." : ""));
    }
    out[static_cast<std::size_t>(found - classes.begin())] *= weight;
  }
  return out;
}

}  // namespace dodona::common
