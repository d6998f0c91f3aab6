// SPDX-License-Identifier: Apache-2.0
#include "document/space_entries.hpp"

#include "support/error_of.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona::document {
namespace {

using support::boolean;
using support::choice;
using support::error_of;
using support::integer;
using support::real;
using support::text;

std::vector<space::Override> parse(const std::string& json) {
  const base::JsonDocument document = base::parse_json(json, "f");
  return parse_space(base::JsonReader(document));
}

Param only(const std::string& entry) {
  return parse("[" + entry + "]").at(0).param;
}

std::string problem(const std::string& json) {
  try {
    parse(json);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_INVALID);
    return error.what();
  }
  return "";
}

// One entry of a list, without the place of the list.
std::string entry_problem(const std::string& entry) {
  const std::string message = problem("[" + entry + "]");
  const std::string start = "f:1:2: [0]: ";
  return message.starts_with(start) ? message.substr(start.size()) : message;
}

TEST(SpaceJson, ReadsRanges) {
  EXPECT_EQ(only(R"({"name": "n", "type": "int", "min_value": 1, "max_value": 5})"),
            integer("n", 1, 5));
  Param lr = real("lr", 1e-5, 0.1);
  lr.sampling = Sampling::kLog;
  lr.initial = Cell::real(0.001);
  EXPECT_EQ(only(R"({"name": "lr", "type": "float", "min_value": 1e-5, "max_value": 1e-1,
                     "sampling": "log", "default": 0.001})"),
            lr);
  Param units = integer("units", 32, 512);
  units.step = Cell::whole(32);
  units.initial = Cell::whole(64);
  EXPECT_EQ(only(R"({"name": "units", "type": "int", "min_value": 32, "max_value": 512,
                     "step": 32, "sampling": "linear", "default": 64})"),
            units);
}

TEST(SpaceJson, TakesWholeNumbersForFloats) {
  Param momentum = real("m", 0, 1);
  momentum.step = Cell::real(1);
  momentum.initial = Cell::real(1);
  EXPECT_EQ(only(R"({"name": "m", "type": "float", "min_value": 0, "max_value": 1, "step": 1,
                     "default": 1})"),
            momentum);
}

TEST(SpaceJson, ReadsChoicesBooleansAndFixed) {
  EXPECT_EQ(only(R"({"name": "o", "type": "choice", "values": ["adam", "sgd"]})"),
            choice("o", {text("adam"), text("sgd")}));
  Param batch = choice("b", {std::int64_t{64}, std::int64_t{128}});
  batch.ordered = true;
  batch.initial = Cell::whole(1);
  EXPECT_EQ(only(R"({"name": "b", "type": "choice", "values": [64, 128], "default": 128})"), batch);
  batch.ordered = false;
  EXPECT_EQ(only(R"({"name": "b", "type": "choice", "values": [64, 128], "default": 128,
                     "ordered": false})"),
            batch);
  Param bias = boolean("bias");
  bias.initial = Cell::whole(1);
  EXPECT_EQ(only(R"({"name": "bias", "type": "boolean", "default": true})"), bias);
  const Param fixed = only(R"({"name": "batch", "type": "fixed", "value": 64})");
  EXPECT_EQ(fixed.type, ParamType::kFixed);
  EXPECT_EQ(fixed.choices, std::vector<Value>{std::int64_t{64}});
}

TEST(SpaceJson, TakesWholeNumbersBesideRealOnes) {
  Param rate = choice("r", {0.0, 0.5, 1.0});
  rate.ordered = true;
  rate.initial = Cell::whole(2);
  EXPECT_EQ(only(R"({"name": "r", "type": "choice", "values": [0, 0.5, 1], "default": 1})"), rate);
}

TEST(SpaceJson, ReadsConditions) {
  const auto entries = parse(R"([
    {"name": "a", "type": "float", "min_value": 0, "max_value": 1, "when": {"o": "sgd", "n": [1, 2]}},
    {"name": "b", "type": "boolean", "when": {}},
    {"name": "c", "type": "boolean"}])");
  const std::vector<Condition> both = {{"o", {text("sgd")}},
                                       {"n", {std::int64_t{1}, std::int64_t{2}}}};
  EXPECT_EQ(entries[0].param.conditions, both);
  EXPECT_TRUE(entries[0].conditional);
  EXPECT_TRUE(entries[1].conditional);
  EXPECT_FALSE(entries[2].conditional);
}

