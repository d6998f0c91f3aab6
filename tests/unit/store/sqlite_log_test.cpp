// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_log.hpp"

#include "store/sqlite_schema.hpp"
#include "store_contract.hpp"

#include <gtest/gtest.h>

namespace dodona::store {
namespace {

Event reported(std::uint32_t name) {
  Event event;
  event.trial = 0;
  event.body = study::Reported{0, 1, {{name, 0.5}}, 0.5, study::Verdict::kContinue};
  return event;
}

Chunk chunk(std::uint64_t first, const std::vector<Event>& events) {
  Chunk chunk{first, events.size(), {}};
  for (const Event& event : events) study::encode(event, chunk.bytes);
  return chunk;
}

class LogTest : public ::testing::Test {
 protected:
  LogTest() : path_(directory_ / "study.db"), writer_(path_) {}

  void write(Chunk chunk) { writer_.write({{std::move(chunk)}, {}}, names_); }
  // What is there, changed behind the store's back.
  void tamper(const char* sql) { Database(path_, Database::Mode::kWrite).run(sql); }

  std::vector<Event> read(std::uint64_t first = 0) {
    LogReader reader(path_, Database::Mode::kRead);
    study::Names names;
    reader.load_names(names);
    std::vector<Event> events;
    Batch batch;
    do {
      reader.fetch(first, batch);
      visit_batch(batch, path_, names, first, [&](const Event& event) {
        events.push_back(event);
        return true;
      });
    } while (!batch.rows.empty());
    return events;
  }
  void expect_damage(const std::string& what, std::uint64_t first = 0) {
    EXPECT_EQ(message_of(DODONA_E_IO, [&] { read(first); }),
              "cannot read " + what + "; restore the file from a copy");
  }
  std::string of_path() const { return " of \"" + path_ + "\": "; }

