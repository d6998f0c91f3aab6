// SPDX-License-Identifier: Apache-2.0
#include "plugin/descriptor.hpp"

#include "unit/plugin/plugin_files.hpp"

#include <dodona/convert.hpp>
#include <dodona/plugin.hpp>

#include <array>
#include <functional>

namespace dodona::plugin {
namespace {

struct Idle {
  void set_space(const Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, Proposals& out) { out.exhausted(); }
};

// A module of one oracle with one option, which a test spoils.
struct Tables {
  dodona_oracle_vtable slots = OracleAdapter<Idle>::kTable;
  std::array<dodona_value, 2> choices{};
  dodona_option option{};
  dodona_option second{};
  std::array<const dodona_option*, 2> options{&option, &second};
  dodona_descriptor descriptor{};
  dodona_descriptor other{};
  std::array<const dodona_descriptor*, 2> descriptors{&descriptor, &other};
  dodona_module module{};

  Tables() {
    option = dodona::option("rate", 0.5, "how fast").base;
    second = dodona::option("count", 3, "how many").base;
    const auto made = oracle<Idle>({.id = "a.b", .name = "idle", .description = "rests"});
    descriptor = made.base;
    descriptor.vtable = &slots;
    descriptor.options = options.data();
    descriptor.option_count = 1;
    other = descriptor;
    other.id = "a.c";
    other.name = "other";
    module.struct_size = sizeof module;
    module.abi_epoch = DODONA_ABI_EPOCH;
    module.minor_built = DODONA_ABI_MINOR;
    module.minor_needed = DODONA_ABI_BREAK;
    module.descriptors = descriptors.data();
    module.count = 1;
  }
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;
};

std::string problem(const std::function<void(Tables&)>& spoil) {
  Tables tables;
  spoil(tables);
  try {
    check_module(&tables.module, "x.so");
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_PLUGIN);
    return error.what();
  }
}

const std::string kWho = "x.so: oracle \"idle\": ";

TEST(Descriptor, OfRightTablesIsRead) {
  EXPECT_EQ(problem([](Tables&) {}), "");
  Tables tables;
  tables.slots.propose = nullptr;
  tables.slots.judge = [](void*, const dodona_event*, dodona_verdict*,
                          dodona_error*) noexcept -> dodona_status { return DODONA_OK; };
  const Descriptor stopper = descriptor_of(tables.descriptor, "x.so");
  EXPECT_FALSE(stopper.proposes);
  EXPECT_TRUE(stopper.judges);
  EXPECT_EQ(stopper.options.size(), 1u);
}

TEST(Descriptor, GivesItsTexts) {
  EXPECT_EQ(problem([](Tables& t) { t.descriptor.role = nullptr; }),
            "x.so: its module table gives no role");
  EXPECT_EQ(problem([](Tables& t) { t.descriptor.name = ""; }),
            "x.so: its module table gives no name");
  for (const auto member : {&dodona_descriptor::id, &dodona_descriptor::version,
                            &dodona_descriptor::license, &dodona_descriptor::description}) {
    EXPECT_TRUE(problem([&](Tables& t) {
                  t.descriptor.*member = "";
                }).starts_with(kWho + "its module table gives no "));
  }
  EXPECT_EQ(problem([](Tables& t) { t.option.name = nullptr; }),
            kWho + "its module table gives no name of an option");
  EXPECT_TRUE(problem([](Tables& t) {
                t.option.help = "";
              }).starts_with(kWho + "option \"rate\" has no help"));
}

TEST(Descriptor, HasADefaultWithinItsBounds) {
  const auto with = [](dodona_value low, dodona_value high) {
    return problem([&](Tables& t) {
      t.option.low = low;
      t.option.high = high;
    });
  };
  EXPECT_EQ(with(detail::plain(0.5), detail::plain(0.5)), "");
  EXPECT_EQ(with(detail::plain(0.75), detail::plain(1.0)),
            kWho + "option \"rate\" has the default 0.5, which is below its smallest value, 0.75");
  EXPECT_EQ(with(detail::plain(0.0), detail::plain(0.25)),
            kWho + "option \"rate\" has the default 0.5, which is above its largest value, 0.25");
  EXPECT_EQ(with(detail::plain(2.0), detail::plain(1.0)),
            kWho + "option \"rate\" has a smallest value of 2 above its largest one, 1");
  EXPECT_EQ(with(detail::plain_of("a"), {}),
            kWho + "option \"rate\" has a smallest value of kind string, not float");
  EXPECT_EQ(with(detail::plain(std::numeric_limits<double>::quiet_NaN()), {}),
            kWho + "option \"rate\" has a smallest value that is not finite");
  EXPECT_EQ(
      problem([](Tables& t) { t.option = dodona::option("text", "a", "what", {.low = 1}).base; }),
      kWho + "option \"text\" has bounds, which a string cannot have");
}

TEST(Descriptor, HasADefaultAmongItsChoices) {
  const auto with = [](dodona_value first, dodona_value second) {
    return problem([&](Tables& t) {
      t.choices = {first, second};
      t.option.choices = t.choices.data();
      t.option.choice_count = 2;
    });
  };
  EXPECT_EQ(with(detail::plain(0.5), detail::plain(1.0)), "");
  EXPECT_EQ(with(detail::plain(0.25), detail::plain(1.0)),
            kWho + "option \"rate\" has a default that is not among its choices");
  EXPECT_EQ(with(detail::plain(0.5), detail::plain_of("b")),
            kWho + "option \"rate\" has a choice of kind string, not float");
  EXPECT_EQ(with(detail::plain(0.5), detail::plain(0.5)),
            kWho + "option \"rate\" has two choices that are the same, the 1. and the 2.");
}

TEST(Descriptor, HasADefaultOfTheKindOfItsOption) {
  EXPECT_EQ(problem([](Tables& t) { t.option.kind = 9; }),
            kWho + "option \"rate\" has the unknown kind 9");
  EXPECT_EQ(problem([](Tables& t) { t.option.initial = detail::plain_of("a"); }),
            kWho + "option \"rate\" has a default of kind string, not float");
  EXPECT_EQ(
      problem([](Tables& t) { t.option = json_option("list", DODONA_LIST, "{}", "what").base; }),
      kWho + "option \"list\" has the default '{}', which is not JSON of kind list");
}

TEST(Descriptor, HasADefaultThatIsJson) {
  const auto is_list = [](const char* text) {
    return problem(
               [&](Tables& t) { t.option = json_option("list", DODONA_LIST, text, "what").base; })
        .empty();
  };
  for (const char* text : {"[]", " [ ] ", "[1, -2.5e+3, 0]", R"(["a\"\u00e4", {"b": [null]}])",
                           "[true, false]", "[[[]]]"}) {
    EXPECT_TRUE(is_list(text)) << text;
  }
  for (const char* text : {"", "[", "[1, ]", "[1 2]", "[01]", "[1.]", "[.5]", "[nul]", "[] []",
                           "[\"a]", "[\"\\x\"]", "[{\"a\"}]", "[{1: 2}]", "[\"\n\"]"}) {
    EXPECT_FALSE(is_list(text)) << text;
  }
  EXPECT_FALSE(is_list((std::string(40, '[') + std::string(40, ']')).c_str()));
}

