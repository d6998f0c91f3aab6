// SPDX-License-Identifier: Apache-2.0
#include "common/data/image_input.hpp"

#include "common/data/cifar.hpp"
#include "common/data/files.hpp"
#include "common/data/idx.hpp"
#include "common/data/pictures.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace dodona::common {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kImages = "images-idx3-ubyte";
constexpr std::string_view kLabels = "labels-idx1-ubyte";

[[noreturn]] void fail(const std::string& name, const std::string& what) {
  throw Error(DODONA_E_IO, "\"" + name + "\": " + what);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::string size_text(const Picture& picture) {
  return std::to_string(picture.channels) + " x " + std::to_string(picture.rows) + " x " +
         std::to_string(picture.columns);
}

// The labels of a file of images, plain or compressed, or none.
std::vector<std::uint8_t> labels_beside(const fs::path& images, std::uint32_t count) {
  std::string name = images.filename().string();
  const std::size_t at = name.find(kImages);
  if (at == std::string::npos) return {};
  name = name.substr(0, at) + std::string(kLabels);
  for (const char* suffix : {"", ".gz"}) {
    const fs::path path = images.parent_path() / (name + suffix);
    if (!is_there(path)) continue;
    IdxArray labels = decode_idx(read_file(path), 1, path.string());
    if (labels.dims[0] != count)
      fail(path.string(), "it holds " + std::to_string(labels.dims[0]) + " labels for the " +
                              std::to_string(count) + " images of \"" + images.string() + "\"");
    return std::move(labels.bytes);
  }
  return {};
}

LabelledImages read_idx(const fs::path& path) {
  IdxArray array = decode_idx(read_file(path), 3, path.string());
  if (array.bytes.empty()) fail(path.string(), "it holds no pixels");
  LabelledImages out;
  out.count = array.dims[0];
  out.rows = array.dims[1];
  out.columns = array.dims[2];
  out.pixels = std::move(array.bytes);
  out.labels = labels_beside(path, out.count);
  for (const std::uint8_t label : out.labels)
    out.classes = std::max(out.classes, std::uint32_t{label} + 1);
  return out;
}

void append(ImageInput& input, const fs::path& path, std::string name) {
  Picture picture = decode_picture(read_file(path), path.string());
  LabelledImages& images = input.images;
  if (images.count == 0) {
    images.channels = picture.channels;
    images.rows = picture.rows;
    images.columns = picture.columns;
  }
  const Picture first{images.channels, images.rows, images.columns, {}};
  if (size_text(picture) != size_text(first))
    fail(path.string(), "it has " + size_text(picture) + " samples, and \"" + input.files.front() +
                            "\" has " + size_text(first) + "; all pictures need the same size");
  images.pixels.insert(images.pixels.end(), picture.samples.begin(), picture.samples.end());
  ++images.count;
  input.files.push_back(std::move(name));
}

// Pictures of a folder and of the folders in it, in order of their names.
ImageInput read_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::set<std::string> classes;
  std::size_t loose = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !is_picture(entry.path().string())) continue;
    files.push_back(entry.path().lexically_relative(folder));
    const fs::path parent = files.back().parent_path();
    if (parent.empty()) ++loose;
    if (!parent.empty()) classes.insert(parent.begin()->string());
  }
  if (files.empty())
    fail(folder.string(), "it holds neither pictures (.png, .ppm, .pgm) nor IDX or CIFAR-10 files");
  if (loose > 0 && !classes.empty())
    fail(folder.string(), "some pictures are in folders, which name their classes, and " +
                              files[0].string() + " and others are not");
  std::sort(files.begin(), files.end());
  ImageInput input;
  input.images.class_names.assign(classes.begin(), classes.end());
  input.images.classes = static_cast<std::uint32_t>(classes.size());
  if (classes.size() > 256) fail(folder.string(), "it has more than 256 folders of classes");
  for (const fs::path& file : files) {
    append(input, folder / file, file.string());
    if (classes.empty()) continue;
    const auto found = classes.find(file.begin()->string());
    input.images.labels.push_back(static_cast<std::uint8_t>(std::distance(classes.begin(), found)));
  }
  return input;
}

ImageInput read_directory(const fs::path& path) {
  if (holds_cifar(path.string())) return {*shared_cifar(path.string()), {}};
  const std::string name = "train-" + std::string(kImages);
  for (const char* suffix : {"", ".gz"}) {
    if (is_there(path / (name + suffix))) return {read_idx(path / (name + suffix)), {}};
  }
  return read_folder(path);
}

}  // namespace

ImageInput read_image_input(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return read_directory(path);
  ImageInput input;
  if (is_picture(path)) {
    append(input, path, fs::path(path).filename().string());
  } else if (path.ends_with(".bin")) {
    decode_cifar(read_file(path), path, input.images);
  } else {
    input.images = read_idx(path);
  }
  return input;
}

}  // namespace dodona::common
