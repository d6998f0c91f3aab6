// SPDX-License-Identifier: Apache-2.0
#include <dodona/plugin.hpp>

#include <gtest/gtest.h>

#include <string_view>

namespace {

struct Toy {
  double run(dodona::HyperParameters& hp) { return hp.real("x", {.min = 0, .max = 1}); }
};

struct Nothing {
  void consume(const dodona_event&) {}
  void flush() {}
};

}  // namespace

DODONA_PLUGIN(
    dodona::hypermodel<Toy>(
        {.id = "org.example.toy", .name = "toy", .description = "a toy", .flags = 1},
        dodona::option("epochs", std::int64_t{5}, "passes", {.low = 1, .high = 9}),
        dodona::option("rate", 0.5, "speed"),
        dodona::option("data", "/srv", "directory", {.choices = dodona::choices("/srv", "/tmp")}),
        dodona::option("fast", true, "in a hurry"),
        dodona::required_option("key", DODONA_STRING, "a secret"),
        dodona::json_option("layers", DODONA_LIST, "[1, 2]", "sizes")),
    dodona::sink<Nothing>({.id = "org.example.nothing", .name = "nothing", .description = "-"}))

namespace dodona {
namespace {

TEST(Module, IsOneConstantTable) {
  const dodona_module* module = dodona_module_v0();
  EXPECT_EQ(module, dodona_module_v0());
  EXPECT_EQ(module->struct_size, DODONA_SIZE_TO(dodona_module, get_extension));
  EXPECT_EQ(module->abi_epoch, DODONA_ABI_EPOCH);
  EXPECT_EQ(module->minor_built, DODONA_ABI_MINOR);
  EXPECT_EQ(module->minor_needed, DODONA_ABI_BREAK);
  ASSERT_EQ(module->count, 2u);
  EXPECT_STREQ(module->descriptors[0]->role, DODONA_ROLE_HYPERMODEL);
  EXPECT_STREQ(module->descriptors[1]->role, DODONA_ROLE_SINK);
  EXPECT_EQ(module->descriptors[0]->flags, 1u);
  EXPECT_EQ(module->descriptors[0]->vtable, &HyperModelAdapter<Toy>::kTable);
  EXPECT_EQ(module->descriptors[1]->option_count, 0u);
}

TEST(Choices, AreOfTheKindOfTheirValues) {
  EXPECT_EQ(choices("a", "bc").list()[1].as.s.size, 2u);
  EXPECT_EQ(choices(1, 2, 4).list()[2].as.i, 4);
  EXPECT_EQ(choices(0.5, 2).list()[0].as.d, 0.5);
  EXPECT_EQ(choices(true).list()[0].kind, DODONA_BOOL);
  EXPECT_TRUE(Choices().list().empty());
}

TEST(Module, ListsOptionsWithTheirKindsAndBounds) {
  const dodona_descriptor& toy = *dodona_module_v0()->descriptors[0];
  ASSERT_EQ(toy.option_count, 6u);
  const auto& option = [&](std::size_t i) -> const dodona_option& { return *toy.options[i]; };
  EXPECT_STREQ(option(0).name, "epochs");
  EXPECT_EQ(option(0).kind, DODONA_INT);
  EXPECT_EQ(option(0).initial.as.i, 5);
  EXPECT_EQ(option(0).low.as.i, 1);
  EXPECT_EQ(option(0).high.as.i, 9);
  EXPECT_EQ(option(1).kind, DODONA_DOUBLE);
  EXPECT_EQ(option(1).low.kind, 0);
  EXPECT_EQ(option(2).kind, DODONA_STRING);
  ASSERT_EQ(option(2).choice_count, 2u);
  EXPECT_EQ(view(option(2).choices[1].as.s), "/tmp");
  EXPECT_EQ(option(3).choice_count, 0u);
  EXPECT_EQ(option(3).choices, nullptr);
  EXPECT_EQ(view(option(2).initial.as.s), "/srv");
  EXPECT_EQ(option(3).kind, DODONA_BOOL);
  EXPECT_EQ(option(4).initial.kind, 0);
  EXPECT_EQ(option(4).initial_json, nullptr);
  EXPECT_STREQ(option(5).initial_json, "[1, 2]");
}

}  // namespace
}  // namespace dodona
