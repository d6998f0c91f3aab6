// SPDX-License-Identifier: Apache-2.0
#include "project/study_files.hpp"

#include "base/json.hpp"
#include "store/sqlite_store.hpp"
#include "study/event.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <variant>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// True if the option of a sink may be the name of something that it writes in the project.
bool names_a_file(const json::value& option) {
  if (!option.is_string() || option.get_string().empty()) return false;
  const fs::path path = fs::path(std::string_view(option.get_string())).lexically_normal();
  const std::string first = path.begin()->string();
  return path.is_relative() && first != "." && first != ".." && first != "trials" &&
         !first.starts_with("study.");
}

// The last document of the study; empty for one that is damaged.
std::string document_in(const fs::path& directory) {
  std::string document;
  try {
    const auto log = store::open_sqlite_store(directory.string(), store::Access::kRead);
    log->read(0, [&](const study::Event& event) {
      if (const auto* configured = std::get_if<study::Configured>(&event.body)) {
        document = configured->document;
      }
      return true;
    });
  } catch (const Error&) {
    // A damaged study can be deleted all the same.
  }
  return document;
}

void delete_all(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) {
    throw Error(DODONA_E_IO, "cannot delete " + path.string() + ": " + error.message());
  }
}

}  // namespace

std::set<fs::path> sink_files(const std::string& document) {
  std::set<fs::path> files;
  const base::JsonDocument parsed = base::parse_json(document, "study document");
  const json::value* const sinks =
      parsed.root.is_object() ? parsed.root.get_object().if_contains("sinks") : nullptr;
  if (sinks == nullptr || !sinks->is_array()) return files;
  for (const json::value& sink : sinks->get_array()) {
    const json::object* const object = sink.if_object();
    const json::value* const options = object ? object->if_contains("options") : nullptr;
    if (options == nullptr || !options->is_object()) continue;
    for (const json::key_value_pair& option : options->get_object()) {
      if (!names_a_file(option.value())) continue;
      files.insert(fs::path(std::string_view(option.value().get_string())).lexically_normal());
    }
  }
  return files;
}

std::vector<std::string> delete_study(const fs::path& directory) {
  std::vector<std::string> left;
  {
    const base::FileLock lock = store::lock_project(directory.string());
    const std::string document = document_in(directory);
    if (!document.empty()) {
      for (const fs::path& file : sink_files(document)) {
        std::error_code error;
        if (fs::is_regular_file(directory / file, error)) delete_all(directory / file);
      }
    }
    delete_all(directory / "mailbox");
    for (const char* name : kStudyFiles) delete_all(directory / name);
    // Under the lock: who waits for it finds another file, or none.
    delete_all(lock.path());
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(directory, error)) {
      left.push_back(entry.path().filename().string());
    }
    if (left.empty()) fs::remove(directory, error);
  }
  std::sort(left.begin(), left.end());
  return left;
}

std::uint64_t delete_trial_files(const fs::path& directory, std::uint64_t trial) {
  const base::FileLock lock = store::lock_project(directory.string());
  const fs::path files = directory / "trials" / std::to_string(trial);
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(files, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored)) bytes += it->file_size(ignored);
  }
  delete_all(files);
  return bytes;
}

}  // namespace dodona::project
