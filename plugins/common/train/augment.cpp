// SPDX-License-Identifier: Apache-2.0
#include "common/train/module.hpp"

#include <numbers>

namespace dodona::train {
namespace {

// Numbers in -1 to 1, one for each of `count` samples.
at::Tensor draw(std::int64_t count, at::Generator& generator) {
  return at::empty({count}, at::kFloat).uniform_(-1, 1, generator);
}

// The affine map from points of the output to points of the input, in half widths and heights.
//
// Shapes: amount[batch] -> [batch][2][3]
at::Tensor affine(Transform transform, const at::Tensor& amount, double rows, double columns) {
  const at::Tensor none = at::zeros_like(amount);
  const at::Tensor one = at::ones_like(amount);
  at::Tensor all;
  if (transform == Transform::kRotate) {
    const at::Tensor angle = amount * (2 * std::numbers::pi);
    const at::Tensor sin = angle.sin();
    const at::Tensor cos = angle.cos();
    all = at::stack({cos, sin * (-rows / columns), none, sin * (columns / rows), cos, none}, 1);
  } else {
    const bool along_x = transform == Transform::kTranslateX;
    const at::Tensor shift = amount * 2;
    all = at::stack({one, none, along_x ? shift : none, none, one, along_x ? none : shift}, 1);
  }
  return all.view({-1, 2, 3});
}

// Changes each image by its own amount; 0 leaves the image as it is.
at::Tensor transformed(const at::Tensor& images, Transform transform, const at::Tensor& amount) {
  if (transform == Transform::kContrast) {
    const at::Tensor mean = images.mean({2, 3}, /*keepdim=*/true);
    return (images - mean) * (1 + amount.to(images.device()).view({-1, 1, 1, 1})) + mean;
  }
  constexpr std::int64_t bilinear = 0;
  constexpr std::int64_t mirrored = 2;
  const at::Tensor map = affine(transform, amount, static_cast<double>(images.size(2)),
                                static_cast<double>(images.size(3)));
  const at::Tensor grid =
      at::affine_grid_generator(map.to(images.device()), images.sizes(), /*align_corners=*/false);
  return at::grid_sampler(images, grid, bilinear, mirrored, /*align_corners=*/false);
}

}  // namespace

at::Tensor augmented(at::Tensor images, const Augmentation& augmentation,
                     at::Generator& generator) {
  const auto count = static_cast<std::int64_t>(augmentation.steps.size());
  if (count == 0) return images;
  if (!augmentation.random) {
    for (const auto& [transform, factor] : augmentation.steps) {
      if (factor > 0)
        images = transformed(images, transform, draw(images.size(0), generator) * factor);
    }
    return images;
  }
  for (std::int64_t layer = 0; layer < augmentation.layers; ++layer) {
    const at::Tensor chosen = at::empty({images.size(0)}, at::kLong).random_(0, count, generator);
    const at::Tensor amount = draw(images.size(0), generator);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto& [transform, factor] = augmentation.steps[static_cast<std::size_t>(i)];
      const at::Tensor samples = chosen.eq(i).nonzero().squeeze(1);
      if (factor == 0 || samples.size(0) == 0) continue;
      const at::Tensor there = samples.to(images.device());
      images = images.index_copy(0, there,
                                 transformed(images.index_select(0, there), transform,
                                             amount.index_select(0, samples) * factor));
    }
  }
  return images;
}

}  // namespace dodona::train
