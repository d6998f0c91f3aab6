// SPDX-License-Identifier: Apache-2.0
//
// Feeds arbitrary output of a program to the readers of `command`: whatever the portions in which
// it comes, the same metrics are found, each name once, and nothing ends but in an answer.
#include "common/text/json_members.hpp"
#include "metric_lines.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using command::MetricStream;
using command::Patterns;

void append(const command::Reading& reading, std::string& out) {
  out += reading.step ? std::to_string(*reading.step) : "result";
  for (std::size_t i = 0; i < reading.metrics.size(); ++i) {
    const auto& [name, value] = reading.metrics[i];
    for (std::size_t k = 0; k < i; ++k) {
      if (reading.metrics[k].first == name) __builtin_trap();
    }
    out += name + "=" + std::to_string(std::bit_cast<std::uint64_t>(value)) + ";";
  }
  if (reading.metrics.empty()) __builtin_trap();
}

std::string readings(const Patterns& patterns, std::string_view bytes, std::size_t portion) {
  std::string out;
  MetricStream stream(patterns, [&](command::Reading&& reading) { append(reading, out); });
  for (; bytes.size() > portion; bytes.remove_prefix(portion)) {
    stream.feed(bytes.substr(0, portion));
  }
  stream.feed(bytes);
  stream.end();
  return out;
}

Patterns example() {
  Patterns patterns;
  patterns.add("step", R"(epoch (\d+))");
  patterns.add("loss", R"(loss[=: ]+(\S+))");
  return patterns;
}

}  // namespace

// The first byte chooses the size of portions.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Patterns kJson;
  static const Patterns kExample = example();
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const Patterns* patterns : {&kJson, &kExample}) {
    if (readings(*patterns, bytes, bytes.size()) != readings(*patterns, bytes, 1U + data[0] % 7)) {
      __builtin_trap();
    }
  }
  if (const auto members = dodona::common::json_members(bytes)) {
    for (const dodona::common::Member& member : *members) {
      const bool number = dodona::common::json_number(member.raw).has_value();
      if (number && dodona::common::json_string(member.raw)) __builtin_trap();
    }
  }
  return 0;
}
