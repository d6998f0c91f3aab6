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
  // Changes the stored rows behind the store's back.
  void tamper(const char* sql) { Database(path_, Database::Mode::kWrite).run(sql); }

  std::vector<Event> read(std::uint64_t first = 0) {
    LogReader reader(path_, Database::Mode::kRead);
    study::Names names;
    reader.load_names(names);
    std::vector<Event> events;
    Batch batch;
    do {
      reader.fetch(first, batch);
      visit_batch(batch, path_, names, reader.name_problem(), first, [&](const Event& event) {
        events.push_back(event);
        return true;
      });
    } while (!batch.rows.empty());
    return events;
  }
  // `readable`: "the 4 events before it".
  void expect_damage(const std::string& what, const std::string& readable,
                     std::uint64_t first = 0) {
    EXPECT_EQ(message_of(DODONA_E_IO, [&] { read(first); }),
              "cannot read " + what + "; " + readable +
                  " can be read (dodona trials); restore the file from a copy");
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
  expect_damage("event 4" + of_path() + "damaged event (its type is 99)", "the 4 events before it");
  std::vector<std::string> before;
  Batch batch;
  LogReader reader(path_, Database::Mode::kRead);
  reader.fetch(0, batch);
  std::uint64_t next = 0;
  EXPECT_TRUE(!visit_batch(batch, path_, names_, "", next, [&](const Event&) { return next < 4; }));
  EXPECT_EQ(next, 4u);
}

TEST_F(LogReaderTest, NamesTheEventThatIsMissing) {
  for (std::uint64_t i = 0; i < 4; ++i) write(chunk(2 * i, {noted("a"), noted("b")}));
  tamper("DELETE FROM log WHERE first = 4");
  expect_damage("event 4" + of_path() + "it is not there", "the 4 events before it");
  expect_damage("event 5" + of_path() + "it is not there", "the 5 events before it", 5);
  EXPECT_EQ(read(6).size(), 2u);
  tamper("DELETE FROM log WHERE first = 0");
  expect_damage("event 0" + of_path() + "it is not there", "nothing before it");
}

TEST_F(LogReaderTest, NamesTheChunkThatIsTooShortOrTooLong) {
  write(chunk(0, {noted("a"), noted("b")}));
  write(chunk(2, {noted("c")}));
  tamper("UPDATE log SET crc = NULL");  // as 0.1 wrote it
  tamper("UPDATE log SET count = 3 WHERE first = 0");
  expect_damage("event 2" + of_path() + "it is not there", "the 2 events before it");
  tamper("UPDATE log SET count = 1 WHERE first = 0");
  expect_damage("event 1" + of_path() + "another is in its place", "the event before it");
  tamper("UPDATE log SET count = 2, events = substr(events, 1, 10) WHERE first = 0");
  const std::string short_event =
      "event 0" + of_path() + "damaged event (it says 17 elements and ends early)";
  expect_damage(short_event, "nothing before it");
  expect_damage(short_event, "nothing before it", 1);
}

TEST_F(LogReaderTest, RefusesOverlappingChunks) {
  write(chunk(0, {noted("a"), noted("b")}));
  write(chunk(1, {noted("c"), noted("d")}));
  expect_damage("event 2" + of_path() + "it is not there", "the 2 events before it");
}

TEST_F(LogReaderTest, RefusesAMetricWithoutAName) {
  names_.intern("loss");
  write(chunk(0, {reported(0), reported(1)}));
  expect_damage("event 1" + of_path() + "a metric without a name", "the event before it");
}

// Events before the first that needs the name are read.
TEST_F(LogReaderTest, RefusesNamesOutOfOrderWhereTheyAreNeeded) {
  names_.intern("loss");
  names_.intern("accuracy");
  write(chunk(0, {reported(0), reported(1)}));
  tamper("UPDATE names SET crc = NULL");
  tamper("UPDATE names SET name = 'loss' WHERE id = 1");
  expect_damage("event 1" + of_path() + "metric name 1: it is out of order", "the event before it");
  tamper("DELETE FROM names WHERE id = 0");
  expect_damage("event 0" + of_path() + "metric name 0: it is out of order", "nothing before it");
}

TEST_F(LogReaderTest, FindsAChunkThatIsNotWhatWasWritten) {
  for (const char* change : {"events = CAST(replace(events, 'c', 'C') AS BLOB)", "count = 3",
                             "first = 7", "crc = crc + 1"}) {
    SCOPED_TRACE(change);
    tamper("DELETE FROM log");
    write(chunk(0, {noted("a"), noted("b")}));
    write(chunk(2, {noted("c"), noted("d")}));
    write(chunk(4, {noted("e")}));
    tamper((std::string("UPDATE log SET ") + change + " WHERE first = 2").c_str());
    const std::string message = message_of(DODONA_E_IO, [&] { read(); });
    expect_contains(message, "the 2 events before it can be read (dodona trials)");
    LogReader reader(path_, Database::Mode::kRead);
    Batch batch;
    reader.fetch(0, batch);
    EXPECT_EQ(batch.rows.size(), std::string(change) == "first = 7" ? 2u : 1u);
  }
}

