// SPDX-License-Identifier: Apache-2.0
//
// The conformance kit: runs a plugin through all that the contract says.
//
//   const Library library("build/lib/dodona/plugins/mine.so");
//   for (const CheckResult& result : check(library)) {
//     EXPECT_NE(result.outcome, Outcome::kFailed) << description(result);
//   }
//
// The checks run in this process, one after another: a plugin that crashes takes it along. The
// program `dodona check` runs each of them in a process of its own.
//
// Needs no library but the C++ one. A new check is a row of kChecks and its function.
//
// Errors:  a check that fails is a result. Error{DODONA_E_INVALID} for options that no plugin of the
//          library has, or whose values its table refuses.
// Threads: one at a time.
#pragma once

#include <dodona/abi.h>
#include <dodona/testing/check_run.hpp>
#include <dodona/testing/file_checks.hpp>
#include <dodona/testing/host_checks.hpp>
#include <dodona/testing/hypermodel_checks.hpp>
#include <dodona/testing/library.hpp>
#include <dodona/testing/oracle_checks.hpp>
#include <dodona/testing/sink_checks.hpp>
#include <dodona/visibility.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// The kind of thing that a check is of. kProposer: an oracle with `propose`.
enum class Of { kLibrary = 1, kAny, kOracle, kProposer, kHyperModel, kSink };

// The amount of work of a check: it repeats itself until one of the two is used up.
struct Effort {
  double seconds;
  std::uint64_t rounds;
};

// A row of the table of checks.
struct Check {
  const char* id;
  Of of;
  Effort quick;
  Effort full;
  void (*run)(Run&);
  const char* what;
};

