// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_log.hpp"

#include "base/assert.hpp"
#include "base/crc32c.hpp"
#include "base/text.hpp"
#include "store/sqlite_schema.hpp"
#include "study/codec.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace dodona::store {
namespace {

using study::Event;

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

// `readable` events lie before the damage.
[[noreturn]] void damaged(const std::string& path, const std::string& what, std::string_view why,
                          std::uint64_t readable) {
  const std::string before = readable == 0 ? "nothing before it"
                             : readable == 1
                                 ? "the event before it"
                                 : "the " + std::to_string(readable) + " events before it";
  throw Error(DODONA_E_IO, "cannot read " + what + " of " + base::quote(path) + ": " +
                               std::string(why) + "; " + before +
                               " can be read (dodona trials); restore the file from a copy");
}

std::string events_text(std::uint64_t first, std::uint64_t count) {
  return count == 1
             ? "event " + std::to_string(first)
             : "events " + std::to_string(first) + " to " + std::to_string(first + count - 1);
}

constexpr const char* kWrongChecksum = "the checksum does not match";

// ---- checksums ----------------------------------------------------------------------------------

std::uint32_t add(std::uint64_t number, std::uint32_t before) {
  static_assert(std::endian::native == std::endian::little);
  std::array<char, 8> bytes;
  std::memcpy(bytes.data(), &number, bytes.size());
  return base::crc32c({bytes.data(), bytes.size()}, before);
}
std::int64_t as_column(std::uint32_t crc) {
  return static_cast<std::int32_t>(crc);
}
std::int64_t crc_of_chunk(std::uint64_t first, std::uint64_t count, std::string_view events) {
  return as_column(base::crc32c(events, add(count, add(first, 0))));
}
std::int64_t crc_of_name(std::uint64_t id, std::string_view name) {
  return as_column(base::crc32c(name, add(id, 0)));
}
std::int64_t crc_of_cursor(std::string_view sink, std::uint64_t next) {
  return as_column(add(next, base::crc32c(sink)));
}

// True if the row has no checksum, or the one at hand.
bool agrees(const Statement& row, int column, std::int64_t crc) {
  return row.is_null(column) || row.integer(column) == crc;
}

const std::vector<study::MetricValue>* metrics_of(const Event& event) {
  if (const auto* reported = std::get_if<study::Reported>(&event.body)) return &reported->metrics;
  if (const auto* finished = std::get_if<study::Finished>(&event.body)) return &finished->metrics;
  if (const auto* imported = std::get_if<study::Imported>(&event.body)) return &imported->metrics;
  return nullptr;
}

// Takes an event off the front and checks what the codec cannot know. `without_name` says what is
// wrong where a metric has none.
Event take(std::string_view& bytes, std::uint32_t name_count, const std::string& without_name) {
  if (bytes.empty()) throw Error(DODONA_E_IO, "it is not there");
  Event event = study::decode(bytes);
  if (const auto* metrics = metrics_of(event)) {
    const bool known = std::all_of(metrics->begin(), metrics->end(),
                                   [&](const auto& metric) { return metric.name < name_count; });
    if (!known) throw Error(DODONA_E_IO, without_name);
  }
  return event;
}

// Says in errors which event it is.
template <class Read>
auto reading(const std::string& path, std::uint64_t sequence, Read&& read) {
  try {
    return read();
  } catch (const Error& error) {
    damaged(path, events_text(sequence, 1), error.what(), sequence);
  }
}

}  // namespace

// ---- reading ------------------------------------------------------------------------------------

LogReader::LogReader(const std::string& path, Database::Mode mode)
    : database_(path, mode), version_(check_schema(database_)), statements_(prepare()) {}