TEST_F(LogReaderTest, NamesTheEventsOfADamagedChunk) {
  write(chunk(0, {noted("a")}));
  write(chunk(1, {noted("b"), noted("c"), noted("d")}));
  tamper("UPDATE log SET crc = 1 WHERE first = 1");
  expect_damage("events 1 to 3" + of_path() + "the checksum does not match", "the event before it");
  expect_damage("events 1 to 3" + of_path() + "the checksum does not match", "the event before it",
                2);
}

TEST_F(LogReaderTest, FindsANameThatIsNotWhatWasWritten) {
  names_.intern("loss");
  names_.intern("accuracy");
  write(chunk(0, {reported(0), reported(1)}));
  tamper("UPDATE names SET name = 'accurACY' WHERE id = 1");
  expect_damage("event 1" + of_path() + "metric name 1: the checksum does not match",
                "the event before it");
}

TEST_F(LogReaderTest, FindsACursorThatIsNotWhatWasWritten) {
  writer_.write({{}, {{"jsonl", 5}}}, names_);
  for (const char* sql : {"UPDATE cursors SET next = 6", "UPDATE cursors SET sink = 'jsonL'"}) {
    tamper(sql);
    LogReader reader(path_, Database::Mode::kRead);
    EXPECT_EQ(message_of(DODONA_E_IO, [&] { reader.cursors(); }),
              "cannot read where a sink stands in \"" + path_ +
                  "\": the checksum does not match; the events can be read (dodona trials); "
                  "restore the file from a copy");
  }
}

TEST_F(LogReaderTest, ReadsWhatHasNoChecksumAndSaysSo) {
  names_.intern("loss");
  writer_.write({{chunk(0, {reported(0), noted("a")})}, {{"jsonl", 1}}}, names_);
  write(chunk(2, {noted("b")}));
  tamper("UPDATE log SET crc = NULL WHERE first = 0");
  tamper("UPDATE names SET crc = NULL");
  tamper("UPDATE cursors SET crc = NULL");
  LogReader reader(path_, Database::Mode::kRead);
  EXPECT_EQ(reader.unchecked(), 0u);
  Batch batch;
  reader.fetch(0, batch);
  EXPECT_EQ(reader.unchecked(), 2u);
  EXPECT_EQ(reader.cursors().at("jsonl"), 1u);
  EXPECT_EQ(read().size(), 3u);
}

// Tables as 0.1 made them.
TEST_F(LogReaderTest, ReadsAnOlderSchemaAlsoWhileItsOwnerBringsItForward) {
  const std::string path = directory_ / "old.db";
  Database database(path, Database::Mode::kWrite);
  database.run("PRAGMA journal_mode = WAL");
  database.run(
      "CREATE TABLE log(first INTEGER PRIMARY KEY, count INTEGER NOT NULL, events BLOB NOT NULL);"
      "CREATE TABLE names(id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
      "CREATE TABLE cursors(sink TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;"
      "INSERT INTO cursors VALUES('jsonl', 1)");
  database.run(("PRAGMA application_id = " + std::to_string(kApplicationId)).c_str());
  database.run("PRAGMA user_version = 1");
  const Chunk old = chunk(0, {noted("a")});
  database.prepare("INSERT INTO log VALUES(0, 1, ?1)").bind_blob(1, old.bytes).run();
  LogReader reader(path, Database::Mode::kRead);
  Batch batch;
  reader.fetch(0, batch);
  EXPECT_EQ(batch.rows.size(), 1u);
  EXPECT_EQ(reader.cursors().at("jsonl"), 1u);
  EXPECT_EQ(database.integer("PRAGMA user_version"), 1);
  LogWriter writer(path);
  writer.write({{chunk(1, {noted("b")})}, {}}, names_);
  reader.fetch(0, batch);
  EXPECT_EQ(batch.rows.size(), 2u);
  EXPECT_EQ(reader.unchecked(), 1u);
  database.run("UPDATE log SET crc = 7 WHERE first = 1");
  EXPECT_THROW(reader.fetch(1, batch), Error);
}

TEST_F(LogReaderTest, FindsPagesThatDoNotFitTogether) {
  for (std::uint64_t i = 0; i < 40; ++i) write(chunk(i, {noted(std::string(3000, 'x'))}));
  EXPECT_NO_THROW(LogReader(path_, Database::Mode::kRead).check_structure());
  tamper(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET rootpage = 2; "
      "PRAGMA writable_schema = RESET");
  EXPECT_THROW(LogReader(path_, Database::Mode::kRead).check_structure(), DamagedDatabase);
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

TEST_F(LogWriterTest, NoticesThatItsFileIsGoneOrAnotherOne) {
  write(chunk(0, {noted("a")}));
  const std::string gone = "\"" + path_ + "\" was deleted, moved or replaced while the study";
  std::filesystem::rename(path_, path_ + ".moved");
  expect_contains(message_of(DODONA_E_IO, [&] { write(chunk(1, {noted("b")})); }), gone);
  std::filesystem::copy(path_ + ".moved", path_);
  expect_contains(message_of(DODONA_E_IO, [&] { write(chunk(2, {noted("c")})); }), gone);
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
