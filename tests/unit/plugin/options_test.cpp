// SPDX-License-Identifier: Apache-2.0
#include "plugin/options.hpp"

#include "base/json.hpp"
#include "support/example_module.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/host.hpp>

namespace dodona::plugin {
namespace {

namespace json = boost::json;

const Descriptor& idle() {
  return support::example_catalogue().find(DODONA_ROLE_ORACLE, "idle");
}

json::object parse(std::string_view text) {
  return base::parse_json(text, "options").root.as_object();
}

std::string error_with(std::string_view options, const Descriptor& descriptor = idle()) {
  return error_of([&] { check_options(descriptor, parse(options)); }, DODONA_E_INVALID);
}

TEST(Options, AreCompletedByDefaultsInTheOrderOfTheTable) {
  EXPECT_EQ(base::to_text(check_options(idle(), {})),
            R"({"count": 3, "rate": 0.5, "mode": "fast", "loud": false, "layers": [1, 2]})");
  EXPECT_EQ(base::to_text(check_options(idle(), parse(R"({"rate": 1, "layers": [{"a": 1}]})"))),
            R"({"count": 3, "rate": 1.0, "mode": "fast", "loud": false, "layers": [{"a": 1}]})");
}

TEST(Options, ThatWereCheckedPassAgain) {
  const json::object once = check_options(idle(), parse(R"({"count": 9})"));
  EXPECT_EQ(check_options(idle(), once), once);
}

TEST(Options, OutsideTheTableAreRefusedWithTheNearest) {
  EXPECT_EQ(error_with(R"({"cuont": 3})"),
            "options of oracle \"idle\": cuont: oracle \"idle\" has no option \"cuont\" (did you "
            "mean \"count\"?)");
  EXPECT_EQ(error_with(R"({"zzzzzz": 3})"),
            "options of oracle \"idle\": zzzzzz: oracle \"idle\" has no option \"zzzzzz\"; it "
            "takes count, rate, mode, loud, layers");
  const Descriptor& sink = support::example_catalogue().find(DODONA_ROLE_SINK, "log");
  EXPECT_EQ(error_with(R"({"x": 3})", sink),
            "options of sink \"log\": x: sink \"log\" has no option \"x\"; it takes none");
}

TEST(Options, OfAnotherKindAreRefused) {
  EXPECT_EQ(error_with(R"({"count": 1.5})"),
            "options of oracle \"idle\": count: is a real number; it should be of kind int");
  EXPECT_EQ(error_with(R"({"rate": "fast"})"),
            "options of oracle \"idle\": rate: is a string; it should be of kind float");
  EXPECT_TRUE(contains(error_with(R"({"loud": 1})"), "should be of kind boolean"));
  EXPECT_TRUE(contains(error_with(R"({"layers": {}})"), "should be of kind list"));
  EXPECT_TRUE(contains(error_with(R"({"mode": null})"), "is null; it should be of kind string"));
  EXPECT_TRUE(contains(error_with(R"({"count": 18446744073709551615})"),
                       "18446744073709551615 is above the largest integer"));
}

TEST(Options, OutsideTheirBoundsAreRefusedWithTheBound) {
  EXPECT_EQ(error_with(R"({"count": 0})"),
            "options of oracle \"idle\": count: 0 is below the smallest value, 1");
  EXPECT_EQ(error_with(R"({"count": 10})"),
            "options of oracle \"idle\": count: 10 is above the largest value, 9");
  EXPECT_EQ(error_with(R"({"rate": 1.5})"),
            "options of oracle \"idle\": rate: 1.5 is above the largest value, 1.0");
  EXPECT_NO_THROW(check_options(idle(), parse(R"({"count": 9, "rate": 0})")));
}

TEST(Options, OutsideTheirChoicesAreRefusedWithThem) {
  EXPECT_EQ(
      error_with(R"({"mode": "exakt"})"),
      "options of oracle \"idle\": mode: \"exakt\" is not one of \"fast\", \"exact\" (did you "
      "mean \"exact\"?)");
}

TEST(Options, ThatMustBeGivenAreMissed) {
  const Descriptor& net = support::example_catalogue().find(DODONA_ROLE_HYPERMODEL, "net");
  EXPECT_EQ(error_with("{}", net),
            "options of hypermodel \"net\": hypermodel \"net\" needs the option \"data\", string: "
            "directory of the data");
}

TEST(Options, OfADocumentSayWhereTheyStand) {
  const base::JsonDocument document =
      base::parse_json("{\"oracle\": {\n  \"options\": {\"count\": 0, \"kuont\": 1}}}", "s.json");
  const auto error = [&](const json::value& given) {
    return error_of(
        [&] { check_options(idle(), base::JsonReader(document, given, "oracle.options")); },
        DODONA_E_INVALID);
  };
  EXPECT_EQ(error(document.root.at("oracle").at("options")),
            "s.json:2:27: oracle.options.kuont: oracle \"idle\" has no option \"kuont\" (did you "
            "mean \"count\"?)");
  EXPECT_EQ(error(json::object{{"count", 0}}),
            "s.json:2:24: oracle.options.count: 0 is below the smallest value, 1");
}

TEST(OptionsView, AnswersByPath) {
  const OptionsView view(parse(
      R"({"n": 3, "x": 0.5, "s": "text", "b": true, "list": [{"units": 7}], "null": null, "a.b": 1})"));
  const Options options(view.get());
  EXPECT_EQ(options.get<std::int64_t>("n"), 3);
  EXPECT_EQ(options.get<double>("x"), 0.5);
  EXPECT_EQ(options.get<std::string>("s"), "text");
  EXPECT_TRUE(options.get<bool>("b"));
  EXPECT_EQ(options.get<std::int64_t>("list[0].units"), 7);
  EXPECT_EQ(options.get<std::int64_t>("[\"a.b\"]"), 1);
  EXPECT_EQ(options.size("list"), 1u);
  EXPECT_EQ(options.size("list[0]"), 1u);
  EXPECT_TRUE(contains(std::string(options.json()), "\"units\": 7"));
}

TEST(OptionsView, TellsWhatItCannotAnswer) {
  const OptionsView view(parse(R"({"n": 3, "list": [1], "null": null})"));
  const Options options(view.get());
  const auto error = [&](const std::string& path) {
    return error_of([&] { options.get<std::int64_t>(path); }, DODONA_E_INVALID);
  };
  EXPECT_EQ(error("m"), "there is no option \"m\"");
  EXPECT_EQ(error("list[1]"), "there is no option \"list[1]\"");
  EXPECT_EQ(error("n.x"), "there is no option \"n.x\"");
  EXPECT_EQ(error("list"), "option \"list\" is a list, not a single value");
  EXPECT_EQ(error("null"), "option \"null\" is null, not a single value");
  EXPECT_TRUE(contains(error("list["), "path \"list[\""));
  EXPECT_EQ(error_of([&] { options.size("n"); }, DODONA_E_INVALID),
            "option \"n\" is an integer, which has no length");
}

}  // namespace
}  // namespace dodona::plugin
