// SPDX-License-Identifier: Apache-2.0
#include "told.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace command {
namespace {

constexpr std::array<std::string_view, 14> kNames = {
    "DODONA_VALUES_FILE", "DODONA_TRIAL",        "DODONA_EXECUTION",      "DODONA_ATTEMPT",
    "DODONA_SEED",        "DODONA_THREADS",      "DODONA_START_STEP",     "DODONA_BUDGET",
    "DODONA_TRIAL_DIR",   "DODONA_METRICS_FILE", "DODONA_CHECKPOINT_DIR", "DODONA_RESUME_DIR",
    "DODONA_DEVICES",     "DODONA_ALL_DATA"};

constexpr std::string_view kCuda = "cuda:";

bool is_variable(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

[[noreturn]] void fail(const std::string& what) {
  throw dodona::Error(DODONA_E_INVALID, what);
}

[[noreturn]] void fail_in_script(const std::string& name) {
  fail("command[0]: a shell's text is taken as it is, without values in it; write \"$" +
       variable_of(name) + "\" for {" + name + "}, or \"$1\" and a further element {" + name + "}");
}

[[noreturn]] void fail_unknown(const Template& argument, const std::string& name,
                               const std::string& known) {
  fail(argument.place() + ": there is no hyperparameter \"" + name + "\"; the space has " + known +
       "; braces that stand for themselves are written twice");
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= list.size() && !list.empty();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    parts.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string joined(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const std::string_view part : parts) out += (out.empty() ? "" : ",") + std::string(part);
  return out;
}

const std::pair<std::string, std::optional<dodona::Value>>* find(const Values& values,
                                                                 std::string_view name) {
  const auto found = std::find_if(values.begin(), values.end(),
                                  [&](const auto& each) { return each.first == name; });
  return found == values.end() ? nullptr : &*found;
}

}  // namespace

Variables inherited_variables() {
  Variables all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    const std::string_view name = text.substr(0, equals);
    if (is_variable(name) || name.starts_with("DODONA_HP_")) continue;
    all.emplace(name, text.substr(equals + 1));
  }
  return all;
}

std::string cuda_devices(const std::vector<std::string_view>& slots, const std::string& visible) {
  const std::vector<std::string> seen = split(visible);
  std::string out;
  for (const std::string_view slot : slots) {
    if (!slot.starts_with(kCuda)) continue;
    std::string name(slot.substr(kCuda.size()));
    // The number of a slot is an index into the devices that this process sees.
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), index);
    if (!seen.empty() && error == std::errc() && end == name.data() + name.size()) {
      if (index >= seen.size()) {
        fail("there is no device " + std::string(slot) + ": CUDA_VISIBLE_DEVICES is " + visible);
      }
      name = seen[index];
    }
    out += (out.empty() ? "" : ",") + name;
  }
  return out;
}

Variables told_variables(const dodona::Trial& trial, const Values& values, const Places& places,
                         const Variables& inherited) {
  const std::vector<std::string_view> devices = trial.devices();
  const auto had = [&](const char* name) {
    const auto found = inherited.find(name);
    return found == inherited.end() ? std::string() : found->second;
  };
  Variables told = {{"DODONA_VALUES_FILE", places.values},
                    {"DODONA_TRIAL", std::to_string(trial.id())},
                    {"DODONA_EXECUTION", std::to_string(trial.execution())},
                    {"DODONA_ATTEMPT", std::to_string(trial.attempt())},
                    {"DODONA_SEED", std::to_string(trial.seed())},
                    {"DODONA_THREADS", std::to_string(trial.threads())},
                    {"DODONA_START_STEP", std::to_string(trial.start_step())},
                    {"DODONA_BUDGET", std::to_string(trial.budget())},
                    {"DODONA_TRIAL_DIR", places.directory},
                    {"DODONA_METRICS_FILE", places.metrics},
                    {"DODONA_CHECKPOINT_DIR", places.checkpoint},
                    {"DODONA_RESUME_DIR", std::string(trial.resume_directory())},
                    {"DODONA_DEVICES", joined(devices)},
                    {"DODONA_ALL_DATA", trial.all_data() ? "1" : ""},
                    {"CUDA_VISIBLE_DEVICES", cuda_devices(devices, had("CUDA_VISIBLE_DEVICES"))}};
  std::erase_if(told, [](const auto& each) { return each.second.empty(); });
  if (!inherited.contains("OMP_NUM_THREADS")) {
    told["OMP_NUM_THREADS"] = std::to_string(trial.threads());
  }
  // Without it Python would buffer its reports.
  if (!inherited.contains("PYTHONUNBUFFERED")) told["PYTHONUNBUFFERED"] = "1";
  for (const auto& [name, value] : values) {
    if (value) told[variable_of(name)] = to_text(*value);
  }
  return told;
}

