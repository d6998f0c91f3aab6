// SPDX-License-Identifier: Apache-2.0
//
// One oracle on one problem: prints what each trial scored and what each proposal cost.
//
//   quality_run list                       each problem as a line of JSON: its space and minimum
//   quality_run run ORACLE PROBLEM SEED N [WORKERS]
//                                          answers {"values": [...], "seconds": [...]}; with eight
//                                          workers eight trials are asked before the first ends
//   quality_run latency ORACLE N K         times K proposals after N finished trials of 10 floats
//   quality_run serve PROBLEM SEED         answers points by "value truth"; a point is a line of
//                                          values in the order of the space, "-" for inactive ones
//
// Oracles are loaded as built and driven through their tables, without a kernel: seconds are
// processor time of `propose` and what it observes. Tables count as problems where
// DODONA_BENCH_DATA names their directory. With QUALITY_TRACE in the environment every trial is
// shown on standard error, with its values and the note of its proposal.
#include "bench/quality/answer.hpp"
#include "support/built_plugin.hpp"
#include "support/params.hpp"

#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/oracle_study.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

using dodona::Param;
using dodona::ParamType;
using dodona::Point;
using dodona::Purpose;
using dodona::RandomStream;
using dodona::bench::find;
using dodona::bench::Problem;
using dodona::bench::processor_seconds;
using dodona::bench::Run;

// All workers are as fast as each other: trials end in the order in which they began.
void search(const Problem& problem, const std::string& oracle, std::uint64_t seed,
            std::uint64_t trials, std::uint64_t workers) {
  dodona::testing::OracleStudy study(
      dodona::support::plugin(oracle), problem.space,
      {.seed = seed, .parallel_trials = static_cast<std::uint32_t>(workers), .max_trials = trials});
  Run run;
  bool over = false;
  for (std::uint64_t id = 0; id < trials; ++id) {
    while (!over && study.trials().size() < std::min(trials, id + workers)) {
      const double before = processor_seconds();
      over = study.ask() != dodona::testing::Answer::kProposed;
      if (!over) run.seconds.push_back(processor_seconds() - before);
    }
    if (id == study.trials().size()) break;
    const Point point = study.trials()[id].point;
    RandomStream random(seed, id, Purpose::kTrialSeed);
    const double value = problem.value(point, random);
    study.finish(id, value, std::isnan(value) ? DODONA_FAILED : DODONA_COMPLETED);
    run.values.push_back(problem.truth(point));
    if (std::getenv("QUALITY_TRACE") != nullptr) {
      std::cerr << id << ' ' << run.values.back() << " at";
      for (std::size_t i = 0; i < problem.space.size(); ++i) {
        std::cerr << (i == 0 ? ' ' : ',');
        if (point.active(i))
          std::cerr << dodona::detail::number(problem.space.params()[i], point[i]);
      }
      std::cerr << ' ' << study.trials()[id].note << '\n';
    }
  }
  print(run);
}

// Milliseconds of the first proposal after a restart, which fits anew, and of those that follow.
void latency(const std::string& oracle, std::uint64_t finished, std::uint64_t count) {
  dodona::Space space;
  for (int i = 0; i < 10; ++i) space.add(dodona::support::real("x" + std::to_string(i), 0, 1));
  dodona::testing::OracleStudy study(dodona::support::plugin(oracle), space, {.seed = 1});
  const auto score = [&](std::uint64_t id) {
    double sum = 0;
    for (std::size_t i = 0; i < space.size(); ++i) {
      const double off = study.trials()[id].point[i].real() - 0.3;
      sum += static_cast<double>(i + 1) * off * off + 0.1 * std::sin(20 * off);
    }
    return sum;
  };
  RandomStream random(1, 0, Purpose::kTrialSeed);
  for (std::uint64_t id = 0; id < finished; ++id) {
    Point point(space.size());
    for (std::size_t i = 0; i < space.size(); ++i) {
      point.set(i, dodona::Cell::real(random.uniform()));
    }
    study.enqueue(point);
    study.finish(id, score(id));
  }
  std::vector<double> costs;
  for (std::uint64_t id = finished; id < finished + count; ++id) {
    const double before = processor_seconds();
    if (study.ask() != dodona::testing::Answer::kProposed) break;
    costs.push_back(1e3 * (processor_seconds() - before));
    study.finish(id, score(id));
  }
  const double first = costs.front();
  costs.erase(costs.begin());
  std::sort(costs.begin(), costs.end());
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::cout << "{\"first\": " << first << ", \"median\": " << costs[costs.size() / 2]
            << ", \"mean\": "
            << std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(costs.size())
            << ", \"largest\": " << costs.back() << ", \"peak_mib\": " << usage.ru_maxrss / 1024
            << "}\n";
}

