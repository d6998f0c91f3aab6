// SPDX-License-Identifier: Apache-2.0
//
// The files of a study in its project's directory, and their removal.
//
// Errors:  Error{kState} for a study that a process holds, Error{kIo} for the disk.
// Threads: any.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace dodona::project {

inline constexpr const char* kDatabase = "study.db";
// The files of a study. The database comes last: without it there is none.
inline constexpr const char* kStudyFiles[] = {"trials", "study.crash", "study.db-wal",
                                              "study.db-shm", kDatabase};

// Files and directories of a study document's sinks, as their options name them, relative to the
// project.
std::set<std::filesystem::path> sink_files(const std::string& document);

// Deletes the study of a directory: its log, its models, its mailbox, and the files of its sinks, and
// then the directory, if nothing else is in it. Answers the names of what is left there: a directory
// of a sink may hold files of somebody else.
// Errors: nothing is deleted where the study is held. After an error of the disk part of it is gone;
//         the database goes last, and the call can be made again.
std::vector<std::string> delete_study(const std::filesystem::path& directory);

// Deletes what a trial has kept on the disk: models and checkpoints. Its events stay. Answers how many
// bytes that was.
std::uint64_t delete_trial_files(const std::filesystem::path& directory, std::uint64_t trial);

}  // namespace dodona::project
