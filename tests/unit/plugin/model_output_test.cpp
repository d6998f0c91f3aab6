// SPDX-License-Identifier: Apache-2.0
#include "plugin/model_output.hpp"

#include "support/error_of.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona::plugin {
namespace {

struct Kept final : study::Rows, study::Evaluation {
  void columns(std::vector<std::string>&& all) override { names = std::move(all); }
  void row(std::vector<std::optional<Value>>&& cells) override {
    if (full) throw Error(DODONA_E_IO, "the disk is full");
    rows.push_back(std::move(cells));
  }
  void metric(std::string&& name, double value) override { metrics.emplace_back(name, value); }
  study::Rows& table(std::string&& name) override {
    tables.push_back(std::move(name));
    return *this;
  }

  bool full = false;
  std::vector<std::string> names;
  std::vector<std::vector<std::optional<Value>>> rows;
  std::vector<std::pair<std::string, double>> metrics;
  std::vector<std::string> tables;
};

dodona_status name_columns(dodona_table* table, const std::vector<std::string>& names,
                           dodona_error* error = nullptr) {
  std::vector<dodona_str> list;
  for (const std::string& name : names) list.push_back(to_abi(name));
  return table->columns(table, list.data(), list.size(), error);
}

dodona_status add(dodona_table* table, const std::vector<dodona_value>& cells,
                  dodona_error* error = nullptr) {
  return table->row(table, cells.data(), cells.size(), error);
}

TEST(TableBridge, HandsRowsOn) {
  Kept kept;
  TableBridge bridge(kept);
  EXPECT_EQ(name_columns(bridge.get(), {"class", "p"}), DODONA_OK);
  const Value text = std::string("cat");
  EXPECT_EQ(add(bridge.get(), {to_abi(text), to_abi(Value(0.5))}), DODONA_OK);
  EXPECT_EQ(add(bridge.get(), {dodona_value{}, to_abi(Value(true))}), DODONA_OK);
  bridge.check();
  EXPECT_EQ(kept.names, (std::vector<std::string>{"class", "p"}));
  ASSERT_EQ(kept.rows.size(), 2u);
  EXPECT_EQ(kept.rows[0], (std::vector<std::optional<Value>>{text, 0.5}));
  EXPECT_EQ(kept.rows[1], (std::vector<std::optional<Value>>{std::nullopt, true}));
}

TEST(TableBridge, RefusesWhatIsNoTable) {
  const auto answer = [](auto&& write, dodona_status status) {
    Kept kept;
    TableBridge bridge(kept);
    ErrorBuffer error;
    EXPECT_EQ(write(bridge.get(), error.get()), status);
    // It stays wrong, whatever the plugin makes of the status.
    std::string text = support::error_of(status, [&] { bridge.check(); });
    EXPECT_EQ(text, error.text());
    return text;
  };
  EXPECT_EQ(answer([](auto* t, auto* e) { return name_columns(t, {}, e); }, DODONA_E_INVALID),
            "a table has no columns");
  EXPECT_EQ(answer(
                [](auto* t, auto* e) {
                  return name_columns(t, {"a", "a"}, e);
                },
                DODONA_E_INVALID),
            "a column \"a\" stands twice");
  EXPECT_EQ(answer([](auto* t, auto* e) { return name_columns(t, {""}, e); }, DODONA_E_INVALID),
            "a column has no name");
  EXPECT_EQ(answer([](auto* t, auto* e) { return add(t, {dodona_value{}}, e); }, DODONA_E_STATE),
            "a row came before the columns of its table");
  const auto after = [&](std::vector<dodona_value> cells) {
    return [cells = std::move(cells)](dodona_table* t, dodona_error* e) {
      EXPECT_EQ(name_columns(t, {"a"}), DODONA_OK);
      return add(t, cells, e);
    };
  };
  EXPECT_EQ(answer(after({}), DODONA_E_INVALID), "a row has 0 cells, where there are 1 columns");
  dodona_value list{};
  list.kind = DODONA_LIST;
  EXPECT_NE(answer(after({list}), DODONA_E_INVALID), "");
}

TEST(TableBridge, KeepsTheErrorOfTheOtherSide) {
  Kept kept;
  kept.full = true;
  TableBridge bridge(kept);
  EXPECT_EQ(name_columns(bridge.get(), {"a"}), DODONA_OK);
  EXPECT_EQ(add(bridge.get(), {dodona_value{}}), DODONA_E_IO);
  EXPECT_EQ(support::error_of(DODONA_E_IO, [&] { bridge.check(); }), "the disk is full");
}

TEST(TableBridge, WantsColumns) {
  Kept kept;
  const TableBridge bridge(kept);
  EXPECT_EQ(support::error_of(DODONA_E_PLUGIN, [&] { bridge.check(); }), "a table has no columns");
}

TEST(EvaluationBridge, HandsMetricsAndTablesOn) {
  Kept kept;
  EvaluationBridge bridge(kept);
  dodona_evaluation* out = bridge.get();
  EXPECT_EQ(out->metric(out, {to_abi("loss"), 0.5, 0}, nullptr), DODONA_OK);
  dodona_table* table = nullptr;
  EXPECT_EQ(out->table(out, to_abi("confusion"), &table, nullptr), DODONA_OK);
  EXPECT_EQ(name_columns(table, {"class"}), DODONA_OK);
  bridge.check();
  EXPECT_EQ(kept.metrics, (std::vector<std::pair<std::string, double>>{{"loss", 0.5}}));
  EXPECT_EQ(kept.tables, (std::vector<std::string>{"confusion"}));
  ErrorBuffer error;
  EXPECT_EQ(out->metric(out, {to_abi("loss"), 0.25, 0}, error.get()), DODONA_E_INVALID);
  EXPECT_EQ(error.text(), "a metric \"loss\" stands twice");
  EXPECT_EQ(out->table(out, to_abi("confusion"), &table, error.get()), DODONA_E_INVALID);
  EXPECT_EQ(support::error_of(DODONA_E_INVALID, [&] { bridge.check(); }),
            "a metric \"loss\" stands twice");
}

TEST(LayerOf, ReadsALayer) {
  const std::array<std::int64_t, 2> shape{3, 4};
  dodona_layer raw{sizeof(dodona_layer), 0, to_abi("a"), to_abi("conv"), shape.data(), 2, 7, 5};
  const study::ModelLayer layer = layer_of(raw);
  EXPECT_EQ(layer.name, "a");
  EXPECT_EQ(layer.kind, "conv");
  EXPECT_EQ(layer.shape, (std::vector<std::int64_t>{3, 4}));
  EXPECT_EQ(layer.parameters, 7u);
  EXPECT_EQ(layer.trainable, 5u);
  raw.trainable = 8;
  const auto error_of = [&] { return support::error_of(DODONA_E_PLUGIN, [&] { layer_of(raw); }); };
  EXPECT_EQ(error_of(), "the layer \"a\" has 8 trainable parameters of 7");
  raw.name = to_abi("");
  EXPECT_EQ(error_of(), "a layer has no name");
  raw.struct_size = 8;
  EXPECT_NE(error_of().find("a layer has 8 bytes"), std::string::npos);
}

}  // namespace
}  // namespace dodona::plugin