TEST(SpaceJson, ReadsBackWhatItWrites) {
  const std::string all = R"([
    {"name": "lr", "type": "float", "min_value": 1e-5, "max_value": 0.1, "sampling": "log",
     "default": 0.001},
    {"name": "units", "type": "int", "min_value": 1, "max_value": 64, "step": 2,
     "sampling": "reverse_log"},
    {"name": "optimizer", "type": "choice", "values": ["adam", "sgd"], "default": "sgd"},
    {"name": "rate", "type": "choice", "values": [0.25, 0.5], "ordered": false},
    {"name": "flags", "type": "choice", "values": [true, false]},
    {"name": "momentum", "type": "float", "min_value": 0, "max_value": 0.99,
     "when": {"optimizer": ["sgd"]}},
    {"name": "bias", "type": "boolean", "default": true, "when": {}},
    {"name": "batch", "type": "fixed", "value": 64},
    {"name": "word", "type": "fixed", "value": "x\"y"}])";
  const auto entries = parse(all);
  const std::string written = base::to_pretty_text(space_to_json(entries));
  const auto again = parse(written);
  ASSERT_EQ(again.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(again[i].param, entries[i].param) << entries[i].param.name;
    EXPECT_EQ(again[i].conditional, entries[i].conditional) << entries[i].param.name;
  }
  EXPECT_EQ(base::to_pretty_text(space_to_json(again)), written);
}

TEST(SpaceJson, WritesEveryDefault) {
  EXPECT_EQ(
      base::to_text(space_to_json(parse(
          R"([{"name": "n", "type": "int", "min_value": 1, "max_value": 5},
                        {"name": "c", "type": "choice", "values": [1, 2]},
                        {"name": "b", "type": "boolean"},
                        {"name": "f", "type": "fixed", "value": 2.0, "when": {"b": true}}])"))),
      R"([{"name": "n", "type": "int", "min_value": 1, "max_value": 5, "sampling": "linear", )"
      R"("default": 1}, )"
      R"({"name": "c", "type": "choice", "values": [1, 2], "default": 1, "ordered": true}, )"
      R"({"name": "b", "type": "boolean", "default": false}, )"
      R"({"name": "f", "type": "fixed", "value": 2.0, "when": {"b": [true]}}])");
}

TEST(SpaceJson, ShowsTheFacadeWhatIsInForce) {
  Param lr = real("lr", 0.25, 1, {{"o", {text("sgd")}}});
  lr.step = Cell::real(0.25);
  const auto shown = to_facade({lr, choice("c", {text("a"), text("b")})});
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].type, "float");
  EXPECT_EQ(shown[0].min_value, HyperParameterValue(0.25));
  EXPECT_EQ(shown[0].step, HyperParameterValue(0.25));
  EXPECT_EQ(shown[0].sampling, "linear");
  EXPECT_EQ(shown[0].when.at(0).first, "o");
  EXPECT_EQ(shown[1].values.size(), 2U);
  EXPECT_EQ(shown[1].initial, HyperParameterValue("a"));
  EXPECT_EQ(shown[1].sampling, "");
  EXPECT_FALSE(shown[1].min_value);
}

TEST(SpaceJson, IsADocumentThatAStudyFileTakes) {
  const std::vector<Param> params = {integer("n", 1, 5), boolean("b"),
                                     real("x", 0, 1, {{"b", {true}}})};
  const base::JsonDocument document = base::parse_json(dodona::to_json(to_facade(params)), "f");
  const auto entries = parse_space(base::JsonReader(document).required("space"));
  ASSERT_EQ(entries.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(entries[i].param, params[i]);
}

// ---- errors ------------------------------------------------------------------------------------

TEST(SpaceJson, RejectsWhatIsNotAListOfObjects) {
  EXPECT_EQ(problem(R"({"lr": 1})"), "f:1:1: is an object; it should be a list");
  EXPECT_EQ(entry_problem("3"), "is an integer; it should be an object");
}

TEST(SpaceJson, RejectsAnEntryThatLacksAKey) {
  EXPECT_EQ(entry_problem(R"({"type": "int"})"), "lacks \"name\"");
  EXPECT_EQ(entry_problem(R"({"name": "n"})"), "lacks \"type\"");
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": "int", "max_value": 3})"),
            "lacks \"min_value\"");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "choice"})"), "lacks \"values\"");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "fixed"})"), "lacks \"value\"");
}

TEST(SpaceJson, RejectsAnUnknownType) {
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": "integer"})"),
            "f:1:24: [0].type: \"integer\" is not one of int, float, choice, boolean or fixed");
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": "flaot"})"),
            "f:1:24: [0].type: \"flaot\" is not one of int, float, choice, boolean or fixed (did "
            "you mean \"float\"?)");
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": 3})"),
            "f:1:24: [0].type: is an integer; it should be int, float, choice, boolean or fixed");
}

