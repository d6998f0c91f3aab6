// SPDX-License-Identifier: Apache-2.0
//
// Options of a plugin: checked against its table, completed by defaults, and served to it.
//
// Errors:  Error{kInvalid} that names the option, the value and the bound, with file:line:column
//          where the options stand in a document; Error{kPlugin} never.
// Threads: pure; an OptionsView is read from any thread.
#pragma once

#include "base/json_reader.hpp"
#include "plugin/descriptor.hpp"

#include <dodona/abi.h>

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace dodona::plugin {

// The options in the order of the table, each there and of its kind. `at` is the object of options
// in its document, which messages name; without a document they name the plugin.
// Errors: Error{kInvalid} at the first option that is unknown, missing or not as the table wants it.
boost::json::object check_options(const Descriptor& descriptor, const base::JsonReader& at);
boost::json::object check_options(const Descriptor& descriptor, const boost::json::object& given);

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
