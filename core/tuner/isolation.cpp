// SPDX-License-Identifier: Apache-2.0
#include "tuner/isolation.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "document/launch.hpp"
#include "plugin/catalogue.hpp"
#include "plugin/hypermodel.hpp"
#include "plugin/options.hpp"
#include "plugin/search_path.hpp"
#include "runner/remote_model.hpp"
#include "runner/wire.hpp"

#include <dodona/trial_limits.hpp>

#include <boost/json/array.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace dodona::tuner {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using base::JsonReader;

std::string abi_text() {
  return std::to_string(DODONA_ABI_EPOCH) + '.' + std::to_string(DODONA_ABI_MINOR);
}

// ---- the study, as plugins are told of it ------------------------------------------------------

json::object to_json(const study::ObjectiveTerm& term) {
  return {{"name", term.name}, {"direction", static_cast<std::int64_t>(term.direction)}};
}

json::object to_json(const plugin::StudyInfo& info) {
  json::array objectives{to_json(static_cast<const study::ObjectiveTerm&>(info.objective))};
  for (const study::ObjectiveTerm& other : info.objective.others) {
    objectives.push_back(to_json(other));
  }
  json::array limits;
  for (const Limit& limit : info.objective.limits) {
    limits.push_back(json::array{json::string(limit.metric), runner::number_to_json(limit.low),
                                 runner::number_to_json(limit.high)});
  }
  return {{"id", json::array(info.id.begin(), info.id.end())},
          {"seed", info.seed},
          {"directory", info.directory},
          {"objectives", std::move(objectives)},
          {"limits", std::move(limits)},
          {"parallel_trials", info.parallel_trials},
          {"max_trials", info.max_trials},
          {"max_steps", info.max_steps},
          {"max_seconds", info.max_seconds},
          {"trial_limits", json::array{info.trial_limits.seconds, info.trial_limits.step_seconds,
                                       info.trial_limits.memory_mb, info.trial_limits.output_mb}}};
}

study::ObjectiveTerm read_term(const JsonReader& from) {
  return {runner::read_text(from.required("name")),
          static_cast<study::Direction>(from.required("direction").whole())};
}

plugin::StudyInfo read_info(const JsonReader& from, const study::Names& names) {
  plugin::StudyInfo info{.names = names};
  const JsonReader id = from.required("id");
  for (std::size_t i = 0; i < info.id.size(); ++i) {
    info.id[i] = static_cast<std::uint8_t>(id.element(i).whole());
  }
  info.seed = runner::read_count(from.required("seed"));
  info.directory = runner::read_text(from.required("directory"));
  const JsonReader objectives = from.required("objectives");
  info.objective = study::Objective(read_term(objectives.element(0)));
  for (std::size_t i = 1; i < objectives.array().size(); ++i) {
    info.objective.others.push_back(read_term(objectives.element(i)));
  }
  const JsonReader limits = from.required("limits");
  for (std::size_t i = 0; i < limits.array().size(); ++i) {
    const JsonReader limit = limits.element(i);
    info.objective.limits.push_back({runner::read_text(limit.element(0)),
                                     runner::read_number(limit.element(1)),
                                     runner::read_number(limit.element(2))});
  }
  info.parallel_trials = static_cast<std::uint32_t>(from.required("parallel_trials").whole());
  info.max_trials = runner::read_count(from.required("max_trials"));
  info.max_steps = runner::read_count(from.required("max_steps"));
  info.max_seconds = from.required("max_seconds").real();
  const JsonReader held = from.required("trial_limits");
  info.trial_limits = {held.element(0).real(), held.element(1).real(),
                       runner::read_count(held.element(2)), runner::read_count(held.element(3))};
  return info;
}

// ---- the program -------------------------------------------------------------------------------

// Beside the library, or the program that holds it.
std::string runner_program() {
  const fs::path holder = plugin::Environment::current().holder;
  const fs::path program =
      holder.parent_path().parent_path() / "libexec" / "dodona" / "dodona-runner";
  std::error_code none;
  if (fs::exists(program, none)) return program.string();
  throw Error(DODONA_E_IO, "there is no program for isolated trials at " + program.string() +
                               "; install Dodona whole, or give \"isolation\": \"inline\"");
}

