// SPDX-License-Identifier: Apache-2.0
//
// The space of a study of Optuna, put together from the distributions of its trials.
//
// Ranges: where trials had different ones, all of them together.
// Choices: false and true are a boolean, one choice is fixed, numbers stay numbers; choices of
//          several types, None among them, become texts.
// Conditions: Optuna has none. A hyperparameter that completed trials lack is taken to depend on an
//          earlier one whose values tell exactly which trials have it: on some of its choices, or on
//          an int from some value on. It is on none where there is none such.
// Errors:  Error{kInvalid} with file, line or trial, and the name.
// Threads: pure.
// Cost:    O(trials * hyperparameters^2) where many are conditional.
#pragma once

#include "import/optuna_file.hpp"

#include <dodona/space.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::import {

class OptunaSpace {
 public:
  // Adds to `notes` what is not as it was. `file` outlives the object.
  OptunaSpace(const OptunaFile& file, const OptunaStudy& study, std::vector<std::string>& notes);

  const std::vector<Param>& params() const { return params_; }
  std::optional<std::size_t> find(std::string_view name) const;
  // The cell for a value as Optuna keeps it; nothing where the definition has no such value.
  std::optional<Cell> cell(std::size_t index, const OptunaParam& param) const;
  // The same for a value as its user writes it.
  std::optional<Cell> cell(std::size_t index, const boost::json::value& value) const;

 private:
  struct Source {
    std::string where;                         // of its first trial
    OptunaDistribution all;                    // of all trials together
    std::vector<std::size_t> distributions{};  // that are in it by now
  };
  void join(Source& source, const std::string& name, const OptunaDistribution& other,
            const std::string& where, std::vector<std::string>& notes);
  void define(const std::string& name, const Source& source, std::vector<std::string>& notes);
  void define_choices(Param& param, const Source& source, std::vector<std::string>& notes);
  void find_conditions(const OptunaStudy& study, std::vector<std::string>& notes);
  std::optional<Condition> condition_of(std::size_t parent, const std::vector<bool>& has,
                                        const std::vector<bool>& lacks) const;

  const OptunaFile& file_;
  std::vector<Param> params_;
  std::vector<Source> sources_;
  std::vector<std::vector<std::string>> choice_texts_;  // by definition: of each of Param::choices
  std::map<std::string, std::size_t, std::less<>> places_;
  std::vector<std::vector<std::optional<Cell>>> cells_;  // by definition and trial
};

}  // namespace dodona::import
