// SPDX-License-Identifier: Apache-2.0
#include "processes.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace command {
namespace {

// Fields of /proc/PID/stat, counted from 1; proc(5).
constexpr int kSession = 6;
constexpr int kResidentPages = 24;

struct Process {
  char state = 'Z';
  pid_t group = 0;
  pid_t session = 0;
  std::uint64_t resident_pages = 0;

  bool lives() const { return state != 'Z' && state != 'X'; }
};

Process read_process(const std::filesystem::path& directory) {
  Process process;
  std::ifstream file(directory / "stat");
  std::string line;
  std::getline(file, line);
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  pid_t parent = 0;
  fields >> process.state >> parent >> process.group >> process.session;
  std::string passed;
  for (int at = kSession + 1; at < kResidentPages; ++at) fields >> passed;
  fields >> process.resident_pages;
  return process;
}

// Calls visit(process) for each until it answers true. Returns false without /proc.
template <class Visit>
bool visit_processes(Visit&& visit) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (visit(read_process(entry.path()))) break;
  }
  return !error;
}

}  // namespace

bool has_living_member(pid_t group) {
  bool found = false;
  const bool looked = visit_processes([&](const Process& process) {
    found = process.group == group && process.lives();
    return found;
  });
  return found || !looked;
}

std::uint64_t MemoryMeter::resident_bytes(pid_t session) {
  const std::lock_guard lock(mutex_);
  const auto now = Clock::now();
  if (now - measured_ >= kAge) {
    const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
    sizes_.clear();
    visit_processes([&](const Process& process) {
      sizes_[process.session] += process.resident_pages * page;
      return false;
    });
    measured_ = now;
  }
  const auto found = sizes_.find(session);
  return found == sizes_.end() ? 0 : found->second;
}

}  // namespace command
