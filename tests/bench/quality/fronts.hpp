// SPDX-License-Identifier: Apache-2.0
//
// The test problems of several objectives: each with its space, its limits, and the hypervolume by
// which a search is judged. Smaller is better.
//
// Source:  ZDT: Zitzler, Deb & Thiele (2000), Evol. Comput. 8:173-195. DTLZ: Deb, Thiele, Laumanns &
//          Zitzler (2005), "Scalable test problems for evolutionary multiobjective optimization".
//          C2-DTLZ2 and car side impact: Jain & Deb (2014), IEEE Trans. Evol. Comput. 18:602-622.
//          Welded beam: Deb & Srinivasan (2006), "Innovization", GECCO, section 4.1.
// Threads: pure functions; an Archive takes one at a time.
#pragma once

#include <dodona/limits.hpp>
#include <dodona/space.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace dodona::bench {

// The scores of a point: its objectives, and by how much it breaks each limit.
struct Scores {
  std::vector<double> objectives, excesses;
};

struct FrontProblem {
  std::string name, group;
  Space space;
  std::vector<double> reference;  // one for each objective
  std::vector<Limit> limits;
  // The volume that the whole front dominates below the reference; where no formula gives it, the
  // volume of the best points known.
  double volume = 0;
  std::function<std::vector<double>(const std::vector<double>& x)> objectives;
  std::function<std::vector<double>(const std::vector<double>& x)> metrics{};  // of the limits

  Scores scores(const Point& point) const;
};

std::vector<FrontProblem> front_problems();

// The points so far that keep all limits and that none of the others dominates.
class Archive {
 public:
  explicit Archive(const FrontProblem& problem) : problem_(problem) {}
  void add(const Scores& scores);
  // The volume that they dominate below the problem's reference.
  double volume() const;

 private:
  const FrontProblem& problem_;
  std::vector<std::vector<double>> rows_;
};

}  // namespace dodona::bench
