// SPDX-License-Identifier: Apache-2.0
//
// One run of one check of the conformance kit, and its result.
//
// A check is a function of a Run. It returns where the plugin keeps the contract, and throws where
// it does not. A check that draws at random repeats itself while `more()`; each round has a seed of
// its own, so that the seed of a failure alone is enough to see the failure again.
//
// Threads: one.
#pragma once

#include <dodona/abi.h>
#include <dodona/error.hpp>
#include <dodona/guard.hpp>
#include <dodona/random.hpp>
#include <dodona/testing/library.hpp>
#include <dodona/testing/option_text.hpp>
#include <dodona/testing/oracle_object.hpp>
#include <dodona/visibility.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// Settings of all checks of a library.
struct CheckSettings {
  std::string options = "{}";  // those of a study file, as a JSON object
  std::uint64_t seed = 1;
  bool quick = false;  // fewer rounds: all checks of any plugin together take at most 10 s
};

enum class Outcome { kPassed = 1, kFailed, kSkipped };

// The end of a check.
struct CheckResult {
  std::string id;
  std::string plugin;  // its short name; empty for a check of the whole library
  Outcome outcome = Outcome::kPassed;
  std::string text{};      // why it failed or was skipped
  std::uint64_t seed = 0;  // repeats the failure
  double seconds = 0;
};

// The plugin breaks the contract: the text says how.
class Broken : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The check does not concern the plugin: the text says why.
class NotApplicable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool fine, const std::string& what) {
  if (!fine) throw Broken(what);
}

// An empty directory that is removed with this object.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dodona-check-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
      throw Error(DODONA_E_IO, "cannot make a directory " + pattern);
    }
    path_ = pattern;
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// One check at work: the plugin, the settings, and how often to repeat.
class Run {
 public:
  using Clock = std::chrono::steady_clock;

  // `descriptor` is null for a check of the whole library. A check repeats itself for `seconds`,
  // and at most `rounds` times.
  Run(const Library& of, const dodona_descriptor* descriptor, const CheckSettings& given,
      double seconds, std::uint64_t rounds)
      : library(of),
        settings(given),
        descriptor_(descriptor),
        end_(Clock::now() +
             std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds))),
        rounds_(rounds) {}

  const Library& library;
  const CheckSettings& settings;

  const dodona_descriptor& descriptor() const { return *descriptor_; }

  // Begins the next round, unless there were enough. The first one always takes place.
  bool more() {
    if (round_ > 0 && (round_ >= rounds_ || Clock::now() >= end_)) return false;
    ++round_;
    return true;
  }
  bool is_late() const { return Clock::now() >= end_; }
  std::uint64_t rounds() const { return round_; }

  // The seed of this round.
  std::uint64_t seed() const { return settings.seed + (round_ > 0 ? round_ - 1 : 0); }
  RandomStream random() const { return {seed(), 0, Purpose::kStudySeed}; }

  // The options of the plugin, completed by its defaults.
  CompleteOptions options() const { return complete_options(descriptor(), settings.options); }

  // Settings of an oracle with those options and the seed of this round.
  OracleSettings oracle_settings() const {
    const CompleteOptions given = options();
    OracleSettings out;
    out.seed = seed();
    out.options.assign(given.values.begin(), given.values.end());
    out.options_json = given.json;
    return out;
  }

 private:
  const dodona_descriptor* descriptor_;
  Clock::time_point end_;
  std::uint64_t rounds_;
  std::uint64_t round_ = 0;
};

// Runs a check here, and says what came of it. An exception that is no failure of the check is one
// of the plugin.
inline CheckResult result_of(const std::string& id, Run& run, const std::string& plugin,
                             const std::function<void(Run&)>& check) {
  CheckResult out{id, plugin};
  const auto begin = Run::Clock::now();
  const auto end_as = [&](Outcome outcome, const std::string& text) {
    out.outcome = outcome;
    out.text = text;
  };
  try {
    check(run);
  } catch (const NotApplicable& reason) {
    end_as(Outcome::kSkipped, reason.what());
  } catch (const Cancelled&) {
    end_as(Outcome::kFailed, "answers DODONA_E_CANCELLED although nothing was cancelled");
  } catch (const Error& error) {
    end_as(Outcome::kFailed,
           std::string(error.what()) + " (status " + std::to_string(error.code()) + ")");
  } catch (const std::exception& error) {
    end_as(Outcome::kFailed, error.what());
  }
  out.seed = out.outcome == Outcome::kFailed ? run.seed() : run.settings.seed;
  out.seconds = std::chrono::duration<double>(Run::Clock::now() - begin).count();
  return out;
}

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
