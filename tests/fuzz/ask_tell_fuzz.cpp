// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as lines of requests to ask-tell. Each is answered by one line of JSON, which is an
// error with its key or has the one member that its kind of request gets; trials are given in their
// order, and exactly those that were told have ended.
#include "base/json.hpp"
#include "support/ladder_module.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace dodona;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

TunerOptions options() {
  TunerOptions options = support::ladder_options();
  options.study.oracle.options = R"({"stop_at": 3})";
  options.study.max_trials = 5;
  options.study.space = R"([{"name": "x", "type": "float", "min_value": 0, "max_value": 1}])";
  return options;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Tuner tuner(options());
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::uint64_t given = 0;
  std::uint64_t told = 0;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::string text = answer(tuner, line);
    require(text.find('\n') == std::string::npos);
    const base::JsonDocument document = base::parse_json(text, "answer");
    const boost::json::object& reply = document.root.as_object();
    if (reply.contains("error")) {
      require(reply.size() == 2 && reply.at("error").is_string() && reply.at("key").is_string());
      continue;
    }
    require(reply.size() == 1);
    const std::string_view kind = reply.begin()->key();
    if (kind == "trials") {
      for (const boost::json::value& trial : reply.at("trials").as_array()) {
        if (!trial.as_object().contains("seed")) continue;  // one of the best
        require(trial.at("trial") == given++);
      }
    } else if (kind == "ok") {
      ++told;
    } else {
      require(kind == "wait" || kind == "exhausted" || kind == "continue");
    }
  }
  std::uint64_t ended = 0;
  for (const Result& trial : tuner.trials()) ended += trial.state >= TrialState::kCompleted ? 1 : 0;
  require(ended == told && tuner.trials().size() == given);
  return 0;
}
