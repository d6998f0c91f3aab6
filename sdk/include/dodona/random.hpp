// SPDX-License-Identifier: Apache-2.0
//
// Counter-based random numbers: the n-th number of a stream is a function of (seed, stream, n).
//
// No state is carried from proposal to proposal: its random numbers depend on the study's seed and
// the trial's id alone, whatever ran before it. Neighbouring seeds give unrelated streams.
//
// Source:  Salmon, Moraes, Dror & Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3",
//          Philox-4x32 with 10 rounds.
// The numbers are the same on every machine. They are not for secrets.
//
// Errors:  none; every argument is legal, except a count of 0.
// Threads: pure functions; a RandomStream belongs to one thread.
// Cost:    about 10 ns for a block of four 32-bit words, no allocation.
#pragma once

#include <dodona/visibility.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

using PhiloxBlock = std::array<std::uint32_t, 4>;

// The bijection of a 128-bit counter under a 64-bit key.
constexpr PhiloxBlock philox(PhiloxBlock counter, std::uint64_t key) noexcept {
  auto key0 = static_cast<std::uint32_t>(key);
  auto key1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key0,
               static_cast<std::uint32_t>(product1),
               static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1,
               static_cast<std::uint32_t>(product0)};
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return counter;
}

// Purpose of a stream. The streams of one trial are independent of one another. An oracle draws
// from kProposal. The kernel draws the values that it fills in itself from kFill, and seeds from
// the others.
enum class Purpose : std::uint32_t { kTrialSeed = 1, kProposal = 2, kFill = 3, kStudySeed = 4 };

// FNV-1a of a name, as part of a stream's address. Not for untrusted keys.
constexpr std::uint64_t name_hash(std::string_view name) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

// The stream of (seed, trial, purpose, lane). The trial may be any 64-bit number. `lane` tells
// the streams of one purpose apart, for example executions. A stream has 2^32 blocks, which are
// 2^33 numbers; after those it begins anew. A copy goes on from the same place on its own.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::uint64_t trial, Purpose purpose,
               std::uint32_t lane = 0) noexcept
      : key_(mix(seed, purpose, lane)), trial_(trial) {}

  // The next 64 random bits. Every second call makes a block.
  std::uint64_t bits() noexcept {
    if (used_ == 2) refill();
    const std::size_t at = std::size_t{2} * used_++;
    return std::uint64_t{block_[at]} | std::uint64_t{block_[at + 1]} << 32;
  }

  // A number in [0, 1), a multiple of 2^-53. Takes one number of the stream.
  double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1p-53; }

  // A number in 0..count-1, each equally likely. `count` must not be 0. Takes one number of the
  // stream, and rarely more: draws that would favour small numbers are thrown away.
  std::uint64_t below(std::uint64_t count) noexcept {
    const std::uint64_t limit = UINT64_MAX - UINT64_MAX % count;
    std::uint64_t draw = bits();
    while (draw >= limit) draw = bits();
    return draw % count;
  }

 private:
  static constexpr std::uint64_t mix(std::uint64_t seed, Purpose purpose,
                                     std::uint32_t lane) noexcept {
    const PhiloxBlock block =
        philox({static_cast<std::uint32_t>(purpose), lane, 0x646F646F, 0x6E610000}, seed);
    return std::uint64_t{block[0]} | std::uint64_t{block[1]} << 32;
  }

  void refill() noexcept {
    block_ = philox({static_cast<std::uint32_t>(trial_), static_cast<std::uint32_t>(trial_ >> 32),
                     counter_++, 0},
                    key_);
    used_ = 0;
  }

  std::uint64_t key_;
  std::uint64_t trial_;
  std::uint32_t counter_ = 0;
  std::uint32_t used_ = 2;
  PhiloxBlock block_{};
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
