// SPDX-License-Identifier: Apache-2.0
#include "runner/files.hpp"

#include "base/base64.hpp"
#include "runner/wire.hpp"

#include <dodona/error.hpp>

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace dodona::runner {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceMax = 48 << 10;

[[noreturn]] void fail(const char* verb, const fs::path& path) {
  throw Error(DODONA_E_IO, std::string("cannot ") + verb + " " + path.string() + ": " +
                               std::strerror(errno == 0 ? EIO : errno));
}

std::string compressed(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  const int code =
      compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), Z_BEST_SPEED);
  if (code != Z_OK) throw Error(DODONA_E_NO_MEMORY, "cannot compress a piece of a file");
  out.resize(size);
  return out;
}

// Nothing where it is damaged, or too long.
std::optional<std::string> decompressed(const std::string& bytes) {
  uLongf size = kPieceMax;
  std::string out(size, '\0');
  const int code = uncompress(reinterpret_cast<Bytef*>(out.data()), &size,
                              reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (code != Z_OK) return std::nullopt;
  out.resize(size);
  return out;
}

fs::path checked_path(const base::JsonReader& from) {
  fs::path path = read_text(from);
  const bool inside =
      !path.empty() && path.is_relative() &&
      std::none_of(path.begin(), path.end(), [](const fs::path& part) { return part == ".."; });
  if (!inside) from.fail(path.string() + " does not lie below the directory");
  return path;
}

}  // namespace

std::vector<TreeFile> files_below(const fs::path& directory) {
  std::vector<TreeFile> files;
  std::error_code error;
  for (fs::recursive_directory_iterator each(directory, error), end; !error && each != end;
       each.increment(error)) {
    std::error_code none;
    if (each->symlink_status(none).type() != fs::file_type::regular) continue;
    files.push_back({each->path().lexically_relative(directory).string(), each->file_size(none)});
  }
  std::sort(files.begin(), files.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
  return files;
}

bool is_output(const TreeFile& file) {
  return file.path == "stdout.txt" || file.path == "stderr.txt";
}

std::vector<TreeFile> outputs_in(const fs::path& directory) {
  std::vector<TreeFile> files = files_below(directory);
  std::erase_if(files, [](const TreeFile& file) { return !is_output(file); });
  return files;
}

void send_file(const fs::path& directory, const TreeFile& file,
               const std::function<void(boost::json::object&&)>& send) {
  const fs::path path = directory / file.path;
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) fail("read", path);
  std::string piece;
  std::uint64_t at = 0;
  do {
    piece.resize(kPieceMax);
    in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    if (in.bad()) fail("read", path);
    piece.resize(static_cast<std::size_t>(in.gcount()));
    if (piece.empty() && at > 0) return;
    send({{"file", file.path}, {"at", at}, {"data", base::to_base64(compressed(piece))}});
    at += piece.size();
  } while (piece.size() == kPieceMax);
}

void take_piece(const base::JsonReader& message, const fs::path& directory) {
  const fs::path path = directory / checked_path(message.required("file"));
  const std::uint64_t at = read_count(message.required("at"));
  const base::JsonReader data = message.required("data");
  const auto packed = base::from_base64(data.string());
  const auto bytes = packed ? decompressed(*packed) : std::nullopt;
  if (!bytes) data.fail("is damaged");
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  errno = 0;
  std::ofstream out(path, std::ios::binary | (at == 0 ? std::ios::trunc : std::ios::app));
  out.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  out.close();
  if (!out) fail("write", path);
}

}  // namespace dodona::runner
