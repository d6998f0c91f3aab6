// SPDX-License-Identifier: Apache-2.0
//
// A search in a few lines, or with `plugins` or `file` the first call of another program. Compiled
// unlike libdodona, it ends with one line that says so.
#include <dodona/dodona.hpp>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

void run(const std::string& directory) {
  {
    dodona::Tuner tuner({.oracle = {"random"}, .max_trials = 1, .seed = 1, .directory = directory});
    tuner.search([](dodona::HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}); });
    std::printf("%zu trial\n", tuner.trials().size());
  }
  const dodona::Study study = dodona::open(directory + "/untitled_project");
  std::printf("%zu trial\n", study.trials().size());
}

}  // namespace

int main(int count, char** arguments) {
  const std::string first = count > 1 ? arguments[1] : "";
  std::string directory = std::filesystem::temp_directory_path() / "dodona_built_XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) return 1;
  int result = 0;
  try {
    if (first == "plugins") dodona::list_plugins();
#ifndef _GLIBCXX_DEBUG  // the linker does not find a function that takes another std::vector
    if (first == "file") dodona::read_study_file(directory + "/study.json");
#endif
    run(directory);
  } catch (const dodona::Error& error) {
    std::printf("%s\n", error.what());
    result = error.code() == dodona::kState ? 0 : 1;
  }
  std::filesystem::remove_all(directory);
  return result;
}
