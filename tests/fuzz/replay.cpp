// SPDX-License-Identifier: Apache-2.0
//
// Stands in for libFuzzer: feeds every file of the given directories to a fuzz target once, then
// each of their prefixes and single-byte changes, so that a compiler without libFuzzer tests it
// too.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::exists(directory)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Returns the number of inputs. At most some 500 variants a file keep the test short.
std::size_t feed(std::vector<std::uint8_t> bytes) {
  std::size_t count = 1;
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  const std::size_t stride = bytes.size() / 250 + 1;
  for (std::size_t at = 0; at < bytes.size(); at += stride, count += 2) {
    LLVMFuzzerTestOneInput(bytes.data(), at);
    bytes[at] ^= 0x80U;
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    bytes[at] ^= 0x80U;
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = feed({});
  for (int i = 1; i < argc; ++i) {
    for (const auto& path : files_of(argv[i])) {
      std::ifstream file(path, std::ios::binary);
      count += feed({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
    }
  }
  std::printf("%zu inputs\n", count);
  return 0;
}
