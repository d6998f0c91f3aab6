// SPDX-License-Identifier: Apache-2.0
#include "common/train/model_card.hpp"

#include "common/text/json_members.hpp"
#include "common/text/json_text.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <variant>

namespace dodona::train {
namespace {

using common::JsonText;

constexpr double kPixelMax = 255;
// Another number stands for another meaning of what is there. New members need none.
constexpr std::int64_t kFormat = 1;

// A member of the outermost object, on a line of its own.
template <class Write>
void line(std::string& out, const char* name, Write&& write) {
  out += out.empty() ? "{\n  \"" : ",\n  \"";
  out += name;
  out += "\": ";
  JsonText json(out);
  write(json);
}

void write_value(JsonText& json, const Value& value) {
  std::visit(
      [&json]<class T>(const T& one) {
        if constexpr (std::is_same_v<T, bool>) {
          json.boolean(one);
        } else if constexpr (std::is_same_v<T, std::string>) {
          json.text(one);
        } else if constexpr (std::is_same_v<T, double>) {
          json.real(one);
        } else {
          json.whole(one);
        }
      },
      value);
}

void write_reals(JsonText& json, const char* name, const std::vector<double>& numbers) {
  json.key(name);
  json.open('[');
  for (const double number : numbers) json.real(number);
  json.close(']');
}

void write_texts(JsonText& json, const char* name, const std::vector<std::string>& texts) {
  json.key(name);
  json.open('[');
  for (const std::string& text : texts) json.text(text);
  json.close(']');
}

// A point has its channels alone, an image channels, rows and columns.
void write_shape(JsonText& json, const Shape& shape) {
  json.key("shape");
  json.open('[');
  json.whole(shape.channels);
  if (shape.rows != 1 || shape.columns != 1) {
    json.whole(shape.rows);
    json.whole(shape.columns);
  }
  json.close(']');
}

void write_whole(JsonText& json, const char* name, std::int64_t number) {
  json.key(name);
  json.whole(number);
}

void write_text(JsonText& json, const char* name, std::string_view text) {
  json.key(name);
  json.text(text);
}

void write_input(JsonText& json, const Dataset& data) {
  json.open('{');
  write_text(json, "kind", data.images ? "image" : "table");
  write_shape(json, data.shape);
  if (data.table) write_texts(json, "columns", data.table->columns);
  json.close('}');
}

void write_preprocessing(JsonText& json, const ModelCard& card) {
  json.open('{');
  write_whole(json, "crop", card.settings.crop);
  write_reals(json, "subtract", card.scaling.subtract);
  write_reals(json, "divide", card.scaling.divide);
  if (card.data.table) {
    json.key("columns");
    common::write_encoding(json, card.encoding);
  }
  json.close('}');
}

void write_output(JsonText& json, const ModelCard& card) {
  const Dataset& data = card.data;
  json.open('{');
  write_text(json, "kind", data.classes > 0 ? "classes" : "number");
  if (data.table) write_text(json, "column", data.table->label);
  if (data.classes > 0) {
    write_texts(json, "classes", data.class_names);
  } else {
    json.key("mean");
    json.real(card.scaling.number_mean);
    json.key("stddev");
    json.real(card.scaling.number_stddev);
  }
  json.close('}');
}

const char* word_of(Activation activation) {
  switch (activation) {
    case Activation::kTanh:
      return "tanh";
    case Activation::kSelu:
      return "selu";
    case Activation::kSwish:
      return "swish";
    case Activation::kSigmoid:
      return "sigmoid";
    case Activation::kRelu:
      break;
  }
  return "relu";
}

void write_margin(JsonText& json, const Margin& margin) {
  json.key("padding");
  json.open('[');
  for (const std::int64_t side : {margin.top, margin.bottom, margin.left, margin.right})
    json.whole(side);
  json.close(']');
}

// The members that only layers of a kind have.
void write_own(JsonText& json, const Layer& layer) {
  const bool conv = layer.op == Op::kConv;
  if (layer.op == Op::kDense) write_whole(json, "units", layer.conv.filters);
  if (conv) write_whole(json, "filters", layer.conv.filters);
  if (layer.op == Op::kPool || layer.op == Op::kGlobalPool)
    write_text(json, "pool", layer.pool == Pool::kMax ? "max" : "avg");
  if (conv || layer.op == Op::kPool) {
    write_whole(json, "kernel", layer.conv.kernel);
    write_whole(json, "stride", layer.conv.stride);
  }
  if (conv || layer.op == Op::kPool || layer.op == Op::kPad) write_margin(json, layer.margin);
  if (conv) {
    write_whole(json, "groups", layer.conv.groups);
    json.key("bias");
    json.boolean(layer.conv.bias);
  }
  if (layer.op == Op::kBatchNorm) {
    json.key("epsilon");
    json.real(layer.norm.epsilon);
    json.key("momentum");
    json.real(layer.norm.momentum);
  }
  if (layer.op == Op::kActivation) write_text(json, "activation", word_of(layer.activation));
  if (layer.op == Op::kDropout || layer.op == Op::kAlphaDropout || layer.op == Op::kDropPath) {
    json.key("rate");
    json.real(layer.rate);
  }
}

// Of a layer of a described network alone: from what it takes which numbers.
void write_described(JsonText& json, const Network& network,
                     const std::vector<dodona::Layer>& names, std::size_t at) {
  const Layer& layer = network.layers()[at];
  json.key("inputs");
  json.open('[');
  if (layer.op != Op::kInput) json.text(names[layer.input].name);
  if (layer.pair()) json.text(names[layer.other].name);
  json.close(']');
  write_shape(json, layer.shape);
  write_own(json, layer);
}

void write_layers(std::string& out, const ModelCard& card) {
  for (std::size_t i = 0; i < card.layers.size(); ++i) {
    const dodona::Layer& layer = card.layers[i];
    out += i == 0 ? "[\n    " : ",\n    ";
    JsonText json(out);
    json.open('{');
    write_text(json, "name", layer.name);
    write_text(json, "kind", layer.kind);
    json.key("parameters");
    json.natural(layer.parameters);
    json.key("trainable");
    json.natural(layer.trainable);
    if (card.network != nullptr) write_described(json, *card.network, card.layers, i);
    json.close('}');
  }
  out += "]";
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error(DODONA_E_INVALID, what);
}

// The text of a member.
std::optional<std::string_view> member(std::string_view object, std::string_view name) {
  const auto members = common::json_members(object);
  if (!members) return std::nullopt;
  const auto found = std::find_if(members->begin(), members->end(),
                                  [&](const common::Member& one) { return one.name == name; });
  return found == members->end() ? std::nullopt : std::optional(found->raw);
}

}  // namespace

Scaling scaling_of(const Dataset& data, const TrainingSettings& settings) {
  Scaling out;
  const std::size_t count = data.means.size();
  out.subtract = settings.normalize ? data.means : std::vector<double>(count, 0);
  const double whole = data.images ? kPixelMax : 1;
  out.divide = settings.normalize ? data.stddevs : std::vector<double>(count, whole);
  out.number_mean = data.number_mean;
  out.number_stddev = data.number_stddev;
  return out;
}

std::vector<dodona::Layer> layers_of(const Network& network) {
  const std::vector<std::string> names = network.names();
  std::vector<dodona::Layer> out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Shape& shape = network.shape(i);
    const bool point = shape.rows == 1 && shape.columns == 1;
    out.push_back({names[i], kind_of(network.layers()[i].op),
                   point ? std::vector{shape.channels}
                         : std::vector{shape.channels, shape.rows, shape.columns},
                   static_cast<std::uint64_t>(network.parameters(i)),
                   static_cast<std::uint64_t>(network.trainable_parameters(i))});
  }
  return out;
}

