// SPDX-License-Identifier: Apache-2.0
//
// The ownership of a project's directory, and the study that an overwriting start sets aside there.
//
// The old study lies in PROJECT.before-overwrite until the new one has begun: until a report or an
// end of its first trial is on the disk. Then it is deleted. A start that fails puts it back; where
// the process was killed before that, the next start does.
//
//   (study in place) --set aside--> .before-overwrite --new study begins--> .deleted --> gone
//          ^                               |
//          +------------ .moving <---------+ start fails
//
// Directories are renamed from one state into the next, and what a state asks for can be done again
// after a crash. In `.moving` are files on their way, in either direction: they go back.
//
// The log, the trials' models and the files of the old study's sinks move, as the sinks' options
// name them. A directory of a sink is copied, since it may also hold files of somebody else.
// All else in the project's directory stays there.
//
// Errors:  Error{kState} for a directory in use or of something else, Error{kIo} for the disk.
// Threads: one, and one of its own while it watches.
#pragma once

#include "base/file.hpp"
#include "study/store.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

namespace dodona::project {

class SetAside {
 public:
  enum class Overwrite : std::uint8_t { kNo = 1, kYes };

  // Makes the directory if need be and takes its lock. Puts back what an earlier start left set
  // aside, or deletes it if the study after it had begun. With kYes, sets aside the study that is
  // there. After an error all is as it was.
  SetAside(const std::string& project_directory, Overwrite overwrite);
  // Puts back what is still set aside, after the same check as at the start. The new study's store
  // must be closed by then.
  ~SetAside();
  SetAside(const SetAside&) = delete;
  SetAside& operator=(const SetAside&) = delete;

  // Held as long as any copy of this lives.
  const std::shared_ptr<base::FileLock>& lock() const { return lock_; }
  // True if the constructor put a study back.
  bool put_back_at_start() const { return put_back_; }
  // True while a study is set aside.
  bool pending() const { return pending_.load(std::memory_order_relaxed); }

  // Watches the log of the new study, which is `store`, and deletes what is set aside as soon as it
  // has a report or an end on the disk. Does nothing where nothing is set aside.
  void watch(study::Store& store);
  // Looks once more, and leaves the store alone from now on. To be called before it is closed.
  void end_watch();

 private:
  void look();
  void recover();
  void set_aside();
  void put_back();
  void discard();

  const std::filesystem::path project_;
  const std::filesystem::path aside_;
  const std::filesystem::path moving_;
  const std::filesystem::path deleted_;
  std::shared_ptr<base::FileLock> lock_;
  bool put_back_ = false;
  std::atomic<bool> pending_ = false;
  study::Store* store_ = nullptr;
  std::uint64_t looked_at_ = 0;  // events of the new study
  std::atomic<bool> watching_ = false;
  std::thread watcher_;
};

}  // namespace dodona::project
