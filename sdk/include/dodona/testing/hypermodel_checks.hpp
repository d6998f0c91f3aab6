// SPDX-License-Identifier: Apache-2.0
//
// Checks of hypermodels. Trials are short: two or three steps where the model keeps to its budget.
#pragma once

#include <dodona/abi.h>
#include <dodona/testing/check_run.hpp>
#include <dodona/testing/model_object.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {
namespace detail {

inline constexpr std::uint64_t kBudget = 3;

// A short trial of this round: its seed and values, and the kernel's stop at the budget.
inline ModelRequest short_trial(const Run& run, const ScratchDirectory& scratch,
                                std::uint64_t budget = kBudget) {
  ModelRequest out;
  out.seed = run.seed();
  out.values_seed = run.seed();
  out.defaults = run.rounds() <= 1;
  out.budget = out.stop_at = budget;
  out.directory = (scratch.path() / "trial").string();
  return out;
}

// True if the trial ended as one may that was not disturbed.
inline bool ended_well(const ModelCourse& course) {
  const bool told = !course.reports().empty() && course.reports().back().step >= kBudget;
  return course.status == DODONA_OK || course.status == DODONA_E_INVALID ||
         course.status == DODONA_E_INFEASIBLE || (course.status == DODONA_E_CANCELLED && told);
}

inline void need_rules_kept(const ModelCourse& course) {
  if (!course.trial->faults.empty()) throw Broken(course.trial->faults.front());
}

inline bool same_reports(const ModelCourse& a, const ModelCourse& b) {
  if (a.reports().size() != b.reports().size()) return false;
  const auto equal = [](const auto& one, const auto& other) {
    return one.size() == other.size() &&
           std::equal(one.begin(), one.end(), other.begin(), [](const auto& x, const auto& y) {
             return x.first == y.first && std::bit_cast<std::uint64_t>(x.second) ==
                                              std::bit_cast<std::uint64_t>(y.second);
           });
  };
  for (std::size_t i = 0; i < a.reports().size(); ++i) {
    if (a.reports()[i].step != b.reports()[i].step ||
        !equal(a.reports()[i].metrics, b.reports()[i].metrics)) {
      return false;
    }
  }
  return equal(a.trial->finished, b.trial->finished) || a.status != DODONA_OK;
}

inline void check_declare(Run& run) {
  ModelObject object(run.descriptor(), run.options());
  if (!object.declares()) throw NotApplicable("it has no declare: its first trial shows the space");
  while (run.more()) {
    std::vector<Param> asked[2];
    for (auto& each : asked) {
      FakeHp hp(object.entries());
      if (run.rounds() > 1) hp.choose = ModelObject::chooser(run.seed());
      object.declare(hp);
      require(hp.open_scopes() == 0, "declare leaves a scope open");
      each = hp.asked();
    }
    require(asked[0] == asked[1], "declare asks for other hyperparameters when it is called again");
  }
}

// Trials with the defaults and with values of all kinds keep the rules.
inline void check_trials(Run& run) {
  ModelObject object(run.descriptor(), run.options());
  while (run.more()) {
    const ScratchDirectory scratch;
    const ModelCourse course = object.run(short_trial(run, scratch));
    require(ended_well(course), course.blame());
    require(course.trial->hp.open_scopes() == 0 || course.status != DODONA_OK,
            "leaves a scope open");
    need_rules_kept(course);
  }
}

inline void check_seed(Run& run) {
  while (run.more()) {
    ModelCourse courses[2];
    for (ModelCourse& course : courses) {
      const ScratchDirectory scratch;
      ModelObject object(run.descriptor(), run.options());
      course = object.run(short_trial(run, scratch));
    }
    require(same_reports(courses[0], courses[1]),
            "reports other metrics for the same values and the same seed: all randomness must come "
            "from the trial's seed");
  }
}

inline void check_cancel(Run& run) {
  ModelObject object(run.descriptor(), run.options());
  for (std::uint64_t at = 1; at <= kBudget && run.more(); ++at) {
    const ScratchDirectory scratch;
    ModelRequest request = short_trial(run, scratch, kBudget + 1);
    request.stop_at = at;
    const ModelCourse course = object.run(request);
    need_rules_kept(course);
    const bool was_told = !course.reports().empty() && course.reports().back().step >= at;
    require(!was_told || course.status == DODONA_E_CANCELLED ||
                (course.status == DODONA_OK && at == course.reports().back().step),
            "was told to stop at step " + std::to_string(at) + ", and " + course.blame() +
                "; answer DODONA_E_CANCELLED");
  }
  const ScratchDirectory scratch;
  ModelRequest request = short_trial(run, scratch);
  request.cancelled = true;
  request.stop_at = 0;
  const ModelCourse course = object.run(request);
  require(course.reports().size() <= 1, "trains on although it was cancelled before it began");
  require(course.status == DODONA_E_CANCELLED || course.status == DODONA_OK,
          "was cancelled before it began, and " + course.blame());
}

inline void check_save(Run& run) {
  ModelObject object(run.descriptor(), run.options());
  if (!object.saves()) throw NotApplicable("it has no save and load");
  while (run.more()) {
    const ScratchDirectory scratch;
    ModelRequest request = short_trial(run, scratch);
    request.save_at = 1;
    request.save_to = (scratch.path() / "state").string();
    std::filesystem::create_directory(request.save_to);
    ModelCourse whole = object.run(request);
    require(ended_well(whole), whole.blame());
    if (whole.reports().size() < 2) throw NotApplicable("it reports fewer than two steps");
    ModelRequest rest = short_trial(run, scratch);
    rest.load_from = request.save_to;
    rest.start_step = whole.reports().front().step;
    rest.seed = run.seed() + 1000;  // all that comes after is in the state
    const ModelCourse again = object.run(rest);
    require(ended_well(again), "after load: " + again.blame());
    whole.trial->reports.erase(whole.trial->reports.begin());
    require(same_reports(whole, again),
            "goes on otherwise from a saved state than without: save and load must keep all that "
            "the following steps depend on, random numbers included");
  }
}

inline void check_threads(Run& run) {
  if ((run.descriptor().flags & DODONA_FLAG_SERIAL) != 0) {
    throw NotApplicable("it runs one trial at a time");
  }
  ModelObject object(run.descriptor(), run.options());
  while (run.more()) {
    constexpr std::size_t count = 3;
    std::array<ScratchDirectory, 2 * count> scratch;
    std::array<ModelCourse, count> alone;
    std::array<ModelCourse, count> beside;
    std::array<ModelRequest, 2 * count> requests;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      requests[i] = short_trial(run, scratch[i]);
      requests[i].seed += i % count;
    }
    for (std::size_t i = 0; i < count; ++i) alone[i] = object.run(requests[i]);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] { beside[i] = object.run(requests[count + i]); });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < count; ++i) {
      require(same_reports(alone[i], beside[i]),
              "a trial reports other metrics while others run beside it: trials must share nothing "
              "that changes");
    }
  }
}

