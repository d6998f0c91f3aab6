// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <boost/archive/iterators/base64_from_binary.hpp>
#include <boost/archive/iterators/binary_from_base64.hpp>
#include <boost/archive/iterators/transform_width.hpp>

namespace dodona::base {
namespace {

namespace iterators = boost::archive::iterators;

}  // namespace

std::string to_base64(std::string_view bytes) {
  using Encoded = iterators::base64_from_binary<
      iterators::transform_width<std::string_view::const_iterator, 6, 8>>;
  std::string text(Encoded(bytes.begin()), Encoded(bytes.end()));
  text.append((3 - bytes.size() % 3) % 3, '=');
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  using Decoded =
      iterators::transform_width<iterators::binary_from_base64<std::string_view::const_iterator>, 8,
                                 6>;
  if (text.size() % 4 != 0) return std::nullopt;
  while (text.ends_with('=')) text.remove_suffix(1);
  try {
    std::string bytes;
    bytes.reserve(text.size());
    // The last bits of a text are too few for a byte.
    auto next = Decoded(text.begin());
    for (std::size_t left = text.size() * 6 / 8; left > 0; --left) bytes += *next++;
    return bytes;
  } catch (const iterators::dataflow_exception&) {
    return std::nullopt;
  }
}

}  // namespace dodona::base
