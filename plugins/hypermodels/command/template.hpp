// SPDX-License-Identifier: Apache-2.0
//
// An element of a command in which names in braces stand for values: "--lr={lr}".
//
// Two braces stand for one: "{{" and "}}".
//
// Errors:  Error{DODONA_E_INVALID} for a brace without its other half and for an empty name.
// Threads: pure.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace command {

class Template {
 public:
  // `place` is the place in messages, such as "command[2]".
  Template(std::string_view text, std::string place);

  const std::string& place() const { return place_; }
  std::vector<std::string> names() const;

  // The text with its values. Nothing if a value is missing: the element is then left out.
  using Lookup = std::function<std::optional<std::string>(const std::string& name)>;
  std::optional<std::string> fill(const Lookup& lookup) const;

 private:
  struct Part {
    std::string text;
    bool name = false;
  };

  std::string place_;
  std::vector<Part> parts_;
};

}  // namespace command