std::vector<runner::Slot> slots_of(const StudyOptions& settings, const plugin::StudyInfo& info) {
  const std::string id(info.id.begin(), info.id.end());
  document::Places places{runner_program(), "", base::to_hex(id)};
  if (settings.launch.empty()) return {{"", {places.runner}}};
  const std::string fault = document::fault_of(settings.launch, !settings.slots.empty());
  if (!fault.empty()) throw Error(DODONA_E_INVALID, "StudyOptions.launch: " + fault);
  if (settings.silence_seconds <= settings.beat_seconds) {
    throw Error(DODONA_E_INVALID,
                "StudyOptions.silence_seconds: must be more than beat_seconds, or every runner is "
                "taken for lost");
  }
  std::vector<std::string> names = settings.slots;
  if (names.empty()) names.emplace_back();
  std::vector<runner::Slot> slots;
  for (const std::string& name : names) {
    places.slot = name;
    // The runner's program starts the client, as that must not outlive its owner.
    std::vector<std::string> words = document::filled(settings.launch, places);
    words.insert(words.begin(), {places.runner, "--client"});
    slots.push_back({name, std::move(words)});
  }
  return slots;
}

std::chrono::milliseconds to_milliseconds(double seconds) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(seconds));
}

// A hypermodel in a runner, with all that it was made from.
class ServedModel final : public study::HyperModel {
 public:
  ServedModel(const JsonReader& greeting, study::Services& services)
      : catalogue_(document::catalogue_of(sources_of(greeting))),
        descriptor_(catalogue_.find(DODONA_ROLE_HYPERMODEL,
                                    runner::read_text(greeting.required("plugin")))),
        info_(info_of(greeting)),
        model_(plugin::make_hypermodel(descriptor_, info_, greeting.required("options").object(),
                                       services)) {}

  bool declares() const override { return model_->declares(); }
  void declare(study::Asker& asker) override { model_->declare(asker); }
  std::vector<study::ToldMetric> metrics() override { return model_->metrics(); }
  bool execute(study::Run& run) override { return model_->execute(run); }
  bool saves() const override { return model_->saves(); }
  bool goes_on() const override { return model_->goes_on(); }
  std::shared_ptr<void> make(study::Run& run) override { return model_->make(run); }

  void tell(json::object& answer) const {
    answer["abi"] = abi_text();
    answer["version"] = descriptor_.version;
    answer["build_id"] = descriptor_.plain_build_id;
    answer["processor"] = descriptor_.processor;
  }

 private:
  // A plugin that runs one trial at a time in a process does so here, however many there are.
  plugin::StudyInfo info_of(const JsonReader& greeting) const {
    plugin::StudyInfo info = read_info(greeting.required("study"), names_);
    if ((descriptor_.flags & DODONA_FLAG_SERIAL) != 0) info.parallel_trials = 1;
    return info;
  }
  static PluginSources sources_of(const JsonReader& greeting) {
    PluginSources sources;
    const JsonReader list = greeting.required("plugin_path");
    for (std::size_t i = 0; i < list.array().size(); ++i) {
      sources.directories.push_back(runner::read_text(list.element(i)));
    }
    return sources;
  }

  const study::Names names_;
  const plugin::Catalogue catalogue_;
  const plugin::Descriptor& descriptor_;
  const plugin::StudyInfo info_;
  const std::unique_ptr<study::HyperModel> model_;
};

TrialLimits limits_of(const StudyOptions& settings) {
  return {settings.max_trial_seconds, settings.max_step_seconds, settings.max_trial_memory_mb,
          settings.max_trial_output_mb};
}

// Limits of time for a runner whose hypermodel keeps the given ones itself, in case that it hangs.
// They leave it the time to end its processes.
TrialLimits with_patience(const TrialLimits& limits) {
  const auto later = [](double seconds) {
    return seconds > 0 ? seconds + 3 * LimitWatch::grace_of(seconds).count() : 0;
  };
  return {later(limits.seconds), later(limits.step_seconds), 0, 0};
}

