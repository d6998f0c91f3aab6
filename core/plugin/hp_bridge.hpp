// SPDX-License-Identifier: Apache-2.0
//
// dodona_hp over an Asker: a hypermodel's questions, in C.
//
// Threads: one at a time, as an Asker.
// Cost:    a question that was asked before compares its definition and allocates nothing.
#pragma once

#include "space/asker.hpp"

#include <dodona/abi.h>
#include <dodona/space.hpp>

#include <string>

namespace dodona::plugin {

// Whether the C definition says what `asked` says, conditions aside: exactly where from_abi(raw)
// would equal it. No allocation.
bool same_definition(const dodona_param& raw, const Param& asked);

class HpBridge {
 public:
  explicit HpBridge(space::Asker& asker);
  HpBridge(const HpBridge&) = delete;
  HpBridge& operator=(const HpBridge&) = delete;

  dodona_hp* get() { return &raw_; }

  // Throws what leave() could not say: to be called after each call into the plugin.
  void check() const;

 private:
  dodona_value ask(const dodona_param& raw);

  space::Asker& asker_;
  std::string misuse_;  // what leave() met
  dodona_hp raw_{};
};

}  // namespace dodona::plugin
