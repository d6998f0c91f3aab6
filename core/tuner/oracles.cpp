// SPDX-License-Identifier: Apache-2.0
#include "tuner/oracles.hpp"

#include "base/text.hpp"
#include "plugin/oracle.hpp"
#include "schedule/turns.hpp"
#include "tuner/stop_metric.hpp"

#include <cstdint>
#include <utility>

namespace dodona::tuner {
namespace {

std::unique_ptr<study::Oracle> make_oracle(const OpenStudy& study, const PluginUse& choice,
                                           const plugin::StudyInfo& info) {
  const plugin::Descriptor& descriptor = study.catalogue.find(DODONA_ROLE_ORACLE, choice.plugin);
  return plugin::make_oracle(descriptor, info, parsed_options(choice), study.services);
}

std::unique_ptr<study::Oracle> make_stopper(const OpenStudy& study) {
  plugin::StudyInfo info = study.info();
  const auto& metric = study.objective.stop_on;
  if (metric) info.objective = study::Objective(*metric);
  auto stopper = make_oracle(study, *study.settings.stopper, info);
  if (stopper->proposes() || !stopper->judges()) {
    throw Error(DODONA_E_INVALID, "stopper: " + base::quote(study.settings.stopper->plugin) +
                                      " proposes; name it under oracle");
  }
  return metric ? going_by(*metric, study.store->names(), std::move(stopper)) : std::move(stopper);
}

std::unique_ptr<study::Oracle> make_proposing(const OpenStudy& study) {
  auto oracle = make_oracle(study, study.settings.oracle, study.info());
  if (oracle->proposes()) return oracle;
  throw Error(DODONA_E_INVALID, "oracle: " + base::quote(study.settings.oracle.plugin) +
                                    " only judges; name it under stopper");
}

std::vector<std::unique_ptr<study::Oracle>> make_judges(const OpenStudy& study,
                                                        const study::Oracle& oracle) {
  const StudyOptions& settings = study.settings;
  std::vector<std::unique_ptr<study::Oracle>> judges;
  const bool in_turns = schedule::in_turns(settings);
  const std::uint32_t slots = in_turns ? schedule::slots_in_turns(settings) : 1;
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    if (in_turns && oracle.judges()) {
      judges.push_back(make_oracle(study, settings.oracle, study.info()));
    }
    if (settings.stopper) judges.push_back(make_stopper(study));
  }
  return judges;
}

}  // namespace

std::vector<study::Oracle*> Oracles::judging() const {
  std::vector<study::Oracle*> all;
  for (const auto& judge : judges) all.push_back(judge.get());
  return all;
}

Oracles make_oracles(const OpenStudy& study) {
  Oracles oracles;
  oracles.proposing = make_proposing(study);
  oracles.judges = make_judges(study, *oracles.proposing);
  return oracles;
}

}  // namespace dodona::tuner
