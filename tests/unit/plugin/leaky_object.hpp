// SPDX-License-Identifier: Apache-2.0
//
// An oracle or a sink that is made with DODONA_OK by a call which the host then takes no answer of,
// as a loop in it failed. The host frees it all the same.
#pragma once

#include "plugin/study_info.hpp"
#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/abi.h>

#include <gtest/gtest.h>

namespace dodona::plugin {

// `Table` is the role's; make(descriptor, info, services) makes the object.
template <class Table, class Make>
void expect_freed_where_a_loop_fails(const char* role, const Make& make) {
  static int objects = 0;
  Table table{};
  table.create = [](const dodona_host* host, const dodona_study*, const dodona_options*,
                    void** self, dodona_error*) {
    host->parallel_for(
        host, 4, 1, [](void*, std::uint64_t, std::uint64_t) {}, nullptr);
    *self = &++objects;
    return dodona_status{DODONA_OK};
  };
  table.destroy = [](void*) { --objects; };
  dodona_descriptor described{};
  described.vtable = &table;
  Descriptor descriptor;
  descriptor.role = role;
  descriptor.id = "leaky";
  descriptor.table = &described;
  study::Names names;
  support::FakeServices services;
  services.loop_fails = true;
  EXPECT_TRUE(contains(error_of([&] { make(descriptor, StudyInfo{.names = names}, services); }),
                       "a loop of parallel_for ended with an exception"));
  EXPECT_EQ(objects, 0);
}

}  // namespace dodona::plugin
