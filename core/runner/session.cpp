// SPDX-License-Identifier: Apache-2.0
#include "runner/session.hpp"

#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace dodona::runner {
namespace {

namespace fs = std::filesystem;

// Fields of /proc/PID/stat, counted from 1; proc(5).
constexpr int kSession = 6;
constexpr int kResidentPages = 24;

// Calls visit(pid, its directory in /proc).
template <class Visit>
void visit_processes(Visit&& visit) {
  std::error_code none;
  for (fs::directory_iterator entry("/proc", none); !none && entry != fs::directory_iterator();
       entry.increment(none)) {
    const std::string name = entry->path().filename().string();
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error == std::errc() && end == name.data() + name.size()) visit(pid, entry->path());
  }
}

}  // namespace

void kill_followers(pid_t leader) {
  visit_processes([&](pid_t pid, const fs::path&) {
    if (pid != leader && ::getsid(pid) == leader) ::kill(pid, SIGKILL);
  });
}

std::map<pid_t, std::uint64_t> resident_by_session() {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::map<pid_t, std::uint64_t> sizes;
  visit_processes([&](pid_t, const fs::path& directory) {
    std::ifstream file(directory / "stat");
    std::string text;
    if (!std::getline(file, text)) return;  // it has ended meanwhile
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return;
    std::istringstream fields(text.substr(name_end + 1));
    std::string field;
    pid_t session = 0;
    for (int at = 3; at <= kResidentPages && fields >> field; ++at) {
      if (at == kSession) session = static_cast<pid_t>(std::atol(field.c_str()));
      if (at == kResidentPages) sizes[session] += std::strtoull(field.c_str(), nullptr, 10) * page;
    }
  });
  return sizes;
}

std::uint64_t resident_of_session(pid_t leader) {
  const auto sizes = resident_by_session();
  const auto found = sizes.find(leader);
  return found == sizes.end() ? 0 : found->second;
}

}  // namespace dodona::runner
