// SPDX-License-Identifier: Apache-2.0
//
// Events as bytes: compact, with a version byte, readable without any other event.
//
// Layout: the length of what follows (varint), version (1), type (1), trial + 1 (varint, 0: none),
// unix_nanos (8, little endian), then the members of the body in the order of codec.cpp. Unsigned
// numbers are varints, those with a "none" of all ones as number + 1; other integers are zigzag
// varints; doubles and cells 8 bytes little endian; strings and lists have their count before them;
// enumerations, truth values and the kind of a Value (1 + its index) one byte. A list that ends an
// event, such as the executions of Finished, is left out where it is empty. The sequence is not
// written: the reader counts.
//
// Versions: 1 is that of 0.1. decode completes such an event: one objective, an outcome by the
// state, a study id made of seed and time; what else 0.1 did not know is as in an empty body.
//
// Errors:  decode throws Error{DODONA_E_IO} for bytes that no encoder wrote, and takes nothing
//          then; it never reads past them, nor allocates more than a small multiple of them.
// Threads: pure; call from any thread.
// Cost:    about 9 bytes a value; no allocation beyond the event's own lists and the growth of
//          `out`. An event of 10 values takes less than 100 ns either way.
#pragma once

#include "study/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace dodona::study {

// Written by encode; decode takes older ones too and refuses what is newer.
inline constexpr std::uint8_t kEncodingVersion = 2;

// Appends the event. If it throws, `out` is as before.
void encode(const Event& event, std::string& out);

// Takes one event off the front of `bytes`. The sequence is left unset.
Event decode(std::string_view& bytes);

// Passes over one event without looking into it.
void skip(std::string_view& bytes);

}  // namespace dodona::study
