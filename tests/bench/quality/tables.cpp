// SPDX-License-Identifier: Apache-2.0
#include "bench/quality/tables.hpp"

#include "support/params.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace dodona::bench {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

Param param_of(const std::string& name, const json::array& values) {
  std::vector<Value> choices;
  for (const json::value& value : values) {
    if (value.is_string()) {
      choices.emplace_back(std::string(value.as_string()));
    } else {
      choices.emplace_back(value.to_number<double>());
    }
  }
  Param param = support::choice(name, std::move(choices));
  param.ordered = !values.front().is_string();
  return param;
}

Problem table(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const json::value parsed = json::parse(text);
  const json::object& root = parsed.as_object();
  const double sign = root.at("direction").as_string() == "maximize" ? -1 : 1;
  Problem out;
  out.name = path.stem().string();
  out.group = "tables";
  out.minimum = sign * root.at("optimum").to_number<double>();
  for (const auto& [name, values] : root.at("space").as_object()) {
    out.space.add(param_of(name, values.as_array()));
  }
  std::vector<double> scores;
  for (const json::value& value : root.at("values").as_array()) {
    scores.push_back(sign * value.to_number<double>());
  }
  std::vector<std::size_t> radices;
  for (const Param& param : out.space.params()) radices.push_back(param.choices.size());
  out.truth = [scores = std::move(scores), radices = std::move(radices)](const Point& point) {
    std::size_t place = 0;
    for (std::size_t i = 0; i < radices.size(); ++i) {
      place = place * radices[i] + static_cast<std::size_t>(point[i].whole());
    }
    return scores.at(place);
  };
  out.value = [truth = out.truth](const Point& point, RandomStream&) { return truth(point); };
  return out;
}

}  // namespace

std::vector<Problem> tables(const std::string& directory) {
  std::vector<fs::path> files;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, none)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Problem> out;
  for (const fs::path& file : files) {
    try {
      out.push_back(table(file));
    } catch (const std::exception& error) {
      throw std::runtime_error(file.string() + ": " + error.what());
    }
  }
  return out;
}

}  // namespace dodona::bench
