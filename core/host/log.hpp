// SPDX-License-Identifier: Apache-2.0
//
// The library's log as lines above the progress: `12:03:14 warning: ...`.
//
// Threads: one call at a time.
#pragma once

#include "host/progress.hpp"

#include <dodona/tuner.hpp>

#include <memory>
#include <string>

namespace spdlog {
class logger;
}

namespace dodona::host {

class Log {
 public:
  // Warnings and errors; with `verbose` what is merely worth knowing too.
  Log(ProgressDisplay& display, bool verbose);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(dodona_level level, const std::string& message);

 private:
  std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace dodona::host
