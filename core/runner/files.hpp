// SPDX-License-Identifier: Apache-2.0
//
// Files through the lines between an owner and a runner that have no file system in common. A file
// is sent in pieces, each a message by itself, so that other messages go between them:
//
//   {"file": "below/the/tree", "at": offset, "data": "base64 of a compressed piece"}
//
// A piece holds at most 48 KiB, and its compressed form a checksum. Pieces of a file come in order;
// an empty file has one empty piece. Links and devices are passed over.
//
// Errors:  Error{kIo} for a file that cannot be read or written, with its path; Error{kInvalid} for
//          a message that is none, with its place in the line.
// Threads: one.
#pragma once

#include "base/json_reader.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace dodona::runner {

// A file below a directory.
struct TreeFile {
  std::string path;  // relative
  std::uint64_t bytes = 0;
};
// All of them, by path. Empty where the directory is not there.
std::vector<TreeFile> files_below(const std::filesystem::path& directory);
// Those of a trial's directory that hold the output of its program. They go on where the trial does.
std::vector<TreeFile> outputs_in(const std::filesystem::path& directory);
bool is_output(const TreeFile& file);

// Calls send(message) for each piece of a file.
void send_file(const std::filesystem::path& directory, const TreeFile& file,
               const std::function<void(boost::json::object&&)>& send);

// Writes one piece below `directory`. Files that were there before are replaced by their first
// piece, and directories on the way are made.
void take_piece(const base::JsonReader& message, const std::filesystem::path& directory);

}  // namespace dodona::runner
