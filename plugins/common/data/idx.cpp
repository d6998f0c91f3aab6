// SPDX-License-Identifier: Apache-2.0
#include "common/data/idx.hpp"

#include "common/data/files.hpp"

#include <dodona/error.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace dodona::common {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kUnsignedByte = 0x08;
// 64 GiB, far above any data set in this format and far below an overflow of the product.
constexpr std::uint64_t kElementsMax = std::uint64_t{1} << 36;
// The bytes that a decoder reads first, and that zlib gets at once: its counts have 32 bits.
constexpr std::size_t kPiece = std::size_t{1} << 16;

[[noreturn]] void fail(const std::string& name, const std::string& what,
                       dodona_status code = DODONA_E_IO) {
  throw Error(code, "\"" + name + "\": " + what);
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += (text.empty() ? "" : " ") + std::string(digits);
  }
  return text;
}

// Reads the contents of a file piece by piece, and uncompresses them if they are compressed.
class Source {
 public:
  Source(std::span<const std::uint8_t> file, const std::string& name) : rest_(file), name_(name) {
    if (!starts_gzip()) return;
    // 16 selects the gzip format, 15 the largest window.
    if (inflateInit2(&stream_, 16 + MAX_WBITS) != Z_OK)
      fail(name_, "no memory to uncompress it", DODONA_E_NO_MEMORY);
    compressed_ = true;
  }
  ~Source() {
    if (compressed_) inflateEnd(&stream_);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Fills `out` and returns the number of bytes. Fewer than asked for mean the end.
  std::size_t read(std::span<std::uint8_t> out) {
    if (compressed_) return inflate_into(out);
    const std::size_t size = std::min(out.size(), rest_.size());
    std::copy_n(rest_.begin(), size, out.begin());
    rest_ = rest_.subspan(size);
    return size;
  }

 private:
  bool starts_gzip() const { return rest_.size() >= 2 && rest_[0] == 0x1f && rest_[1] == 0x8b; }

  std::size_t inflate_into(std::span<std::uint8_t> out) {
    std::size_t done = 0;
    while (done < out.size() && !ended_) {
      const auto in = static_cast<uInt>(std::min(rest_.size(), kPiece));
      const auto room = static_cast<uInt>(std::min(out.size() - done, kPiece));
      // zlib never writes through next_in. Its type lacks the const for the sake of old callers.
      stream_.next_in = const_cast<Bytef*>(rest_.data());
      stream_.avail_in = in;
      stream_.next_out = out.data() + done;
      stream_.avail_out = room;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      rest_ = rest_.subspan(in - stream_.avail_in);
      done += room - stream_.avail_out;
      check(status);
    }
    return done;
  }

  // zlib compares the checksum at the end of a member: a wrong one is Z_DATA_ERROR.
  void check(int status) {
    if (status == Z_STREAM_END) {
      if (starts_gzip()) {
        inflateReset(&stream_);  // a gzip file may consist of several members
      } else if (rest_.empty()) {
        ended_ = true;
      } else {
        fail(name_, std::to_string(rest_.size()) + " bytes that are not gzip follow the gzip data");
      }
    } else if (status == Z_BUF_ERROR) {
      fail(name_, "truncated: its gzip data ends early");
    } else if (status != Z_OK) {
      const char* reason = stream_.msg != nullptr ? stream_.msg : zError(status);
      fail(name_, "damaged gzip data (" + std::string(reason) + ")");
    }
  }

  std::span<const std::uint8_t> rest_;
  const std::string& name_;
  z_stream stream_{};
  bool compressed_ = false;
  bool ended_ = false;
};

// Reads the first four bytes, which tell everything but the sizes.
void read_magic(Source& source, std::uint8_t dimensions, const std::string& name) {
  const std::uint8_t wanted[4] = {0, 0, kUnsignedByte, dimensions};
  std::uint8_t magic[4];
  const std::size_t size = source.read(magic);
  if (size == 0) fail(name, "empty; an IDX file starts with the bytes " + hex(wanted));
  if (size < 4 || !std::equal(magic, magic + 4, wanted))
    fail(name, "starts with the bytes " + hex(std::span(magic, size)) +
                   "; an IDX file of unsigned bytes and " + std::to_string(dimensions) +
                   (dimensions == 1 ? " dimension" : " dimensions") + " starts with " +
                   hex(wanted));
}

std::vector<std::uint32_t> read_dims(Source& source, std::uint8_t dimensions,
                                     const std::string& name) {
  std::vector<std::uint8_t> header(std::size_t{4} * dimensions);
  if (source.read(header) < header.size())
    fail(name, "truncated: it ends within the " + std::to_string(4 + header.size()) +
                   " bytes of its header");
  std::vector<std::uint32_t> dims;
  for (std::size_t i = 0; i < header.size(); i += 4)
    dims.push_back(std::uint32_t{header[i]} << 24 | std::uint32_t{header[i + 1]} << 16 |
                   std::uint32_t{header[i + 2]} << 8 | std::uint32_t{header[i + 3]});
  return dims;
}

std::string product_text(const std::vector<std::uint32_t>& dims) {
  std::string text;
  for (const std::uint32_t dim : dims) text += (text.empty() ? "" : " x ") + std::to_string(dim);
  return text;
}

std::uint64_t element_count(const std::vector<std::uint32_t>& dims, const std::string& name) {
  std::uint64_t count = 1;
  for (const std::uint32_t dim : dims) {
    if (dim != 0 && count > kElementsMax / dim)
      fail(name, "its header announces " + product_text(dims) + " elements, above the limit of " +
                     std::to_string(kElementsMax));
    count *= dim;
  }
  return count;
}

// The result grows by doubling, with the data that was read, so that a wrong header costs nothing.
std::vector<std::uint8_t> read_elements(Source& source, const std::vector<std::uint32_t>& dims,
                                        const std::string& name) {
  const std::uint64_t count = element_count(dims, name);
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < count) {
    const std::size_t before = bytes.size();
    bytes.resize(std::min<std::uint64_t>(count, std::max(before * 2, kPiece)));
    const std::size_t size = source.read(std::span(bytes).subspan(before));
    if (before + size < bytes.size())
      fail(name, "truncated: it holds " + std::to_string(before + size) +
                     " elements, its header announces " + product_text(dims) + " = " +
                     std::to_string(count));
  }
  // Asking for one byte more also makes zlib read, and check, the end of the compressed data.
  std::uint8_t extra;
  if (source.read(std::span(&extra, 1)) != 0)
    fail(name, "more bytes follow the " + product_text(dims) + " = " + std::to_string(count) +
                   " elements that its header announces");
  return bytes;
}

