// SPDX-License-Identifier: Apache-2.0
#include "host/study_place.hpp"

#include "base/json.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string_view>

namespace dodona::host {
namespace {

constexpr std::string_view kMissing = " is missing: ";

// True if `path` is `whole` or leads into it.
bool leads_into(std::string_view path, std::string_view whole) {
  if (!path.starts_with(whole)) return false;
  const std::string_view rest = path.substr(whole.size());
  return rest.empty() || rest.front() == '.' || rest.front() == '[';
}

std::string place_of(const std::string& path, const std::string& file,
                     const std::vector<std::string>& sets) {
  for (auto set = sets.rbegin(); set != sets.rend(); ++set) {
    if (leads_into(path, set->substr(0, set->find('=')))) return "--set " + *set;
  }
  std::ifstream in(file, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  const base::JsonDocument document = base::parse_json(text, file);
  const auto is_root_of = [&](const auto& member) { return leads_into(path, member.key()); };
  const auto& root = document.root.as_object();
  return std::any_of(root.begin(), root.end(), is_root_of) ? document.where(path) : "";
}

}  // namespace

Error placed(const Error& error, const std::string& file, const std::vector<std::string>& sets) {
  const std::string message = error.what();
  const std::size_t colon = message.find(": ");
  if (colon == std::string::npos) return error;
  const std::size_t missing = message.find(kMissing);
  if (missing < colon && message.find(' ') == missing) {
    return Error(error.code(), file + ": " + message);
  }
  try {
    const std::string place = place_of(message.substr(0, colon), file, sets);
    return place.empty() ? error : Error(error.code(), place + ": " + message);
  } catch (const std::exception&) {
    return error;  // the message begins with no path, or the file is gone
  }
}

void keep_in_memory(StudyOptions& study) {
  study.store = "memory";
  study.warm_start.clear();
  study.checkpoint.reset();
  study.isolation = "inline";
  study.launch.clear();
  study.slots.clear();
  study.max_trial_seconds = study.max_step_seconds = 0.0;
  study.max_trial_memory_mb = study.max_trial_output_mb = 0;
}

int run_placed(const StudyCommand& given, const std::function<int()>& run) {
  try {
    return run();
  } catch (const Error& error) {
    throw placed(error, given.study, given.sets);
  }
}

}  // namespace dodona::host
