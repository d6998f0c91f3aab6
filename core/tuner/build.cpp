// SPDX-License-Identifier: Apache-2.0
#include <dodona/dodona.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <string_view>

namespace dodona::boundary {
namespace {

constexpr Layout kOwn[] = {{"ApplicationObject", sizeof(ApplicationObject)},
                           {"Explanation", sizeof(Explanation)},
                           {"HyperParameter", sizeof(HyperParameter)},
                           {"Importance", sizeof(Importance)},
                           {"Insight", sizeof(Insight)},
                           {"KerasTunerImport", sizeof(KerasTunerImport)},
                           {"ImportSummary", sizeof(ImportSummary)},
                           {"ModelChoice", sizeof(ModelChoice)},
                           {"ModelEvaluation", sizeof(ModelEvaluation)},
                           {"ModelSummary", sizeof(ModelSummary)},
                           {"Objective", sizeof(Objective)},
                           {"ObjectiveImportance", sizeof(ObjectiveImportance)},
                           {"PluginDescription", sizeof(PluginDescription)},
                           {"PluginInfo", sizeof(PluginInfo)},
                           {"PluginOption", sizeof(PluginOption)},
                           {"OptunaImport", sizeof(OptunaImport)},
                           {"PluginSources", sizeof(PluginSources)},
                           {"Progress", sizeof(Progress)},
                           {"ReplayResult", sizeof(ReplayResult)},
                           {"Report", sizeof(Report)},
                           {"Result", sizeof(Result)},
                           {"RetrainOptions", sizeof(RetrainOptions)},
                           {"Retrained", sizeof(Retrained)},
                           {"RowWriter", sizeof(RowWriter)},
                           {"Runner", sizeof(Runner)},
                           {"StopperReview", sizeof(StopperReview)},
                           {"StudyFinding", sizeof(StudyFinding)},
                           {"StudyNews", sizeof(StudyNews)},
                           {"StudyOptions", sizeof(StudyOptions)},
                           {"StudyStatus", sizeof(StudyStatus)},
                           {"StudyOrigin", sizeof(StudyOrigin)},
                           {"StudyPlugin", sizeof(StudyPlugin)},
                           {"StudyWarning", sizeof(StudyWarning)},
                           {"Surface", sizeof(Surface)},
                           {"TrialRun", sizeof(TrialRun)},
                           {"Summary", sizeof(Summary)},
                           {"TunerOptions", sizeof(TunerOptions)},
                           {"Values", sizeof(Values)}};

// Bytes of a class here; 0: there is none of that name.
std::size_t own_size(std::string_view type) noexcept {
  const auto* const found = std::find_if(std::begin(kOwn), std::end(kOwn),
                                         [&](const Layout& own) { return own.type == type; });
  return found == std::end(kOwn) ? 0 : found->size;
}

}  // namespace

bool is_same_build(const char* build, const Layout* layouts, std::size_t count, char* problem,
                   std::size_t capacity) noexcept {
  if (std::strcmp(build, kBuild) != 0) {
    std::snprintf(problem, capacity,
                  "this program was compiled with %s, and libdodona %s with %s; compile both alike",
                  build, DODONA_VERSION, kBuild);
    return false;
  }
  for (const Layout* its = layouts; its != layouts + count; ++its) {
    const std::size_t own = own_size(its->type);
    if (its->size == own) continue;
    std::snprintf(problem, capacity,
                  "this program was compiled with other headers than libdodona %s: %s has %zu "
                  "bytes there and %zu here; compile it again with the headers of the library",
                  DODONA_VERSION, its->type, its->size, own);
    return false;
  }
  return true;
}

}  // namespace dodona::boundary
