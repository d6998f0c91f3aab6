// SPDX-License-Identifier: Apache-2.0
//
// Takes the output of a hypermodel's extensions: dodona_table over study::Rows, and
// dodona_evaluation over study::Evaluation. Names, counts and kinds are checked first.
//
// The first failure stays: check() throws it, whatever the plugin made of the status.
//
// Threads: one at a time.
// Lifetime: valid as long as the object, which outlives the plugin's call.
#pragma once

#include "study/roles.hpp"

#include <dodona/abi.h>
#include <dodona/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace dodona::plugin {

// The layer that a plugin tells. Throws Error{kPlugin} for one that cannot be.
study::ModelLayer layer_of(const dodona_layer& raw);

class TableBridge {
 public:
  explicit TableBridge(study::Rows& rows);
  TableBridge(const TableBridge&) = delete;
  TableBridge& operator=(const TableBridge&) = delete;

  dodona_table* get() { return &raw_; }
  void check() const;

 private:
  struct Slots;
  void columns(const dodona_str* names, std::uint64_t count);
  void row(const dodona_value* cells, std::uint64_t count);

  dodona_table raw_{};
  study::Rows& rows_;
  std::size_t width_ = 0;  // 0: no columns yet
  std::optional<Error> failure_;
};

class EvaluationBridge {
 public:
  explicit EvaluationBridge(study::Evaluation& evaluation);
  EvaluationBridge(const EvaluationBridge&) = delete;
  EvaluationBridge& operator=(const EvaluationBridge&) = delete;

  dodona_evaluation* get() { return &raw_; }
  void check() const;

 private:
  struct Slots;
  void metric(const dodona_metric& metric);
  dodona_table* table(dodona_str name);

  dodona_evaluation raw_{};
  study::Evaluation& evaluation_;
  std::set<std::string> metrics_;
  std::set<std::string> tables_;
  std::unique_ptr<TableBridge> table_;
  std::optional<Error> failure_;
};

}  // namespace dodona::plugin