// Each function of the handles answers each error once.
inline void check_model_errors(Run& run) {
  ModelObject object(run.descriptor(), run.options());
  const std::vector<const char*> functions = {"param", "report",         "finish", "enter", "get",
                                              "leave", "make_directory", "note",   "each"};
  const std::vector<dodona_status> codes = {
      DODONA_E_FAILED,    DODONA_E_STATE,          DODONA_E_INVALID,    DODONA_E_CANCELLED,
      DODONA_E_NO_MEMORY, DODONA_E_SPACE_CONFLICT, DODONA_E_INFEASIBLE, dodona_status{9999}};
  run.more();
  for (const dodona_status code : codes) {
    for (const std::string function : functions) {
      if (run.is_late()) return;
      const ScratchDirectory scratch;
      bool refused = false;
      ModelRequest request = short_trial(run, scratch);
      request.refuse = [&](const char* called) {
        if (function != called) return dodona_status{DODONA_OK};
        refused = true;
        return code;
      };
      const ModelCourse course = object.run(request);
      const bool weighs = function == "param" || function == "report" || function == "finish";
      require(!refused || !weighs || course.status != DODONA_OK,
              std::string(course.slot) + " answers DODONA_OK although " + function +
                  " answered status " + std::to_string(code) + " to it");
    }
  }
}

// No thread of a model uses the handle after release.
inline void check_late(Run& run) {
  std::vector<ModelCourse> courses;
  auto object = std::make_unique<ModelObject>(run.descriptor(), run.options());
  const auto late = [&] {
    for (const ModelCourse& course : courses) {
      if (course.trial->late_calls > 0) return true;
    }
    return false;
  };
  while (run.more()) {
    const ScratchDirectory scratch;
    ModelRequest request = short_trial(run, scratch);
    if (run.rounds() % 2 == 0) request.stop_at = 1;
    courses.push_back(object->run(request));
  }
  object.reset();
  for (int i = 0; i < 20 && !late(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  require(!late(),
          "uses the handle of a trial that has ended; join its threads before the slot "
          "returns");
}

inline void check_metrics(Run& run) {
  ModelObject object(run.descriptor(), run.options());
  if (!DODONA_HAS(&object.table(), dodona_hypermodel_vtable, metrics)) {
    throw NotApplicable("it does not tell its metrics");
  }
  std::map<std::string, dodona_direction> told;
  call([&](dodona_error* error) {
    return object.table().metrics(
        object.self(),
        [](void* ctx, dodona_str name, dodona_direction direction) noexcept {
          static_cast<std::map<std::string, dodona_direction>*>(ctx)->emplace(view(name),
                                                                              direction);
        },
        &told, error);
  });
  for (const auto& [name, direction] : told) {
    require(direction >= 0 && direction <= DODONA_MAXIMIZE,
            "tells the unknown direction " + std::to_string(direction) + " of \"" + name + "\"");
  }
  run.more();
  const ScratchDirectory scratch;
  const ModelCourse course = object.run(short_trial(run, scratch));
  for (const FakeTrial::Report& report : course.reports()) {
    for (const auto& [name, value] : report.metrics) {
      require(told.contains(name), "reports \"" + name +
                                       "\", which is not among the metrics that it "
                                       "tells beforehand");
    }
  }
}

}  // namespace detail
}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