LogReader::Statements LogReader::prepare() {
  if (version_ == 0) {
    throw Error(DODONA_E_IO,
                base::quote(database_.path()) + " is empty: no study was started there yet");
  }
  const std::string crc = version_ > 1 ? "crc" : "NULL";
  const auto statement = [&](const std::string& sql) { return database_.prepare(sql.c_str()); };
  return {statement("SELECT first + count FROM log ORDER BY first DESC LIMIT 1"),
          statement("SELECT first, count, events, " + crc +
                    " FROM log WHERE first >= "
                    "(SELECT coalesce(max(first), 0) FROM log WHERE first <= ?1) ORDER BY first"),
          statement("SELECT id, name, " + crc + " FROM names WHERE id >= ?1 ORDER BY id"),
          statement("SELECT sink, next, " + crc + " FROM cursors")};
}

// An owner may have brought the tables forward since.
void LogReader::keep_up() {
  if (version_ == kSchemaVersion) return;
  const std::int64_t now = check_schema(database_);
  if (now == version_) return;
  version_ = now;
  statements_ = prepare();
}

std::uint64_t LogReader::end() {
  Statement& last = statements_.end;
  const std::uint64_t end = last.step() ? static_cast<std::uint64_t>(last.integer(0)) : 0;
  last.reset();
  return end;
}

void LogReader::fetch(std::uint64_t first, Batch& batch) {
  keep_up();
  batch.rows.clear();
  batch.bytes.clear();
  Statement& rows = statements_.fetch;
  rows.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(first, INT64_MAX)));
  std::uint64_t next = first;
  try {
    while (batch.bytes.size() < kBatchBytes && rows.step()) {
      const auto start = static_cast<std::uint64_t>(rows.integer(0));
      const auto count = static_cast<std::uint64_t>(rows.integer(1));
      const std::string_view events = rows.bytes(2);
      if (!agrees(rows, 3, crc_of_chunk(start, count, events))) {
        damaged(database_.path(), events_text(start, std::max<std::uint64_t>(count, 1)),
                kWrongChecksum, std::min(start, next));
      }
      if (start + count <= first) continue;
      if (rows.is_null(3)) unchecked_ = std::max(unchecked_, start + count);
      batch.rows.push_back({start, count, events.size()});
      batch.bytes.append(events);
      next = start + count;
    }
  } catch (const DamagedDatabase& error) {
    rows.reset();
    if (batch.rows.empty()) {
      damaged(database_.path(), events_text(next, 1),
              "the database is damaged (" + error.detail() + ")", next);
    }
  } catch (const Error&) {
    rows.reset();
    if (batch.rows.empty()) throw;
  }
  rows.reset();
}

void LogReader::load_names(study::Names& names) {
  keep_up();
  Statement& rows = statements_.names;
  rows.bind(1, names.size());
  name_problem_.clear();
  while (name_problem_.empty() && rows.step()) {
    const std::int64_t id = rows.integer(0);
    const std::string_view name = rows.bytes(1);
    const bool in_order = id == names.size() && !names.find(name);
    const bool intact = agrees(rows, 2, crc_of_name(static_cast<std::uint64_t>(id), name));
    if (in_order && intact) {
      names.intern(name);
    } else {
      name_problem_ = "metric name " + std::to_string(names.size()) + ": " +
                      (intact ? "it is out of order" : kWrongChecksum);
    }
  }
  rows.reset();
}

std::map<std::string, std::uint64_t, std::less<>> LogReader::cursors() {
  keep_up();
  Statement& rows = statements_.cursors;
  std::map<std::string, std::uint64_t, std::less<>> result;
  while (rows.step()) {
    const std::string_view sink = rows.bytes(0);
    const auto next = static_cast<std::uint64_t>(rows.integer(1));
    if (!agrees(rows, 2, crc_of_cursor(sink, next))) {
      rows.reset();
      throw Error(DODONA_E_IO, "cannot read where a sink stands in " +
                                   base::quote(database_.path()) + ": " + kWrongChecksum +
                                   "; the events can be read (dodona trials); restore the file "
                                   "from a copy");
    }
    result.emplace(sink, next);
  }
  return result;
}

