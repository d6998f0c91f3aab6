// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_log.hpp"

#include "base/text.hpp"
#include "store/sqlite_schema.hpp"
#include "study/codec.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <utility>

namespace dodona::store {
namespace {

using study::Event;

constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

[[noreturn]] void damaged(const std::string& path, const std::string& what, std::string_view why) {
  throw Error(DODONA_E_IO, "cannot read " + what + " of " + base::quote(path) + ": " +
                               std::string(why) + "; restore the file from a copy");
}

const std::vector<study::Metric>* metrics_of(const Event& event) {
  if (const auto* reported = std::get_if<study::Reported>(&event.body)) return &reported->metrics;
  if (const auto* finished = std::get_if<study::Finished>(&event.body)) return &finished->metrics;
  if (const auto* imported = std::get_if<study::Imported>(&event.body)) return &imported->metrics;
  return nullptr;
}

// Takes an event off the front and checks what the codec cannot know.
Event take(std::string_view& bytes, std::uint32_t name_count) {
  if (bytes.empty()) throw Error(DODONA_E_IO, "it is not there");
  Event event = study::decode(bytes);
  if (const auto* metrics = metrics_of(event)) {
    const bool known = std::all_of(metrics->begin(), metrics->end(),
                                   [&](const auto& metric) { return metric.name < name_count; });
    if (!known) throw Error(DODONA_E_IO, "a metric without a name");
  }
  return event;
}

// Says in errors which event it is.
template <class Read>
auto reading(const std::string& path, std::uint64_t sequence, Read&& read) {
  try {
    return read();
  } catch (const Error& error) {
    damaged(path, "event " + std::to_string(sequence), error.what());
  }
}

}  // namespace

// ---- reading ------------------------------------------------------------------------------------

LogReader::LogReader(const std::string& path, Database::Mode mode)
    : database_(open(path, mode)),
      end_(database_.prepare("SELECT first + count FROM log ORDER BY first DESC LIMIT 1")),
      fetch_(database_.prepare(
          "SELECT first, count, events FROM log WHERE first >= "
          "(SELECT coalesce(max(first), 0) FROM log WHERE first <= ?1) ORDER BY first")),
      names_(database_.prepare("SELECT id, name FROM names WHERE id >= ?1 ORDER BY id")),
      cursors_(database_.prepare("SELECT sink, next FROM cursors")) {}

Database LogReader::open(const std::string& path, Database::Mode mode) {
  Database database(path, mode);
  if (!check_schema(database)) {
    throw Error(DODONA_E_IO, base::quote(path) + " is empty: no study was started there yet");
  }
  return database;
}

std::uint64_t LogReader::end() {
  const std::uint64_t end = end_.step() ? static_cast<std::uint64_t>(end_.integer(0)) : 0;
  end_.reset();
  return end;
}

void LogReader::fetch(std::uint64_t first, Batch& batch) {
  batch.rows.clear();
  batch.bytes.clear();
  fetch_.bind(1, static_cast<std::int64_t>(std::min<std::uint64_t>(first, INT64_MAX)));
  while (batch.bytes.size() < kBatchBytes && fetch_.step()) {
    const auto start = static_cast<std::uint64_t>(fetch_.integer(0));
    const auto count = static_cast<std::uint64_t>(fetch_.integer(1));
    if (start + count <= first) continue;
    const std::string_view events = fetch_.bytes(2);
    batch.rows.push_back({start, count, events.size()});
    batch.bytes.append(events);
  }
  fetch_.reset();
}

void LogReader::load_names(study::Names& names) {
  names_.bind(1, names.size());
  while (names_.step()) {
    const std::int64_t id = names_.integer(0);
    if (id != names.size() || names.intern(names_.bytes(1)) != id) {
      names_.reset();
      damaged(database_.path(), "metric name " + std::to_string(id), "it is out of order");
    }
  }
}

std::map<std::string, std::uint64_t, std::less<>> LogReader::cursors() {
  std::map<std::string, std::uint64_t, std::less<>> result;
  while (cursors_.step()) {
    result.emplace(cursors_.bytes(0), static_cast<std::uint64_t>(cursors_.integer(1)));
  }
  return result;
}

bool visit_batch(const Batch& batch, const std::string& path, const study::Names& names,
                 std::uint64_t& next, const std::function<bool(const Event&)>& visit) {
  const std::uint32_t name_count = names.size();
  std::string_view rest = batch.bytes;
  for (const Batch::Row& row : batch.rows) {
    std::string_view chunk = rest.substr(0, row.size);
    rest.remove_prefix(row.size);
    const bool head = &row == batch.rows.data();
    if (row.first > next || (row.first < next && !head)) {
      damaged(path, "event " + std::to_string(next), "it is not there");
    }
    for (std::uint64_t sequence = row.first; sequence < row.first + row.count; ++sequence) {
      if (sequence < next) {
        reading(path, sequence, [&] { study::skip(chunk); });
        continue;
      }
      Event event = reading(path, sequence, [&] { return take(chunk, name_count); });
      event.sequence = sequence;
      ++next;
      if (!visit(event)) return false;
    }
    if (!chunk.empty()) damaged(path, "event " + std::to_string(next), "another is in its place");
  }
  return true;
}

// ---- writing ------------------------------------------------------------------------------------

LogWriter::LogWriter(const std::string& path)
    : database_(open(path)),
      begin_(database_.prepare("BEGIN IMMEDIATE")),
      commit_(database_.prepare("COMMIT")),
      insert_chunk_(database_.prepare("INSERT INTO log VALUES(?1, ?2, ?3)")),
      insert_name_(database_.prepare("INSERT INTO names VALUES(?1, ?2)")),
      set_cursor_(database_.prepare("INSERT OR REPLACE INTO cursors VALUES(?1, ?2)")),
      names_written_(static_cast<std::uint32_t>(database_.integer("SELECT count(*) FROM names"))) {}

Database LogWriter::open(const std::string& path) {
  Database database(path, Database::Mode::kWrite);
  migrate_schema(database);
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
  names_written_ = name_count;
}

void LogWriter::write_rows(const Group& group, const study::Names& names,
                           std::uint32_t name_count) {
  for (std::uint32_t id = names_written_; id < name_count; ++id) {
    insert_name_.bind(1, id).bind_text(2, names[id]).run();
  }
  for (const Chunk& chunk : group.chunks) {
    insert_chunk_.bind(1, static_cast<std::int64_t>(chunk.first))
        .bind(2, static_cast<std::int64_t>(chunk.count))
        .bind_blob(3, chunk.bytes)
        .run();
  }
  for (const auto& [sink, next] : group.cursors) {
    set_cursor_.bind_text(1, sink).bind(2, static_cast<std::int64_t>(next)).run();
  }
}

}  // namespace dodona::store
