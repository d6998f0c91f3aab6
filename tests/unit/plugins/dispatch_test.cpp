// SPDX-License-Identifier: Apache-2.0
//
// The plugin that is compiled twice, as built: which of the two serves.
#include "support/built_plugin.hpp"
#include "support/model_oracle.hpp"
#include "support/oracle_properties.hpp"
#include "support/oracle_study.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <dlfcn.h>
#include <filesystem>
#include <string>

namespace dodona {
namespace {

namespace fs = std::filesystem;

// The descriptor that a library answers with.
const dodona_descriptor& descriptor_of(const fs::path& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) throw Error(DODONA_E_PLUGIN, ::dlerror());
  auto* entry = reinterpret_cast<const dodona_module* (*)()>(::dlsym(library, DODONA_ENTRY_SYMBOL));
  return *entry()->descriptors[0];
}

// The library in which a descriptor's table lies.
fs::path home_of(const dodona_descriptor& descriptor) {
  Dl_info info{};
  if (::dladdr(descriptor.vtable, &info) == 0) return {};
  return info.dli_fname;
}

void expect_proposes(const dodona_descriptor& descriptor) {
  support::OracleStudy study(descriptor, support::square(), {.max_trials = 30});
  for (std::uint64_t id = 0; id < 12; ++id) {
    ASSERT_EQ(study.ask(), support::Answer::kProposed);
    study.finish(id, support::bumpy(study.trials()[id]));
  }
}

class Dispatch : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(DODONA_PLUGINS "/x86-64-v3/bayesian.so")) {
      GTEST_SKIP() << "this build has one kind of code";
    }
  }
};

TEST_F(Dispatch, HandsOverWhereTheProcessorHasWhatTheTwinNeeds) {
  const dodona_descriptor& descriptor = descriptor_of(DODONA_PLUGINS "/bayesian.so");
  const bool able = __builtin_cpu_supports("x86-64-v3") != 0;
  EXPECT_EQ(home_of(descriptor).parent_path().filename() == "x86-64-v3", able);
  expect_proposes(descriptor);
}

TEST_F(Dispatch, ServesByItselfWithoutItsTwin) {
  const support::TemporaryDirectory directory;
  const fs::path copy = directory / "bayesian.so";
  fs::copy_file(DODONA_PLUGINS "/bayesian.so", copy);
  const dodona_descriptor& descriptor = descriptor_of(copy);
  EXPECT_EQ(home_of(descriptor), copy);
  expect_proposes(descriptor);
}

TEST_F(Dispatch, DoesNotTrustATwinThatOthersMayWriteTo) {
  const support::TemporaryDirectory directory;
  const fs::path copy = directory / "bayesian.so", twin = directory / "x86-64-v3" / "bayesian.so";
  fs::create_directory(twin.parent_path());
  fs::copy_file(DODONA_PLUGINS "/bayesian.so", copy);
  fs::copy_file(DODONA_PLUGINS "/x86-64-v3/bayesian.so", twin);
  fs::permissions(twin, fs::perms::group_write, fs::perm_options::add);
  EXPECT_EQ(home_of(descriptor_of(copy)), copy);
}

}  // namespace
}  // namespace dodona
