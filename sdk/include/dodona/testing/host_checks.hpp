// SPDX-License-Identifier: Apache-2.0
//
// Checks of every role: objects come and go, hosts are older and younger, errors cross the boundary
// both ways, and nothing is left behind.
#pragma once

#include <dodona/abi.h>
#include <dodona/testing/check_run.hpp>
#include <dodona/testing/file_checks.hpp>
#include <dodona/testing/hypermodel_checks.hpp>
#include <dodona/testing/library.hpp>
#include <dodona/testing/oracle_checks.hpp>
#include <dodona/testing/sink_checks.hpp>
#include <dodona/visibility.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <malloc.h>
#include <string>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {
namespace detail {

// A short life of an object, on a host of a shape.
inline void live_oracle(Run& run, Shape shape) {
  OracleSettings settings = run.oracle_settings();
  settings.shape = shape;
  RandomStream random = run.random();
  OracleStudy study(run.descriptor(), random_space(random, 3, false), settings);
  Course course = random_course(random, 6);
  const auto& table = *static_cast<const dodona_oracle_vtable*>(run.descriptor().vtable);
  if (DODONA_HAS(&table, dodona_oracle_vtable, propose)) {
    simulate(study, random, course);
  } else {
    std::vector<dodona_verdict> verdicts;
    judge_curves(study, random, 0.1, verdicts);
  }
  if (!study.trials().empty()) study.import(study.trials()[0].point, 0.5);
  study.log().append_unknown(9999);
  study.restart();
}

inline void live(Run& run, Shape shape) {
  if (is_role(run.descriptor(), DODONA_ROLE_ORACLE)) return live_oracle(run, shape);
  const ScratchDirectory scratch;
  if (is_role(run.descriptor(), DODONA_ROLE_SINK)) {
    RandomStream random = run.random();
    const SampleLog sample(random, run.seed(), 5);
    SinkObject sink(run.descriptor(), run.options(), scratch.path().string(), run.seed(), shape);
    return feed(sink, sample, 0, random);
  }
  ModelObject object(run.descriptor(), run.options(), shape);
  if (object.declares()) {
    FakeHp hp(object.entries(), shape);
    object.declare(hp);
  }
  ModelRequest request = short_trial(run, scratch);
  request.defaults = true;
  request.shape = shape;
  const ModelCourse course = object.run(request);
  require(ended_well(course), course.blame());
}

// Only makes and frees an object.
inline void make_object(Run& run, Shape shape = Shape::kCurrent) {
  if (is_role(run.descriptor(), DODONA_ROLE_ORACLE)) {
    OracleSettings settings = run.oracle_settings();
    settings.shape = shape;
    const OracleObject object(run.descriptor(), settings);
  } else if (is_role(run.descriptor(), DODONA_ROLE_SINK)) {
    const ScratchDirectory scratch;
    const SinkObject object = sink_of(run, scratch, run.seed());
  } else {
    const ModelObject object(run.descriptor(), run.options(), shape);
  }
}

inline void check_create(Run& run) {
  while (run.more()) make_object(run);
}

// A plugin may need an extension, and say so at its creation.
inline void check_minimal_host(Run& run) {
  try {
    make_object(run, Shape::kMinimal);
  } catch (const Error& error) {
    if (error.code() == DODONA_E_UNSUPPORTED) throw NotApplicable(error.what());
    throw;
  }
  while (run.more()) live(run, Shape::kMinimal);
}

inline void check_future_host(Run& run) {
  while (run.more()) live(run, Shape::kFuture);
}

// ---- errors -----------------------------------------------------------------------------------

// An error buffer whose end is watched.
class WatchedError {
 public:
  explicit WatchedError(std::size_t capacity) : capacity_(capacity) {
    std::memset(text_, kUnread, sizeof text_);
    error_ = {DODONA_ERROR_SIZE_MIN, DODONA_OK, text_, capacity, 0};
  }
  dodona_error* get() { return &error_; }

