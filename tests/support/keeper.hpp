// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel with `save`, whose states are known beforehand: after step s of 5 its loss is
// x + (s - 3)^2 / 10, so that step 3 is the best one. It saves the text "x step".
#pragma once

#include <dodona/hypermodel.hpp>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace dodona::support {

class Keeper {
 public:
  struct Model {
    double x = 0.0;
    std::uint64_t step = 0;
    std::string loaded_from{};
  };

  Model build(HyperParameters& hp) { return {hp.real("x", {.min = 0, .max = 1})}; }

  void fit(Model& model, Trial& trial) {
    const std::uint64_t end = trial.budget() > 0 ? trial.budget() : 5;
    while (model.step < end) {
      const double distance = static_cast<double>(++model.step) - 3.0;
      const double loss = model.x + distance * distance / 10.0;
      if (trial.all_data()) {
        trial.report(model.step, {{"train_loss", loss}});
      } else {
        trial.report(model.step, {{"train_loss", loss}, {"loss", loss}});
      }
    }
  }

  void save(Model& model, std::string_view directory) {
    std::ofstream(std::string(directory) + "/state") << model.x << ' ' << model.step << '\n';
  }
  void load(Model& model, std::string_view directory) {
    model.loaded_from = directory;
    std::ifstream(model.loaded_from + "/state") >> model.x >> model.step;
  }
};

}  // namespace dodona::support
