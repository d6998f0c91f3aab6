// SPDX-License-Identifier: Apache-2.0
#include "base/json_path.hpp"

#include "base/json.hpp"
#include "base/text.hpp"

#include <boost/json/value.hpp>

#include <charconv>
#include <span>

namespace dodona::base {
namespace {

namespace json = boost::json;

bool is_plain_key(std::string_view key) {
  if (key.empty()) return false;
  for (const char c : key) {
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c == '.' || c == '[' || c == ']' || c == '"') return false;
  }
  return true;
}

class PathReader {
 public:
  explicit PathReader(std::string_view path) : path_(path) {}

  std::vector<PathStep> read() {
    std::vector<PathStep> steps;
    while (at_ < path_.size()) {
      if (path_[at_] == '[') {
        steps.push_back(bracket());
        continue;
      }
      if (!steps.empty() && path_[at_++] != '.') fail("a dot should stand between two keys");
      steps.emplace_back(plain_key());
    }
    return steps;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(DODONA_E_INVALID, "path " + quote(path_) + ": " + what +
                                      "; a path looks like space[2].when.optimizer");
  }

  std::string plain_key() {
    const std::size_t end = std::min(path_.find_first_of(".[", at_), path_.size());
    std::string key(path_.substr(at_, end - at_));
    if (key.empty()) fail("a key is missing at character " + std::to_string(at_ + 1));
    if (!is_plain_key(key)) fail("the key " + quote(key) + " should be written as [\"...\"]");
    at_ = end;
    return key;
  }

  PathStep bracket() {
    ++at_;
    return at_ < path_.size() && path_[at_] == '"' ? quoted_key() : index();
  }

  PathStep index() {
    std::size_t value = 0;
    const char* begin = path_.data() + at_;
    const char* end = path_.data() + path_.size();
    const std::from_chars_result result = std::from_chars(begin, end, value);
    if (result.ec != std::errc() || result.ptr == end || *result.ptr != ']') {
      fail("an index such as [2], or a quoted key, should stand in the brackets");
    }
    at_ += static_cast<std::size_t>(result.ptr - begin) + 1;
    return value;
  }

  PathStep quoted_key() {
    std::size_t end = at_ + 1;
    while (end < path_.size() && path_[end] != '"') end += path_[end] == '\\' ? 2U : 1U;
    if (end + 1 >= path_.size() || path_[end + 1] != ']') {
      fail("the quoted key should end in \"]");
    }
    const std::string_view literal = path_.substr(at_, end + 1 - at_);
    at_ = end + 2;
    return std::string(parse_json(literal, "path " + std::string(path_)).root.as_string());
  }

  std::string_view path_;
  std::size_t at_ = 0;
};

[[noreturn]] void refuse(std::span<const PathStep> steps, std::size_t count,
                         const std::string& why) {
  const std::string whole = path_text({steps.begin(), steps.end()});
  const std::string part = path_text({steps.begin(), steps.begin() + static_cast<long>(count)});
  throw Error(DODONA_E_INVALID, "cannot set " + quote(whole) + ": " +
                                    (part.empty() ? "the document" : quote(part)) + " " + why);
}

std::string index_advice(std::size_t size) {
  if (size == 0) return "is an empty list, and elements cannot be added one by one";
  return "has " + std::to_string(size) + (size == 1 ? " element" : " elements") +
         ", so the index should be " + (size == 1 ? "0" : "0 to " + std::to_string(size - 1));
}

// The deepest value on the way that exists and is not null, and the number of steps to it. Throws
// if the rest of the way cannot be made below it.
std::pair<json::value*, std::size_t> descend(json::value& root, std::span<const PathStep> steps) {
  json::value* here = &root;
  std::size_t done = 0;
  for (; done < steps.size() && !here->is_null(); ++done) {
    if (const auto* index = std::get_if<std::size_t>(&steps[done])) {
      if (!here->is_array()) {
        refuse(steps, done, "is " + std::string(kind_of(*here)) + ", not a list");
      }
      json::array& array = here->get_array();
      if (*index >= array.size()) refuse(steps, done, index_advice(array.size()));
      here = &array[*index];
    } else {
      if (!here->is_object()) {
        refuse(steps, done, "is " + std::string(kind_of(*here)) + ", not an object");
      }
      json::value* member = here->get_object().if_contains(std::get<std::string>(steps[done]));
      if (member == nullptr) break;
      here = member;
    }
  }
  for (std::size_t i = done; i < steps.size(); ++i) {
    if (std::holds_alternative<std::string>(steps[i])) continue;
    refuse(steps, i, "is not there, and the elements of a list cannot be added one by one");
  }
  return {here, done};
}

}  // namespace

std::vector<PathStep> split_path(std::string_view path) {
  return PathReader(path).read();
}

std::string path_text(const std::vector<PathStep>& steps) {
  std::string text;
  for (const PathStep& step : steps) {
    text = std::visit([&](const auto& part) { return join_path(text, part); }, step);
  }
  return text;
}

std::string join_path(std::string_view path, std::string_view key) {
  std::string joined(path);
  if (!is_plain_key(key)) return joined + '[' + quote(key) + ']';
  if (!joined.empty()) joined += '.';
  return joined.append(key);
}

std::string join_path(std::string_view path, std::size_t index) {
  return std::string(path) + '[' + std::to_string(index) + ']';
}

void set_at(json::value& root, std::string_view path, json::value value) {
  const std::vector<PathStep> steps = split_path(path);
  if (steps.empty()) {
    throw Error(DODONA_E_INVALID,
                "cannot set an empty path; a path looks like space[2].when.optimizer");
  }
  auto [here, done] = descend(root, steps);
  for (; done < steps.size(); ++done) {
    json::object& object = here->is_object() ? here->get_object() : here->emplace_object();
    here = &object[std::get<std::string>(steps[done])];
  }
  *here = std::move(value);
}

}  // namespace dodona::base
