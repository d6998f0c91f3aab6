// SPDX-License-Identifier: Apache-2.0
//
// Oracles and stoppers that each break one rule. A name is the id of the check that finds it, with
// a word behind it where several are found by one.
#include "sound_oracle.hpp"

#include <dodona/testing/random_space.hpp>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

using dodona::StudyContext;

// ---- objects -----------------------------------------------------------------------------------

struct Exits : SoundOracle {
  explicit Exits(const StudyContext& context) : SoundOracle(context) { std::exit(0); }
};
struct Aborts : SoundOracle {
  explicit Aborts(const StudyContext& context) : SoundOracle(context) { std::abort(); }
};
struct Hangs : SoundOracle {
  explicit Hangs(const StudyContext& context) : SoundOracle(context) {
    std::this_thread::sleep_for(std::chrono::hours(1));
  }
};
struct Refuses : SoundOracle {
  explicit Refuses(const StudyContext& context) : SoundOracle(context) {
    throw dodona::Error(DODONA_E_STATE, "not today");
  }
};

// Reads members of the study that the host need not have.
struct ReadsBeyond : SoundOracle {
  explicit ReadsBeyond(const StudyContext& context) : SoundOracle(context) {
    for (std::uint64_t i = 0; i < context.study.limit_count; ++i) {
      seed_ += static_cast<std::uint64_t>(context.study.limits[i]->low);
    }
  }
};

struct TakesNoLonger : SoundOracle {
  using SoundOracle::SoundOracle;
  void observe(const dodona_event& event) {
    if (event.struct_size > sizeof event) throw std::runtime_error("an event from the future");
  }
};

struct ReadsAnOption : SoundOracle {
  explicit ReadsAnOption(const StudyContext& context) : SoundOracle(context) {
    seed_ += static_cast<std::uint64_t>(context.options.get<std::int64_t>("rounds"));
  }
};

using Adapter = dodona::OracleAdapter<ReadsAnOption>;

dodona_status create_beyond(const dodona_host* host, const dodona_study* study,
                            const dodona_options* options, void** self,
                            dodona_error* error) noexcept {
  const dodona_status status = Adapter::create(host, study, options, self, error);
  if (status != DODONA_OK && error != nullptr) {
    std::memcpy(error->message, "whatever the room", error->size = 17);
  }
  return status;
}

dodona_status create_silent(const dodona_host* host, const dodona_study* study,
                            const dodona_options* options, void** self,
                            dodona_error* error) noexcept {
  const dodona_status status = Adapter::create(host, study, options, self, error);
  if (status != DODONA_OK && error != nullptr) error->size = 0;
  return status;
}

[[noreturn]] void break_the_rule() {
  throw std::runtime_error("across the boundary");
}

dodona_status create_throwing(const dodona_host*, const dodona_study*, const dodona_options*,
                              void**, dodona_error*) noexcept {
  break_the_rule();
}

template <auto kCreate>
constexpr dodona_oracle_vtable kWithCreate = [] {
  dodona_oracle_vtable table = Adapter::kTable;
  table.create = kCreate;
  return table;
}();

struct LeaksMemory : SoundOracle {
  explicit LeaksMemory(const StudyContext& context) : SoundOracle(context) {
    static void* volatile last = nullptr;
    last = std::malloc(1000);
  }
};
struct LeaksFiles : SoundOracle {
  explicit LeaksFiles(const StudyContext& context) : SoundOracle(context) {
    seed_ += ::open("/dev/null", O_RDONLY) < 0 ? 1 : 0;
  }
};
struct LeaksThreads : SoundOracle {
  explicit LeaksThreads(const StudyContext& context) : SoundOracle(context) {
    std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
  }
};

// ---- proposals ---------------------------------------------------------------------------------

struct Illegal : SoundOracle {
  using SoundOracle::SoundOracle;
  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dodona::Point point = drawn(trial);
    if (trial % 5 == 4) point.clear(point.size());
    out.push(point);
  }
};

// Its proposals depend on the number of questions, not on the log.
struct Counts : SoundOracle {
  using SoundOracle::SoundOracle;
  void propose(std::uint64_t, dodona::Proposals& out) { out.push(drawn(questions_++)); }
  std::uint64_t questions_ = 0;
};

struct NeedsSequences : SoundOracle {
  using SoundOracle::SoundOracle;
  void observe(const dodona_event& event) {
    if (event.sequence < next_) throw std::runtime_error("an event from the past");
    next_ = event.sequence + 1;
  }
  std::uint64_t next_ = 0;
};

struct NeedsASpace : SoundOracle {
  using SoundOracle::SoundOracle;
  void propose(std::uint64_t trial, dodona::Proposals& out) {
    if (space_->size() == 0) throw std::runtime_error("nothing to propose");
    SoundOracle::propose(trial, out);
  }
};