TEST(Descriptor, TellsItsPartsApart) {
  EXPECT_EQ(problem([](Tables& t) { t.descriptor.option_count = 2; }), "");
  EXPECT_EQ(problem([](Tables& t) {
              t.descriptor.option_count = 2;
              t.second.name = "rate";
            }),
            kWho + "has two options \"rate\"");
  EXPECT_EQ(problem([](Tables& t) { t.module.count = 2; }), "");
  EXPECT_EQ(problem([](Tables& t) {
              t.module.count = 2;
              t.other.id = "a.b";
            }),
            "x.so: oracle \"other\": its library has two of the id \"a.b\"");
  EXPECT_EQ(problem([](Tables& t) {
              t.module.count = 2;
              t.other.name = "idle";
            }),
            kWho + "its library has two of the name");
}

// A later version has more roles; its plugins of these are not for this host.
TEST(Descriptor, OfAnUnknownRoleIsPassedOver) {
  EXPECT_EQ(problem([](Tables& t) {
              t.module.count = 2;
              t.other.role = "dodona.chooser/1";
              t.other.vtable = nullptr;
            }),
            "");
}

TEST(Descriptor, HasTheFunctionsOfItsRole) {
  EXPECT_EQ(problem([](Tables& t) { t.slots.observe = nullptr; }),
            kWho + "its table lacks the required function observe");
  EXPECT_EQ(problem([](Tables& t) { t.slots.struct_size = DODONA_ORACLE_VTABLE_SIZE_MIN; }),
            kWho + "its table lacks the required function propose (or judge)");
  EXPECT_TRUE(problem([](Tables& t) {
                t.slots.struct_size = 8;
              }).starts_with(kWho + "its table of functions has 8 bytes, fewer than the "));
  EXPECT_TRUE(problem([](Tables& t) {
                t.option.struct_size = 8;
              }).starts_with(kWho + "an option of its module table has 8 bytes"));
  EXPECT_EQ(problem([](Tables& t) { t.module.count = 0; }),
            "x.so: its module table has no descriptors");
}

}  // namespace
}  // namespace dodona::plugin
