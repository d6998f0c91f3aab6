// SPDX-License-Identifier: Apache-2.0
//
// Checks of sinks.
#pragma once

#include <dodona/abi.h>
#include <dodona/testing/check_run.hpp>
#include <dodona/testing/sink_object.hpp>
#include <dodona/visibility.hpp>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {
namespace detail {

inline SinkObject sink_of(const Run& run, const ScratchDirectory& scratch, std::uint64_t seed) {
  return {run.descriptor(), run.options(), scratch.path().string(), seed};
}

inline std::uint64_t bytes_below(const std::filesystem::path& directory) {
  std::uint64_t sum = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) sum += entry.file_size();
  }
  return sum;
}

inline void check_consume(Run& run) {
  while (run.more()) {
    const ScratchDirectory scratch;
    RandomStream random = run.random();
    const SampleLog sample(random, run.seed(), 8);
    SinkObject sink = sink_of(run, scratch, run.seed());
    sink.flush();  // before any event
    feed(sink, sample, 0, random);
  }
}

// After a crash some events come again, with the same sequences.
inline void check_twice(Run& run) {
  while (run.more()) {
    const ScratchDirectory scratch;
    RandomStream random = run.random();
    const SampleLog sample(random, run.seed(), 12);
    const auto pass = [&](std::uint64_t from) {
      SinkObject sink = sink_of(run, scratch, run.seed());
      feed(sink, sample, from, random);
    };
    pass(0);
    const std::uint64_t once = bytes_below(scratch.path());
    pass(sample.log.size() / 4);
    const std::uint64_t twice = bytes_below(scratch.path());
    require(twice <= once + once / 4, "keeps events twice that came twice: its files grew from " +
                                          std::to_string(once) + " to " + std::to_string(twice) +
                                          " bytes; tell events apart by their sequences");
  }
}

// Another study, whose sequences begin at 0, in the same directory.
inline void check_new_study(Run& run) {
  while (run.more()) {
    const ScratchDirectory scratch;
    RandomStream random = run.random();
    for (const std::uint64_t seed : {run.seed(), run.seed() + 1}) {
      const SampleLog sample(random, seed, seed == run.seed() ? 8 : 3);
      SinkObject sink = sink_of(run, scratch, seed);
      feed(sink, sample, 0, random);
    }
  }
}

// The process dies between consume and flush; the next one sends all of it again.
inline void check_killed(Run& run) {
  while (run.more()) {
    const ScratchDirectory scratch;
    RandomStream random = run.random();
    const SampleLog sample(random, run.seed(), 6);
    const pid_t child = ::fork();
    if (child == 0) {
      SinkObject sink = sink_of(run, scratch, run.seed());
      sink.set_space(sample.space, sample.space.size());
      sink.consume(sample.log, 0, sample.log.size() / 2);
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    require(child > 0 && ::waitpid(child, &status, 0) == child, "cannot fork");
    SinkObject sink = sink_of(run, scratch, run.seed());
    feed(sink, sample, 0, random);
  }
}

}  // namespace detail
}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