// The path of a file, plain or compressed.
fs::path find_file(const fs::path& directory, const std::string& name) {
  for (const char* suffix : {"", ".gz"}) {
    fs::path path = directory / (name + suffix);
    std::error_code ignored;
    if (fs::exists(path, ignored)) return path;
  }
  fail((directory / name).string(), "not found, nor the same with .gz");
}

IdxArray load_idx(const fs::path& path, std::uint8_t dimensions) {
  return decode_idx(read_file(path), dimensions, path.string());
}

// Throws for a wrong directory: the message differs from that for a missing file.
void check_directory(const std::string& directory, const std::string& split) {
  std::error_code error;
  const fs::file_status status = fs::status(directory, error);
  if (fs::is_directory(status)) return;
  std::string reason = "no such directory";
  if (fs::exists(status))
    reason = "not a directory";
  else if (status.type() != fs::file_type::not_found)
    reason = "cannot be opened: " + error.message();
  fail(directory,
       reason + "; it should hold " + split + "-images-idx3-ubyte and " + split +
           "-labels-idx1-ubyte, plain or .gz, as Debian's package dataset-fashion-mnist does");
}

}  // namespace

IdxArray decode_idx(std::span<const std::uint8_t> file, std::uint8_t dimensions,
                    const std::string& name) {
  Source source(file, name);
  read_magic(source, dimensions, name);
  IdxArray array;
  array.dims = read_dims(source, dimensions, name);
  array.bytes = read_elements(source, array.dims, name);
  return array;
}

LabelledImages load_images(const std::string& directory, const std::string& split) {
  check_directory(directory, split);
  const fs::path images_path = find_file(directory, split + "-images-idx3-ubyte");
  const fs::path labels_path = find_file(directory, split + "-labels-idx1-ubyte");
  IdxArray images = load_idx(images_path, 3);
  IdxArray labels = load_idx(labels_path, 1);
  if (images.dims[0] != labels.dims[0])
    fail(labels_path.string(), "it holds " + std::to_string(labels.dims[0]) + " labels for the " +
                                   std::to_string(images.dims[0]) + " images of \"" +
                                   images_path.string() + "\"");
  if (images.bytes.empty())
    fail(images_path.string(), "it holds no pixels: " + product_text(images.dims));
  LabelledImages out;
  out.count = images.dims[0];
  out.rows = images.dims[1];
  out.columns = images.dims[2];
  out.classes = std::uint32_t{*std::max_element(labels.bytes.begin(), labels.bytes.end())} + 1;
  out.pixels = std::move(images.bytes);
  out.labels = std::move(labels.bytes);
  return out;
}

std::shared_ptr<const LabelledImages> shared_images(const std::string& directory,
                                                    const std::string& split) {
  static SharedFiles<LabelledImages> files;
  return files.get(directory, split, [&] { return load_images(directory, split); });
}

}  // namespace dodona::common
