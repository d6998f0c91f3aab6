// SPDX-License-Identifier: Apache-2.0
#include "insight/contexts.hpp"

#include "insight/observations.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace dodona::insight {
namespace {

constexpr std::size_t kListedMax = 256;
constexpr std::size_t kDrawn = 512;
constexpr std::uint64_t kSeed = 0x636F6E74;  // of no importance, but always the same

Context context_of(const Space& space, const Point& parents, double weight) {
  Context context{weight, std::vector<double>(space.size(), kAbsent)};
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (parents.active(i)) {
      context.units[i] = to_unit(space.params()[i], parents[i]);
    } else if (space.is_active(i, parents)) {
      context.units[i] = kFree;
    }
  }
  return context;
}

// Lists the contexts by going through the values of one parent after another.
class Listing {
 public:
  Listing(const Space& space, const std::vector<unsigned char>& parents)
      : space_(space), parents_(parents), point_(space.size()) {}

  // False where there are too many, or the values of a parent have shares that are not equal.
  bool from(std::size_t at, double weight) {
    while (at < space_.size() && (parents_[at] == 0 || !space_.is_active(at, point_))) ++at;
    if (at == space_.size()) {
      contexts.push_back(context_of(space_, point_, weight));
      return contexts.size() <= kListedMax;
    }
    const Param& param = space_.params()[at];
    const std::uint64_t count = cardinality(param);
    const bool bent = param.type == ParamType::kInt && param.sampling != Sampling::kLinear;
    if (count == 0 || count > kListedMax || (bent && !param.step)) return false;
    const Point before = point_;
    for (std::uint64_t k = 0; k < count; ++k) {
      point_.set(at, value_at(param, k));
      if (!from(at + 1, weight / static_cast<double>(count))) return false;
      point_ = before;
    }
    return true;
  }

  std::vector<Context> contexts;

 private:
  const Space& space_;
  const std::vector<unsigned char>& parents_;
  Point point_;
};

}  // namespace

bool Context::active(std::size_t definition) const {
  return units[definition] != kAbsent;
}

double Context::measure(std::size_t definition, double low, double high) const {
  const double unit = units[definition];
  if (unit != kFree) return unit >= low && unit < high ? 1.0 : 0.0;
  return std::max(0.0, std::min(high, 1.0) - std::max(low, 0.0));
}

std::vector<unsigned char> parents_of(const Space& space) {
  std::vector<unsigned char> parents(space.size(), 0);
  for (const Param& param : space.params()) {
    for (const Condition& condition : param.conditions) {
      for (std::size_t i = 0; i < space.size(); ++i) {
        if (space.params()[i].name == condition.parent) parents[i] = 1;
      }
    }
  }
  return parents;
}

std::vector<Context> contexts_of(const Space& space) {
  const std::vector<unsigned char> parents = parents_of(space);
  Listing listing(space, parents);
  if (listing.from(0, 1.0)) return std::move(listing.contexts);
  std::vector<Context> drawn;
  for (std::size_t n = 0; n < kDrawn; ++n) {
    RandomStream random(kSeed, n, Purpose::kStudySeed);
    Point point(space.size());
    for (std::size_t i = 0; i < space.size(); ++i) {
      const double u = random.uniform();
      if (parents[i] != 0 && space.is_active(i, point)) {
        point.set(i, from_unit(space.params()[i], u));
      }
    }
    drawn.push_back(context_of(space, point, 1.0 / kDrawn));
  }
  return drawn;
}

}  // namespace dodona::insight
