// SPDX-License-Identifier: Apache-2.0
//
// An oracle in C, written from abi.h alone, proposes legal values of any space with the help of
// dodona.space/1. The test itself decides by space.hpp.
//
// Without that extension such an oracle failed on 157 of 200 random spaces.
#include "support/built_plugin.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/random.hpp>
#include <dodona/space_extension.hpp>
#include <dodona/testing/random_space.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {
namespace {

// The definitions of a space at one moment. Valid as long as it lives, as the contract asks.
struct Told {
  explicit Told(const Space& now) : space(now) {
    for (const Param& param : space.params()) params.add(param);
    raw.struct_size = sizeof raw;
    raw.revision = static_cast<std::uint32_t>(space.size());
    raw.params = params.pointers().data();
    raw.count = space.size();
  }
  const Space space;
  AbiParams params;
  dodona_space raw{};
};

// The oracle, with a host around it that keeps no log.
class Driver {
 public:
  Driver(const dodona_descriptor& plugin, std::uint64_t seed, bool has_extension = true)
      : table_(*static_cast<const dodona_oracle_vtable*>(plugin.vtable)) {
    host_.struct_size = sizeof host_;
    host_.get_extension = [](const dodona_host*, const char*) noexcept -> const void* {
      return nullptr;
    };
    if (has_extension) {
      host_.get_extension = [](const dodona_host*, const char* id) noexcept -> const void* {
        return std::string_view(id) == DODONA_EXTENSION_SPACE ? &kSpaceExtension : nullptr;
      };
    }
    study_.struct_size = sizeof study_;
    study_.seed = seed;
    call([&](dodona_error* error) {
      return table_.create(&host_, &study_, &options_, &self_, error);
    });
  }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;
  ~Driver() {
    if (self_ != nullptr) table_.destroy(self_);
  }

  void set_space(const Space& space) {
    auto next = std::make_unique<Told>(space);
    call([&](dodona_error* error) { return table_.set_space(self_, &next->raw, error); });
    told_ = std::move(next);
  }

  // The values of the next trial; throws what is wrong with them.
  std::vector<dodona_assignment> propose() {
    proposed_.clear();
    const dodona_request request{sizeof request, 0, trial_};
    const dodona_proposal_sink sink{sizeof sink, 0, this, push};
    call([&](dodona_error* error) { return table_.propose(self_, &request, &sink, error); });
    ++trial_;
    return proposed_;
  }

  void finish(double objective, dodona_trial_state state = DODONA_COMPLETED) {
    dodona_finished_event body{};
    body.struct_size = sizeof body;
    body.state = state;
    body.assignments = {proposed_.data(), proposed_.size()};
    body.objectives = {&objective, 1};
    const dodona_event event{sizeof event, DODONA_EVENT_FINISHED, 0, trial_ - 1, 0, &body};
    const dodona_event* const events[] = {&event};
    call([&](dodona_error* error) { return table_.observe(self_, events, 1, error); });
  }

 private:
  static dodona_status push(void* impl, const dodona_proposal* proposal, std::uint64_t* trial,
                            dodona_error* error) noexcept {
    return guard(error, [&] {
      auto& self = *static_cast<Driver*>(impl);
      self.take(*proposal);
      *trial = self.trial_;
    });
  }

  void take(const dodona_proposal& proposal) {
    const Space& space = told_->space;
    Point point(space.size());
    for (std::uint64_t i = 0; i < proposal.assignments.size; ++i) {
      const dodona_assignment& each = proposal.assignments.data[i];
      const auto cell = cell_of(space.params().at(each.param), each.value);
      if (!cell) throw Error(DODONA_E_INVALID, "an illegal value");
      point.set(each.param, *cell);
      proposed_.push_back(each);
    }
    for (std::size_t i = 0; i < space.size(); ++i) {
      if (space.is_active(i, point) != point.active(i)) {
        throw Error(DODONA_E_INVALID, "a value too many or too few");
      }
    }
  }

  const dodona_oracle_vtable& table_;
  dodona_host host_{};
  dodona_study study_{};
  dodona_options options_{};
  void* self_ = nullptr;
  std::unique_ptr<Told> told_;
  std::vector<dodona_assignment> proposed_;
  std::uint64_t trial_ = 0;
};

const dodona_descriptor& climb() {
  return support::plugin("climb");
}

TEST(COracle, ProposesLegalValuesOnRandomGrowingSpaces) {
  constexpr int kSpaces = 200;
  int failed = 0;
  for (int seed = 0; seed < kSpaces; ++seed) {
    RandomStream random(static_cast<std::uint64_t>(seed), 0, Purpose::kStudySeed);
    Space space = testing::random_space(random, random.below(10), random.below(2) == 0);
    try {
      Driver driver(climb(), random.bits());
      driver.set_space(space);
      for (int trial = 0; trial < 60; ++trial) {
        if (random.below(8) == 0 && space.size() < 14) {
          space.add(testing::random_param(space, random, false));
          driver.set_space(space);
        }
        driver.propose();
        const bool fails = random.below(5) == 0;
        driver.finish(random.uniform(), fails ? DODONA_FAILED : DODONA_COMPLETED);
      }
    } catch (const Error& error) {
      ADD_FAILURE() << "space " << seed << ": " << error.what();
      ++failed;
    }
  }
  std::printf("%d of %d random spaces: every proposal was legal\n", kSpaces - failed, kSpaces);
}

TEST(COracle, ClimbsDownASlope) {
  Space space;
  Param x;
  x.name = "x";
  x.low = Cell::real(0);
  x.high = Cell::real(1);
  space.add(x);
  Driver driver(climb(), 3);
  driver.set_space(space);
  double best = std::numeric_limits<double>::infinity();
  for (int trial = 0; trial < 60; ++trial) {
    const double value = driver.propose().front().value.as.d;
    const double objective = (value - 0.3) * (value - 0.3);
    best = std::min(best, objective);
    driver.finish(objective);
  }
  EXPECT_LT(best, 1e-5);
}

TEST(COracle, SaysThatItNeedsTheExtension) {
  try {
    Driver driver(climb(), 1, false);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_UNSUPPORTED);
    EXPECT_STREQ(error.what(), "this host does not offer dodona.space/1");
  }
}

}  // namespace
}  // namespace dodona
