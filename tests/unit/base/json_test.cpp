// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <dodona/random.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace dodona::base {
namespace {

namespace json = boost::json;

json::value read(std::string_view text) {
  return parse_json(text, "test").root;
}

const char kStudy[] = R"({
  "project_name": "fashion",
  "oracle": {"plugin": "random", "options": {}},
  "space": [
    {"name": "lr", "min_value": 1e-5},
    {"name": "m", "when": {"optimizer": ["sgd", "adam"]}},
    {"a.b": 1, "": [2]}
  ]
})";

TEST(ParseJson, BuildsTheDocument) {
  const json::value expected = {{"a", {1, 2.5, true, false, nullptr}},
                                {"b", {{"c", "x\ny"}, {"d", json::object()}}},
                                {"e", json::array()}};
  EXPECT_EQ(read(" {\"a\": [1, 2.5, true, false, null], \"b\": {\"c\": \"x\\ny\", \"d\": {}},"
                 "\t\"e\" : [ ] }\r\n"),
            expected);
  EXPECT_EQ(read("\xEF\xBB\xBF[1]"), json::value(json::array{1}));
  EXPECT_EQ(read("5"), json::value(5));
}

TEST(ParseJson, KeepsIntegersExact) {
  EXPECT_EQ(read("9223372036854775807").get_int64(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read("-9223372036854775808").get_int64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(read("9223372036854775808").get_uint64(), 9223372036854775808ULL);
  EXPECT_EQ(read("18446744073709551615").get_uint64(), 18446744073709551615ULL);
  EXPECT_EQ(read("-0").get_int64(), 0);
}

TEST(ParseJson, ReadsTheNearestDouble) {
  EXPECT_EQ(read("1.0").get_double(), 1.0);
  EXPECT_EQ(read("1e3").get_double(), 1000.0);
  EXPECT_TRUE(std::signbit(read("-0.0").get_double()));
  EXPECT_EQ(read("0e999").get_double(), 0.0);
  // Boost's own reader is off by one unit in the last place here.
  EXPECT_EQ(read("0.18402893508953466").get_double(), 0.18402893508953466);
  EXPECT_EQ(read("5e-324").get_double(), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(read("1.7976931348623157e308").get_double(), std::numeric_limits<double>::max());
  // Exactly between two doubles, and a hair above: even below, then the upper one.
  EXPECT_EQ(read("9007199254740993.0").get_double(), 9007199254740992.0);
  EXPECT_EQ(read("9007199254740993.0000000000000000000000001").get_double(), 9007199254740994.0);
}

TEST(ParseJson, DecodesStringsAndKeys) {
  EXPECT_EQ(read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\\u0000\u20AC\"").get_string(),
            std::string_view("\"\\/\b\f\n\r\t\u00E9\U0001F600\0\u20AC", 18));
  const std::string longer(10'000, 'x');  // more than the parser's buffer of 4096 bytes
  const json::value root = read("{\"\\n" + longer + "\": \"\\t" + longer + "\", \"\\u0062\": 1}");
  EXPECT_EQ(root.at("\n" + longer).as_string(), "\t" + longer);
  EXPECT_EQ(root.at("b").as_int64(), 1);
}

TEST(ParseJson, KeepsTheOrderOfKeys) {
  EXPECT_EQ(to_text(read("{\"z\": 1, \"a\": 2, \"m\": 3}")), "{\"z\": 1, \"a\": 2, \"m\": 3}");
}

TEST(JsonDocument, KnowsWhereEveryValueStands) {
  const JsonDocument document = parse_json(kStudy, "study.json");
  EXPECT_EQ(document.file, "study.json");
  EXPECT_EQ(document.where(""), "study.json:1:1");
  EXPECT_EQ(document.where("project_name"), "study.json:2:19");
  EXPECT_EQ(document.where("oracle.options"), "study.json:3:45");
  EXPECT_EQ(document.where("space"), "study.json:4:12");
  EXPECT_EQ(document.where("space[1]"), "study.json:6:5");
  EXPECT_EQ(document.where("space[0].min_value"), "study.json:5:33");
  EXPECT_EQ(document.where("space[1].when.optimizer[1]"), "study.json:6:49");
  EXPECT_EQ(document.where("space[2][\"a.b\"]"), "study.json:7:13");
  EXPECT_EQ(document.where("space[2][\"\"][0]"), "study.json:7:21");
}

TEST(JsonDocument, KnowsWhereEveryKeyStands) {
  const JsonDocument document = parse_json(kStudy, "study.json");
  EXPECT_EQ(document.where("project_name", Part::kKey), "study.json:2:3");
  EXPECT_EQ(document.where("space[0].min_value", Part::kKey), "study.json:5:20");
  EXPECT_EQ(document.where("space[2][\"\"]", Part::kKey), "study.json:7:16");
  EXPECT_EQ(document.where("space[1]", Part::kKey), "study.json:6:5");  // an element has no key
  EXPECT_EQ(document.where("", Part::kKey), "study.json:1:1");
}

TEST(JsonDocument, PointsAtTheDeepestPartThatExists) {
  const JsonDocument document = parse_json(kStudy, "study.json");
  EXPECT_EQ(document.where("seed"), "study.json:1:1");
  EXPECT_EQ(document.where("oracle.options.n"), "study.json:3:45");
  EXPECT_EQ(document.where("oracle.options.n", Part::kKey), "study.json:3:45");
  EXPECT_EQ(document.where("space[9].name"), "study.json:4:12");
  EXPECT_EQ(document.where("space.name"), "study.json:4:12");
  EXPECT_EQ(document.where("project_name[0].x"), "study.json:2:19");
  EXPECT_EQ(JsonDocument{}.where("a"), "");
  EXPECT_THROW(document.where("a..b"), Error);
}

TEST(JsonDocument, PutsPlaceAndPathBeforeAMessage) {
  const JsonDocument document = parse_json(kStudy, "study.json");
  const Error error = document.error_at("space[0].min_value", "min_value 1e-05 is wrong");
  EXPECT_EQ(error.code(), DODONA_E_INVALID);
  EXPECT_STREQ(error.what(), "study.json:5:33: space[0].min_value: min_value 1e-05 is wrong");
  EXPECT_STREQ(document.error_at("", "no hypermodel").what(), "study.json:1:1: no hypermodel");
  EXPECT_STREQ(document.error_at("oracle", "unknown key", Part::kKey).what(),
               "study.json:3:3: oracle: unknown key");
}

TEST(JsonDocument, NamesTheSourceOfWhatWasSet) {
  JsonDocument document = parse_json(kStudy, "study.json");
  document.set("oracle.options", json::object{{"n", 5}}, "--set");
  document.set("space[0][\"min_value\"]", 3, "environment");
  EXPECT_EQ(document.root.at("oracle").at("options").at("n").as_int64(), 5);
  EXPECT_STREQ(document.error_at("oracle.options.n", "too large").what(),
               "--set: oracle.options.n: too large");
  EXPECT_EQ(document.where("oracle.options"), "--set");
  EXPECT_EQ(document.where("oracle"), "study.json:3:13");
  EXPECT_EQ(document.where("oracle.options_more"), "study.json:3:13");
  EXPECT_EQ(document.where("space[0].min_value"), "environment");
  EXPECT_THROW(document.set("space[7].name", 1, "--set"), Error);
  EXPECT_EQ(document.where("space[7].name"), "study.json:4:12");
}

TEST(ParseScalarOrJson, TakesJsonAsJsonAndTheRestAsText) {
  EXPECT_EQ(parse_scalar_or_json("5"), json::value(5));
  EXPECT_EQ(parse_scalar_or_json("0.5"), json::value(0.5));
  EXPECT_EQ(parse_scalar_or_json("true"), json::value(true));
  EXPECT_EQ(parse_scalar_or_json("null"), json::value(nullptr));
  EXPECT_EQ(parse_scalar_or_json("\"5\""), json::value("5"));
  EXPECT_EQ(parse_scalar_or_json("[1, 2]"), (json::value{1, 2}));
  EXPECT_EQ(parse_scalar_or_json("random"), json::value("random"));
  EXPECT_EQ(parse_scalar_or_json("/a b"), json::value("/a b"));
  EXPECT_EQ(parse_scalar_or_json(""), json::value(""));
  EXPECT_EQ(parse_scalar_or_json("[1, "), json::value("[1, "));
}

TEST(AsReal, TakesEveryNumberAndNothingElse) {
  EXPECT_EQ(as_real(json::value(-3)), -3.0);
  EXPECT_EQ(as_real(json::value(std::uint64_t{1} << 63)), 0x1p63);
  EXPECT_EQ(as_real(json::value(0.5)), 0.5);
  EXPECT_EQ(as_real(json::value("NaN")), std::nullopt);
  EXPECT_EQ(as_real(json::value(true)), std::nullopt);
  EXPECT_EQ(as_real(json::value(nullptr)), std::nullopt);
}

TEST(KindOf, NamesEveryKind) {
  const auto kind = [](std::string_view text) { return kind_of(read(text)); };
  EXPECT_EQ(kind("null"), "null");
  EXPECT_EQ(kind("true"), "a boolean");
  EXPECT_EQ(kind("1"), "an integer");
  EXPECT_EQ(kind("18446744073709551615"), "an integer");
  EXPECT_EQ(kind("1.0"), "a real number");
  EXPECT_EQ(kind("\"\""), "a string");
  EXPECT_EQ(kind("[]"), "a list");
  EXPECT_EQ(kind("{}"), "an object");
}

// Random documents: written, read back the same, and every value found where the path says.
class RandomDocument {
 public:
  explicit RandomDocument(std::uint64_t seed) : random_(seed, 0, Purpose::kProposal) {}

  json::value value(int depth) {
    switch (random_.below(depth > 0 ? 8 : 6)) {
      case 0:
        return nullptr;
      case 1:
        return random_.below(2) == 0;
      case 2:
        return static_cast<std::int64_t>(random_.bits());
      case 3:
        return (random_.uniform() - 0.5) * 1e6;
      case 4:
        return ~(random_.bits() >> 1);  // above int64
      case 5:
        return json::value(text());
      case 6: {
        json::array array;
        for (std::uint64_t n = random_.below(5); n > 0; --n) array.push_back(value(depth - 1));
        return array;
      }
      default: {
        json::object object;
        for (std::uint64_t n = random_.below(30); n > 0; --n) object[text()] = value(depth - 1);
        return object;
      }
    }
  }

 private:
  std::string text() {
    static const std::string kParts[] = {"a", "b", ".", "[", "\"", "\\", "\n", "\u20AC", "0", "]"};
    std::string out;
    for (std::uint64_t n = random_.below(6); n > 0; --n) out += kParts[random_.below(10)];
    return out;
  }

  RandomStream random_;
};

// The text from the place of each scalar on begins with that scalar, written.
void expect_places(const json::value& value, const JsonDocument& document,
                   const std::string& path) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.get_array().size(); ++i) {
      expect_places(value.get_array()[i], document, join_path(path, i));
    }
  } else if (value.is_object()) {
    for (const json::key_value_pair& member : value.get_object()) {
      expect_places(member.value(), document, join_path(path, member.key()));
    }
  } else {
    const std::string place = document.where(path);
    const std::size_t colon = place.rfind(':');
    ASSERT_EQ(place.substr(0, colon), "f:1");
    std::size_t offset = 0;  // the column counts characters
    for (int column = std::stoi(place.substr(colon + 1)); column > 1; ++offset) {
      column -= (document.text[offset + 1] & 0xC0) != 0x80;
    }
    EXPECT_TRUE(document.text.substr(offset).starts_with(to_text(value))) << path;
  }
}

TEST(JsonDocument, FindsEveryValueOfRandomDocuments) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const json::value value = RandomDocument(seed).value(3);
    const JsonDocument document = parse_json(to_text(value), "f");
    ASSERT_EQ(document.root, value);
    ASSERT_EQ(parse_json(to_pretty_text(value), "f").root, value);
    expect_places(value, document, "");
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace dodona::base