  const Directory directory_;
  const std::string path_;
  study::Names names_;
  LogWriter writer_;
};

using LogReaderTest = LogTest;
using LogWriterTest = LogTest;

TEST_F(LogReaderTest, FindsTheChunkOfAnEvent) {
  write(chunk(0, {noted("0"), noted("1")}));
  write(chunk(2, {noted("2")}));
  write(chunk(3, {noted("3"), noted("4"), noted("5")}));
  LogReader reader(path_, Database::Mode::kRead);
  EXPECT_EQ(reader.end(), 6u);
  for (std::uint64_t first = 0; first < 8; ++first) {
    const auto events = read(first);
    ASSERT_EQ(events.size(), first < 6 ? 6 - first : 0);
    for (std::size_t i = 0; i < events.size(); ++i) {
      EXPECT_EQ(events[i].sequence, first + i);
      EXPECT_EQ(value_of(events[i]), std::to_string(first + i));
    }
  }
}

TEST_F(LogReaderTest, FetchesAboutAMebibyteATime) {
  for (std::uint64_t i = 0; i < 10; ++i) write(chunk(i, {noted(std::string(300'000, 'x'))}));
  LogReader reader(path_, Database::Mode::kRead);
  Batch batch;
  reader.fetch(0, batch);
  EXPECT_EQ(batch.rows.size(), 4u);
  reader.fetch(8, batch);
  EXPECT_EQ(batch.rows.size(), 2u);
  EXPECT_EQ(batch.rows[0].first, 8u);
}

TEST_F(LogReaderTest, IsEmptyBeforeTheFirstEvent) {
  LogReader reader(path_, Database::Mode::kRead);
  Batch batch;
  reader.fetch(0, batch);
  EXPECT_TRUE(batch.rows.empty());
  EXPECT_EQ(reader.end(), 0u);
  EXPECT_TRUE(reader.cursors().empty());
}

TEST_F(LogReaderTest, RefusesAFileWithoutTables) {
  const std::string path = directory_ / "empty.db";
  { const Database made(path, Database::Mode::kWrite); }
  const std::string message =
      message_of(DODONA_E_IO, [&] { LogReader(path, Database::Mode::kFrozen); });
  EXPECT_EQ(message, "\"" + path + "\" is empty: no study was started there yet");
}

TEST_F(LogReaderTest, NamesTheEventThatIsDamaged) {
  write(chunk(0, {noted("0"), noted("1")}));
  Chunk bad = chunk(2, {noted("2"), noted("3"), noted("4")});
  bad.bytes[bad.bytes.size() / 3 * 2 + 2] = 99;  // the type of the last one
  write(bad);
  expect_damage("event 4" + of_path() + "damaged event (its type is 99)");
  std::vector<std::string> before;
  Batch batch;
  LogReader reader(path_, Database::Mode::kRead);
  reader.fetch(0, batch);
  std::uint64_t next = 0;
  EXPECT_TRUE(!visit_batch(batch, path_, names_, next, [&](const Event&) { return next < 4; }));
  EXPECT_EQ(next, 4u);
}

TEST_F(LogReaderTest, NamesTheEventThatIsMissing) {
  for (std::uint64_t i = 0; i < 4; ++i) write(chunk(2 * i, {noted("a"), noted("b")}));
  tamper("DELETE FROM log WHERE first = 4");
  expect_damage("event 4" + of_path() + "it is not there");
  expect_damage("event 5" + of_path() + "it is not there", 5);
  EXPECT_EQ(read(6).size(), 2u);
  tamper("DELETE FROM log WHERE first = 0");
  expect_damage("event 0" + of_path() + "it is not there");
}

TEST_F(LogReaderTest, NamesTheChunkThatIsTooShortOrTooLong) {
  write(chunk(0, {noted("a"), noted("b")}));
  write(chunk(2, {noted("c")}));
  tamper("UPDATE log SET count = 3 WHERE first = 0");
  expect_damage("event 2" + of_path() + "it is not there");
  tamper("UPDATE log SET count = 1 WHERE first = 0");
  expect_damage("event 1" + of_path() + "another is in its place");
  tamper("UPDATE log SET count = 2, events = substr(events, 1, 10) WHERE first = 0");
  expect_damage("event 0" + of_path() + "damaged event (it says 17 elements and ends early)");
  expect_damage("event 0" + of_path() + "damaged event (it says 17 elements and ends early)", 1);
}

TEST_F(LogReaderTest, RefusesOverlappingChunks) {
  write(chunk(0, {noted("a"), noted("b")}));
  write(chunk(1, {noted("c"), noted("d")}));
  expect_damage("event 2" + of_path() + "it is not there");
}

TEST_F(LogReaderTest, RefusesAMetricWithoutAName) {
  names_.intern("loss");
  write(chunk(0, {reported(0), reported(1)}));
  expect_damage("event 1" + of_path() + "a metric without a name");
}

TEST_F(LogReaderTest, RefusesNamesOutOfOrder) {
  names_.intern("loss");
  names_.intern("accuracy");
  write(chunk(0, {reported(1)}));
  tamper("UPDATE names SET name = 'loss' WHERE id = 1");
  expect_damage("metric name 1" + of_path() + "it is out of order");
  tamper("DELETE FROM names WHERE id = 0");
  expect_damage("metric name 1" + of_path() + "it is out of order");
}

TEST_F(LogReaderTest, ReportsATableThatIsGone) {
  tamper("DROP TABLE names");
  expect_contains(message_of(DODONA_E_IO, [&] { read(); }), "no such table: names");
}

TEST_F(LogReaderTest, LearnsNamesAsTheyCome) {
  LogReader reader(path_, Database::Mode::kRead);
  study::Names names;
  names_.intern("loss");
  write(chunk(0, {reported(0)}));
  reader.load_names(names);
  EXPECT_EQ(names.size(), 1u);
  names_.intern("accuracy");
  write(chunk(1, {reported(1)}));
  reader.load_names(names);
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[1], "accuracy");
}

TEST_F(LogWriterTest, WritesAllOfAGroupOrNothing) {
  write(chunk(0, {noted("a")}));
  names_.intern("loss");
  const Group twice{{chunk(1, {noted("b")}), chunk(0, {noted("c")})}, {{"jsonl", 1}}};
  expect_contains(message_of(DODONA_E_IO, [&] { writer_.write(twice, names_); }), path_);
  EXPECT_EQ(read().size(), 1u);
  Database database(path_, Database::Mode::kRead);
  EXPECT_EQ(database.integer("SELECT count(*) FROM names"), 0);
  writer_.write({{chunk(1, {noted("b")})}, {{"jsonl", 1}}}, names_);
  EXPECT_EQ(read().size(), 2u);
  EXPECT_EQ(database.integer("SELECT count(*) FROM names"), 1);
}

TEST_F(LogWriterTest, KeepsTheLastCursorOfEachSink) {
  writer_.write({{}, {{"a", 1}, {"b", 2}}}, names_);
  writer_.write({{}, {{"a", 3}}}, names_);
  LogReader reader(path_, Database::Mode::kRead);
  EXPECT_EQ(reader.cursors(),
            (std::map<std::string, std::uint64_t, std::less<>>{{"a", 3}, {"b", 2}}));
}

TEST_F(LogWriterTest, GoesOnWithTheNamesOfAnEarlierOne) {
  names_.intern("loss");
  write(chunk(0, {reported(0)}));
  names_.intern("accuracy");
  LogWriter second(path_);
  second.write({{chunk(1, {reported(1)})}, {}}, names_);
  EXPECT_EQ(read().size(), 2u);
}

}  // namespace
}  // namespace dodona::store
