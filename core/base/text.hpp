// SPDX-License-Identifier: Apache-2.0
//
// Parts of messages: quoted names, numbers, and the nearest known word.
//
// Threads: pure; call from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dodona::base {

// The candidate that is nearest to a misspelled word, or none. Insertions, deletions, substitutions
// and swaps of neighbours count 1 each, letter case counts nothing. One change is allowed for each
// three characters of the word, and one in any case. The first of equally near candidates wins.
// Cost: O(sum of |word| * |candidate|).
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

// ` (did you mean "lr"?)` to append to a message, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// `text` in double quotes as a JSON string: control characters, quote and backslash escaped, bytes
// that are not UTF-8 replaced by U+FFFD.
std::string quote(std::string_view text);
void append_quoted(std::string& out, std::string_view text);

// The shortest decimal that reads back as the same double, always with a point or an exponent
// (`1.0`, `1e-05`); `NaN`, `Infinity`, `-Infinity`.
std::string format_real(double value);

// Bytes of the well-formed UTF-8 character at `text[at]`, or 0 if there is none.
std::size_t utf8_length(std::string_view text, std::size_t at);

bool is_utf8(std::string_view text);

// Two hexadecimal digits for each byte.
std::string to_hex(std::string_view bytes);

}  // namespace dodona::base
