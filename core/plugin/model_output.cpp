// SPDX-License-Identifier: Apache-2.0
#include "plugin/model_output.hpp"

#include "base/text.hpp"
#include "plugin/completed.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>

#include <utility>
#include <vector>

namespace dodona::plugin {
namespace {

[[noreturn]] void refuse(dodona_status code, const std::string& what) {
  throw Error(code, what);
}

// A name that is not empty and not among those that were there.
std::string new_name(dodona_str raw, std::set<std::string>& there, const std::string& what) {
  std::string name(view(raw));
  if (name.empty()) refuse(DODONA_E_INVALID, what + " has no name");
  if (!there.insert(name).second)
    refuse(DODONA_E_INVALID, what + " " + base::quote(name) + " stands twice");
  return name;
}

std::optional<Value> cell_of(const dodona_value& raw) {
  if (raw.kind == 0) return std::nullopt;
  return from_abi(raw);
}

// Calls `function` for the plugin, and keeps its error if it is the first one.
template <class Function>
dodona_status kept(std::optional<Error>& failure, dodona_error* error, Function&& function) {
  return guard(error, [&] {
    try {
      function();
    } catch (const Error& thrown) {
      if (!failure) failure = thrown;
      throw;
    }
  });
}

}  // namespace

study::ModelLayer layer_of(const dodona_layer& raw) {
  check_size(raw.struct_size, DODONA_LAYER_SIZE_MIN, "a layer");
  study::ModelLayer layer;
  layer.name = view(raw.name);
  layer.kind = view(raw.kind);
  if (layer.name.empty()) refuse(DODONA_E_PLUGIN, "a layer has no name");
  if (raw.dimensions > 0 && raw.shape == nullptr)
    refuse(DODONA_E_PLUGIN, "the layer " + base::quote(layer.name) + " has no shape");
  layer.shape.assign(raw.shape, raw.shape + raw.dimensions);
  layer.parameters = raw.parameters;
  layer.trainable = raw.trainable;
  if (layer.trainable > layer.parameters)
    refuse(DODONA_E_PLUGIN, "the layer " + base::quote(layer.name) + " has " +
                                std::to_string(layer.trainable) + " trainable parameters of " +
                                std::to_string(layer.parameters));
  return layer;
}

struct TableBridge::Slots {
  static TableBridge& self(dodona_table* table) { return *static_cast<TableBridge*>(table->impl); }
  static dodona_status columns(dodona_table* table, const dodona_str* names, std::uint64_t count,
                               dodona_error* error) noexcept {
    TableBridge& bridge = self(table);
    return kept(bridge.failure_, error, [&] { bridge.columns(names, count); });
  }
  static dodona_status row(dodona_table* table, const dodona_value* cells, std::uint64_t count,
                           dodona_error* error) noexcept {
    TableBridge& bridge = self(table);
    return kept(bridge.failure_, error, [&] { bridge.row(cells, count); });
  }
};

TableBridge::TableBridge(study::Rows& rows)
    : raw_{sizeof(dodona_table), 0, this, Slots::columns, Slots::row}, rows_(rows) {}

void TableBridge::check() const {
  if (failure_) throw Error(*failure_);
  if (width_ == 0) refuse(DODONA_E_PLUGIN, "a table has no columns");
}

void TableBridge::columns(const dodona_str* names, std::uint64_t count) {
  if (width_ > 0) refuse(DODONA_E_STATE, "the columns of a table were named before");
  if (count == 0) refuse(DODONA_E_INVALID, "a table has no columns");
  std::set<std::string> there;
  std::vector<std::string> list;
  for (std::uint64_t i = 0; i < count; ++i) list.push_back(new_name(names[i], there, "a column"));
  width_ = list.size();
  rows_.columns(std::move(list));
}

void TableBridge::row(const dodona_value* cells, std::uint64_t count) {
  if (width_ == 0) refuse(DODONA_E_STATE, "a row came before the columns of its table");
  if (count != width_)
    refuse(DODONA_E_INVALID, "a row has " + std::to_string(count) + " cells, where there are " +
                                 std::to_string(width_) + " columns");
  std::vector<std::optional<Value>> list;
  list.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) list.push_back(cell_of(cells[i]));
  rows_.row(std::move(list));
}

struct EvaluationBridge::Slots {
  static EvaluationBridge& self(dodona_evaluation* evaluation) {
    return *static_cast<EvaluationBridge*>(evaluation->impl);
  }
  static dodona_status metric(dodona_evaluation* evaluation, dodona_metric metric,
                              dodona_error* error) noexcept {
    EvaluationBridge& bridge = self(evaluation);
    return kept(bridge.failure_, error, [&] { bridge.metric(metric); });
  }
  static dodona_status table(dodona_evaluation* evaluation, dodona_str name, dodona_table** out,
                             dodona_error* error) noexcept {
    EvaluationBridge& bridge = self(evaluation);
    return kept(bridge.failure_, error, [&] { *out = bridge.table(name); });
  }
};

EvaluationBridge::EvaluationBridge(study::Evaluation& evaluation)
    : raw_{sizeof(dodona_evaluation), 0, this, Slots::metric, Slots::table},
      evaluation_(evaluation) {}

void EvaluationBridge::check() const {
  if (failure_) throw Error(*failure_);
  if (table_) table_->check();
}

void EvaluationBridge::metric(const dodona_metric& metric) {
  evaluation_.metric(new_name(metric.name, metrics_, "a metric"), metric.value);
}

dodona_table* EvaluationBridge::table(dodona_str name) {
  std::string fresh = new_name(name, tables_, "a table");
  if (table_) table_->check();
  table_ = std::make_unique<TableBridge>(evaluation_.table(std::move(fresh)));
  return table_->get();
}

}  // namespace dodona::plugin
