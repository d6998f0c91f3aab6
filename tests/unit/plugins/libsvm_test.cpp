// SPDX-License-Identifier: Apache-2.0
#include "common/data/libsvm.hpp"

#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using dodona::common::decode_libsvm;
using dodona::common::load_libsvm;
using dodona::common::SparseTable;

std::string decode_error(std::string_view text) {
  return dodona::support::error_of(DODONA_E_IO, [&] { decode_libsvm(text, "f"); });
}

TEST(Libsvm, ReadsRowsOfEntries) {
  const SparseTable table =
      decode_libsvm("+1 1:0.5\t3:-2e2 # comment 9:9\n\n# more\n-1\r\n 2.5 0:+7 4:.25", "f");
  EXPECT_EQ(table.rows, 3U);
  EXPECT_EQ(table.columns, 5U);
  EXPECT_EQ(table.labels, (std::vector<double>{1, -1, 2.5}));
  EXPECT_EQ(table.starts, (std::vector<std::size_t>{0, 2, 2, 4}));
  EXPECT_EQ(table.indices, (std::vector<std::uint32_t>{1, 3, 0, 4}));
  EXPECT_EQ(table.values, (std::vector<float>{0.5F, -200, 7, 0.25F}));
}

TEST(Libsvm, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(decode_error("1 1:2\ncat 1:2\n"),
            "\"f\", line 2: the label \"cat\" is not a finite number; a line is \"label "
            "index:value ...\"");
  EXPECT_EQ(decode_error("nan 1:2"),
            "\"f\", line 1: the label \"nan\" is not a finite number; a line is \"label "
            "index:value ...\"");
  EXPECT_EQ(decode_error("1 2"), "\"f\", line 1: \"2\" should be index:value");
  EXPECT_EQ(decode_error("1 -1:2"),
            "\"f\", line 1: the index of \"-1:2\" should be a whole number from 0 to 16777215");
  EXPECT_EQ(decode_error("1 16777216:2"),
            "\"f\", line 1: the index of \"16777216:2\" should be a whole number from 0 to "
            "16777215");
  EXPECT_EQ(decode_error("1 :2"),
            "\"f\", line 1: the index of \":2\" should be a whole number from 0 to 16777215");
  EXPECT_EQ(decode_error("#\n1 3:1 3:2"),
            "\"f\", line 2: index 3 follows 3; the indices of a line should rise");
  EXPECT_EQ(decode_error("1 3:1e99"),
            "\"f\", line 1: the value of \"3:1e99\" is not a finite number");
  EXPECT_EQ(decode_error("1 3:"), "\"f\", line 1: the value of \"3:\" is not a finite number");
  EXPECT_EQ(decode_error("1 qid:4 3:1"),
            "\"f\", line 1: \"qid:4\": ranking by groups is not supported");
  EXPECT_EQ(decode_error("# nothing\n"), "\"f\" has no row of data");
  EXPECT_EQ(decode_error("1\n2\n"), "\"f\" has labels and no index:value");
}

TEST(Libsvm, ReadsFiles) {
  const dodona::support::TemporaryDirectory directory;
  EXPECT_EQ(load_libsvm(directory.write("rows.txt", "1 2:3\n")).columns, 3U);
  const std::string absent = (directory / "absent").string();
  EXPECT_NE(dodona::support::error_of(DODONA_E_IO, [&] { load_libsvm(absent); }).find(absent),
            std::string::npos);
}

}  // namespace
