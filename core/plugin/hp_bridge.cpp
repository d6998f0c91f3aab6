// SPDX-License-Identifier: Apache-2.0
#include "plugin/hp_bridge.hpp"

#include <dodona/convert.hpp>
#include <dodona/guard.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace dodona::plugin {
namespace {

// The cell that detail::number_cell makes of a number, without its error.
std::optional<Cell> plain_cell(ParamType type, const dodona_value& value) {
  if (type == ParamType::kInt && value.kind == DODONA_INT) return Cell::whole(value.as.i);
  if (type == ParamType::kFloat && value.kind == DODONA_DOUBLE) return Cell::real(value.as.d);
  if (type == ParamType::kFloat && value.kind == DODONA_INT) {
    return Cell::real(static_cast<double>(value.as.i));
  }
  return std::nullopt;
}

bool same_step(const dodona_value& raw, const Param& asked) {
  if (raw.kind == 0) return !asked.step;
  return asked.step && plain_cell(asked.type, raw) == asked.step;
}

// The default when none is given is what from_abi takes then.
bool same_initial(const dodona_value& raw, const Param& asked, bool ranged) {
  if (raw.kind == 0) return asked.initial == (ranged ? asked.low : Cell());
  // `asked` was checked, so cell_of may be asked; most often it is the very number.
  if (ranged && plain_cell(asked.type, raw) == asked.initial) return true;
  return cell_of(asked, raw) == asked.initial;
}

bool same_choices(const dodona_param& raw, const Param& asked) {
  if (raw.choice_count != asked.choices.size()) return false;
  for (std::size_t i = 0; i < asked.choices.size(); ++i) {
    if (!same(asked.choices[i], raw.choices[i])) return false;
  }
  return true;
}

}  // namespace

bool same_definition(const dodona_param& raw, const Param& asked) {
  if (raw.type != static_cast<dodona_param_type>(asked.type)) return false;
  if ((raw.ordered != 0) != asked.ordered) return false;
  const bool ranged = asked.type == ParamType::kInt || asked.type == ParamType::kFloat;
  if (ranged) {
    if (raw.sampling != static_cast<dodona_sampling>(asked.sampling) ||
        plain_cell(asked.type, raw.low) != asked.low ||
        plain_cell(asked.type, raw.high) != asked.high || !same_step(raw.step, asked)) {
      return false;
    }
  }
  return same_choices(raw, asked) && same_initial(raw.initial, asked, ranged);
}

// The slots of dodona_hp.
struct HpBridge::Slots {
  // Calls function(HpBridge&), unless it is too late.
  template <class Function>
  static dodona_status with_bridge(dodona_hp* hp, dodona_error* error,
                                   Function&& function) noexcept {
    return with_handle(hp->impl, error, [&](const Handle& handle) { function(*handle.hp_bridge); });
  }

  static dodona_status param(dodona_hp* hp, const dodona_param* param, dodona_value* out,
                             dodona_error* error) noexcept {
    return with_bridge(hp, error, [&](HpBridge& self) { *out = self.ask(*param); });
  }
  static dodona_status get(dodona_hp* hp, dodona_str name, dodona_value* out,
                           dodona_error* error) noexcept {
    return with_bridge(hp, error, [&](HpBridge& self) {
      const auto known = self.asker_.get(view(name));
      *out = to_abi(*known.param, known.cell);
    });
  }
  static dodona_status enter(dodona_hp* hp, const dodona_condition* condition,
                             std::uint32_t* active, dodona_error* error) noexcept {
    return with_bridge(hp, error, [&](HpBridge& self) {
      *active = self.asker_.enter(from_abi(*condition)) ? 1 : 0;
    });
  }
  // An error is kept for check().
  static dodona_status leave(dodona_hp* hp, dodona_error* error) noexcept {
    return with_bridge(hp, error, [](HpBridge& self) {
      try {
        self.asker_.leave();
      } catch (const std::exception& thrown) {
        if (self.misuse_.empty()) self.misuse_ = thrown.what();
        throw Error(DODONA_E_PLUGIN, thrown.what());
      }
    });
  }
  static dodona_status each(dodona_hp* hp, void (*visit)(void*, dodona_str, dodona_value) noexcept,
                            void* ctx, dodona_error* error) noexcept {
    return with_bridge(hp, error, [&](HpBridge& self) {
      self.asker_.each([&](const Param& param, const Cell* cell) {
        visit(ctx, to_abi(param.name), cell != nullptr ? to_abi(param, *cell) : dodona_value{});
      });
    });
  }
  static dodona_status require(dodona_hp* hp, dodona_str expression, dodona_error* error) noexcept {
    return with_bridge(hp, error, [&](HpBridge& self) { self.asker_.require(view(expression)); });
  }
};

void set_functions(dodona_hp& hp) {
  hp.struct_size = sizeof hp;
  hp.param = HpBridge::Slots::param;
  hp.get = HpBridge::Slots::get;
  hp.enter = HpBridge::Slots::enter;
  hp.leave = HpBridge::Slots::leave;
  hp.each = HpBridge::Slots::each;
  hp.require = HpBridge::Slots::require;
}

HpBridge::HpBridge(space::Asker& asker) : asker_(asker), handle_(*new_handle()) {
  set_functions(handle_.hp);
  handle_.hp.discovering = asker.discovering() ? 1 : 0;
  handle_.hp_bridge = this;
}

void HpBridge::end() noexcept {
  if (std::exchange(ended_, true)) return;
  retire(handle_);
}

void HpBridge::check() const {
  if (!misuse_.empty()) throw Error(DODONA_E_PLUGIN, misuse_);
}

dodona_value HpBridge::ask(const dodona_param& raw) {
  if (raw.struct_size < DODONA_PARAM_SIZE_MIN) {
    throw Error(DODONA_E_INVALID, "the definition of a hyperparameter has " +
                                      std::to_string(raw.struct_size) +
                                      " bytes, too few for this ABI");
  }
  if (const auto known = asker_.known(view(raw.name))) {
    if (known->asked == nullptr || same_definition(raw, *known->asked)) {
      return to_abi(*known->param, known->cell);
    }
  }
  Param asked = from_abi(raw);
  asked.conditions.clear();  // the open scopes alone say them
  const auto defined = asker_.define(std::move(asked));
  return to_abi(*defined.param, defined.cell);
}

}  // namespace dodona::plugin
