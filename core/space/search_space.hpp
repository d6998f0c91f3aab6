// SPDX-License-Identifier: Apache-2.0
//
// The growing search space of a study: the definitions in force, those that the hypermodel asked
// for, the overrides of the study file, and the constraints.
//
// An override replaces the hypermodel's definition of the same name, and keeps the conditions under
// which the hypermodel asks. An override with a `when` of its own replaces only the definition
// under exactly these conditions.
//
// Threads: call from any thread. Readers hold a snapshot, which never changes.
// Cost:    a growth copies the space; reading a snapshot costs a reference count.
#pragma once

#include "space/growth.hpp"

#include <dodona/space.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::space {

// An entry of the study file's `space`.
struct Override {
  Param param;
  bool conditional = false;  // true: the entry has a `when` of its own
};

// The hypermodel's definition and the one in force. They are the same unless overridden.
struct Definition {
  std::optional<Param> asked;  // nothing: overridden, or given by the study file alone
  Param param;                 // in force
};

// Treatment of a hyperparameter that a hypermodel asks for and the study file does not name.
enum class NewEntries : std::uint8_t {
  kTuned = 1,
  kDefault,  // a constant: its default
  kRefused
};

class Overrides {
 public:
  explicit Overrides(std::vector<Override> entries = {},
                     NewEntries new_entries = NewEntries::kTuned)
      : entries_(std::move(entries)), new_entries_(new_entries) {}

  // The definition in force for the hypermodel's. Throws DODONA_E_INVALID if the override's values
  // are of another kind than the hypermodel expects.
  Definition apply(Param asked) const;
  // The index of the entry that is in force for a definition; nothing: the study file has none.
  std::optional<std::size_t> find(const Param& asked) const;
  const std::vector<Override>& entries() const { return entries_; }
  NewEntries new_entries() const { return new_entries_; }

 private:
  std::vector<Override> entries_;
  NewEntries new_entries_;
};

class SearchSpace {
 public:
  struct Snapshot {
    Space space;
    std::vector<const Param*> asked;  // by index; nullptr: not asked for yet, or overridden
    std::vector<unsigned char> free;  // by index; 1: any definition of the name will do
  };

  explicit SearchSpace(Overrides overrides = Overrides());

  std::shared_ptr<const Snapshot> snapshot() const;
  std::size_t size() const { return snapshot()->space.size(); }
  const Overrides& overrides() const { return overrides_; }

  using OnGrowth = space::OnGrowth;

  // Appends definitions that were discovered or given, and constraints, except those that it has
  // already. Throws DODONA_E_INVALID with the names of all new ones if new ones are refused, and for
  // a constraint that does not fit the definitions.
  void add(const std::vector<Definition>& definitions, const OnGrowth& on_growth,
           const std::vector<std::string>& constraints = {});
  // Appends definitions and constraints from the log, unchanged.
  void restore(const std::vector<Param>& params, const std::vector<std::string>& constraints = {});
  // The first `count` definitions are the study's from here on: a model that asks for another
  // definition of one of them is wrong in every trial. Forgets what was refused before.
  void keep(std::size_t count);
  std::size_t kept() const;

  // The index of a definition that a trial asks for. A new one joins the space. Throws
  // DODONA_E_SPACE_CONFLICT, showing both, for another definition of the same name and conditions,
  // and DODONA_E_INVALID for a new one if new ones are refused.
  std::size_t resolve(Param asked, const OnGrowth& on_growth);
  // Appends a constraint, unless it is there. Throws DODONA_E_INVALID for an expression that cannot
  // be read, or does not fit the definitions.
  void require(std::string_view expression, const OnGrowth& on_growth);
  // The last error that is the model's in every trial, since keep(): a new hyperparameter where
  // those are refused or whose values do not fit a constraint (DODONA_E_INVALID), or another
  // definition of one that is kept (DODONA_E_SPACE_CONFLICT).
  std::optional<Error> refused() const;

 private:
  void refuse_new(const std::vector<Definition>& definitions);
  bool in_force(std::size_t index, const Definition& definition) const;
  [[noreturn]] void conflict(std::size_t index, const Param& there, const Param& asked);
  void append(Definition definition);
  bool has_constraint(std::string_view expression) const;
  void publish();

  Overrides overrides_;
  mutable std::mutex mutex_;
  Space space_;
  std::deque<std::optional<Param>> asked_;  // a deque does not move its elements
  std::vector<unsigned char> free_;
  std::shared_ptr<const Snapshot> snapshot_;
  std::size_t kept_ = 0;
  std::optional<Error> refused_;
};

}  // namespace dodona::space
