// SPDX-License-Identifier: Apache-2.0
//
// The facts of a study that several sinks need.
//
// Errors:  as said.
// Threads: pure.
#pragma once

#include <dodona/sink.hpp>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace dodona::common {

// The path that the option "path" of a sink means: within the study's directory, unless it is
// absolute. Makes the folders on the way. Throws Error{kInvalid} for a path that leads elsewhere.
std::filesystem::path log_path(const StudyContext& context);

// One of a study's objectives, as its user knows it.
struct Objective {
  std::string name;
  bool maximizes = false;

  // A value of the log, whose objectives are all minimized, with the sign that the user knows.
  double natural(double value) const { return maximizes ? -value : value; }
};
std::vector<Objective> objectives_of(const dodona_study& study);
// The name of the study's directory; `dodona` where it has none.
std::string name_of(const dodona_study& study);
// Two digits for each byte of a study's id.
std::string to_hex(std::span<const std::uint8_t, 16> id);

}  // namespace dodona::common