bool keeps_limits(const plugin::Descriptor& descriptor) {
  return (descriptor.flags & DODONA_FLAG_LIMITS) != 0;
}

void check_inline(const StudyOptions& settings, const plugin::Descriptor& descriptor) {
  if (!keeps_limits(descriptor)) check_not_isolated(settings);
}

}  // namespace

bool is_isolated(const StudyOptions& settings, const plugin::Descriptor& descriptor,
                 study::Services& services) {
  const bool asked = settings.isolation == "process" || !settings.launch.empty();
  const bool wished = settings.isolation.empty() && (descriptor.flags & DODONA_FLAG_ISOLATE) != 0;
  const bool is_file = !descriptor.library.empty();
  if (asked && !is_file) check_not_isolated(settings);
  if (asked) return true;
  const bool isolated = wished && is_file && settings.store != "memory";
  if (!isolated) check_inline(settings, descriptor);
  if (wished && !isolated) {
    services.log(study::Level::kWarn, "isolation",
                 plugin::label(descriptor) +
                     " asks for a process of its own, which needs a library and the store sqlite; "
                     "it runs in this one");
  }
  return isolated;
}

void check_not_isolated(const StudyOptions& settings) {
  if (settings.isolation == "process" || !settings.launch.empty()) {
    const std::string what =
        settings.launch.empty() ? "StudyOptions.isolation: \"process\"" : "StudyOptions.launch:";
    throw Error(DODONA_E_INVALID,
                what +
                    " needs a hypermodel that is a plugin's, as another process does not have the "
                    "application's objects; give \"inline\"");
  }
  if (!limits_of(settings).any()) return;
  throw Error(DODONA_E_INVALID,
              "StudyOptions.trial_limits: this hypermodel is held to them in a process of its own "
              "alone, not inline; give \"isolation\": \"process\" with the store sqlite");
}

std::unique_ptr<study::HyperModel> make_isolated(const plugin::Descriptor& descriptor,
                                                 const plugin::StudyInfo& info,
                                                 const json::object& options,
                                                 const PluginSources& sources,
                                                 const StudyOptions& settings,
                                                 study::Services& services) {
  // The place of the plugin comes first, so that the same file is found there.
  json::array path{json::string(descriptor.manifest.parent_path().string())};
  for (const std::string& each : sources.directories) {
    path.push_back(json::string(fs::absolute(each).string()));
  }
  runner::Launch launch;
  launch.slots = slots_of(settings, info);
  launch.far = !settings.launch.empty();
  launch.workers = info.parallel_trials;
  launch.directory = info.directory;
  launch.label = plugin::label(descriptor);
  launch.build = {abi_text(), descriptor.version, descriptor.plain_build_id};
  launch.processor = descriptor.processor;
  launch.beat = to_milliseconds(settings.beat_seconds);
  launch.silence = to_milliseconds(settings.silence_seconds);
  launch.idle = to_milliseconds(settings.idle_seconds);
  launch.limits = limits_of(settings);
  if (keeps_limits(descriptor)) launch.limits = with_patience(launch.limits);
  launch.greeting = {{"hello", runner::kProtocol},
                     {"plugin", descriptor.id},
                     {"options", plugin::check_options(descriptor, options)},
                     {"plugin_path", std::move(path)},
                     {"study", to_json(info)},
                     {"beat_ms", launch.beat.count()},
                     {"silence_ms", launch.silence.count()},
                     {"memory_mb", launch.limits.memory_mb},
                     {"output_mb", settings.max_trial_output_mb}};
  if (launch.far) launch.greeting["far"] = true;
  return std::make_unique<runner::RemoteModel>(std::move(launch), services);
}

std::unique_ptr<study::HyperModel> make_served(const JsonReader& greeting, json::object& answer,
                                               study::Services& services) {
  auto model = std::make_unique<ServedModel>(greeting, services);
  model->tell(answer);
  return model;
}

}  // namespace dodona::tuner
