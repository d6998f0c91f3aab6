// SPDX-License-Identifier: Apache-2.0
#include "base/file.hpp"
#include "base/json.hpp"
#include "document/document.hpp"
#include "document/space_entries.hpp"
#include "project/study_files.hpp"

#include <dodona/upkeep.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace dodona {
namespace {

namespace json = boost::json;

// Takes the value at a path out of a document, or the list that it stands in. False where it is not
// there.
bool take_out(json::value& root, const std::string& path) {
  json::object* at = root.if_object();
  std::string rest = path.substr(0, path.find('['));
  while (at != nullptr) {
    const std::size_t dot = rest.find('.');
    const std::string key = rest.substr(0, dot);
    if (dot == std::string::npos || !at->contains(key)) return at->erase(key) > 0;
    json::object* const next = (*at)[key].if_object();
    if (next == nullptr) return at->erase(key) > 0;
    at = next;
    rest.erase(0, dot + 1);
  }
  return false;
}

class FileCheck {
 public:
  FileCheck(base::JsonDocument document, const PluginSources& plugins)
      : document_(std::move(document)), catalogue_(document::catalogue_of(plugins)) {}

  std::vector<StudyFinding> run() {
    base::JsonDocument rest = document_;
    std::optional<StudyOptions> options;
    while (!options) {
      try {
        options = document::parse_document(rest, catalogue_);
      } catch (const Error& error) {
        findings_.push_back({true, error.what()});
        if (!take_out(rest.root, path_of(error))) return std::move(findings_);
      }
    }
    look_at_numbers(*options);
    look_at_space(*options);
    return std::move(findings_);
  }

 private:
  // The path in `file:line:column: path: message`, or `--set path=value: path: message`. A plugin that
  // is not there takes its options with it.
  static std::string path_of(const Error& error) {
    std::string path;
    if (const auto* fault = dynamic_cast<const base::JsonError*>(&error)) {
      path = fault->path();
    } else {
      const std::string text = error.what();
      const std::size_t begin = text.find(": ");
      const std::size_t end = begin == std::string::npos ? begin : text.find(": ", begin + 2);
      if (end != std::string::npos) path = text.substr(begin + 2, end - begin - 2);
    }
    static constexpr std::string_view kPlugin = ".plugin";
    if (path.ends_with(kPlugin)) path.resize(path.size() - kPlugin.size());
    return path;
  }

  void odd(const std::string& path, const std::string& text) {
    findings_.push_back({false, document_.error_at(path, text).what()});
  }

  void look_at_numbers(const StudyOptions& options) {
    const auto number = [](auto value) { return std::to_string(value); };
    const std::size_t initial = options.initial.size();
    if (options.max_trials > 0 && initial > options.max_trials) {
      odd("initial", "has " + number(initial) + " entries, of which only max_trials, " +
                         number(options.max_trials) + ", run");
    }
    if (options.lag > 0 && options.lag < options.parallel_trials) {
      odd("schedule.lag", "of " + number(options.lag) + " lets only as many of the " +
                              number(options.parallel_trials) + " parallel_trials run at a time");
    }
    if (options.max_trials > 0 && options.parallel_trials > options.max_trials) {
      odd("parallel_trials",
          number(options.parallel_trials) + " is above max_trials, " + number(options.max_trials));
    }
    if (options.max_trials > 0 && options.keep != StudyOptions::kKeepAll &&
        options.keep > options.max_trials) {
      odd("keep", number(options.keep) + " is above max_trials, " + number(options.max_trials));
    }
    if (options.stopper && options.max_steps == 1) {
      odd("stopper", "can stop no trial, as max_steps is 1");
    }
  }

  void look_at_space(const StudyOptions& options) {
    const auto entries = document::space_of(options);
    std::set<std::string> names;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const Param& param = entries[i].param;
      const std::string path = base::join_path("space", i);
      if (cardinality(param) == 1 && param.type != ParamType::kFixed) {
        const bool stepped = param.step && param.low != param.high;
        odd(path, stepped ? "has a step that is larger than its range: min_value is its only value"
                          : "has a single value; \"type\": \"fixed\" says so");
      }
      if (param.step && cardinality(param) > 1) look_at_end(param, path);
      look_at_conditions(entries, i, path);
    }
  }

  // A step that does not divide the range leaves out its end.
  void look_at_end(const Param& param, const std::string& path) {
    const Cell last = value_at(param, cardinality(param) - 1);
    const double high = detail::number(param, param.high);
    const double reached = detail::number(param, last);
    if (reached >= high * (1.0 - 1e-9)) return;
    odd(path,
        "has a step that misses max_value: the greatest value is " + detail::text_of(param, last));
  }

  // Of conditions that hold never: one parent under two conditions with no value in common.
  void look_at_conditions(const std::vector<space::Override>& entries, std::size_t i,
                          const std::string& path) {
    for (const Condition& condition : entries[i].param.conditions) {
      for (const space::Override& parent : entries) {
        if (parent.param.name != condition.parent) continue;
        for (const Condition& above : parent.param.conditions) {
          for (const Condition& own : entries[i].param.conditions) {
            if (own.parent != above.parent) continue;
            const bool meet =
                std::any_of(own.any_of.begin(), own.any_of.end(), [&](const Value& value) {
                  return std::find(above.any_of.begin(), above.any_of.end(), value) !=
                         above.any_of.end();
                });
            if (!meet) {
              odd(path + ".when", "never holds: " + base::join_path("", condition.parent) +
                                      " is there under other values of " + above.parent);
            }
          }
        }
      }
    }
  }

  const base::JsonDocument document_;
  const plugin::Catalogue catalogue_;
  std::vector<StudyFinding> findings_;
};

}  // namespace

std::vector<StudyFinding> check_study_file(const std::string& path,
                                           const std::vector<std::string>& sets,
                                           const PluginSources& plugins, boundary::SameBuild) {
  std::string text;
  try {
    text = base::read_file(path);
  } catch (const Error& error) {
    throw Error(DODONA_E_INVALID, error.what());
  }
  base::JsonDocument document = base::parse_json(text, path);
  document::apply_sets(document, sets);
  return FileCheck(std::move(document), plugins).run();
}

std::string to_json(const std::vector<StudyFinding>& findings) {
  json::array list;
  for (const StudyFinding& each : findings) {
    list.push_back({{"wrong", each.wrong}, {"text", each.text}});
  }
  return base::to_pretty_text(json::object{{"findings", std::move(list)}});
}

std::vector<std::string> delete_study(const std::string& project_directory) {
  return project::delete_study(project_directory);
}

std::uint64_t delete_trial_files(const std::string& project_directory, std::uint64_t trial) {
  return project::delete_trial_files(project_directory, trial);
}

}  // namespace dodona
