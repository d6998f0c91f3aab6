// SPDX-License-Identifier: Apache-2.0
//
// The figures of a study that its events give, as text in Prometheus' exposition format. The text is
// also how they are kept: read() takes them from there.
//
// Errors:  read() throws Error{DODONA_E_INVALID} for a text that write() did not make for this study.
// Threads: one at a time.
#pragma once

#include "common/text/sink_study.hpp"

#include <dodona/event.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {

class Figures {
 public:
  // `id` is the study's, in hexadecimal digits.
  Figures(std::string_view study, std::string_view id,
          std::vector<dodona::common::Objective> objectives);

  // The sequence of the next event. Events before it are counted already.
  std::uint64_t next() const { return counts_.at("dodona_events_total"); }
  // Counts the event that is next.
  void count(const dodona_event& event);

  std::string write() const;
  void read(std::string_view text);

 private:
  std::string labels(std::string_view more = "") const;

  const std::string own_;  // labels
  const std::vector<dodona::common::Objective> objectives_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;  // by their names
  std::vector<double> best_;                                  // as the user knows it; NaN: none yet
  double time_ = 0.0;                                         // of the last event
};

}  // namespace prometheus
