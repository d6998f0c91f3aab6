// SPDX-License-Identifier: Apache-2.0
#include "common/train/model_card.hpp"

#include "support/error_of.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace {

using dodona::train::Activation;
using dodona::train::Dataset;
using dodona::train::model_json;
using dodona::train::Network;
using dodona::train::Origin;
using dodona::train::read_scaling;
using dodona::train::Scaling;
using dodona::train::scaling_of;
using dodona::train::TrainingSettings;

// Numbers to predict, whose shortest decimal form is long.
Dataset numbers() {
  Dataset data;
  data.shape.channels = 2;
  auto table = std::make_shared<dodona::common::CsvTable>();
  table->columns = {"a", "b \"quoted\""};
  table->label = "quality";
  data.encoding = dodona::common::fit_encoding(*table, {});
  data.table = std::move(table);
  data.means = {1.0 / 3, -2e-300};
  data.stddevs = {0.1, 7};
  data.number_mean = 5e9 / 7;
  data.number_stddev = 0.3;
  return data;
}

TEST(ModelCard, KeepsEveryBitOfTheScaling) {
  const Dataset data = numbers();
  TrainingSettings settings;
  const Scaling scaling = scaling_of(data, settings);
  Network net(data.shape);
  net.dense(net.activation(Network::input(), Activation::kTanh), {.units = 1});
  const Origin origin{
      "net", "1.2", {{"a", std::int64_t{3}}, {"b", 0.5}, {"c", true}, {"d", std::string("x")}}};
  const auto layers = dodona::train::layers_of(net);
  const std::string json = model_json(
      {origin, &net, layers, data, settings, scaling, data.encoding, 4, {{"val_loss", 0.25}}});
  EXPECT_EQ(read_scaling(json), scaling);
  EXPECT_NE(json.find(R"("values": {"a":3,"b":0.5,"c":true,"d":"x"},)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("metrics": {"val_loss":0.25})"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("columns":["a","b \"quoted\""])"), std::string::npos) << json;
  EXPECT_NE(json.find(R"({"name":"dense_1","kind":"dense","parameters":3,"trainable":3,)"
                      R"("inputs":["activation_1"],"shape":[1],"units":1})"),
            std::string::npos)
      << json;
  // A module of somebody's own is no list of layers that others can rebuild.
  const std::string own =
      model_json({origin, nullptr, layers, data, settings, scaling, data.encoding});
  EXPECT_EQ(read_scaling(own), scaling);
  EXPECT_NE(own.find(R"({"name":"dense_1","kind":"dense","parameters":3,"trainable":3})"),
            std::string::npos)
      << own;
}

TEST(ModelCard, ScalesPixelsWithoutNormalisation) {
  Dataset data;
  data.images = std::make_shared<const dodona::common::LabelledImages>();
  data.means = {30, 40};
  data.stddevs = {2, 3};
  TrainingSettings settings;
  settings.normalize = false;
  EXPECT_EQ(scaling_of(data, settings), (Scaling{{0, 0}, {255, 255}, 0, 1}));
  data.images = nullptr;
  EXPECT_EQ(scaling_of(data, settings), (Scaling{{0, 0}, {1, 1}, 0, 1}));
}

TEST(ModelCard, RefusesWhatIsNone) {
  const auto error_of = [](const std::string& json) {
    return dodona::support::error_of(DODONA_E_INVALID, [&] { read_scaling(json); });
  };
  EXPECT_EQ(error_of("no"), "it has no member \"format\"");
  EXPECT_EQ(error_of(R"({"format": 7})"), "its format is 7, and this version reads 1");
  EXPECT_EQ(error_of(R"({"format": 1, "preprocessing": {"subtract": [1], "divide": "x"}})"),
            "its member \"preprocessing.divide\" is no list of numbers");
}

}  // namespace