inline constexpr Check kChecks[] = {
    {"file.tables",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_tables,
     "epoch, sizes and required slots"},
    {"file.exports",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_exports,
     "exports its entry and nothing else"},
    {"file.runtime",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_runtime,
     "does not need a shared libc++"},
    {"file.build_id", Of::kLibrary, {1, 1}, {1, 1}, detail::check_build_id, "has a GNU build-id"},
    {"file.runpath",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_runpath,
     "looks for libraries in safe places only"},
    {"file.entry",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_entry,
     "its entry answers the same each time"},
    {"file.quiet",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_quiet,
     "loading it starts, writes and opens nothing"},
    {"file.ids", Of::kLibrary, {1, 1}, {1, 1}, detail::check_ids, "ids and names stand once"},
    {"file.texts",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_texts,
     "ids, versions, descriptions and help are there"},
    {"file.options",
     Of::kLibrary,
     {1, 1},
     {1, 1},
     detail::check_options,
     "defaults, bounds and choices fit each other"},
    {"object.create",
     Of::kAny,
     {0.2, 3},
     {1, 20},
     detail::check_create,
     "objects are made and freed"},
    {"host.minimal",
     Of::kAny,
     {0.2, 2},
     {2, 10},
     detail::check_minimal_host,
     "works on a host with the smallest structs and no extension"},
    {"host.future",
     Of::kAny,
     {0.2, 2},
     {2, 10},
     detail::check_future_host,
     "works on a host with longer structs and unknown events"},
    {"error.buffers",
     Of::kAny,
     {0.5, 1},
     {2, 1},
     detail::check_buffers,
     "keeps to error buffers of no byte and of one, and does without"},
    {"error.texts", Of::kAny, {0.5, 1}, {2, 1}, detail::check_messages, "failures say why"},
    {"oracle.legal",
     Of::kProposer,
     {0.5, 20},
     {5, 300},
     detail::check_legal,
     "legal proposals for random growing spaces, with failures"},
    {"oracle.fold",
     Of::kProposer,
     {0.5, 20},
     {5, 300},
     detail::check_fold,
     "the same proposals from the log alone, in portions of any size"},
    {"oracle.lag",
     Of::kProposer,
     {0.3, 20},
     {3, 200},
     detail::check_lag,
     "takes events in trial order"},
    {"oracle.edges",
     Of::kProposer,
     {0.7, 1},
     {10, 1},
     detail::check_edges,
     "no hyperparameter, one value, 12 decades, 200 hyperparameters"},
    {"oracle.objectives",
     Of::kProposer,
     {0.5, 1},
     {5, 1},
     detail::check_objectives,
     "objectives that are infinite, equal or missing"},
    {"oracle.events",
     Of::kProposer,
     {0.3, 10},
     {3, 100},
     detail::check_events,
     "retries, lost runners, enqueued and imported trials, unknown events"},
    {"oracle.several",
     Of::kProposer,
     {0.3, 10},
     {3, 100},
     detail::check_several_objectives,
     "several objectives, if it says that it takes them"},
    {"oracle.constraints",
     Of::kProposer,
     {0.3, 5},
     {3, 50},
     detail::check_constraints,
     "proposes values that keep the constraints"},
    {"oracle.fill",
     Of::kOracle,
     {0.2, 10},
     {1, 100},
     detail::check_fill,
     "fills in legal values, and the same ones again"},
    {"oracle.estimates",
     Of::kProposer,
     {0.3, 5},
     {3, 50},
     detail::check_estimates,
     "the same estimates from the log alone, and the same proposals after them"},
    {"stopper.verdicts",
     Of::kOracle,
     {0.2, 10},
     {1, 100},
     detail::check_verdicts,
     "known verdicts for curves of all kinds"},
    {"stopper.fold",
     Of::kOracle,
     {0.2, 10},
     {1, 100},
     detail::check_verdict_fold,
     "the same verdicts after a restart"},
    {"model.declare",
     Of::kHyperModel,
     {0.2, 10},
     {2, 100},
     detail::check_declare,
     "the same space each time"},
    {"model.trials",
     Of::kHyperModel,
     {0.6, 10},
     {5, 100},
     detail::check_trials,
     "trials with values of all kinds keep the rules of reports"},
    {"model.seed",
     Of::kHyperModel,
     {0.6, 3},
     {4, 20},
     detail::check_seed,
     "the same seed gives the same metrics"},
    {"model.cancel",
     Of::kHyperModel,
     {0.6, 3},
     {5, 3},
     detail::check_cancel,
     "stops at the step at which it is told to"},
    {"model.save",
     Of::kHyperModel,
     {0.6, 2},
     {4, 10},
     detail::check_save,
     "goes on from a saved state as if it had not been saved"},
    {"model.threads",
     Of::kHyperModel,
     {0.6, 2},
     {4, 10},
     detail::check_threads,
     "trials side by side report what each reports alone"},
    {"model.errors",
     Of::kHyperModel,
     {0.8, 1},
     {6, 1},
     detail::check_model_errors,
     "survives an error of each function that it calls"},
    {"model.late",
     Of::kHyperModel,
     {0.4, 4},
     {3, 20},
     detail::check_late,
     "uses no handle of a trial that has ended"},
    {"model.metrics",
     Of::kHyperModel,
     {0.3, 1},
     {2, 1},
     detail::check_metrics,
     "reports the metrics that it tells beforehand"},
    {"sink.consume",
     Of::kSink,
     {0.3, 10},
     {3, 100},
     detail::check_consume,
     "all events, in portions of any size, and flushes"},
    {"sink.twice",
     Of::kSink,
     {0.3, 10},
     {3, 50},
     detail::check_twice,
     "keeps an event once that comes twice"},
    {"sink.new_study",
     Of::kSink,
     {0.3, 10},
     {3, 50},
     detail::check_new_study,
     "takes another study in the same directory"},
    {"sink.killed",
     Of::kSink,
     {0.3, 5},
     {3, 20},
     detail::check_killed,
     "goes on after the process was killed between consume and flush"},
    {"leak.files", Of::kAny, {0.5, 1}, {3, 1}, detail::check_descriptors, "closes its files"},
    {"leak.threads", Of::kAny, {0.5, 1}, {3, 1}, detail::check_threads_left, "ends its threads"},
    {"leak.memory", Of::kAny, {1, 1}, {6, 1}, detail::check_memory, "memory does not grow"},
};

inline bool concerns(const Check& check, const dodona_descriptor& plugin) {
  const bool oracle = detail::is_role(plugin, DODONA_ROLE_ORACLE);
  switch (check.of) {
    case Of::kAny:
      return detail::is_known_role(plugin);
    case Of::kOracle:
      return oracle;
    case Of::kProposer:
      return oracle && DODONA_HAS(static_cast<const dodona_oracle_vtable*>(plugin.vtable),
                                  dodona_oracle_vtable, propose);
    case Of::kHyperModel:
      return detail::is_role(plugin, DODONA_ROLE_HYPERMODEL);
    case Of::kSink:
      return detail::is_role(plugin, DODONA_ROLE_SINK);
    default:
      return false;
  }
}

// A check of one plugin of the library, or of the whole library.
struct PlannedCheck {
  const Check* check;
  const dodona_descriptor* plugin;  // null: the library
  const char* needs;                // the check without which this one says nothing; empty: none
};