  void need_kept(const char* slot) const {
    const std::string what = std::string(slot) + ", given room for an error text of " +
                             std::to_string(capacity_) + " bytes, ";
    require(error_.size <= capacity_, what + "says that it wrote " + std::to_string(error_.size));
    require(error_.message == text_ && error_.capacity == capacity_,
            what + "changes the buffer's address or capacity");
    for (std::size_t i = capacity_; i < sizeof text_; ++i) {
      require(static_cast<unsigned char>(text_[i]) == kUnread, what + "writes beyond it");
    }
  }

 private:
  std::size_t capacity_;
  char text_[512];
  dodona_error error_{};
};

// A call of a slot that the host makes fail: it answers its status.
struct FailingCall {
  const char* slot;
  std::function<dodona_status(dodona_error*)> make;
};

// create with options that cannot be read. Frees what was made where the plugin did not mind.
template <class Table>
dodona_status fail_create(Run& run, const Table& table, FakeHost& host, dodona_error* error) {
  const CompleteOptions complete = run.options();
  FakeOptions options(run.descriptor(), complete.values, complete.json);
  options.fault = DODONA_E_FAILED;
  void* self = nullptr;
  const dodona_status status = table.create(host.get(), host.study(), options.get(), &self, error);
  if (status == DODONA_OK) table.destroy(self);
  return status;
}

// A space of one hyperparameter of a type that nobody knows.
struct UnknownSpace {
  UnknownSpace() {
    param.struct_size = sizeof param;
    param.type = 99;
    param.name = to_abi("strange");
    space = {sizeof space, 1, params, 1, {}};
  }
  UnknownSpace(const UnknownSpace&) = delete;
  UnknownSpace& operator=(const UnknownSpace&) = delete;
  dodona_param param{};
  const dodona_param* params[1] = {&param};
  dodona_space space{};
};

inline dodona_status fail_space(Run& run, dodona_error* error) {
  const UnknownSpace unknown;
  if (is_role(run.descriptor(), DODONA_ROLE_ORACLE)) {
    const OracleObject object(run.descriptor(), run.oracle_settings());
    return object.table().set_space(object.self(), &unknown.space, error);
  }
  const auto& table = *static_cast<const dodona_sink_vtable*>(run.descriptor().vtable);
  if (!DODONA_HAS(&table, dodona_sink_vtable, set_space)) return DODONA_OK;
  const ScratchDirectory scratch;
  const SinkObject object = sink_of(run, scratch, run.seed());
  return table.set_space(object.self(), &unknown.space, error);
}

inline dodona_status fail_first_slot(Run& run, dodona_error* error) {
  ModelObject object(run.descriptor(), run.options());
  const ScratchDirectory scratch;
  FakeTrial trial;
  trial.hp.refuse = [](const char*) { return dodona_status{DODONA_E_FAILED}; };
  if (object.declares()) {
    const dodona_status status = object.table().declare(object.self(), trial.hp.get(), error);
    if (status != DODONA_OK) return status;
  }
  if (object.runs()) return object.table().run(object.self(), trial.get(), error);
  void* model = nullptr;
  const dodona_status status =
      object.table().build(object.self(), trial.get()->hp, trial.get(), &model, error);
  if (status == DODONA_OK) object.table().release(object.self(), model);
  return status;
}

inline std::vector<FailingCall> failing_calls(Run& run, FakeHost& host) {
  const void* const table = run.descriptor().vtable;
  std::vector<FailingCall> out;
  if (is_role(run.descriptor(), DODONA_ROLE_HYPERMODEL)) {
    out.push_back({"create", [&run, &host, table](dodona_error* error) {
                     return fail_create(run, *static_cast<const dodona_hypermodel_vtable*>(table),
                                        host, error);
                   }});
    out.push_back({"declare, build or run",
                   [&run](dodona_error* error) { return fail_first_slot(run, error); }});
    return out;
  }
  const bool oracle = is_role(run.descriptor(), DODONA_ROLE_ORACLE);
  out.push_back({"create", [&run, &host, table, oracle](dodona_error* error) {
                   return oracle
                              ? fail_create(run, *static_cast<const dodona_oracle_vtable*>(table),
                                            host, error)
                              : fail_create(run, *static_cast<const dodona_sink_vtable*>(table),
                                            host, error);
                 }});
  out.push_back({"set_space", [&run](dodona_error* error) { return fail_space(run, error); }});
  return out;
}

// Error buffers of no byte, of one, and none at all.
inline void check_buffers(Run& run) {
  run.more();
  FakeHost host;
  for (const FailingCall& failing : failing_calls(run, host)) {
    const dodona_status without = failing.make(nullptr);
    for (const std::size_t capacity : {0U, 1U, 16U}) {
      WatchedError error(capacity);
      const dodona_status status = failing.make(error.get());
      error.need_kept(failing.slot);
      require(status == without,
              std::string(failing.slot) + " answers another status where the caller wants no text");
    }
  }
}

// A failure comes with a text that says why.
inline void check_messages(Run& run) {
  run.more();
  FakeHost host;
  for (const FailingCall& failing : failing_calls(run, host)) {
    ErrorBuffer error;
    const dodona_status status = failing.make(error.get());
    if (status == DODONA_OK || status == DODONA_E_CANCELLED) continue;
    require(!error.text().empty(),
            std::string(failing.slot) + " fails without a text that says why");
  }
}

// ---- leaks ------------------------------------------------------------------------------------

// Bytes that the process has from malloc; 0 where the system does not say.
inline std::size_t heap_bytes() {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
#else
  return 0;
#endif
}

// Memory that grows in each of three quarters of the rounds leaks. The first quarter fills caches;
// those of malloc itself take some hundred bytes later on, too.
template <class Round>
void need_no_growth(Run& run, std::size_t quarter_rounds, std::size_t bytes_min, const char* what,
                    const Round& round) {
  std::array<std::size_t, 5> heap{};
  for (std::size_t quarter = 0;; ++quarter) {
    heap[quarter] = heap_bytes();
    if (quarter + 1 == heap.size()) break;
    for (std::size_t i = 0; i < quarter_rounds; ++i) {
      if (run.is_late()) throw NotApplicable(std::string(what) + " takes too long to count bytes");
      round();
    }
  }
  bool grows = true;
  for (std::size_t quarter = 1; quarter + 1 < heap.size(); ++quarter) {
    grows = grows && heap[quarter + 1] > heap[quarter] + quarter_rounds * bytes_min;
  }
  require(!grows, std::string(what) + " leaves about " +
                      std::to_string((heap[4] - heap[1]) / (3 * quarter_rounds)) + " bytes behind");
}

inline void check_memory(Run& run) {
  need_no_growth(run, 25, 24, "each object that is made and freed", [&] { make_object(run); });
  need_no_growth(run, 20, 128, "each short study or trial", [&] { live(run, Shape::kCurrent); });
}

inline void check_descriptors(Run& run) {
  live(run, Shape::kCurrent);
  const std::size_t before = count_descriptors();
  for (int i = 0; i < 4 && !run.is_late(); ++i) live(run, Shape::kCurrent);
  const std::size_t after = count_descriptors();
  require(after <= before + 1, "leaves files open: " + std::to_string(before) + " before four " +
                                   "studies or trials, " + std::to_string(after) + " after them");
}

inline void check_threads_left(Run& run) {
  live(run, Shape::kCurrent);
  const std::size_t before = count_threads();
  for (int i = 0; i < 4 && !run.is_late(); ++i) live(run, Shape::kCurrent);
  const std::size_t after = count_threads();
  require(after <= before + 1, "leaves threads behind: " + std::to_string(before) +
                                   " before four " + "studies or trials, " + std::to_string(after) +
                                   " after them");
}

}  // namespace detail
}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
