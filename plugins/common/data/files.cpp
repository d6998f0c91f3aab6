// SPDX-License-Identifier: Apache-2.0
#include "common/data/files.hpp"

#include <dodona/error.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace dodona::common {

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  const auto fail = [&path](const std::string& what) {
    throw Error(DODONA_E_IO, "\"" + path.string() + "\": " + what);
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) fail("a directory where a file should be");
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) fail("cannot be opened: " + std::string(std::strerror(errno)));
  const std::streamoff size = in.tellg();
  std::vector<std::uint8_t> bytes(size > 0 ? static_cast<std::size_t>(size) : 0);
  in.seekg(0);
  in.read(reinterpret_cast<char*>(bytes.data()), size);
  if (!in) fail("cannot be read to its end");
  return bytes;
}

}  // namespace dodona::common