bool visit_batch(const Batch& batch, const std::string& path, const study::Names& names,
                 const std::string& name_problem, std::uint64_t& next,
                 const std::function<bool(const Event&)>& visit) {
  const std::string without_name = name_problem.empty() ? "a metric without a name" : name_problem;
  const std::uint32_t name_count = names.size();
  std::string_view rest = batch.bytes;
  for (const Batch::Row& row : batch.rows) {
    DODONA_ASSERT(row.size <= rest.size());
    std::string_view chunk = rest.substr(0, row.size);
    rest.remove_prefix(row.size);
    const bool head = &row == batch.rows.data();
    if (row.first > next || (row.first < next && !head)) {
      damaged(path, events_text(next, 1), "it is not there", next);
    }
    for (std::uint64_t sequence = row.first; sequence < row.first + row.count; ++sequence) {
      if (sequence < next) {
        reading(path, sequence, [&] { study::skip(chunk); });
        continue;
      }
      Event event = reading(path, sequence, [&] { return take(chunk, name_count, without_name); });
      event.sequence = sequence;
      ++next;
      if (!visit(event)) return false;
    }
    if (!chunk.empty()) damaged(path, events_text(next, 1), "another is in its place", next);
  }
  DODONA_ASSERT(rest.empty());
  return true;
}

// ---- writing ------------------------------------------------------------------------------------

LogWriter::LogWriter(const std::string& path)
    : database_(open(path)),
      begin_(database_.prepare("BEGIN IMMEDIATE")),
      commit_(database_.prepare("COMMIT")),
      insert_chunk_(database_.prepare("INSERT INTO log VALUES(?1, ?2, ?3, ?4)")),
      insert_name_(database_.prepare("INSERT INTO names VALUES(?1, ?2, ?3)")),
      set_cursor_(database_.prepare("INSERT OR REPLACE INTO cursors VALUES(?1, ?2, ?3)")),
      names_written_(static_cast<std::uint32_t>(database_.integer("SELECT count(*) FROM names"))) {}

Database LogWriter::open(const std::string& path) {
  Database database(path, Database::Mode::kWrite);
  migrate_schema(database);
  // The commits that a killed owner left go into the file, so that the next one begins a new round
  // of the -wal file: within a round, no frame of an old commit follows a new one.
  database.run("PRAGMA wal_checkpoint(PASSIVE)");
  return database;
}

void LogWriter::write(const Group& group, const study::Names& names) {
  const std::uint32_t name_count = names.size();
  begin_.run();
  try {
    write_rows(group, names, name_count);
    commit_.run();
  } catch (...) {
    database_.roll_back();
    throw;
  }
  if (database_.has_moved()) {
    throw Error(DODONA_E_IO, base::quote(database_.path()) +
                                 " was deleted, moved or replaced while the study was open, and "
                                 "what was written since is lost; leave it alone while a study "
                                 "runs, and begin anew or restore it from a copy");
  }
  names_written_ = name_count;
}

void LogWriter::write_rows(const Group& group, const study::Names& names,
                           std::uint32_t name_count) {
  DODONA_ASSERT(names_written_ <= name_count);
  for (std::uint32_t id = names_written_; id < name_count; ++id) {
    insert_name_.bind(1, id).bind_text(2, names[id]).bind(3, crc_of_name(id, names[id])).run();
  }
  for (const Chunk& chunk : group.chunks) {
    DODONA_ASSERT(chunk.count > 0 && !chunk.bytes.empty());
    insert_chunk_.bind(1, static_cast<std::int64_t>(chunk.first))
        .bind(2, static_cast<std::int64_t>(chunk.count))
        .bind_blob(3, chunk.bytes)
        .bind(4, crc_of_chunk(chunk.first, chunk.count, chunk.bytes))
        .run();
  }
  for (const auto& [sink, next] : group.cursors) {
    set_cursor_.bind_text(1, sink)
        .bind(2, static_cast<std::int64_t>(next))
        .bind(3, crc_of_cursor(sink, next))
        .run();
  }
}

}  // namespace dodona::store
