// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include "base/json_error.hpp"
#include "base/json_path.hpp"
#include "base/text.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <charconv>

namespace dodona::base {
namespace {

namespace json = boost::json;
using json::error_code;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kNoKey = static_cast<std::size_t>(-1);

std::string place_in(std::string_view text, const std::string& file, std::size_t offset) {
  const TextPosition position = position_of(text, offset);
  return file + ':' + std::to_string(position.line) + ':' + std::to_string(position.column);
}

Error fault_error(std::string_view text, const std::string& file, const JsonFault& fault) {
  return Error(DODONA_E_INVALID, place_in(text, file, fault.offset) + ": " + fault.message);
}

// The handler that basic_parser calls. The parser does not tell the place of a token, so a cursor
// of our own follows it. Tokens come in the order of the text, and only once they are complete: the
// next one begins at the first byte that is neither space nor , nor :.
class Builder {
 public:
  // Limits that the parser looks up by these names. NOLINTBEGIN(readability-identifier-naming)
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  // NOLINTEND(readability-identifier-naming)

  Builder(JsonDocument& document, std::size_t start) : document_(document), text_(document.text) {
    progress_.text = text_;
    progress_.cursor = start;
    values_.reset();
  }

  json::value release() { return values_.release(); }
  const JsonProgress& progress() {
    progress_.last_key = key_;
    return progress_;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open('{'); }
  bool on_array_begin(error_code&) { return open('['); }

  bool on_object_end(std::size_t size, error_code&) {
    check_keys(opened_.back(), size);
    close();
    values_.push_object(size);
    return true;
  }

  bool on_array_end(std::size_t size, error_code&) {
    close();
    values_.push_array(size);
    return true;
  }

  bool on_key_part(std::string_view part, std::size_t, error_code&) {
    key_.append(part);
    return true;
  }

  bool on_key(std::string_view part, std::size_t, error_code&) {
    key_.append(part);
    key_offset_ = next_token();
    progress_.cursor = end_of_string(key_offset_);
    progress_.after = JsonProgress::After::kKey;
    values_.push_key(key_);
    return true;
  }

  bool on_string_part(std::string_view part, std::size_t, error_code&) {
    values_.push_chars(part);
    return true;
  }

  bool on_string(std::string_view part, std::size_t, error_code&) {
    const std::size_t start = add_node();
    values_.push_string(part);
    return scalar_ends_at(end_of_string(start));
  }

  bool on_number_part(std::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, std::string_view, error_code&) { return number(); }
  bool on_uint64(std::uint64_t, std::string_view, error_code&) { return number(); }
  bool on_double(double, std::string_view, error_code&) { return number(); }

  bool on_bool(bool value, error_code&) {
    const std::size_t start = add_node();
    values_.push_bool(value);
    return scalar_ends_at(start + (value ? 4 : 5));
  }

  bool on_null(error_code&) {
    const std::size_t start = add_node();
    values_.push_null();
    return scalar_ends_at(start + 4);
  }

  bool on_comment_part(std::string_view, error_code&) { return true; }
  bool on_comment(std::string_view, error_code&) { return true; }

 private:
  std::size_t next_token() const { return text_.find_first_not_of(" \t\n\r,:", progress_.cursor); }

  std::size_t end_of_string(std::size_t at) const {
    for (++at; text_[at] != '"'; ++at) at += text_[at] == '\\';
    return at + 1;
  }

  std::size_t add_node() {
    const std::size_t offset = next_token();
    progress_.last_value = offset;
    document_.nodes.push_back({key_offset_, offset, document_.nodes.size() + 1, std::move(key_)});
    key_.clear();
    key_offset_ = kNoKey;
    return offset;
  }

  bool scalar_ends_at(std::size_t end) {
    progress_.cursor = end;
    progress_.after = JsonProgress::After::kValue;
    return true;
  }

  bool open(char opening) {
    opened_.push_back(document_.nodes.size());
    const std::size_t offset = add_node();
    progress_.open.push_back({opening, offset});
    progress_.cursor = offset + 1;
    progress_.after = JsonProgress::After::kOpening;
    return true;
  }

  void close() {
    document_.nodes[opened_.back()].next = document_.nodes.size();
    opened_.pop_back();
    progress_.open.pop_back();
    scalar_ends_at(next_token() + 1);
  }

  // Refuses the earliest key that stands twice in the object at `node`. It sorts instead of
  // hashing: most objects have a handful of keys, and a scratch list outlives no object.
  void check_keys(std::size_t node, std::size_t size) {
    const std::vector<JsonDocument::Node>& nodes = document_.nodes;
    if (size < 2) return;
    order_.clear();
    for (std::size_t i = node + 1; i < nodes.size(); i = nodes[i].next) order_.push_back(i);
    std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
      const int order = nodes[a].key.compare(nodes[b].key);
      return order != 0 ? order < 0 : a < b;
    });
    std::size_t first = kNoKey;
    std::size_t second = kNoKey;
    for (std::size_t i = 1; i < order_.size(); ++i) {
      if (order_[i] < second && nodes[order_[i]].key == nodes[order_[i - 1]].key) {
        first = order_[i - 1];
        second = order_[i];
      }
    }
    if (second == kNoKey) return;
    const TextPosition before = position_of(text_, nodes[first].key_offset);
    throw fault_error(text_, document_.file,
                      {nodes[second].key_offset,
                       "the key " + quote(nodes[second].key) + " was given before, at line " +
                           std::to_string(before.line) + ", column " +
                           std::to_string(before.column) + "; remove one of the two"});
  }

