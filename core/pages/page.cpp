// SPDX-License-Identifier: Apache-2.0
#include "pages/page.hpp"

#include "base/assert.hpp"
#include "base/base64.hpp"
#include "base/text.hpp"
#include "pages/assets.hpp"

#include <dodona/pages.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace dodona {
namespace pages {
namespace {

// JSON as it may stand in an element of HTML: no text of it ends or begins an element.
void append_data(std::string& page, std::string_view name, std::string_view json) {
  page.append("<script type=\"application/json\" ").append(name) += '>';
  for (const char c : json) {
    if (c == '<') {
      page += "\\u003c";
    } else {
      page += c;
    }
  }
  page += "</script>\n";
}

// The modules by the names under which they import each other. A page that is a file may import from
// such addresses alone.
std::string import_map() {
  std::string map = "{\"imports\": {";
  const char* separator = "";
  for (const Asset& each : assets()) {
    if (!each.name.ends_with(".js") || each.name == "d3.js") continue;
    map += separator;
    base::append_quoted(map, "dodona/" + std::string(each.name));
    map += ": \"data:text/javascript;base64," + base::to_base64(each.text) + "\"";
    separator = ",\n";
  }
  return map + "}}";
}

std::string part(std::string_view name, std::string_view data, std::string_view connect) {
  if (name == "STYLE") return std::string(asset("page.css"));
  if (name == "LICENCE") return std::string(asset("licence.txt"));
  if (name == "D3") return std::string(asset("d3.js"));
  if (name == "MODULES") return import_map();
  if (name == "CONNECT") return std::string(connect);
  DODONA_ASSERT(name == "DATA");
  return std::string(data);
}

// The frame with its parts. They are put in while the frame is read, and never looked at: they may
// hold anything.
std::string filled_frame(std::string_view data, std::string_view connect) {
  std::string page;
  std::string_view left = asset("page.html");
  for (std::size_t at = left.find('@'); at != std::string_view::npos; at = left.find('@')) {
    page += left.substr(0, at);
    left.remove_prefix(at + 1);
    const std::size_t end = left.find('@');
    DODONA_ASSERT(end != std::string_view::npos);
    page += part(left.substr(0, end), data, connect);
    left.remove_prefix(end + 1);
  }
  return page.append(left);
}

}  // namespace

std::string_view asset(std::string_view name) {
  const auto all = assets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Asset& each) { return each.name == name; });
  DODONA_ASSERT(found != all.end());
  return found->text;
}

std::string live_page(const std::string& live) {
  std::string data;
  append_data(data, "id=\"live\"", live);
  return filled_frame(data, "; connect-src 'self'");
}

}  // namespace pages

std::string report_page(const std::vector<std::string>& page_data) {
  std::string data;
  for (const std::string& study : page_data) pages::append_data(data, "class=\"study\"", study);
  return pages::filled_frame(data, "");
}

}  // namespace dodona