struct NeedsNumbers : SoundOracle {
  using SoundOracle::SoundOracle;
  void observe(const dodona_event& event) {
    if (const auto* report = dodona::body_of<dodona_reported_event>(event)) {
      if (std::isinf(dodona::first_of(report->objectives))) throw std::runtime_error("too large");
    }
  }
};

struct NeedsOneAttempt : SoundOracle {
  using SoundOracle::SoundOracle;
  void observe(const dodona_event& event) {
    if (const auto* started = dodona::body_of<dodona_started_event>(event)) {
      if (started->attempt > 0) throw std::runtime_error("tried before");
    }
  }
};

struct NeedsOneObjective : SoundOracle {
  using SoundOracle::SoundOracle;
  void observe(const dodona_event& event) {
    if (const auto* report = dodona::body_of<dodona_reported_event>(event)) {
      if (report->objectives.size > 1) throw std::runtime_error("too many objectives");
    }
  }
};

// It knows no constraints.
struct GivesUp : SoundOracle {
  using SoundOracle::SoundOracle;
  void propose(std::uint64_t trial, dodona::Proposals& out) {
    dodona::RandomStream random(seed_, trial, dodona::Purpose::kProposal);
    out.push(dodona::testing::random_point(*space_, random));
  }
};

struct FillsAnything : SoundOracle {
  using SoundOracle::SoundOracle;
  std::optional<dodona::Cell> fill(std::uint64_t, const dodona::Param& param) const {
    return from_unit(param, static_cast<double>(calls_++ % 7) / 7);
  }
  mutable std::uint64_t calls_ = 0;
};

// Its answers depend on how often it was asked.
struct EstimatesAnything : SoundOracle {
  using SoundOracle::SoundOracle;
  std::vector<dodona_estimate> estimate(std::span<const dodona::Point> points) {
    return {points.size(), dodona_estimate{static_cast<double>(++calls_), 0.0}};
  }
  std::uint64_t calls_ = 0;
};

// ---- verdicts ----------------------------------------------------------------------------------

struct Stopper {
  void set_space(const dodona::Space&) {}
  void observe(const dodona_event&) {}
};
struct UnknownVerdict : Stopper {
  dodona_verdict judge(const dodona_event& report) {
    return report.sequence % 9 == 8 ? 77 : DODONA_CONTINUE;
  }
};
struct CountsReports : Stopper {
  dodona_verdict judge(const dodona_event&) {
    return ++reports_ % 20 == 0 ? DODONA_STOP_TRIAL : DODONA_CONTINUE;
  }
  std::uint64_t reports_ = 0;
};

template <class T>
auto bad(const char* id, std::uint32_t flags = 0) {
  return dodona::oracle<T>(
      {.id = id, .name = id + 12, .description = "breaks a rule", .flags = flags});
}
auto bad_create(const char* id, const dodona_oracle_vtable* table) {
  return dodona::detail::describe(DODONA_ROLE_ORACLE, table,
                                  {.id = id, .name = id + 12, .description = "breaks a rule"},
                                  dodona::option("rounds", 1, "of nothing"));
}

}  // namespace

DODONA_PLUGIN(
    bad<Exits>("org.example.object.create-exit"), bad<Aborts>("org.example.object.create-abort"),
    bad<Hangs>("org.example.object.create-hang"), bad<Refuses>("org.example.object.create-refuse"),
    bad_create("org.example.object.create-throw", &kWithCreate<create_throwing>),
    bad<ReadsBeyond>("org.example.host.minimal"), bad<TakesNoLonger>("org.example.host.future"),
    bad_create("org.example.error.buffers", &kWithCreate<create_beyond>),
    bad_create("org.example.error.texts", &kWithCreate<create_silent>),
    bad<LeaksMemory>("org.example.leak.memory"), bad<LeaksFiles>("org.example.leak.files"),
    bad<LeaksThreads>("org.example.leak.threads"), bad<Illegal>("org.example.oracle.legal"),
    bad<Counts>("org.example.oracle.fold"), bad<NeedsSequences>("org.example.oracle.lag"),
    bad<NeedsASpace>("org.example.oracle.edges"),
    bad<NeedsNumbers>("org.example.oracle.objectives"),
    bad<NeedsOneAttempt>("org.example.oracle.events"),
    bad<NeedsOneObjective>("org.example.oracle.several", DODONA_FLAG_OBJECTIVES),
    bad<GivesUp>("org.example.oracle.constraints"), bad<FillsAnything>("org.example.oracle.fill"),
    bad<EstimatesAnything>("org.example.oracle.estimates"),
    bad<UnknownVerdict>("org.example.stopper.verdicts"),
    bad<CountsReports>("org.example.stopper.fold"))
