// SPDX-License-Identifier: Apache-2.0
//
// A trial that the application runs itself, at its own pace:
//
//   while (dodona::AskedTrial trial = tuner.ask()) {
//     const double x = trial.real("x", {.min = 0, .max = 1});
//     tuner.tell(trial, {{"loss", x * x}});
//   }
//
// It answers questions as hp does; a name that the space does not have joins it. A copy is the same
// trial. Nothing is lost with the object: a trial whose last handle goes untold is given again by
// the next ask(), with the same values; its reports begin anew.
//
// Errors:  Error{kState} where there is no trial, for one that has ended, and once the tuner is
//          gone or searches; as HyperParameters and Tuner say.
// Threads: one at a time on a trial; any number of trials at once.
#pragma once

#include <dodona/export.hpp>
#include <dodona/hypermodel.hpp>
#include <dodona/hyperparameters.hpp>
#include <dodona/result.hpp>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {

// Metrics by name; an empty name stands for the objective.
using Metrics = std::vector<std::pair<std::string, double>>;

struct AskedState;  // libdodona's
DODONA_API dodona_hp* questions_of(AskedState& asked);

namespace detail {

// Copies names and values, in their order.
inline Metrics metrics_of(std::span<const Metric> metrics) {
  Metrics list;
  for (const Metric& metric : metrics) list.emplace_back(metric.name, metric.value);
  return list;
}

}  // namespace detail

// A trial that the application runs itself. Handles may be copied.
class AskedTrial : public HyperParameters {
 public:
  // Tuner::ask() and Tuner::asked() make it.
  explicit AskedTrial(std::shared_ptr<AskedState> asked)
      : HyperParameters(questions_of(*asked)), asked_(std::move(asked)) {}

  // True if there is a trial. If not, there may be one when another was told, unless exhausted().
  DODONA_API explicit operator bool() const;
  // True if no trial will ever follow: all were given, or the oracle has no more.
  DODONA_API bool exhausted() const;

  // From 0, without gaps.
  DODONA_API std::uint64_t id() const;
  // A function of the study's seed and the trial's id.
  DODONA_API std::uint64_t seed() const;
  DODONA_API Values values() const;  // proposed, or filled in since
  // An oracle may let a trial go on from an earlier one: resume_of() ended at start_step(), and
  // this one shall end at budget(). A model that cannot go on reports from step 1.
  DODONA_API std::uint64_t start_step() const;
  DODONA_API std::uint64_t budget() const;  // 0: none
  // The trial from which this one goes on; nothing for one that begins anew.
  DODONA_API std::optional<std::uint64_t> resume_of() const;
  DODONA_API std::string directory() const;  // its own; empty where nothing is written

  // Metrics at a step; steps count from start_step() + 1 and increase. False asks to stop: then
  // tell it as stopped.
  bool report(std::uint64_t step, std::initializer_list<Metric> metrics) {
    return report(step, detail::metrics_of({metrics.begin(), metrics.size()}));
  }
  // The same of metrics that are at hand as a list.
  DODONA_API bool report(std::uint64_t step, const Metrics& metrics);
  // A remark that is kept and shown with the trial; the last one of a key counts.
  DODONA_API void note(std::string_view key, std::string_view value);
  // Keeps the trial out though every handle of it goes: Tuner::asked() finds it by its id.
  DODONA_API void detach();

 private:
  friend class Tuner;  // tells
  std::shared_ptr<AskedState> asked_;
};

}  // namespace dodona
