// SPDX-License-Identifier: Apache-2.0
//
// The base of oracles and stoppers that decide by the history of their study: it keeps space and
// history, which are all that such a class has to keep.
//
//   class Mine : public FromHistory {
//    public:
//     explicit Mine(const StudyContext& context) : FromHistory(Reports::kKept) {}
//     dodona_verdict judge(const dodona_event& report);   // or propose
//   };
//
// A class that must see more of an event declares an `observe` of its own, which calls this one.
//
// Threads: one call at a time.
// Cost:    that of a History.
#pragma once

#include <dodona/history.hpp>
#include <dodona/space.hpp>

namespace dodona::common {

class FromHistory {
 public:
  // Must be called before observe(). `space` outlives the object, or its place is taken by another
  // one.
  void set_space(const Space& space) {
    space_ = &space;
    history_.set_space(space);
  }
  void observe(const dodona_event& event) { history_.observe(event); }

  // Only after set_space.
  const Space& space() const { return *space_; }
  const History& history() const { return history_; }

 protected:
  explicit FromHistory(Reports reports) : history_(reports) {}
  ~FromHistory() = default;
  FromHistory(FromHistory&&) = default;
  FromHistory& operator=(FromHistory&&) = default;

 private:
  const Space* space_ = nullptr;
  History history_;
};

}  // namespace dodona::common