TEST(SpaceJson, RejectsKeysOfOtherTypesAndOfNone) {
  EXPECT_EQ(
      entry_problem(R"({"name": "b", "type": "boolean", "step": 1})"),
      "f:1:35: [0].step: is not a key of type boolean, which has name, type, default or when");
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": "int", "min": 1, "max_value": 3})"),
            "f:1:31: [0].min: there is no key \"min\" (did you mean \"min_value\"?)");
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": "int", "lo": 1, "max_value": 3})"),
            "f:1:31: [0].lo: there is no key \"lo\"; the keys here are name, type, min_value, "
            "max_value, step, sampling, default or when");
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": "int", "min_valu": 1, "max_value": 3})"),
            "f:1:31: [0].min_valu: there is no key \"min_valu\" (did you mean \"min_value\"?)");
}

TEST(SpaceJson, TellsIntegersFromReals) {
  EXPECT_EQ(entry_problem(R"({"name": "n", "type": "int", "min_value": 1.0, "max_value": 3})"),
            "f:1:44: [0].min_value: is a real number; an int takes integers");
  EXPECT_EQ(
      entry_problem(R"({"name": "n", "type": "int", "min_value": 1, "max_value": 3, "step": 0.5})"),
      "f:1:71: [0].step: is a real number; an int takes integers");
  EXPECT_EQ(entry_problem(R"({"name": "x", "type": "float", "min_value": "0", "max_value": 3})"),
            "f:1:46: [0].min_value: is a string; it should be a number");
  EXPECT_EQ(
      entry_problem(
          R"({"name": "n", "type": "int", "min_value": 1, "max_value": 9223372036854775808})"),
      "f:1:60: [0].max_value: 9223372036854775808 is above the largest integer, "
      "9223372036854775807");
}

TEST(SpaceJson, RejectsImpossibleDefinitions) {
  EXPECT_EQ(
      entry_problem(R"({"name": "lr", "type": "float", "min_value": 0.1, "max_value": 0.01})"),
      "hyperparameter \"lr\": min_value 0.1 is above max_value 0.01");
  EXPECT_EQ(
      entry_problem(R"({"name": "n", "type": "int", "min_value": 1, "max_value": 3, "step": 0})"),
      "hyperparameter \"n\": step 0 must be above 0");
  EXPECT_EQ(entry_problem(R"({"name": "", "type": "boolean"})"), "a hyperparameter needs a name");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "choice", "values": []})"),
            "hyperparameter \"c\": values must not be empty");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "choice", "values": [1, "a"]})"),
            "hyperparameter \"c\": values must be of one type: 1 and a are not");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "choice", "values": [1, 1.0]})"),
            "hyperparameter \"c\": the value 1 stands twice");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "choice", "values": ["a"], "ordered": true})"),
            "hyperparameter \"c\": only numbers can be ordered");
}

TEST(SpaceJson, RejectsValuesThatAreNotScalars) {
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "choice", "values": "a"})"),
            "f:1:44: [0].values: is a string; it should be a list");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "choice", "values": ["a", null]})"),
            "f:1:50: [0].values[1]: is null; it should be a number, a string, true or false");
  EXPECT_EQ(entry_problem(R"({"name": "c", "type": "fixed", "value": [1]})"),
            "f:1:42: [0].value: is a list; it should be a number, a string, true or false");
}

TEST(SpaceJson, RejectsADefaultThatIsNotAValue) {
  EXPECT_EQ(entry_problem(
                R"({"name": "n", "type": "int", "min_value": 1, "max_value": 3, "default": 9})"),
            "f:1:74: [0].default: 9 is not one of the values of int n in [1, 3], default 1; "
            "the nearest is 3");
  EXPECT_EQ(entry_problem(
                R"({"name": "n", "type": "int", "min_value": 1, "max_value": 3, "default": 1.5})"),
            "f:1:74: [0].default: is a real number; an int takes integers");
  EXPECT_EQ(
      entry_problem(R"({"name": "o", "type": "choice", "values": ["adam"], "default": "adm"})"),
      "f:1:65: [0].default: \"adm\" is not one of the values of choice o of {adam}, default "
      "adam");
  EXPECT_EQ(entry_problem(R"({"name": "b", "type": "boolean", "default": 1})"),
            "f:1:46: [0].default: is an integer; it should be true or false");
}

