// SPDX-License-Identifier: Apache-2.0
//
// One oracle on one problem of several objectives: prints the hypervolume after so many trials.
//
//   front_run list                        each problem as a line of JSON: its space and its sizes
//   front_run run ORACLE PROBLEM SEED N MARK...
//                                         answers {"volumes": {MARK: volume, ...}, "seconds": mean}
//   front_run serve PROBLEM               answers a line of values by objectives and excesses, and
//                                         the line "volume" by the volume so far
//   front_run latency ORACLE D M N K      milliseconds of each of K proposals of D floats for M
//                                         objectives, after N finished trials
//
// Oracles are loaded as built and driven through their tables, without a kernel: seconds are
// processor time of `propose` and of the events that it observes.
#include "bench/quality/answer.hpp"
#include "bench/quality/fronts.hpp"
#include "support/built_plugin.hpp"
#include "support/params.hpp"

#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/oracle_study.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <numeric>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using dodona::Point;
using dodona::bench::Archive;
using dodona::bench::FrontProblem;
using dodona::bench::processor_seconds;
using dodona::bench::Scores;
using dodona::testing::Answer;
using dodona::testing::OracleStudy;

const FrontProblem& find(const std::vector<FrontProblem>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const FrontProblem& each) { return each.name == name; });
  if (found == all.end()) throw std::runtime_error("no problem is named " + name);
  return *found;
}

void search(const FrontProblem& problem, const std::string& oracle, std::uint64_t seed,
            std::uint64_t trials, const std::set<std::uint64_t>& marks) {
  OracleStudy study(dodona::support::plugin(oracle), problem.space,
                    {.seed = seed,
                     .max_trials = trials,
                     .objectives = problem.reference.size(),
                     .limits = problem.limits});
  Archive archive(problem);
  double seconds = 0;
  std::cout << "{\"volumes\": {";
  for (std::uint64_t id = 0; id < trials; ++id) {
    const double before = processor_seconds();
    if (study.ask() != Answer::kProposed) throw std::runtime_error("it proposes nothing");
    seconds += processor_seconds() - before;
    const Scores scores = problem.scores(study.trials()[id].point);
    study.finish(id, {scores.objectives, scores.excesses});
    archive.add(scores);
    if (!marks.contains(id + 1)) continue;
    std::cout << (id + 1 == *marks.begin() ? "" : ", ") << '"' << id + 1
              << "\": " << archive.volume();
  }
  std::cout << "}, \"seconds\": " << seconds / static_cast<double>(trials) << "}\n";
}

void serve(const FrontProblem& problem) {
  Archive archive(problem);
  std::string line, word;
  while (std::getline(std::cin, line)) {
    if (line == "volume") {
      std::cout << archive.volume() << std::endl;
      continue;
    }
    std::istringstream words(line);
    Point point(problem.space.size());
    for (std::size_t i = 0; i < problem.space.size() && words >> word; ++i) {
      point.set(i, dodona::Cell::real(std::stod(word)));
    }
    const Scores scores = problem.scores(point);
    archive.add(scores);
    for (const double each : scores.objectives) std::cout << each << ' ';
    for (const double each : scores.excesses) std::cout << each << ' ';
    std::cout << std::endl;
  }
}

// Objectives whose best points are the corners of a simplex and what lies between them.
dodona::testing::Result result_of(const Point& point, std::size_t objectives) {
  dodona::testing::Result out;
  for (std::size_t m = 0; m < objectives; ++m) {
    double sum = 0;
    for (std::size_t i = 0; i < point.size(); ++i) {
      const double goal = i % objectives == m ? 0.3 : 0.6;
      const double off = point[i].real() - goal;
      sum += off * off + 0.01 * std::sin(20 * off);
    }
    out.objectives.push_back(sum);
  }
  return out;
}

void latency(const std::string& oracle, std::size_t dims, std::size_t objectives,
             std::uint64_t finished, std::uint64_t count) {
  dodona::Space space;
  for (std::size_t i = 0; i < dims; ++i) {
    space.add(dodona::support::real("x" + std::to_string(i), 0, 1));
  }
  OracleStudy study(dodona::support::plugin(oracle), space, {.seed = 1, .objectives = objectives});
  dodona::RandomStream random(1, 0, dodona::Purpose::kTrialSeed);
  for (std::uint64_t id = 0; id < finished; ++id) {
    Point point(dims);
    for (std::size_t i = 0; i < dims; ++i) point.set(i, dodona::Cell::real(random.uniform()));
    study.enqueue(point);
    study.finish(id, result_of(point, objectives));
  }
  std::vector<double> costs;
  for (std::uint64_t id = finished; id < finished + count; ++id) {
    const double before = processor_seconds();
    if (study.ask() != Answer::kProposed) break;
    costs.push_back(1e3 * (processor_seconds() - before));
    study.finish(id, result_of(study.trials()[id].point, objectives));
  }
  const double first = costs.front();
  costs.erase(costs.begin());
  std::sort(costs.begin(), costs.end());
  std::cout << "{\"first\": " << first << ", \"median\": " << costs[costs.size() / 2]
            << ", \"mean\": "
            << std::accumulate(costs.begin(), costs.end(), 0.0) / static_cast<double>(costs.size())
            << ", \"largest\": " << costs.back() << "}\n";
}

void list(const std::vector<FrontProblem>& all) {
  for (const FrontProblem& problem : all) {
    std::cout << "{\"name\": \"" << problem.name << "\", \"group\": \"" << problem.group
              << "\", \"objectives\": " << problem.reference.size()
              << ", \"limits\": " << problem.limits.size() << ", \"volume\": " << problem.volume
              << ", \"space\": [";
    for (std::size_t i = 0; i < problem.space.size(); ++i) {
      const dodona::Param& param = problem.space.params()[i];
      std::cout << (i ? ", " : "") << '[' << param.low.real() << ", " << param.high.real() << ']';
    }
    std::cout << "]}\n";
  }
}

int run(const std::vector<std::string>& words) {
  const auto number = [&](std::size_t i) { return std::stoull(words[i]); };
  const std::vector<FrontProblem> all = dodona::bench::front_problems();
  const std::string mode = words.empty() ? "" : words[0];
  if (mode == "list" && words.size() == 1) {
    list(all);
  } else if (mode == "run" && words.size() >= 6) {
    std::set<std::uint64_t> marks;
    for (std::size_t i = 5; i < words.size(); ++i) marks.insert(number(i));
    search(find(all, words[2]), words[1], number(3), number(4), marks);
  } else if (mode == "serve" && words.size() == 2) {
    serve(find(all, words[1]));
  } else if (mode == "latency" && words.size() == 6) {
    latency(words[1], number(2), number(3), number(4), number(5));
  } else {
    std::cerr << "usage: front_run list | run ORACLE PROBLEM SEED N MARK... | serve PROBLEM | "
                 "latency ORACLE D M N K\n";
    return 2;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::cout.precision(17);
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
