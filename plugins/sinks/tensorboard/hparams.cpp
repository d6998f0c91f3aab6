// SPDX-License-Identifier: Apache-2.0
#include "hparams.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <variant>

namespace tensorboard {
namespace {

using dodona::Param;
using dodona::ParamType;

constexpr std::uint64_t kDiscreteMax = 1000;

enum DataType : std::uint32_t { kString = 1, kBool = 2, kFloat64 = 3 };

double seconds(std::int64_t unix_nanos) {
  return static_cast<double>(unix_nanos) * 1e-9;
}

float to_float(double value) {
  constexpr double most = std::numeric_limits<float>::max();
  if (std::abs(value) > most) {  // false for a NaN; the conversion would be undefined
    return std::copysign(std::numeric_limits<float>::infinity(),
                         static_cast<float>(value > 0) - .5f);
  }
  return static_cast<float>(value);
}

Message event(std::int64_t unix_nanos, std::uint64_t step = 0) {
  Message out;
  out.real(1, seconds(unix_nanos));
  if (step != 0) out.natural(2, step);
  return out;
}

// A summary whose metadata holds a record of the plugin. A summary needs a value, so it has one
// without meaning: a tensor of one zero.
Message record_of_plugin(std::int64_t unix_nanos, std::string_view tag, std::uint32_t member,
                         const Message& record) {
  constexpr std::uint64_t dt_float = 1;
  constexpr std::uint64_t data_class_tensor = 2;
  Message content;
  content.natural(1, 0).message(member, record);
  const Message plugin = Message().text(1, "hparams").bytes(2, content.encoded());
  const Message metadata = Message().message(1, plugin).natural(4, data_class_tensor);
  const Message shape = Message().message(2, Message().natural(1, 1));
  const Message packed_zero(std::string(4, '\0'));
  const Message tensor = Message().natural(1, dt_float).message(2, shape).message(5, packed_zero);
  const Message value = Message().text(1, tag).message(8, tensor).message(9, metadata);
  return event(unix_nanos).message(5, Message().message(1, value));
}

// All values of the definitions of one name.
class Domain {
 public:
  void add(const Param& param) {
    const std::uint64_t count = cardinality(param);
    const bool ranged = param.type == ParamType::kInt || param.type == ParamType::kFloat;
    const bool one_by_one = param.type == ParamType::kInt &&
                            param.sampling == dodona::Sampling::kLinear &&
                            param.step == dodona::Cell::whole(1);
    if (ranged && (!param.step || one_by_one || count == 0 || count > kDiscreteMax)) {
      interval_ = true;
      widen(value_of(param, param.low));
      widen(value_of(param, param.high));
      return;
    }
    for (std::uint64_t k = 0; k < count; ++k) {
      const dodona::Value value = value_of(param, value_at(param, k));
      widen(value);
      std::string bytes = encoded(value);
      if (std::find(values_.begin(), values_.end(), bytes) == values_.end()) {
        values_.push_back(std::move(bytes));
      }
    }
  }

  // The domain as an HParamInfo.
  Message info(std::string_view name) const {
    const bool one_type = (types_ & (types_ - 1)) == 0;
    const bool numbers = one_type && (types_ & 1u << kFloat64) != 0;
    Message out;
    out.text(1, name);
    out.natural(4, numbers ? kFloat64 : types_ == 1u << kBool ? kBool : kString);
    if (interval_ && numbers) {
      return out.message(6, Message().real(1, low_).real(2, high_));
    }
    Message list;
    for (const std::string& value : values_) list.bytes(1, value);
    if (interval_) {  // numbers among texts
      list.bytes(1, encoded(dodona::Value(low_))).bytes(1, encoded(dodona::Value(high_)));
    }
    return out.message(5, list);
  }

 private:
  // Adds a value's type to the domain, and a number to its interval.
  void widen(const dodona::Value& value) {
    double number = 0;
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      number = static_cast<double>(*whole);
    } else if (const auto* real = std::get_if<double>(&value)) {
      number = *real;
    } else {
      types_ |= 1u << (std::holds_alternative<bool>(value) ? kBool : kString);
      return;
    }
    types_ |= 1u << kFloat64;
    low_ = std::min(low_, number);
    high_ = std::max(high_, number);
  }

  unsigned types_ = 0;  // a bit for each DataType
  bool interval_ = false;
  double low_ = std::numeric_limits<double>::infinity();
  double high_ = -std::numeric_limits<double>::infinity();
  std::vector<std::string> values_;
};

Message metric(std::string_view tag, std::string_view display_name, std::string_view description) {
  Message out;
  out.message(1, Message().text(2, tag));
  if (!display_name.empty()) out.text(3, display_name);
  if (!description.empty()) out.text(4, description);
  return out;
}

}  // namespace

std::string encoded(const dodona::Value& value) {
  Message out;
  if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    out.real(2, static_cast<double>(*whole));
  } else if (const auto* real = std::get_if<double>(&value)) {
    out.real(2, *real);
  } else if (const auto* flag = std::get_if<bool>(&value)) {
    out.natural(4, *flag ? 1 : 0);
  } else {
    out.text(3, std::get<std::string>(value));
  }
  return out.encoded();
}

Message file_version(std::int64_t unix_nanos) {
  return event(unix_nanos).text(3, "brain.Event:2");
}

Message restart(std::int64_t unix_nanos) {
  constexpr std::uint64_t start = 1;
  return event(unix_nanos).message(7, Message().natural(1, start));
}

Message scalars(std::int64_t unix_nanos, std::uint64_t step,
                const std::vector<std::pair<std::string_view, double>>& values) {
  Message summary;
  for (const auto& [tag, number] : values) {
    summary.message(1, Message().text(1, tag).single(2, to_float(number)));
  }
  return event(unix_nanos, step).message(5, summary);
}

Message session_start(std::int64_t unix_nanos, const Values& values, std::string_view group) {
  Message info;
  for (const auto& [name, value] : values) {
    info.message(1, Message().text(1, name).bytes(2, value));
  }
  info.text(4, group).real(5, seconds(unix_nanos));
  return record_of_plugin(unix_nanos, "_hparams_/session_start_info", 3, info);
}

Message session_end(std::int64_t unix_nanos, Status status) {
  Message info;
  info.natural(1, static_cast<std::uint64_t>(status)).real(2, seconds(unix_nanos));
  return record_of_plugin(unix_nanos, "_hparams_/session_end_info", 4, info);
}

Message experiment(std::int64_t unix_nanos, const dodona::Space& space,
                   const std::vector<std::string>& metrics, const std::vector<Score>& scores) {
  std::vector<std::pair<std::string, Domain>> domains;  // in the order of the space
  std::map<std::string, std::size_t> places;
  for (const Param& param : space.params()) {
    const auto [place, is_new] = places.try_emplace(param.name, domains.size());
    if (is_new) domains.emplace_back(param.name, Domain());
    domains[place->second].second.add(param);
  }
  Message out;
  out.real(3, seconds(unix_nanos));
  for (const auto& [name, domain] : domains) out.message(4, domain.info(name));
  for (const Score& score : scores) {
    const std::string name = scores.size() > 1 ? "score " + score.objective : "score";
    out.message(5, metric(score.tag, name,
                          "what trials are ranked by: " + score.objective +
                              " of the best step, the mean over executions"));
  }
  for (const std::string& name : metrics) out.message(5, metric(name, "", ""));
  return record_of_plugin(unix_nanos, "_hparams_/experiment", 2, out);
}

}  // namespace tensorboard