void serve(const Problem& problem, std::uint64_t seed) {
  std::string line, word;
  for (std::uint64_t id = 0; std::getline(std::cin, line); ++id) {
    std::istringstream words(line);
    Point point(problem.space.size());
    for (std::size_t i = 0; i < problem.space.size() && words >> word; ++i) {
      if (word == "-") continue;
      const bool is_real = problem.space.params()[i].type == ParamType::kFloat;
      point.set(
          i, is_real ? dodona::Cell::real(std::stod(word)) : dodona::Cell::whole(std::stoll(word)));
    }
    RandomStream random(seed, id, Purpose::kTrialSeed);
    const double value = problem.value(point, random);
    std::cout << value << ' ' << problem.truth(point) << std::endl;
  }
}

// Choices by their number, which is all that a peer needs.
void print_param(const Problem& problem, std::size_t i) {
  const Param& param = problem.space.params()[i];
  std::cout << (i ? ", " : "") << "{\"name\": \"" << param.name << "\", ";
  if (param.type == ParamType::kFloat) {
    std::cout << "\"type\": \"float\", \"low\": " << param.low.real()
              << ", \"high\": " << param.high.real();
  } else if (param.type == ParamType::kInt || param.ordered) {
    const bool is_int = param.type == ParamType::kInt;
    std::cout << "\"type\": \"int\", \"low\": " << (is_int ? param.low.whole() : 0)
              << ", \"high\": "
              << (is_int ? param.high.whole()
                         : static_cast<std::int64_t>(param.choices.size()) - 1);
  } else {
    std::cout << "\"type\": \"choice\", \"count\": " << cardinality(param);
  }
  std::cout << ", \"when\": [";
  for (std::size_t c = 0; c < param.conditions.size(); ++c) {
    const dodona::Condition& condition = param.conditions[c];
    std::size_t parent = 0;
    while (problem.space.params()[parent].name != condition.parent) ++parent;
    std::cout << (c ? ", " : "") << "[" << parent;
    for (const dodona::Value& value : condition.any_of) {
      std::cout << ", " << cell_of(problem.space.params()[parent], value)->whole();
    }
    std::cout << ']';
  }
  std::cout << "]}";
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  std::cout.precision(17);
  try {
    using dodona::bench::all_problems;
    if ((words.size() == 5 || words.size() == 6) && words[0] == "run") {
      const std::uint64_t seed = std::stoull(words[3]);
      const std::uint64_t workers = words.size() == 6 ? std::stoull(words[5]) : 1;
      if (workers == 0) throw std::runtime_error("a search has at least 1 worker, not 0");
      search(find(all_problems(seed), words[2]), words[1], seed, std::stoull(words[4]), workers);
    } else if (words.size() == 4 && words[0] == "latency") {
      latency(words[1], std::stoull(words[2]), std::stoull(words[3]));
    } else if (words.size() == 3 && words[0] == "serve") {
      const std::uint64_t seed = std::stoull(words[2]);
      serve(find(all_problems(seed), words[1]), seed);
    } else if (words.size() == 1 && words[0] == "list") {
      for (const Problem& problem : all_problems(1)) {
        std::cout << "{\"name\": \"" << problem.name << "\", \"group\": \"" << problem.group
                  << "\", \"minimum\": " << problem.minimum << ", \"trials\": " << problem.trials
                  << ", \"space\": [";
        for (std::size_t i = 0; i < problem.space.size(); ++i) print_param(problem, i);
        std::cout << "]}\n";
      }
    } else {
      std::cerr
          << "usage: quality_run list | run ORACLE PROBLEM SEED N [WORKERS] | latency ORACLE N K | "
             "serve PROBLEM SEED\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
