// SPDX-License-Identifier: Apache-2.0
#include "tuner/open_study.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "document/document.hpp"
#include "document/resume.hpp"
#include "project/witness.hpp"
#include "tuner/crashes.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <random>
#include <thread>
#include <utility>

namespace dodona::tuner {
namespace {

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::unique_ptr<project::SetAside> take(const std::string& directory, bool overwrite) {
  using Overwrite = project::SetAside::Overwrite;
  if (directory.empty()) return nullptr;
  return std::make_unique<project::SetAside>(directory,
                                             overwrite ? Overwrite::kYes : Overwrite::kNo);
}

}  // namespace

OpenStudy::OpenStudy(TunerOptions given)
    : options(std::move(given)),
      catalogue(document::catalogue_of(options.plugins)),
      settings(document::checked(options.study, catalogue)),
      objective(document::objective_of(settings)),
      directory(project::project_directory(settings)),
      place(directory.empty() ? "" : std::filesystem::absolute(directory).string()),
      shared_services(std::make_shared<KernelServices>(options.on_log)),
      services(*shared_services),
      aside(take(directory, options.overwrite)),
      store(project::open_store(settings, aside ? aside->lock() : nullptr)),
      folded(project::fold(*store, objective)),
      state(folded.state),
      journal(*store, state, clock),
      space(project::overrides_of(settings)) {
  if (aside != nullptr && aside->put_back_at_start()) {
    services.log(study::Level::kWarn, "overwrite",
                 "the last start in " + directory +
                     " was cut off before a trial of its new study had a report; the study from "
                     "before was put back");
  }
  for (const plugin::Problem& problem : catalogue.problems()) {
    const bool ignored = problem.kind == plugin::Problem::Kind::kIgnored;
    services.log(ignored ? study::Level::kWarn : study::Level::kInfo, "plugins",
                 (ignored ? "" : problem.path.string() + " ") + problem.reason);
  }
  document::check_resume(state, settings, catalogue, directory, options.accept_changes);
  tell_of_scores();
  if (const std::uint64_t unchecked = store->unchecked(); unchecked > 0) {
    services.log(study::Level::kInfo, "study",
                 "the first " + std::to_string(unchecked) +
                     " events have no checksum, as dodona 0.1 wrote none");
  }
  for (const std::string& name : document::taken_out(state, settings, directory)) {
    services.log(study::Level::kWarn, "space",
                 base::quote(name) +
                     " is no longer given by the study file; it stays in the "
                     "study's space, and new trials have a value of it");
  }
  for (const std::string& text : document::constraints_taken_out(state, settings, directory)) {
    services.log(study::Level::kWarn, "constraints",
                 base::quote(text) +
                     " is no longer given by the study file; it stays in the study's space, and "
                     "new trials keep it");
  }
  space.restore(state.params(), state.constraints());
  if (!state.seed()) {
    const std::uint64_t seed = settings.seed.value_or(random_seed());
    journal.append(study::kNoTrial, study::Created{seed, version(), project::random_id()});
  }
  const std::string document = document::document_text(settings);
  const auto plugins = document::identities_of(settings, catalogue);
  const std::string builds = document::changed_builds(state.plugins(), plugins);
  if (!builds.empty()) {
    services.log(study::Level::kWarn, "study",
                 "the study goes on with other builds of its plugins: " + builds);
  }
  if (document != state.document() || plugins != state.plugins()) {
    journal.append(study::kNoTrial, study::Configured{document, plugins});
  }
  rule = study::rule_of(objective, store->names());
  if (!place.empty()) suspects = take_witness(place, journal, services);
  if (aside != nullptr) aside->watch(*store);
}

OpenStudy::~OpenStudy() {
  if (aside != nullptr) aside->end_watch();
  if (aside != nullptr && aside->pending()) {  // its destructor, once the store is closed
    services.log(study::Level::kWarn, "overwrite",
                 "the study from before is put back in " + directory +
                     ", as no trial of the new one has a report yet");
  }
  services.silence();  // a sink that does not come back may outlive who listens
}

void OpenStudy::clear_suspects() {
  const bool all_ended = journal.with_state([&](const study::State& now) {
    return std::all_of(suspects.begin(), suspects.end(), [&](std::uint64_t trial) {
      return study::is_final(now.trials()[static_cast<std::size_t>(trial)].state);
    });
  });
  if (suspects.empty() || !all_ended) return;
  project::remove_witness(place);
  suspects.clear();
}

// Calls visit(view, state, i) for i below `count`.
template <class Visit>
void OpenStudy::visit_in_slices(std::size_t count, Visit&& visit) const {
  constexpr std::size_t slice = 512;             // about 0.5 ms under the lock
  constexpr std::chrono::microseconds gap{100};  // longer than a thread takes to wake up
  for (std::size_t first = 0; first < count; first += slice) {
    // Taken again at once, the lock would never be free for a worker that waits for it.
    if (first > 0) std::this_thread::sleep_for(gap);
    viewed([&](const View& view, const study::State& now) {
      for (std::size_t i = first; i < std::min(first + slice, count); ++i) visit(view, now, i);
    });
  }
}

Ranked OpenStudy::ranked() const {
  const std::size_t count =
      journal.with_state([](const study::State& now) { return now.trials().size(); });
  Ranked order(1 + objective.others.size());
  visit_in_slices(count, [&](const View& view, const study::State& now, std::size_t i) {
    if (view.is_scored(i)) order.add(i, now.trials()[i]);
  });
  order.rank();
  return order;
}

std::vector<Result> OpenStudy::trials() const {
  const std::size_t count =
      journal.with_state([](const study::State& now) { return now.trials().size(); });
  std::vector<Result> results;
  results.reserve(count);
  visit_in_slices(count, [&](const View& view, const study::State&, std::size_t i) {
    results.push_back(view.result(i));
  });
  if (objective.others.empty()) return results;
  const Ranked order = ranked();
  for (std::size_t i = 0; i < order.trials.size(); ++i) {
    if (order.trials[i] < results.size()) {
      results[order.trials[i]].rank = order.ranking.ranks[i];
    }
  }
  return results;
}

std::vector<Result> OpenStudy::best(std::uint64_t count) const {
  const Ranked order = ranked();
  const std::size_t all = order.ranking.order.size();
  const std::size_t wanted = count > 0 && count < all ? static_cast<std::size_t>(count) : all;
  std::vector<Result> results;
  results.reserve(wanted);
  visit_in_slices(wanted, [&](const View& view, const study::State&, std::size_t i) {
    const std::size_t at = order.ranking.order[i];
    results.push_back(view.result_of_all_runs(order.trials[at]));
    if (view.has_several()) results.back().rank = order.ranking.ranks[at];
  });
  return results;
}

std::vector<Result> OpenStudy::front() const {
  if (objective.others.empty()) return best(1);
  std::vector<Result> results = best(0);
  std::erase_if(results, [](const Result& each) { return each.rank.value_or(0) > 0; });
  return results;
}

void OpenStudy::tell_of_scores() {
  const auto [scored, unscored] = folded.scored_again;
  if (scored + unscored == 0) return;
  services.log(unscored > 0 ? study::Level::kWarn : study::Level::kInfo, "study",
               "scores are made anew by the objective " + document::to_text(objective) + ": " +
                   std::to_string(scored) + " trials have one" +
                   (unscored > 0 ? ", " + std::to_string(unscored) +
                                       " lack its metrics and have none from now on"
                                 : ""));
}

bool OpenStudy::can_write() {
  try {
    journal.wait_durable(store->size());
    return true;
  } catch (const Error&) {
    return false;
  }
}

boost::json::object parsed_options(const PluginUse& choice) {
  return base::parse_json(choice.options, "options").root.as_object();
}

}  // namespace dodona::tuner
