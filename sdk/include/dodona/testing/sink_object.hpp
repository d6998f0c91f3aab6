// SPDX-License-Identifier: Apache-2.0
//
// One object of a sink, made and driven through its C table, and a log to give it.
//
// Errors:  functions throw Error with the code and the text of a slot that fails.
// Threads: one.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/event.hpp>
#include <dodona/guard.hpp>
#include <dodona/random.hpp>
#include <dodona/space.hpp>
#include <dodona/testing/event_log.hpp>
#include <dodona/testing/fake_host.hpp>
#include <dodona/testing/option_text.hpp>
#include <dodona/testing/random_space.hpp>
#include <dodona/visibility.hpp>

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

// An object of a sink; it is destroyed with this one.
class SinkObject {
 public:
  // `directory` is the project's. The seed tells studies apart.
  SinkObject(const dodona_descriptor& descriptor, const CompleteOptions& options,
             const std::string& directory, std::uint64_t seed, Shape shape = Shape::kCurrent)
      : table_(static_cast<const dodona_sink_vtable*>(descriptor.vtable)),
        host_(shape),
        options_(descriptor, options.values, options.json, shape),
        shaper_(shape) {
    dodona_study study = *host_.study();
    study.seed = seed;
    study.directory = to_abi(directory);
    for (std::size_t i = 0; i < sizeof study.id; ++i) {
      study.id[i] = static_cast<std::uint8_t>(seed + i);
    }
    const dodona_study* const given = shaper_.of<const dodona_study>(study);
    call([&](dodona_error* error) {
      return table_->create(host_.get(), given, options_.get(), &self_, error);
    });
    shaper_.clear();
  }
  SinkObject(const SinkObject&) = delete;
  SinkObject& operator=(const SinkObject&) = delete;
  ~SinkObject() {
    if (self_ != nullptr) table_->destroy(self_);
  }

  void* self() const { return self_; }

  void set_space(const Space& space, std::size_t size) {
    if (!DODONA_HAS(table_, dodona_sink_vtable, set_space)) return;
    // The former one is valid until the slot returns.
    auto next = std::make_unique<ToldSpace>(space, size, shaper_.shape());
    call([&](dodona_error* error) { return table_->set_space(self_, next->get(), error); });
    space_ = std::move(next);
  }

  void consume(const EventLog& log, std::uint64_t from, std::uint64_t count) {
    std::vector<const dodona_event*> events;
    for (std::uint64_t i = 0; i < count; ++i) events.push_back(shaper_.of_event(log[from + i]));
    call([&](dodona_error* error) { return table_->consume(self_, events.data(), count, error); });
    shaper_.clear();
  }

  void flush() {
    call([&](dodona_error* error) { return table_->flush(self_, error); });
  }

 private:
  const dodona_sink_vtable* table_;
  FakeHost host_;
  FakeOptions options_;
  Shaper shaper_;
  std::unique_ptr<ToldSpace> space_;  // the last one that it was given
  void* self_ = nullptr;
};

// The log of a study with every kind of entry, and its space.
class SampleLog {
 public:
  SampleLog(RandomStream& random, std::uint64_t seed, std::uint64_t trials) {
    dodona_created_event created{};
    created.seed = seed;
    for (std::size_t i = 0; i < sizeof created.study_id; ++i) {
      created.study_id[i] = static_cast<std::uint8_t>(seed + i);
    }
    log.append(DODONA_NO_TRIAL, created, {.text = "0"});
    log.append(DODONA_NO_TRIAL, dodona_configured_event{},
               {.text = R"({"objective": {"name": "loss", "direction": "min"}})"});
    grow(random, 3);
    for (std::uint64_t id = 0; id < trials; ++id) add_trial(random, id);
    log.append(DODONA_NO_TRIAL, dodona_stopped_event{}, {.text = "done"});
  }

  EventLog log;
  Space space;

 private:
  static constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

