// SPDX-License-Identifier: Apache-2.0
#include "project/set_aside.hpp"

#include "base/assert.hpp"
#include "project/study_files.hpp"
#include "store/sqlite_store.hpp"
#include "study/event.hpp"

#include <dodona/error.hpp>

#include <chrono>
#include <set>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const fs::path& path,
                       const std::error_code& error) {
  throw Error(DODONA_E_IO, "cannot " + what + " " + path.string() + ": " + error.message());
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

void delete_all(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) fail("delete", path, error);
}

void move_to(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (error) fail("move", from, error);
}

// Moves `from` to `to`. Where both are directories the children move, else `to` goes.
void merge(const fs::path& from, const fs::path& to) {
  std::error_code error;
  if (fs::is_directory(from, error) && fs::is_directory(to, error)) {
    std::vector<fs::path> children;
    for (const fs::directory_entry& child : fs::directory_iterator(from)) {
      children.push_back(child.path());
    }
    for (const fs::path& child : children) merge(child, to / child.filename());
    delete_all(from);
    return;
  }
  delete_all(to);
  move_to(from, to);
}

struct Found {
  bool begun = false;  // a trial has a report or an end
  std::string document;
};

bool is_beginning(const study::Event& event) {
  return std::holds_alternative<study::Reported>(event.body) ||
         std::holds_alternative<study::Finished>(event.body);
}

// The readable facts of the study in a directory; none of one that is damaged or not there.
Found look_into(const fs::path& directory) {
  Found found;
  try {
    const auto log = store::open_sqlite_store(directory.string(), store::Access::kRead);
    log->read(0, [&](const study::Event& event) {
      if (const auto* configured = std::get_if<study::Configured>(&event.body)) {
        found.document = configured->document;
      }
      found.begun = found.begun || is_beginning(event);
      return true;
    });
  } catch (const Error&) {
    // A study that cannot be read is set aside and put back as well as any other.
  }
  return found;
}

std::set<fs::path> files_in(const fs::path& directory) {
  const std::string document = look_into(directory).document;
  return document.empty() ? std::set<fs::path>() : sink_files(document);
}

fs::path beside(const fs::path& project, const char* end) {
  return fs::path(project.native() + ".before-overwrite" + end);
}

// Refuses to overwrite what is no study.
void check_is_project(const fs::path& directory) {
  std::error_code error;
  if (!is_there(directory)) return;
  if (fs::is_directory(directory, error) && fs::is_empty(directory, error)) return;
  if (is_there(directory / kDatabase) || is_there(directory / "study.lock")) return;
  throw Error(DODONA_E_STATE, directory.string() +
                                  " is not a Dodona project (it has no study.db), so it is not "
                                  "overwritten; choose another project_name or directory");
}

fs::path checked(const std::string& directory, SetAside::Overwrite overwrite) {
  fs::path path = fs::absolute(directory).lexically_normal();
  if (overwrite == SetAside::Overwrite::kYes) check_is_project(path);
  return path;
}

}  // namespace

SetAside::SetAside(const std::string& project_directory, Overwrite overwrite)
    : project_(checked(project_directory, overwrite)),
      aside_(beside(project_, "")),
      moving_(beside(project_, ".moving")),
      deleted_(beside(project_, ".deleted")),
      lock_(std::make_shared<base::FileLock>(store::lock_project(project_.string()))) {
  recover();
  if (overwrite == Overwrite::kYes && is_there(project_ / kDatabase)) set_aside();
}

SetAside::~SetAside() {
  DODONA_ASSERT(!watcher_.joinable());
  if (!pending()) return;
  try {
    recover();
  } catch (const std::exception&) {
    // The next start finds it as it is now, tries again and says what is wrong.
  }
}

void SetAside::recover() {
  delete_all(deleted_);
  if (is_there(moving_)) {
    merge(moving_, project_);
    put_back_ = true;
  }
  if (!is_there(aside_ / kDatabase)) return;
  if (look_into(project_).begun) {
    discard();
  } else {
    put_back();
    put_back_ = true;
  }
}

void SetAside::set_aside() {
  if (is_there(aside_)) {
    throw Error(DODONA_E_STATE, aside_.string() +
                                    " is in the way of the study that is to be overwritten; move "
                                    "it to another place");
  }
  std::set<fs::path> files = files_in(project_);
  std::error_code error;
  fs::create_directory(moving_, error);
  if (error) fail("create", moving_, error);
  try {
    const auto take = [this](const fs::path& name) {
      if (!is_there(project_ / name)) return;
      fs::create_directories((moving_ / name).parent_path());
      move_to(project_ / name, moving_ / name);
    };
    // A directory may also hold files of somebody else. Its sink knows its own, and removes them
    // when the new study begins.
    const auto take_of_sink = [&](const fs::path& name) {
      if (!fs::is_directory(project_ / name)) return take(name);
      fs::create_directories((moving_ / name).parent_path());
      base::copy_directory(project_ / name, moving_ / name);
      base::sync_below(moving_ / name);
    };
    for (const fs::path& name : files) take_of_sink(name);
    for (const char* name : kStudyFiles) take(name);
    base::sync_directory(moving_);
    move_to(moving_, aside_);
  } catch (...) {
    merge(moving_, project_);
    throw;
  }
  base::sync_directory(project_.parent_path());
  pending_ = true;
}

void SetAside::put_back() {
  for (const char* name : kStudyFiles) delete_all(project_ / name);
  for (const fs::path& name : files_in(aside_)) {
    if (is_there(aside_ / name)) delete_all(project_ / name);
  }
  move_to(aside_, moving_);
  base::sync_directory(project_.parent_path());
  merge(moving_, project_);
  base::sync_directory(project_);
  pending_ = false;
}

void SetAside::discard() {
  move_to(aside_, deleted_);
  base::sync_directory(project_.parent_path());
  pending_ = false;
  std::error_code ignored;  // what is left of it goes at the next start
  fs::remove_all(deleted_, ignored);
}

void SetAside::watch(study::Store& store) {
  if (!pending()) return;
  store_ = &store;
  watching_ = true;
  watcher_ = std::thread([this] {
    constexpr std::chrono::milliseconds patience(200);
    try {
      while (watching_ && pending()) {
        if (store_->wait_readable(looked_at_, patience)) look();
      }
    } catch (const std::exception&) {
      // The destructor or the next start looks again, and says what is wrong.
    }
  });
}

void SetAside::end_watch() {
  if (!watcher_.joinable()) return;
  watching_ = false;
  store_->interrupt();
  watcher_.join();
  try {
    if (pending()) look();
  } catch (const std::exception&) {
    // As above.
  }
  store_ = nullptr;
}

void SetAside::look() {
  bool begun = false;
  store_->read(looked_at_, [&](const study::Event& event) {
    looked_at_ = event.sequence + 1;
    begun = is_beginning(event);
    return !begun;
  });
  if (!begun) return;
  store_->wait_durable(looked_at_);
  discard();
}

}  // namespace dodona::project
