// SPDX-License-Identifier: Apache-2.0
//
// One oracle on one problem: prints what each trial scored and what each proposal cost.
//
//   quality_run list                       each problem as a line of JSON: its space and minimum
//   quality_run run ORACLE PROBLEM SEED N  answers {"values": [...], "seconds": [...]}
//   quality_run serve PROBLEM SEED         answers points by "value truth"; a point is a line of
//                                          values in the order of the space, "-" for inactive ones
//
// Oracles are loaded as built and driven through their tables, without a kernel: seconds are
// processor time of `propose` and what it observes. With QUALITY_TRACE in the environment every
// trial is shown on standard error, with the note of its proposal.
#include "bench/quality/problems.hpp"
#include "support/built_plugin.hpp"
#include "support/oracle_study.hpp"

#include <dodona/random.hpp>
#include <dodona/space.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using dodona::Param;
using dodona::ParamType;
using dodona::Point;
using dodona::Purpose;
using dodona::RandomStream;
using dodona::bench::Problem;

const Problem& find(const std::vector<Problem>& all, const std::string& name) {
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Problem& problem) { return problem.name == name; });
  if (found == all.end()) throw std::runtime_error("no problem is named " + name);
  return *found;
}

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

void print_list(const char* name, const std::vector<double>& values) {
  std::cout << '"' << name << "\": [";
  for (std::size_t i = 0; i < values.size(); ++i) std::cout << (i ? ", " : "") << values[i];
  std::cout << ']';
}

void run(const Problem& problem, const std::string& oracle, std::uint64_t seed,
         std::uint64_t trials) {
  dodona::support::OracleStudy study(dodona::support::plugin(oracle), problem.space,
                                     {.seed = seed, .max_trials = trials});
  std::vector<double> values, seconds;
  for (std::uint64_t id = 0; id < trials; ++id) {
    const double before = processor_seconds();
    if (study.ask() != dodona::support::Answer::kProposed) break;
    seconds.push_back(processor_seconds() - before);
    const Point& point = study.trials()[id].point;
    RandomStream random(seed, id, Purpose::kTrialSeed);
    study.finish(id, problem.value(point, random));
    values.push_back(problem.truth(point));
    if (std::getenv("QUALITY_TRACE") != nullptr) {
      std::cerr << id << ' ' << values.back() << ' ' << study.trials()[id].note << '\n';
    }
  }
  std::cout << '{';
  print_list("values", values);
  std::cout << ", ";
  print_list("seconds", seconds);
  std::cout << "}\n";
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
    const std::vector<Problem> all = dodona::bench::problems();
    if (words.size() == 5 && words[0] == "run") {
      run(find(all, words[2]), words[1], std::stoull(words[3]), std::stoull(words[4]));
    } else if (words.size() == 3 && words[0] == "serve") {
      serve(find(all, words[1]), std::stoull(words[2]));
    } else if (words.size() == 1 && words[0] == "list") {
      for (const Problem& problem : all) {
        std::cout << "{\"name\": \"" << problem.name << "\", \"group\": \"" << problem.group
                  << "\", \"minimum\": " << problem.minimum << ", \"space\": [";
        for (std::size_t i = 0; i < problem.space.size(); ++i) print_param(problem, i);
        std::cout << "]}\n";
      }
    } else {
      std::cerr << "usage: quality_run list | run ORACLE PROBLEM SEED N | serve PROBLEM SEED\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