  bool number() {
    const std::size_t start = add_node();
    const std::string_view token = text_.substr(start, number_length(text_.substr(start)));
    const bool integer = token.find_first_of(".eE") == std::string_view::npos;
    if (!(integer ? push_integer(token) : push_real(token))) {
      throw fault_error(text_, document_.file, number_range_fault(start, token));
    }
    return scalar_ends_at(start + token.size());
  }

  bool push_integer(std::string_view token) {
    const char* end = token.data() + token.size();
    std::int64_t integer = 0;
    std::uint64_t large = 0;
    if (std::from_chars(token.data(), end, integer).ec == std::errc()) {
      values_.push_int64(integer);
      return true;
    }
    if (std::from_chars(token.data(), end, large).ec != std::errc()) return false;
    values_.push_uint64(large);
    return true;
  }

  bool push_real(std::string_view token) {
    double real = 0;
    if (std::from_chars(token.data(), token.data() + token.size(), real).ec != std::errc()) {
      return false;
    }
    values_.push_double(real);
    return true;
  }

  JsonDocument& document_;
  std::string_view text_;
  json::value_stack values_;
  JsonProgress progress_;
  std::vector<std::size_t> opened_;  // nodes of the containers that are open
  std::vector<std::size_t> order_;   // scratch of check_keys
  std::string key_;
  std::size_t key_offset_ = kNoKey;
};

bool is_below(std::string_view path, std::string_view above) {
  if (!path.starts_with(above)) return false;
  return path.size() == above.size() || path[above.size()] == '.' || path[above.size()] == '[';
}

// The node at `steps`, or the deepest one on the way. `whole` tells which.
const JsonDocument::Node* find_node(const JsonDocument& document,
                                    const std::vector<PathStep>& steps, bool& whole) {
  const std::vector<JsonDocument::Node>& nodes = document.nodes;
  std::size_t here = 0;
  for (const PathStep& step : steps) {
    const bool object = document.text[nodes[here].value_offset] == '{';
    const auto* key = std::get_if<std::string>(&step);
    std::size_t index = key ? 0 : std::get<std::size_t>(step);
    std::size_t child = here + 1;
    const std::size_t end = nodes[here].next;
    if (object == (key != nullptr)) {
      while (child < end && (key ? nodes[child].key != *key : index-- > 0)) {
        child = nodes[child].next;
      }
    }
    whole = object == (key != nullptr) && child < end;
    if (!whole) break;
    here = child;
  }
  return &nodes[here];
}

}  // namespace

JsonDocument parse_json(std::string_view text, std::string file) {
  JsonDocument document;
  document.file = std::move(file);
  document.text = text;
  const std::string_view whole = document.text;
  const std::size_t start = whole.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  json::parse_options options;
  options.max_depth = kJsonDepthMax;
  json::basic_parser<Builder> parser(options, document, start);
  error_code code;
  const std::size_t used =
      start + parser.write_some(false, whole.data() + start, whole.size() - start, code);
  if (code == json::error::too_deep) {
    const std::string depth = std::to_string(kJsonDepthMax);
    throw fault_error(whole, document.file,
                      {used, "nested deeper than " + depth + " levels; at most " + depth +
                                 " objects and lists may lie within each other"});
  }
  if (code || used < whole.size()) {
    const JsonFault fallback{used, "not JSON: " + (code ? code.message() : "extra text")};
    throw fault_error(whole, document.file, diagnose(parser.handler().progress(), fallback));
  }
  document.root = parser.handler().release();
  return document;
}

std::string JsonDocument::where(std::string_view path, Part part) const {
  const std::vector<PathStep> steps = split_path(path);
  const std::string plain = path_text(steps);
  for (auto it = overrides.rbegin(); it != overrides.rend(); ++it) {
    if (is_below(plain, it->first)) return it->second;
  }
  if (nodes.empty()) return file;  // the document was not read from a text
  bool whole = true;
  const Node* node = find_node(*this, steps, whole);
  const bool key = part == Part::kKey && whole && node->key_offset != kNoKey;
  return place_in(text, file, key ? node->key_offset : node->value_offset);
}

JsonError JsonDocument::error_at(std::string_view path, std::string_view message, Part part) const {
  return JsonError(where(path, part), std::string(path), std::string(message));
}

void JsonDocument::set(std::string_view path, json::value value, std::string source) {
  set_at(root, path, std::move(value));
  overrides.emplace_back(path_text(split_path(path)), std::move(source));
}

json::value parse_scalar_or_json(std::string_view text) {
  try {
    return parse_json(text, "value").root;
  } catch (const Error&) {
    return json::value(text);
  }
}

std::optional<double> as_real(const json::value& value) {
  if (value.is_double()) return value.get_double();
  if (value.is_int64()) return static_cast<double>(value.get_int64());
  if (value.is_uint64()) return static_cast<double>(value.get_uint64());
  return std::nullopt;
}

std::string_view kind_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
      return "an integer";
    case json::kind::double_:
      return "a real number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "a list";
    case json::kind::object:
      break;
  }
  return "an object";
}

}  // namespace dodona::base
