// SPDX-License-Identifier: Apache-2.0
//
// Requests to the live page, as their words say: for what they ask, and from where they come.
//
// A page of a foreign site may make a browser send requests to a server on this machine, and may
// even give this machine a name of its own (DNS rebinding). So a server takes no name for itself
// but those that it knows, and no request that says to come from elsewhere.
//
// Threads: pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dodona::pages {

// /, /studies, or /study/NAME/PART?KEY=VALUE&KEY, where a % and two digits stand for a byte.
struct Target {
  std::string study;  // empty: of all studies
  std::string part;   // empty: the page
  std::map<std::string, std::string> query;
};

// Nothing for a target of another form.
std::optional<Target> parse_target(std::string_view text);

// The whole of a text as a number; nothing for any other text.
std::optional<std::uint64_t> parse_count(std::string_view text);

// True if a `Host` names this machine: localhost or a loopback address; a server for others also
// takes any other address and the machine's own name. The port may be that of a tunnel.
bool is_own_host(std::string_view host, bool for_others, std::string_view machine);

// True if an `Origin` is the page that a server with this `Host` gave out.
bool is_same_origin(std::string_view origin, std::string_view host);

}  // namespace dodona::pages