void check_program(const CommandSettings& settings, const Variables& inherited) {
  if (!settings.script.empty()) return;
  const auto program = settings.arguments.front().fill(
      [](const std::string&) { return std::optional<std::string>(); });
  if (!program) return;
  namespace fs = std::filesystem;
  const auto runs = [](const std::string& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0;
  };
  const std::string start = "command[0]: \"" + *program + "\" ";
  if (program->find('/') != std::string::npos) {
    if (runs(*program)) return;
    std::error_code ignored;
    if (!fs::exists(*program, ignored)) fail(start + "does not exist");
    fail(start +
         "is no program that may be executed; a script can follow its interpreter: "
         "[\"python3\", \"" +
         *program + "\"]");
  }
  const auto path = inherited.find("PATH");
  const std::string places = path == inherited.end() ? "/bin:/usr/bin" : path->second;
  for (std::size_t begin = 0; begin <= places.size();) {
    const std::size_t end = std::min(places.find(':', begin), places.size());
    const std::string place = places.substr(begin, end - begin);
    if (runs((place.empty() ? "." : place) + "/" + *program)) return;
    begin = end + 1;
  }
  const bool spaced = program->find(' ') != std::string::npos;
  fail(start + "is no program in PATH, " + places +
       (spaced ? "; each argument is an element of its own: [\"python3\", \"train.py\"]"
               : "; one that is elsewhere has a \"/\" in its name, such as \"./train\""));
}

void check_names(const CommandSettings& settings, const Values& space) {
  std::map<std::string, std::string> variables;
  std::string names;
  for (const auto& [name, value] : space) {
    names += (names.empty() ? "" : ", ") + name;
    const auto [known, fresh] = variables.emplace(variable_of(name), name);
    if (!fresh) {
      fail("the hyperparameters \"" + known->second + "\" and \"" + name +
           "\" would both be the variable " + known->first + "; give one of them another name");
    }
    const std::size_t at = settings.script.find("{" + name + "}");
    if (at == std::string::npos || (at > 0 && settings.script[at - 1] == '$')) continue;
    fail_in_script(name);
  }
  for (const Template& argument : settings.arguments) {
    for (const std::string& name : argument.names()) {
      if (find(space, name) != nullptr || is_variable(name)) continue;
      fail_unknown(argument, name, names);
    }
  }
}

std::vector<std::string> filled_arguments(const CommandSettings& settings, const Values& values,
                                          const Variables& told) {
  const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
    if (const auto* value = find(values, name)) {
      return value->second ? std::optional(to_text(*value->second)) : std::nullopt;
    }
    const auto variable = told.find(name);
    return variable == told.end() ? std::nullopt : std::optional(variable->second);
  };
  std::vector<std::string> arguments;
  if (!settings.script.empty()) arguments = {"/bin/sh", "-c", settings.script, "sh"};
  for (const Template& argument : settings.arguments) {
    auto filled = argument.fill(lookup);
    if (!filled && arguments.empty()) {
      fail(argument.place() + ": what the program's name stands for is not there in this trial");
    }
    if (filled) arguments.push_back(std::move(*filled));
  }
  return arguments;
}

}  // namespace command
