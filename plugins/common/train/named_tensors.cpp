// SPDX-License-Identifier: Apache-2.0
#include "common/train/named_tensors.hpp"

#include <torch/csrc/jit/serialization/pickle.h>
#include <torch/csrc/jit/serialization/pickler.h>

#include <ATen/core/Dict.h>
#include <caffe2/serialize/inline_container.h>
#include <cstddef>

namespace dodona::train {

// torch::pickle_save would mark the dictionary with its type. weights_only=True refuses such a mark.
std::string bytes_of(const NamedTensors& tensors) {
  c10::Dict<std::string, at::Tensor> dictionary;
  for (const auto& [name, tensor] : tensors)
    dictionary.insert(name, tensor.detach().cpu().contiguous());
  std::string pickled;
  torch::jit::Pickler pickler(
      [&pickled](const char* piece, std::size_t size) { pickled.append(piece, size); },
      /*tensor_table=*/nullptr, /*type_renamer=*/nullptr, /*memoized_class_types=*/nullptr,
      /*get_tensor_id=*/nullptr, /*tag_aggregates=*/false);
  pickler.protocol();
  pickler.pushIValue(dictionary);
  pickler.stop();

  std::string bytes;
  caffe2::serialize::PyTorchStreamWriter writer([&bytes](const void* piece, std::size_t size) {
    bytes.append(static_cast<const char*>(piece), size);
    return size;
  });
  std::size_t number = 0;
  for (const at::Tensor& tensor : pickler.tensorData()) {
    const auto data = torch::jit::getWriteableTensorData(tensor);
    writer.writeRecord("data/" + std::to_string(number++), data.data(), data.sizeInBytes());
  }
  writer.writeRecord("data.pkl", pickled.data(), pickled.size());
  writer.writeEndOfFile();
  return bytes;
}

void read_tensors(const std::string& bytes, const NamedTensors& tensors) {
  const at::NoGradGuard no_gradients;
  const c10::IValue read = torch::jit::pickle_load({bytes.begin(), bytes.end()});
  TORCH_CHECK(read.isGenericDict(), "it holds no dictionary of tensors");
  const auto dictionary = read.toGenericDict();
  for (const auto& [name, tensor] : tensors) {
    const auto found = dictionary.find(name);
    TORCH_CHECK(found != dictionary.end() && found->value().isTensor(), "it holds no tensor ",
                name);
    const at::Tensor& there = found->value().toTensor();
    TORCH_CHECK(there.sizes() == tensor.sizes(), name, " has the sizes ", there.sizes(), ", not ",
                tensor.sizes());
    at::Tensor(tensor).copy_(there);
  }
  TORCH_CHECK(dictionary.size() == tensors.size(), "it holds ", dictionary.size(), " tensors, not ",
              tensors.size());
}

}  // namespace dodona::train
