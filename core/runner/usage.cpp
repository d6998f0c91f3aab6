// SPDX-License-Identifier: Apache-2.0
#include "runner/usage.hpp"

#include <cctype>
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

}  // namespace

std::map<pid_t, std::uint64_t> resident_by_session() {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::map<pid_t, std::uint64_t> sizes;
  std::error_code none;
  for (fs::directory_iterator entry("/proc", none); !none && entry != fs::directory_iterator();
       entry.increment(none)) {
    if (std::isdigit(static_cast<unsigned char>(entry->path().filename().c_str()[0])) == 0)
      continue;
    std::ifstream file(entry->path() / "stat");
    std::string text;
    if (!std::getline(file, text)) continue;  // it has ended meanwhile
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) continue;
    std::istringstream fields(text.substr(name_end + 1));
    std::string field;
    pid_t session = 0;
    for (int at = 3; at <= kResidentPages && fields >> field; ++at) {
      if (at == kSession) session = static_cast<pid_t>(std::atol(field.c_str()));
      if (at == kResidentPages) sizes[session] += std::strtoull(field.c_str(), nullptr, 10) * page;
    }
  }
  return sizes;
}

}  // namespace dodona::runner
