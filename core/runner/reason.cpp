// SPDX-License-Identifier: Apache-2.0
#include "runner/reason.hpp"

#include <utility>

namespace dodona::runner {
namespace {

// Phrases of Slurm 22.05, ssh and the kernel's own, the most telling first.
constexpr std::pair<std::string_view, std::string_view> kReasons[] = {
    {"Node failure on", "node failure (Slurm)"},
    {"DUE TO NODE FAILURE", "node failure (Slurm)"},
    {"DUE TO TIME LIMIT", "time limit (Slurm)"},
    {"DUE TO PREEMPTION", "preemption (Slurm)"},
    {"CANCELLED AT", "cancelled (Slurm)"},
    {"Unable to contact slurm controller", "no controller (Slurm)"},
    {"Unable to allocate resources", "no resources (Slurm)"},
    {"has been revoked", "revoked (Slurm)"},
    {"closed by remote host", "connection closed (ssh)"},
    {"Connection refused", "connection refused (ssh)"},
    {"Connection timed out", "connection timed out (ssh)"},
    {"Could not resolve hostname", "unknown host (ssh)"},
    {"Permission denied", "permission denied (ssh)"},
    {"No route to host", "no route to the host (ssh)"}};

}  // namespace

std::string engine_reason(std::string_view words) {
  for (const auto& [phrase, reason] : kReasons) {
    if (words.find(phrase) != std::string_view::npos) return std::string(reason);
  }
  return "";
}

}  // namespace dodona::runner
