// SPDX-License-Identifier: Apache-2.0
//
// Bytes as text of letters, digits, `+` and `/` (RFC 4648), padded with `=`.
//
// Threads: pure; call from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dodona::base {

std::string to_base64(std::string_view bytes);

// Nothing where the text is no base64.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace dodona::base
