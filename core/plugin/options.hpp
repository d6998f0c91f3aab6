// SPDX-License-Identifier: Apache-2.0
//
// Options of a plugin: checked against its table, completed by defaults, and served to it.
//
// Errors:  Error{kInvalid} that names the option, the value and the bound, with file:line:column
//          where the options stand in a document; Error{kPlugin} never.
// Threads: pure; an OptionsView is read from any thread.
#pragma once

#include "plugin/descriptor.hpp"

#include <dodona/abi.h>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace dodona::base {
struct JsonDocument;
}

namespace dodona::plugin {

// Where options stand, for messages: at `path` of a document. Without one, messages name the
// plugin.
struct OptionsPlace {
  const base::JsonDocument* document = nullptr;
  std::string path;
};

// The options in the order of the table, each there and of its kind.
boost::json::object check_options(const Descriptor& descriptor, const boost::json::object& given,
                                  const OptionsPlace& place = {});

// dodona_options over checked options. Answers live as long as the view, which does not move.
class OptionsView {
 public:
  explicit OptionsView(boost::json::object checked);
  OptionsView(const OptionsView&) = delete;
  OptionsView& operator=(const OptionsView&) = delete;

  const dodona_options* get() const { return &raw_; }

 private:
  const boost::json::value& at(std::string_view path) const;
  dodona_value scalar(std::string_view path) const;
  std::uint64_t length(std::string_view path) const;

  boost::json::value values_;
  std::string text_;
  dodona_options raw_{};
};

}  // namespace dodona::plugin
