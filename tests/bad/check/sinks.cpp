// SPDX-License-Identifier: Apache-2.0
//
// Sinks that each break one rule. A name is the id of the check that finds it.
#include <dodona/plugin.hpp>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

// A sink that keeps the contract: what is broken here begins with it.
struct Sound {
  explicit Sound(const dodona::StudyContext& context)
      : directory_(dodona::view(context.study.directory)), seed_(context.study.seed) {}
  void consume(const dodona_event&) {}
  void flush() {}

  std::string file(const char* name) const { return directory_ + "/" + name; }
  std::string directory_;
  std::uint64_t seed_;
};

struct NeedsRunners : Sound {
  using Sound::Sound;
  void consume(const dodona_event& event) {
    if (event.type == DODONA_EVENT_LOST) throw std::runtime_error("no runner is ever lost");
  }
};

struct Appends : Sound {
  using Sound::Sound;
  void consume(const dodona_event& event) {
    std::ofstream(file("events"), std::ios::app) << event.sequence << '\n';
  }
};

struct KeepsOneStudy : Sound {
  explicit KeepsOneStudy(const dodona::StudyContext& context) : Sound(context) {
    std::uint64_t other = seed_;
    std::ifstream(file("study")) >> other;
    if (other != seed_) throw std::runtime_error("the directory is that of another study");
    std::ofstream(file("study")) << seed_;
  }
};

struct Locks : Sound {
  explicit Locks(const dodona::StudyContext& context) : Sound(context) {
    if (std::filesystem::exists(file("lock"))) throw std::runtime_error("somebody else writes");
    std::ofstream(file("lock")) << "mine";
  }
  ~Locks() { std::filesystem::remove(file("lock")); }
  Locks(const Locks&) = delete;
  Locks& operator=(const Locks&) = delete;
};

template <class T>
auto bad(const char* id) {
  return dodona::sink<T>({.id = id, .name = id + 12, .description = "breaks a rule"});
}

}  // namespace

DODONA_PLUGIN(bad<NeedsRunners>("org.example.sink.consume"), bad<Appends>("org.example.sink.twice"),
              bad<KeepsOneStudy>("org.example.sink.new_study"),
              bad<Locks>("org.example.sink.killed"))
