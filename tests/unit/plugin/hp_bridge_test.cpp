// SPDX-License-Identifier: Apache-2.0
#include "plugin/hp_bridge.hpp"

#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/hyperparameters.hpp>
#include <dodona/random.hpp>

#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace dodona::plugin {
namespace {

using support::FakeAsker;

// A definition as a plugin may write it, made from a few values so that equal ones are frequent.
struct RawParam {
  dodona_param raw{};
  std::vector<dodona_value> choices;
};

dodona_value some_value(RandomStream& random, bool allow_nothing) {
  static const std::string kWords[] = {"a", "b"};
  dodona_value out{};
  switch (random.below(allow_nothing ? 5 : 4)) {
    case 0:
      return to_abi(Value(static_cast<std::int64_t>(1 + random.below(3))));
    case 1:
      return to_abi(Value(static_cast<double>(1 + random.below(3))));
    case 2:
      return to_abi(Value(random.below(2) == 0));
    case 3:
      out.kind = DODONA_STRING;
      out.as.s = to_abi(kWords[random.below(2)]);
      return out;
    default:
      return out;
  }
}

void some_param(RandomStream& random, RawParam& out) {
  out.raw.struct_size = DODONA_SIZE_TO(dodona_param, condition_count);
  out.raw.type = static_cast<dodona_param_type>(1 + random.below(5));
  out.raw.name = to_abi("p");
  out.raw.sampling = static_cast<dodona_sampling>(1 + random.below(3));
  out.raw.ordered = static_cast<std::uint32_t>(random.below(2));
  const bool ranged = out.raw.type <= DODONA_PARAM_FLOAT;
  if (ranged) {
    out.raw.low = some_value(random, false);
    out.raw.high = some_value(random, false);
    out.raw.step = some_value(random, true);
  }
  out.raw.initial = some_value(random, true);
  const std::uint64_t count = ranged ? 0 : random.below(3);
  for (std::uint64_t i = 0; i < count; ++i) out.choices.push_back(some_value(random, false));
  out.raw.choices = out.choices.data();
  out.raw.choice_count = count;
}

std::optional<Param> converted(const dodona_param& raw) {
  try {
    return from_abi(raw);
  } catch (const Error&) {
    return std::nullopt;
  }
}

bool possible(const Param& param) {
  const bool ranged = param.type == ParamType::kInt || param.type == ParamType::kFloat;
  return (ranged ? detail::is_sound_range(param)
                 : !param.choices.empty() || param.type == ParamType::kBoolean) &&
         is_legal(param, param.initial);
}

// 300 x 300 pairs of definitions from a fixed seed, some 10^3 of them equal.
TEST(SameDefinition, IsEqualityOfWhatTheDefinitionsBecome) {
  std::vector<RawParam> raws(1200);
  std::vector<std::pair<const dodona_param*, Param>> params;
  for (std::size_t i = 0; i < raws.size(); ++i) {
    RandomStream random(11, i, Purpose::kProposal);
    some_param(random, raws[i]);
    const auto param = converted(raws[i].raw);
    if (param && possible(*param)) params.emplace_back(&raws[i].raw, *param);
  }
  ASSERT_GT(params.size(), 50u);
  int equal = 0;
  for (const auto& [raw, param] : params) {
    for (const auto& [other_raw, other] : params) {
      ASSERT_EQ(same_definition(*raw, other), param == other);
      equal += param == other ? 1 : 0;
    }
  }
  EXPECT_GT(equal, static_cast<int>(params.size()));
  // A definition that cannot be converted equals none.
  for (const RawParam& each : raws) {
    if (converted(each.raw)) continue;
    for (const auto& [raw, param] : params) EXPECT_FALSE(same_definition(each.raw, param));
  }
}

TEST(SameDefinition, KnowsADefaultThatIsTheOneWithoutAny) {
  dodona_param raw{};
  raw.struct_size = DODONA_SIZE_TO(dodona_param, condition_count);
  raw.type = DODONA_PARAM_FLOAT;
  raw.sampling = DODONA_LINEAR;
  raw.low = to_abi(Value(0.0));
  raw.high = to_abi(Value(1.0));
  raw.step = to_abi(Value(0.1));
  const Param without = from_abi(raw);
  raw.initial = to_abi(Value(0.0));
  EXPECT_TRUE(same_definition(raw, without));
  raw.initial = to_abi(Value(0.1 + 0.2));
  EXPECT_FALSE(same_definition(raw, without));
  EXPECT_TRUE(same_definition(raw, from_abi(raw)));  // 0.3, on the grid
}

TEST(HpBridge, DefinesOnceAndThenAnswersFromWhatIsKnown) {
  FakeAsker asker;
  asker.cells["units"] = Cell::whole(7);
  HpBridge bridge(asker);
  HyperParameters hp(bridge.get());
  EXPECT_FALSE(hp.discovering());
  EXPECT_EQ(hp.integer("units", {.min = 1, .max = 9}), 7);
  EXPECT_EQ(hp.integer("units", {.min = 1, .max = 9}), 7);
  EXPECT_EQ(asker.define_calls, 1);
  EXPECT_EQ(asker.known_calls, 2);
  EXPECT_EQ(hp.get<std::int64_t>("units"), 7);
  EXPECT_EQ(hp.choice("optimizer", {"adam", "sgd"}), "adam");
}

TEST(HpBridge, PassesOnEveryError) {
  FakeAsker asker;
  HpBridge bridge(asker);
  HyperParameters hp(bridge.get());
  hp.integer("units", {.min = 1, .max = 9});
  EXPECT_EQ(error_of([&] { hp.integer("units", {.min = 1, .max = 8}); }, DODONA_E_SPACE_CONFLICT),
            "two definitions of units");
  EXPECT_EQ(error_of([&] { hp.get<double>("lr"); }, DODONA_E_INVALID), "there is no lr");
}

TEST(HpBridge, TakesAnyDefinitionOfAnOverriddenName) {
  FakeAsker asker;
  HpBridge bridge(asker);
  HyperParameters hp(bridge.get());
  hp.integer("units", {.min = 1, .max = 9});
  asker.overridden = true;
  EXPECT_EQ(hp.integer("units", {.min = 5, .max = 8}), 1);
}

TEST(HpBridge, OpensAndClosesScopes) {
  FakeAsker asker;
  HpBridge bridge(asker);
  HyperParameters hp(bridge.get());
  {
    auto scope = hp.when("optimizer", {"adam", "sgd"});
    EXPECT_TRUE(scope);
    EXPECT_EQ(asker.scopes, (std::vector<Condition>{{"optimizer", {Value("adam"), Value("sgd")}}}));
  }
  EXPECT_TRUE(asker.scopes.empty());
  asker.scope_active = false;
  EXPECT_FALSE(hp.when("optimizer", "adam"));
}

TEST(HpBridge, ShowsEveryHyperparameterAndWhichAreActive) {
  FakeAsker asker;
  asker.cells["units"] = Cell::whole(6);
  HpBridge bridge(asker);
  HyperParameters hp(bridge.get());
  hp.integer("units", {.min = 5, .max = 8});
  hp.boolean("bias");
  using Seen = std::map<std::string, std::optional<Value>>;
  Seen seen;
  hp.each([&](std::string_view name, const std::optional<Value>& value) {
    seen[std::string(name)] = value;
  });
  EXPECT_EQ(seen, (Seen{{"bias", std::nullopt}, {"units", Value(std::int64_t{6})}}));
  int visits = 0;
  EXPECT_THROW(hp.each([&](std::string_view, const std::optional<Value>&) {
    ++visits;
    throw std::runtime_error("enough");
  }),
               std::runtime_error);
  EXPECT_EQ(visits, 1);
}

TEST(HpBridge, PassesOnWhatTheModelRequires) {
  FakeAsker asker;
  HpBridge bridge(asker);
  dodona_hp* hp = bridge.get();
  EXPECT_EQ(hp->require(hp, to_abi("a < b"), nullptr), DODONA_OK);
  EXPECT_EQ(asker.required, std::vector<std::string>{"a < b"});
  asker.infeasible = true;
  EXPECT_EQ(hp->require(hp, to_abi("a < c"), nullptr), DODONA_E_INFEASIBLE);
}

TEST(HpBridge, IgnoresConditionsThatTheDefinitionBrings) {
  FakeAsker asker;
  HpBridge bridge(asker);
  const dodona_condition condition{to_abi("other"), DODONA_WHEN_IN, 0, nullptr, 0};
  dodona_param raw{};
  raw.struct_size = DODONA_SIZE_TO(dodona_param, condition_count);
  raw.type = DODONA_PARAM_BOOLEAN;
  raw.name = to_abi("b");
  raw.conditions = &condition;
  raw.condition_count = 1;
  dodona_value out{};
  EXPECT_EQ(bridge.get()->param(bridge.get(), &raw, &out, nullptr), DODONA_OK);
  EXPECT_EQ(out.kind, DODONA_BOOL);
  EXPECT_TRUE(asker.last_defined.conditions.empty());
  raw.struct_size -= 8;
  ErrorBuffer error;
  EXPECT_EQ(bridge.get()->param(bridge.get(), &raw, &out, error.get()), DODONA_E_INVALID);
  EXPECT_TRUE(contains(error.text(), "too few for this ABI"));
}

}  // namespace
}  // namespace dodona::plugin
