// SPDX-License-Identifier: Apache-2.0
//
// Any bytes through the JSON reader. Refused: with a message that says where, and never the one
// kept for what cannot be told. Accepted: Boost's own parser accepts it too, what the writer makes
// of it reads back as the same, every value stands where the document says, and a second writing
// changes no byte.
#include "base/json.hpp"

#include <boost/json/parse.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

namespace json = boost::json;
using namespace dodona::base;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

// Every value begins with a character of its kind at the offset that was noted, in document order.
void check_places(const json::value& value, const JsonDocument& document, std::size_t& node) {
  require(node < document.nodes.size());
  const JsonDocument::Node& here = document.nodes[node++];
  const char first = document.text[here.value_offset];
  require(value.is_object() == (first == '{') && value.is_array() == (first == '['));
  require(value.is_string() == (first == '"') && value.is_null() == (first == 'n'));
  require(value.is_bool() == (first == 't' || first == 'f'));
  if (value.is_array()) {
    for (const json::value& element : value.get_array()) check_places(element, document, node);
  }
  if (value.is_object()) {
    for (const json::key_value_pair& member : value.get_object()) {
      require(document.nodes[node].key == std::string_view(member.key()));
      require(document.text[document.nodes[node].key_offset] == '"');
      check_places(member.value(), document, node);
    }
  }
  require(here.next == node);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  JsonDocument document;
  try {
    document = parse_json(text, "fuzz");
  } catch (const dodona::Error& error) {
    const std::string_view message = error.what();
    require(error.code() == DODONA_E_INVALID && message.starts_with("fuzz:"));
    const std::size_t place_end = message.find_first_not_of("fuz:0123456789");
    require(!message.substr(place_end).starts_with(" not JSON"));
    return 0;
  }
  std::size_t node = 0;
  check_places(document.root, document, node);
  require(node == document.nodes.size());

  json::error_code code;
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::parse(text.substr(text.starts_with("\xEF\xBB\xBF") ? 3 : 0), code, {}, options);
  require(!code);

  for (const auto text_of : {&to_text, &to_pretty_text}) {
    const std::string written = text_of(document.root);
    const JsonDocument again = parse_json(written, "again");
    require(again.root == document.root);
    require(text_of(again.root) == written);
  }
  return 0;
}
