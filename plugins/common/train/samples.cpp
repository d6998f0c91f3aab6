// SPDX-License-Identifier: Apache-2.0
#include "common/train/samples.hpp"

#include "common/data/image_input.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <numeric>
#include <utility>

namespace dodona::train {
namespace {

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  throw Error(DODONA_E_INVALID, "\"" + path + "\": " + what);
}

std::string text_of(const Shape& shape) {
  return std::to_string(shape.channels) + " x " + std::to_string(shape.rows) + " x " +
         std::to_string(shape.columns);
}

// The index of each of the input's classes among the known ones.
std::vector<std::int64_t> known_classes(const Dataset& known, const common::LabelledImages& images,
                                        const std::string& path) {
  std::vector<std::int64_t> out;
  for (const std::string& name : images.class_names) {
    const auto found = std::find(known.class_names.begin(), known.class_names.end(), name);
    if (found == known.class_names.end())
      fail(path, "\"" + name + "\" is none of the " + std::to_string(known.classes) +
                     " classes that the model knows, such as \"" + known.class_names.front() +
                     "\"");
    out.push_back(found - known.class_names.begin());
  }
  while (out.size() < images.classes) {
    if (static_cast<std::int64_t>(out.size()) >= known.classes)
      fail(path, "it has the label " + std::to_string(images.classes - 1) +
                     ", and the model knows the classes 0 to " + std::to_string(known.classes - 1));
    out.push_back(static_cast<std::int64_t>(out.size()));
  }
  return out;
}

Samples read_images(const Dataset& known, const std::string& path, Targets targets) {
  common::ImageInput input = common::read_image_input(path);
  const common::LabelledImages& images = input.images;
  Samples out;
  Dataset& data = out.data;
  data.shape = {images.channels, images.rows, images.columns};
  data.count = images.count;
  if (data.shape != known.shape)
    fail(path, "its images have " + text_of(data.shape) + " samples, and the model takes " +
                   text_of(known.shape));
  if (targets == Targets::kRead) {
    if (images.labels.size() != images.count)
      fail(path,
           "its images have no labels to measure against; put a file of labels beside the images, "
           "or each picture into a folder with the name of its class");
    const std::vector<std::int64_t> classes = known_classes(known, images, path);
    for (const std::uint8_t label : images.labels) data.labels.push_back(classes[label]);
  }
  out.files = std::move(input.files);
  data.images = std::make_shared<const common::LabelledImages>(std::move(input.images));
  return out;
}

Samples read_table(const Dataset& known, const common::TableEncoding& encoding,
                   const std::string& path, Targets targets) {
  common::CsvOptions options;
  if (targets == Targets::kRead) options.label = known.table->label;
  options.labels = known.classes > 0 && targets == Targets::kRead ? common::CsvLabels::kClasses
                                                                  : common::CsvLabels::kNumbers;
  options.columns = known.table->columns;
  options.categories = common::word_columns(encoding);
  options.classes = known.table->classes;
  auto table = std::make_shared<common::CsvTable>(common::load_csv(path, options));
  Samples out;
  Dataset& data = out.data;
  data.shape = known.shape;
  data.count = static_cast<std::int64_t>(table->rows);
  data.features = features_of(*table, encoding);
  for (const double target : table->targets) {
    if (known.classes > 0) data.labels.push_back(static_cast<std::int64_t>(target));
    if (known.classes == 0) data.numbers.push_back(static_cast<float>(target));
  }
  data.table = std::move(table);
  return out;
}

}  // namespace

Samples read_samples(const Dataset& known, const common::TableEncoding& encoding,
                     const std::string& path, Targets targets) {
  Samples out =
      known.images ? read_images(known, path, targets) : read_table(known, encoding, path, targets);
  out.data.classes = known.classes;
  out.data.class_names = known.class_names;
  out.data.validation.resize(static_cast<std::size_t>(out.data.count));
  std::iota(out.data.validation.begin(), out.data.validation.end(), std::int64_t{0});
  return out;
}

}  // namespace dodona::train
