// SPDX-License-Identifier: Apache-2.0
//
// The log in a database, read through a connection of its own and written through another.
//
// Errors:  Error{DODONA_E_IO} naming the file, and for damaged content the event or row and how
//          many events before it can be read.
// Threads: one at a time per object.
// Cost:    reading copies about 1 MiB of chunks a time and holds no lock while they are visited, so
//          a slow visitor neither blocks writers nor keeps the -wal file from being emptied.
#pragma once

#include "store/group_commit.hpp"
#include "store/sqlite.hpp"
#include "study/event.hpp"
#include "study/names.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::store {

// Chunks that follow each other, copied out of the database.
struct Batch {
  struct Row {
    std::uint64_t first;
    std::uint64_t count;
    std::size_t size;
  };
  std::vector<Row> rows;
  std::string bytes;
};

class LogReader {
 public:
  // Throws where there are no tables yet.
  LogReader(const std::string& path, Database::Mode mode);

  // The number of events. A damaged log may have fewer that can be read.
  std::uint64_t end();
  // The chunk that holds event `first` and those after it, up to about 1 MiB, and up to a damaged
  // one, which the next call throws for; none where there is no such event. Checksums are checked.
  void fetch(std::uint64_t first, Batch& batch);
  // Adds the names that are not known yet. All that the events fetched before need are among them;
  // but for a damaged name and those after it, of which name_problem() then speaks.
  void load_names(study::Names& names);
  const std::string& name_problem() const { return name_problem_; }
  std::map<std::string, std::uint64_t, std::less<>> cursors();
  // Throws for pages that do not fit together. Reads the whole file.
  void check_structure() { database_.check_structure(); }
  // Events below this were fetched without a checksum, as dodona 0.1 wrote none.
  std::uint64_t unchecked() const { return unchecked_; }

 private:
  struct Statements {
    Statement end, fetch, names, cursors;
  };

  Statements prepare();
  void keep_up();

  Database database_;
  std::int64_t version_;
  Statements statements_;
  std::string name_problem_;
  std::uint64_t unchecked_ = 0;
};

// Visits the events of a batch from sequence `next` on, and leaves in `next` the first one not
// visited. Returns false where `visit` did. `name_problem` is the reader's.
bool visit_batch(const Batch& batch, const std::string& path, const study::Names& names,
                 const std::string& name_problem, std::uint64_t& next,
                 const std::function<bool(const study::Event&)>& visit);

class LogWriter {
 public:
  // Makes the database and its tables if need be, else brings them forward.
  explicit LogWriter(const std::string& path);

  // One transaction: everything or, with an error, nothing. New names are written before what may
  // use them. Throws too where the file at the path is no longer the one that is written to.
  void write(const Group& group, const study::Names& names);

 private:
  static Database open(const std::string& path);
  void write_rows(const Group& group, const study::Names& names, std::uint32_t name_count);

  Database database_;
  Statement begin_, commit_, insert_chunk_, insert_name_, set_cursor_;
  std::uint32_t names_written_;
};

}  // namespace dodona::store