std::string model_json(const ModelCard& card) {
  std::string out;
  line(out, "format", [](JsonText& json) { json.whole(kFormat); });
  line(out, "plugin", [&](JsonText& json) { json.text(card.origin.plugin); });
  line(out, "version", [&](JsonText& json) { json.text(card.origin.version); });
  line(out, "values", [&](JsonText& json) {
    json.open('{');
    for (const auto& [name, value] : card.origin.values) {
      json.key(name);
      write_value(json, value);
    }
    json.close('}');
  });
  line(out, "step", [&](JsonText& json) { json.natural(card.step); });
  line(out, "metrics", [&](JsonText& json) {
    json.open('{');
    for (const auto& [name, value] : card.metrics) {
      json.key(name);
      json.real(value);
    }
    json.close('}');
  });
  line(out, "input", [&](JsonText& json) { write_input(json, card.data); });
  line(out, "preprocessing", [&](JsonText& json) { write_preprocessing(json, card); });
  line(out, "output", [&](JsonText& json) { write_output(json, card); });
  std::uint64_t parameters = 0;
  std::uint64_t trainable = 0;
  for (const dodona::Layer& layer : card.layers) {
    parameters += layer.parameters;
    trainable += layer.trainable;
  }
  line(out, "parameters", [&](JsonText& json) { json.natural(parameters); });
  line(out, "trainable", [&](JsonText& json) { json.natural(trainable); });
  line(out, "layers", [&](JsonText&) { write_layers(out, card); });
  return out + "\n}\n";
}

Scaling read_scaling(std::string_view json) {
  const auto format = member(json, "format");
  if (!format) refuse("it has no member \"format\"");
  if (common::json_number(*format) != static_cast<double>(kFormat))
    refuse("its format is " + std::string(*format) + ", and this version reads " +
           std::to_string(kFormat));
  Scaling out;
  const auto preprocessing = member(json, "preprocessing").value_or("");
  const auto numbers = [&](const char* name) {
    auto list = common::json_numbers(member(preprocessing, name).value_or(""));
    if (!list)
      refuse("its member \"preprocessing." + std::string(name) + "\" is no list of numbers");
    return *std::move(list);
  };
  out.subtract = numbers("subtract");
  out.divide = numbers("divide");
  const auto output = member(json, "output").value_or("");
  const auto number = [&](const char* name, double absent) {
    return common::json_number(member(output, name).value_or("")).value_or(absent);
  };
  out.number_mean = number("mean", 0);
  out.number_stddev = number("stddev", 1);
  return out;
}

std::optional<common::TableEncoding> read_table_encoding(std::string_view json) {
  const auto columns = member(member(json, "preprocessing").value_or(""), "columns");
  if (!columns) return std::nullopt;
  return common::read_encoding(*columns);
}

}  // namespace dodona::train
