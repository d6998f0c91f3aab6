// SPDX-License-Identifier: Apache-2.0
//
// dodona_hp over an Asker: a hypermodel's questions, in C.
//
// The struct stays when the bridge goes, and then answers DODONA_E_STATE: see handle.hpp.
//
// Threads: one at a time, as an Asker. The destructor waits for a call that is under way.
// Cost:    a question that was asked before compares its definition and allocates nothing.
#pragma once

#include "plugin/handle.hpp"
#include "space/asker.hpp"

#include <dodona/abi.h>
#include <dodona/space.hpp>

#include <string>

namespace dodona::plugin {

// True if the C definition equals `asked`, conditions aside: exactly where from_abi(raw)
// would equal it. No allocation.
bool same_definition(const dodona_param& raw, const Param& asked);

void set_functions(dodona_hp& hp);

class HpBridge {
 public:
  explicit HpBridge(space::Asker& asker);
  ~HpBridge() { end(); }
  HpBridge(const HpBridge&) = delete;
  HpBridge& operator=(const HpBridge&) = delete;

  dodona_hp* get() { return &handle_.hp; }
  Handle& handle() { return handle_; }
  // From now on every call comes too late.
  void end() noexcept;

  // Throws what leave() answered, as a model may not look: to be called after each call into the
  // plugin.
  void check() const;

 private:
  struct Slots;
  friend void set_functions(dodona_hp& hp);  // of Slots
  dodona_value ask(const dodona_param& raw);

  space::Asker& asker_;
  std::string misuse_;  // what leave() met
  Handle& handle_;
  bool ended_ = false;
};

}  // namespace dodona::plugin