  void grow(RandomStream& random, std::size_t count) {
    dodona_space_grown_event grown{};
    grown.first = static_cast<std::uint32_t>(space.size());
    std::vector<Param> params;
    for (std::size_t i = 0; i < count; ++i) {
      params.push_back(random_param(space, random, false));
      space.add(params.back());
    }
    log.append(DODONA_NO_TRIAL, grown, {.params = params});
  }

  void add_trial(RandomStream& random, std::uint64_t id) {
    const Point values = random_point(space, random);
    const auto assignments = [&] { return assignments_of(space, values); };
    dodona_proposed_event proposed{};
    proposed.resume_of = proposed.repeat_of = DODONA_NO_TRIAL;
    proposed.enqueued = UINT64_MAX;
    if (id % 4 == 1) {
      proposed.enqueued = log.size();
      log.append(DODONA_NO_TRIAL, dodona_enqueued_event{}, {.assignments = assignments()});
    }
    proposed.seen = log.size();
    log.append(id, proposed, {.assignments = assignments(), .text = id % 2 == 0 ? "{}" : ""});
    log.append(id, dodona_started_event{0, 0, 0, 0, UINT64_MAX, {}}, {.text = "node1"});
    for (std::uint64_t step = 1; step <= 3; ++step) {
      const double loss = id % 5 == 4 && step == 2 ? kNothing : random.uniform();
      dodona_reported_event reported{};
      reported.step = step;
      reported.verdict = DODONA_CONTINUE;
      log.append(id, reported,
                 {.metrics = {{to_abi("loss"), loss, 0}, {to_abi("accuracy"), 1 - loss, 0}},
                  .objectives = {loss}});
    }
    if (id % 4 == 2) {
      log.append(id, dodona_lost_event{}, {.text = "it fell silent"});
      log.append(id, dodona_started_event{0, 0, 0, 0, 2, {}}, {.text = "node2"});
    }
    log.append(id, dodona_noted_event{}, {.text = "remark", .more = "\"quoted\"\n\xC3\xA9"});
    if (id % 4 == 3) log.append_unknown(9999);
    finish(random, id, assignments());
    if (id == 2) grow(random, 1);
    if (id != 3) return;
    dodona_imported_event imported{};
    imported.state = DODONA_COMPLETED;
    imported.source_trial = 0;
    log.append(DODONA_NO_TRIAL, imported,
               {.assignments = assignments(), .objectives = {0.5}, .text = "another study"});
  }

  void finish(RandomStream& random, std::uint64_t id, std::vector<dodona_assignment> values) {
    dodona_finished_event finished{};
    const bool failed = id % 5 == 4;
    finished.state = failed ? DODONA_FAILED : DODONA_COMPLETED;
    finished.outcome = failed ? DODONA_OUTCOME_MODEL_ERROR : DODONA_OUTCOME_OK;
    finished.best_step = 3;
    finished.seconds = 0.25;
    const double loss = failed ? kNothing : random.uniform();
    log.append(id, finished,
               {.assignments = std::move(values),
                .metrics = {{to_abi("loss"), loss, 0}},
                .objectives = {loss},
                .text = failed ? "out of luck" : ""});
  }
};

// Gives the sink the events from `from` on, in random portions, with flushes between them.
inline void feed(SinkObject& sink, const SampleLog& sample, std::uint64_t from,
                 RandomStream& random) {
  std::size_t size = SIZE_MAX;
  while (from < sample.log.size()) {
    const std::uint64_t count = std::min(sample.log.size() - from, random.below(6));
    std::size_t grown = 0;
    for (std::uint64_t i = 0; i < from + count; ++i) {
      if (const auto* body = body_of<dodona_space_grown_event>(sample.log[i])) {
        grown = body->first + static_cast<std::size_t>(body->count);
      }
    }
    if (grown != size) sink.set_space(sample.space, size = grown);
    sink.consume(sample.log, from, count);
    from += count;
    if (random.below(3) == 0) sink.flush();
  }
  sink.flush();
}

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
