// SPDX-License-Identifier: Apache-2.0
#include "common/data/cifar.hpp"

#include "common/data/files.hpp"

#include <dodona/error.hpp>

#include <cstddef>
#include <filesystem>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

namespace dodona::common {
namespace {

constexpr std::uint32_t kSide = 32;
constexpr std::uint32_t kChannels = 3;
constexpr std::uint32_t kClasses = 10;
constexpr std::size_t kPixels = std::size_t{kChannels} * kSide * kSide;
constexpr std::size_t kRecord = 1 + kPixels;
constexpr int kBatches = 5;

std::filesystem::path batch_path(const std::string& directory, int number) {
  return std::filesystem::path(directory) / ("data_batch_" + std::to_string(number) + ".bin");
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

// A name on a line. Empty lines at the end are no names.
std::vector<std::string> class_names(const std::string& directory) {
  const auto path = std::filesystem::path(directory) / "batches.meta.txt";
  std::vector<std::string> names;
  if (!is_there(path)) return names;
  const std::vector<std::uint8_t> bytes = read_file(path);
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  for (std::string name; names.size() < kClasses && std::getline(lines, name);) {
    if (!name.empty() && name.back() == '\r') name.pop_back();
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

LabelledImages load_cifar(const std::string& directory) {
  LabelledImages images;
  for (int number = 1; number <= kBatches; ++number) {
    const auto path = batch_path(directory, number);
    if (number == 1 || is_there(path)) decode_cifar(read_file(path), path.string(), images);
  }
  images.class_names = class_names(directory);
  return images;
}

}  // namespace

void decode_cifar(std::span<const std::uint8_t> file, const std::string& name,
                  LabelledImages& images) {
  const auto fail = [&name](const std::string& what) {
    throw Error(DODONA_E_IO, "\"" + name + "\": " + what);
  };
  if (file.empty() || file.size() % kRecord != 0)
    fail(std::to_string(file.size()) + " bytes; a file of CIFAR-10 holds one or more records of " +
         std::to_string(kRecord) + " bytes");
  for (std::size_t at = 0; at < file.size(); at += kRecord) {
    if (file[at] >= kClasses)
      fail("the label at byte " + std::to_string(at) + " is " + std::to_string(file[at]) +
           "; labels of CIFAR-10 are 0 to " + std::to_string(kClasses - 1));
    images.labels.push_back(file[at]);
    const auto pixels = file.subspan(at + 1, kPixels);
    images.pixels.insert(images.pixels.end(), pixels.begin(), pixels.end());
  }
  images.count += static_cast<std::uint32_t>(file.size() / kRecord);
  images.rows = images.columns = kSide;
  images.channels = kChannels;
  images.classes = kClasses;
}

bool holds_cifar(const std::string& directory) {
  return is_there(batch_path(directory, 1));
}

std::shared_ptr<const LabelledImages> shared_cifar(const std::string& directory) {
  static SharedFiles<LabelledImages> files;
  return files.get(directory, "", [&] { return load_cifar(directory); });
}

}  // namespace dodona::common
