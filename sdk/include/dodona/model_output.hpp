// SPDX-License-Identifier: Apache-2.0
//
// What a trained model tells outside of a search: its layers, its metrics on data, its predictions.
//
//   std::vector<Layer> summary(Model& model);
//   void evaluate_on(Model& model, Trial& trial, std::string_view data, Evaluation& out);
//   void predict(Model& model, Trial& trial, std::string_view input, Rows& out);
//
// Errors:  Error with the kernel's code and text; it ends the call that writes. A model lets it pass.
// Threads: one at a time.
// Lifetime: Rows and Evaluation are valid until the member returns that got them.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// A layer of a network, or any other part of a model.
struct Layer {
  std::string name;
  std::string kind{};                 // in a word, such as dense; may be empty
  std::vector<std::int64_t> shape{};  // of its output for one sample; empty: not told
  std::uint64_t parameters = 0;       // numbers that it holds
  std::uint64_t trainable = 0;        // of them, those that training changes
};

// A table that is written row by row. The kernel copies each row, so a table may be larger than the
// memory.
class Rows {
 public:
  explicit Rows(dodona_table* table) : table_(table) {}

  // Names the columns, once and before the first row.
  void columns(std::span<const std::string> names) {
    std::vector<dodona_str> list;
    for (const std::string& name : names) list.push_back(to_abi(name));
    call([&](dodona_error* error) {
      return table_->columns(table_, list.data(), list.size(), error);
    });
  }
  void columns(std::initializer_list<std::string> names) {
    columns(std::span<const std::string>(names.begin(), names.size()));
  }

  // Adds a row with a value for each column. std::nullopt: none.
  void row(std::span<const std::optional<Value>> cells) {
    list_.clear();
    for (const auto& cell : cells) list_.push_back(cell ? to_abi(*cell) : dodona_value{});
    call([&](dodona_error* error) {
      return table_->row(table_, list_.data(), list_.size(), error);
    });
  }
  void row(std::initializer_list<std::optional<Value>> cells) {
    row(std::span<const std::optional<Value>>(cells.begin(), cells.size()));
  }

 private:
  dodona_table* table_;
  std::vector<dodona_value> list_;
};

// Metrics of a model on data, and tables of details.
class Evaluation {
 public:
  explicit Evaluation(dodona_evaluation* evaluation) : evaluation_(evaluation) {}

  // Adds a metric, under the name that reports have for it.
  void metric(std::string_view name, double value) {
    call([&](dodona_error* error) {
      return evaluation_->metric(evaluation_, {to_abi(name), value, 0}, error);
    });
  }
  // Begins a table, such as a confusion matrix. The former one is complete.
  Rows table(std::string_view name) {
    dodona_table* out = nullptr;
    call([&](dodona_error* error) {
      return evaluation_->table(evaluation_, to_abi(name), &out, error);
    });
    return Rows(out);
  }

 private:
  dodona_evaluation* evaluation_;
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
