// SPDX-License-Identifier: Apache-2.0
#include "document/launch.hpp"

#include "base/assert.hpp"

#include <functional>
#include <string_view>
#include <utility>

namespace dodona::document {
namespace {

constexpr std::string_view kNames[] = {"runner", "slot", "study"};

// Calls text(part) for what stands between places, and place(name) for each place. A brace that
// begins no name stands for itself.
void parse(std::string_view word, const std::function<void(std::string_view)>& text,
           const std::function<void(std::string_view)>& place) {
  while (!word.empty()) {
    const std::size_t open = word.find('{');
    const std::size_t end = word.find_first_not_of(
        "abcdefghijklmnopqrstuvwxyz_", open == std::string_view::npos ? open : open + 1);
    const bool named = open != std::string_view::npos && end != std::string_view::npos &&
                       end > open + 1 && word[end] == '}';
    if (!named) {
      const std::size_t taken = open == std::string_view::npos ? word.size() : open + 1;
      text(word.substr(0, taken));
      word.remove_prefix(taken);
      continue;
    }
    text(word.substr(0, open));
    place(word.substr(open + 1, end - open - 1));
    word.remove_prefix(end + 1);
  }
}

}  // namespace

std::string fault_of(const std::vector<std::string>& words, bool has_slots) {
  std::string fault;
  bool takes_slot = false;
  for (const std::string& word : words) {
    parse(
        word, [](std::string_view) {},
        [&](std::string_view name) {
          takes_slot = takes_slot || name == "slot";
          for (const std::string_view known : kNames) {
            if (name == known) return;
          }
          if (fault.empty()) {
            fault = "has the place {" + std::string(name) +
                    "}; it may have {runner}, {slot} and "
                    "{study}";
          }
        });
  }
  if (!fault.empty()) return fault;
  if (takes_slot && !has_slots) return "has the place {slot}; give the slots, such as hosts";
  if (!takes_slot && has_slots) return "has no place {slot} for the slots that are given";
  return "";
}

std::vector<std::string> filled(const std::vector<std::string>& words, const Places& places) {
  std::vector<std::string> out;
  for (const std::string& word : words) {
    std::string& made = out.emplace_back();
    parse(
        word, [&](std::string_view text) { made += text; },
        [&](std::string_view name) {
          DODONA_ASSERT(name == kNames[0] || name == kNames[1] || name == kNames[2]);
          made += name == kNames[0]   ? places.runner
                  : name == kNames[1] ? places.slot
                                      : places.study;
        });
  }
  return out;
}

}  // namespace dodona::document
