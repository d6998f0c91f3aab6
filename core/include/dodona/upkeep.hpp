// SPDX-License-Identifier: Apache-2.0
//
// Study files before a search, and studies that nobody needs any more.
//
// Errors:  Error{kState} for a study that a process holds, Error{kIo} for the disk.
// Threads: any.
#pragma once

#include <dodona/build.hpp>
#include <dodona/export.hpp>
#include <dodona/kernel.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dodona {

// Something about a study file.
struct StudyFinding {
  bool wrong = false;  // a search refuses it; false: it is odd, and no error
  std::string text{};  // `file:line:column: path: message`
};
// {"findings": [{"wrong", "text"}]}
DODONA_API std::string to_json(const std::vector<StudyFinding>& findings);

// All that is wrong or odd about a study file, without running it: plugins are looked for, and none is
// loaded. After a mistake the rest is looked at without the key that has it. `sets` are as those of
// read_study_file().
// Errors: Error{kInvalid} for a file that cannot be read or is no JSON.
DODONA_API std::vector<StudyFinding> check_study_file(
    const std::string& path, const std::vector<std::string>& sets = {},
    const PluginSources& plugins = {},
    boundary::SameBuild build = boundary::check_build({{"StudyFinding", sizeof(StudyFinding)}}));

// Deletes the study of a directory: its log, its models, and the files of its sinks, and the directory
// if nothing else is in it. Answers the names of what is left there. A directory of a sink may hold
// files of somebody else, and stays.
// Errors: nothing is deleted where the study is held.
DODONA_API std::vector<std::string> delete_study(const std::string& project_directory);

// Deletes the models and checkpoints of a trial; its events stay. Answers how many bytes that was.
DODONA_API std::uint64_t delete_trial_files(const std::string& project_directory,
                                            std::uint64_t trial);

}  // namespace dodona
