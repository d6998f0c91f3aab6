// SPDX-License-Identifier: Apache-2.0
#include "pages/timeline.hpp"

#include "pages/columns.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

namespace dodona::pages {
namespace {

namespace json = boost::json;

constexpr double kNano = 1e-9;

struct Lane {
  std::string name;
  std::int64_t first = 0;
  std::int64_t end = 0;
  std::int64_t busy = 0;
};

// Gives each run, in the order of their starts, the first lane of its runner that is free.
class Lanes {
 public:
  std::uint32_t place(const TrialRun& run) {
    std::vector<std::uint32_t>& own = of_runner_[run.runner];
    auto free = std::find_if(own.begin(), own.end(), [&](std::uint32_t lane) {
      return all[lane].end <= run.started_unix_nanos;
    });
    if (free == own.end()) {
      const std::string name = run.runner.empty() ? "worker" : run.runner;
      own.push_back(static_cast<std::uint32_t>(all.size()));
      all.push_back(
          {own.size() > 1 || run.runner.empty() ? name + " " + std::to_string(own.size()) : name,
           run.started_unix_nanos, 0, 0});
      free = own.end() - 1;
    }
    Lane& lane = all[*free];
    lane.end = run.ended_unix_nanos;
    lane.busy += run.ended_unix_nanos - run.started_unix_nanos;
    return *free;
  }

  std::vector<Lane> all;

 private:
  std::map<std::string, std::vector<std::uint32_t>> of_runner_;
};

}  // namespace

json::object timeline(std::span<const TrialRun> runs) {
  std::vector<std::size_t> order(runs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return runs[a].started_unix_nanos < runs[b].started_unix_nanos;
  });
  Lanes lanes;
  std::vector<std::optional<std::uint32_t>> trials, places;
  std::vector<double> starts, seconds;
  json::array lost;
  for (const std::size_t i : order) {
    const TrialRun& run = runs[i];
    if (!run.lost.empty()) lost.emplace_back(trials.size());
    trials.emplace_back(static_cast<std::uint32_t>(run.trial));
    places.emplace_back(lanes.place(run));
    const std::int64_t from = runs[order.front()].started_unix_nanos;
    starts.push_back(kNano * static_cast<double>(run.started_unix_nanos - from));
    seconds.push_back(kNano * static_cast<double>(run.ended_unix_nanos - run.started_unix_nanos));
  }
  json::array named;
  for (const Lane& lane : lanes.all) {
    const auto span = static_cast<double>(lane.end - lane.first);
    named.push_back(
        {{"name", lane.name}, {"busy", span > 0 ? static_cast<double>(lane.busy) / span : 0.0}});
  }
  return {{"lanes", std::move(named)},       {"trial", index_column(trials)},
          {"lane", index_column(places)},    {"start", real_column(starts)},
          {"seconds", real_column(seconds)}, {"lost", std::move(lost)}};
}

}  // namespace dodona::pages