namespace detail {

// The check of a plugin's plain work, on which those of its finer points rest.
inline const char* base_of(const dodona_descriptor& plugin) {
  if (is_role(plugin, DODONA_ROLE_HYPERMODEL)) return "model.trials";
  if (is_role(plugin, DODONA_ROLE_SINK)) return "sink.consume";
  const auto& table = *static_cast<const dodona_oracle_vtable*>(plugin.vtable);
  return DODONA_HAS(&table, dodona_oracle_vtable, propose) ? "oracle.legal" : "stopper.verdicts";
}

inline const char* needs(const Check& check, const dodona_descriptor* plugin) {
  const std::string_view id = check.id;
  if (id == "file.tables") return "";
  if (plugin == nullptr || id == "object.create") return "file.tables";
  if (id == "leak.memory") return "leak.threads";  // which hold memory
  const bool plain = id.starts_with("error.") || id == base_of(*plugin);
  return plain ? "object.create" : base_of(*plugin);
}

}  // namespace detail

// All checks that concern the library, in order.
inline std::vector<PlannedCheck> plan(const Library& library) {
  std::vector<PlannedCheck> out;
  const auto add = [&](const Check& check, const dodona_descriptor* plugin) {
    out.push_back({&check, plugin, detail::needs(check, plugin)});
  };
  for (const Check& check : kChecks) {
    if (check.of == Of::kLibrary) add(check, nullptr);
  }
  const CheckSettings settings;  // outlives the run
  Run tables(library, nullptr, settings, 1, 1);
  if (result_of("", tables, "", detail::check_tables).outcome != Outcome::kPassed) return out;
  const dodona_module& module = library.module();
  for (std::uint64_t i = 0; i < module.count; ++i) {
    const dodona_descriptor& plugin = *module.descriptors[i];
    if (!detail::is_known_role(plugin)) continue;
    const std::string_view base = detail::base_of(plugin);
    for (const bool first : {true, false}) {  // its plain work before the finer points
      for (const Check& check : kChecks) {
        const bool plain = base == check.id || std::string_view(check.id) == "object.create";
        if (concerns(check, plugin) && plain == first) add(check, &plugin);
      }
    }
  }
  return out;
}

// Throws Error{DODONA_E_INVALID} for options that no plugin of the library has, or with a wrong
// value. The tables must be sound.
inline void need_known_options(const Library& library, const std::string& options) {
  Values ignored;
  for (const auto& [name, value] : detail::OptionReader(options).members(ignored)) {
    bool known = false;
    for (std::uint64_t i = 0; i < library.module().count; ++i) {
      const dodona_descriptor& plugin = *library.module().descriptors[i];
      for (std::uint64_t k = 0; k < plugin.option_count; ++k) {
        known = known || plugin.options[k]->name == name;
      }
    }
    if (!known) throw Error(DODONA_E_INVALID, "no plugin here has the option \"" + name + "\"");
  }
}

inline CheckResult check_one(const Library& library, const PlannedCheck& planned,
                             const CheckSettings& settings) {
  const Effort& effort = settings.quick ? planned.check->quick : planned.check->full;
  Run run(library, planned.plugin, settings, effort.seconds, effort.rounds);
  const std::string plugin = planned.plugin == nullptr ? "" : planned.plugin->name;
  return result_of(planned.check->id, run, plugin, [&](Run& self) {
    if (planned.plugin != nullptr) {
      try {
        static_cast<void>(self.options());
      } catch (const Error& error) {
        if (error.code() == DODONA_E_UNSUPPORTED) throw NotApplicable(error.what());
        throw;
      }
    }
    planned.check->run(self);
  });
}

// `oracle.fold of random: failed: trial 3 is proposed otherwise (seed 7)`
inline std::string description(const CheckResult& result) {
  std::string out = result.id + (result.plugin.empty() ? "" : " of " + result.plugin);
  if (result.outcome == Outcome::kPassed) return out + ": passed";
  const bool failed = result.outcome == Outcome::kFailed;
  out += (failed ? ": failed: " : ": skipped: ") + result.text;
  return failed ? out + " (seed " + std::to_string(result.seed) + ")" : out;
}

// Runs all checks that concern the library. A check that needs a failed one is skipped.
inline std::vector<CheckResult> check(const Library& library, const CheckSettings& settings = {}) {
  std::vector<CheckResult> out;
  std::map<std::pair<std::string, std::string>, bool> failed;
  for (const PlannedCheck& planned : plan(library)) {
    const std::string plugin = planned.plugin == nullptr ? "" : planned.plugin->name;
    const std::string needed = planned.needs;
    if (failed[{needed, ""}] || failed[{needed, plugin}]) {
      out.push_back({planned.check->id, plugin, Outcome::kSkipped, needed + " failed"});
    } else {
      out.push_back(check_one(library, planned, settings));
    }
    failed[{planned.check->id, plugin}] = out.back().outcome == Outcome::kFailed ||
                                          (failed[{needed, ""}] || failed[{needed, plugin}]);
  }
  return out;
}

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
