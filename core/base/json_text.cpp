// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"
#include "base/text.hpp"

#include <boost/json/value.hpp>

#include <cmath>

namespace dodona::base {
namespace {

namespace json = boost::json;

constexpr std::size_t kLineMax = 80;

bool is_scalar(const json::value& value) {
  return !value.is_array() && !value.is_object();
}

class Writer {
 public:
  explicit Writer(bool pretty) : pretty_(pretty) {}

  std::string write(const json::value& value) {
    put(value);
    return std::move(out_);
  }

 private:
  void put(const json::value& value) {
    switch (value.kind()) {
      case json::kind::null:
        out_ += "null";
        return;
      case json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        return;
      case json::kind::int64:
        out_ += std::to_string(value.get_int64());
        return;
      case json::kind::uint64:
        out_ += std::to_string(value.get_uint64());
        return;
      case json::kind::double_:
        put_real(value.get_double());
        return;
      case json::kind::string:
        append_quoted(out_, value.get_string());
        return;
      case json::kind::array:
        put_array(value.get_array());
        return;
      case json::kind::object:
        put_object(value.get_object());
        return;
    }
  }

  void put_real(double value) {
    const bool number = std::isfinite(value);
    if (!number) out_ += '"';
    out_ += format_real(value);
    if (!number) out_ += '"';
  }

  void put_array(const json::array& array) {
    if (!pretty_ || array.empty()) return put_array_on_one_line(array);
    if (std::all_of(array.begin(), array.end(), is_scalar) && array.size() < kLineMax) {
      const std::size_t start = out_.size();
      put_array_on_one_line(array);
      if (out_.size() - start_of_line_ <= kLineMax) return;
      out_.resize(start);
    }
    out_ += '[';
    ++level_;
    for (std::size_t i = 0; i < array.size(); ++i) {
      new_line(i > 0);
      put(array[i]);
    }
    --level_;
    new_line(false);
    out_ += ']';
  }

  void put_array_on_one_line(const json::array& array) {
    out_ += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_ += ", ";
      put(array[i]);
    }
    out_ += ']';
  }

  void put_object(const json::object& object) {
    out_ += '{';
    ++level_;
    bool first = true;
    for (const json::key_value_pair& member : object) {
      if (pretty_) {
        new_line(!first);
      } else if (!first) {
        out_ += ", ";
      }
      first = false;
      append_quoted(out_, member.key());
      out_ += ": ";
      put(member.value());
    }
    --level_;
    if (pretty_ && !first) new_line(false);
    out_ += '}';
  }

  void new_line(bool comma) {
    if (comma) out_ += ',';
    out_ += '\n';
    start_of_line_ = out_.size();
    out_.append(2 * level_, ' ');
  }

  const bool pretty_;
  std::string out_;
  std::size_t level_ = 0;
  std::size_t start_of_line_ = 0;
};

}  // namespace

std::string to_text(const json::value& value) {
  return Writer(false).write(value);
}

std::string to_pretty_text(const json::value& value) {
  return Writer(true).write(value);
}

}  // namespace dodona::base