TEST(SpaceJson, RejectsConditionsThatCanNeverHold) {
  const std::string optimizer = R"([{"name": "o", "type": "choice", "values": ["adam", "sgd"]},)"
                                "\n";
  EXPECT_EQ(
      problem(optimizer + R"({"name": "m", "type": "boolean", "when": {"o": ["sgd", "sdg"]}}])"),
      "f:2:56: [1].when.o[1]: \"sdg\" is not one of the values of choice o of {adam, sgd}, "
      "default adam");
  EXPECT_EQ(problem(optimizer + R"({"name": "m", "type": "boolean", "when": {"o": 3}}])"),
            "f:2:48: [1].when.o: 3 is not one of the values of choice o of {adam, sgd}, default "
            "adam");
  EXPECT_EQ(entry_problem(R"({"name": "m", "type": "boolean", "when": {"m": true}})"),
            "f:1:44: [0].when.m: a hyperparameter cannot depend on itself");
  EXPECT_EQ(entry_problem(R"({"name": "m", "type": "boolean", "when": {"o": []}})"),
            "hyperparameter \"m\": the condition on \"o\" lists no value");
  EXPECT_EQ(entry_problem(R"({"name": "m", "type": "boolean", "when": {"o": null}})"),
            "f:1:49: [0].when.o: is null; it should be a number, a string, true or false");
  EXPECT_EQ(entry_problem(R"({"name": "m", "type": "boolean", "when": ["o"]})"),
            "f:1:43: [0].when: is a list; it should be an object");
}

TEST(SpaceJson, AllowsParentsOfTheHypermodel) {
  EXPECT_EQ(problem(R"([{"name": "m", "type": "boolean", "when": {"elsewhere": 3}}])"), "");
}

TEST(SpaceJson, WantsParentsBeforeTheirChildrenWhereTheListIsTheWholeSpace) {
  const auto problem_of = [](const std::string& child, const std::string& parent, bool first) {
    const std::string of =
        R"({"name": ")" + child + R"(", "type": "boolean", "when": {"optimizer": ["sgd"]}})";
    const std::string head =
        R"({"name": ")" + parent + R"(", "type": "choice", "values": ["sgd", "adam"]})";
    const auto entries = parse("[" + (first ? head + ", " + of : of + ", " + head) + "]");
    return error_of(DODONA_E_INVALID, [&] { check_parents(entries); });
  };
  EXPECT_EQ(problem_of("momentum", "optimizer", false),
            "space[0].when: \"optimizer\" is defined later, as space[1]; move it before "
            "\"momentum\"");
  EXPECT_EQ(problem_of("momentum", "optimiser", true),
            "space[1].when: there is no hyperparameter \"optimizer\" (did you mean "
            "\"optimiser\"?)");
  EXPECT_EQ(problem_of("momentum", "units", true),
            "space[1].when: there is no hyperparameter \"optimizer\"; there are units");
}

TEST(SpaceJson, SaysWhichConditionsTheHypermodelHas) {
  const auto entry = [](const std::string& when) {
    return parse(R"([{"name": "m", "type": "boolean")" + when + "}]");
  };
  const auto refusal = [](const auto& entries, const auto& definitions) {
    return error_of(DODONA_E_INVALID, [&] { check_asked_for(entries, definitions); });
  };
  const space::Definition asked{std::nullopt, entry(R"(, "when": {"o": ["sgd"]})").front().param};
  EXPECT_EQ(refusal(entry(R"(, "when": {"o": ["adam"]})"), std::vector{asked}),
            "space[0]: the hypermodel has \"m\" when o is sgd, not when o is adam; give the same "
            "conditions, or leave `when` out");
  EXPECT_NO_THROW(check_asked_for(entry(""), {asked}));
  const auto other = parse(R"([{"name": "unlike", "type": "boolean"}])");
  EXPECT_EQ(
      refusal(other, std::vector{asked}),
      "space[0]: the hypermodel has no hyperparameter \"unlike\"; it has m; one that only its "
      "training reads is to be asked for in declare too");
}

TEST(SpaceJson, RejectsTheSameDefinitionTwice) {
  const std::string entry = R"({"name": "b", "type": "boolean"})";
  EXPECT_EQ(problem("[" + entry + ",\n" + entry + "]"),
            "f:2:1: [1]: hyperparameter \"b\" is defined before, at [0]");
  EXPECT_EQ(problem("[" + entry + R"(, {"name": "b", "type": "boolean", "when": {"o": 1}}])"), "");
}

}  // namespace
}  // namespace dodona::document
