// SPDX-License-Identifier: Apache-2.0
//
// The model of the samples: a small network that tells two crescents of points apart. It stands for
// your own data and your own model. Nothing here knows of Dodona.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <numbers>
#include <numeric>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace moons {

struct Point {
  double x, y;
  double label;  // 0 or 1
};
using Points = std::vector<Point>;

// Points of both crescents. Unless `scaled`, the second coordinate is a hundred times the first.
inline Points points(std::size_t count, std::uint64_t seed, bool scaled = true) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0.0, 0.15);
  Points all;
  for (std::size_t i = 0; i < count; ++i) {
    const bool upper = i % 2 == 0;
    const double angle = std::numbers::pi * static_cast<double>(i) / static_cast<double>(count);
    const double x = upper ? std::cos(angle) : 1.0 - std::cos(angle);
    const double y = upper ? std::sin(angle) : 0.5 - std::sin(angle);
    all.push_back(
        {x + noise(random), (y + noise(random)) * (scaled ? 1.0 : 100.0), upper ? 1.0 : 0.0});
  }
  return all;
}

struct Scores {
  double loss = 0.0;  // cross-entropy
  double accuracy = 0.0;
  double f1 = 0.0;
};

// A network of layers of the same width, with tanh between them and one output.
class Network {
 public:
  Network(std::size_t layers, std::size_t units, std::uint64_t seed) : random_(seed) {
    std::size_t inputs = 2;
    for (std::size_t i = 0; i <= layers; ++i) {
      const std::size_t outputs = i == layers ? 1 : units;
      std::normal_distribution<double> weight(0.0, 1.0 / std::sqrt(static_cast<double>(inputs)));
      Layer layer{inputs, outputs, std::vector<double>(outputs * (inputs + 1), 0.0), {}, {}};
      for (std::size_t o = 0; o < outputs; ++o) {
        for (std::size_t k = 0; k < inputs; ++k)
          layer.weights[o * (inputs + 1) + k] = weight(random_);
      }
      layers_.push_back(std::move(layer));
      inputs = outputs;
    }
  }

  // The counts of inputs and outputs of each layer.
  std::vector<std::pair<std::size_t, std::size_t>> sizes() const {
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (const Layer& layer : layers_) all.emplace_back(layer.inputs, layer.outputs);
    return all;
  }

  // One pass over the points by gradient descent.
  void train(Points data, double rate, std::size_t batch = 1, bool shuffle = true) {
    if (shuffle) std::shuffle(data.begin(), data.end(), random_);
    for (std::size_t begin = 0; begin < data.size(); begin += batch) {
      const std::size_t end = std::min(data.size(), begin + batch);
      for (std::size_t i = begin; i < end; ++i) learn(data[i], rate / static_cast<double>(batch));
    }
  }

  Scores scores(const Points& data) {
    Scores scores;
    double hits = 0, true_ones = 0, said_ones = 0, ones = 0;
    for (const Point& point : data) {
      const double p = std::clamp(predict(point), 1e-9, 1 - 1e-9);
      const bool said = p > 0.5, is = point.label > 0.5;
      scores.loss -= is ? std::log(p) : std::log(1 - p);
      hits += said == is;
      true_ones += said && is;
      said_ones += said;
      ones += is;
    }
    const auto count = static_cast<double>(data.size());
    scores.loss /= count;
    scores.accuracy = hits / count;
    scores.f1 = said_ones + ones > 0 ? 2 * true_ones / (said_ones + ones) : 0.0;
    return scores;
  }

  void save(const std::string& path) const {
    std::ofstream file(path);
    file.precision(17);
    for (const Layer& layer : layers_) {
      for (const double weight : layer.weights) file << weight << '\n';
    }
  }
  void load(const std::string& path) {
    std::ifstream file(path);
    for (Layer& layer : layers_) {
      for (double& weight : layer.weights) file >> weight;
    }
  }

 private:
  struct Layer {
    std::size_t inputs, outputs;
    std::vector<double> weights;  // a row an output, the bias last
    std::vector<double> in, out;  // of the last point
  };

  double predict(const Point& point) {
    std::vector<double> values = {point.x, point.y};
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      Layer& layer = layers_[i];
      layer.in = values;
      layer.out.assign(layer.outputs, 0.0);
      for (std::size_t o = 0; o < layer.outputs; ++o) {
        const double* row = &layer.weights[o * (layer.inputs + 1)];
        const double sum = std::inner_product(values.begin(), values.end(), row, row[layer.inputs]);
        layer.out[o] = i + 1 < layers_.size() ? std::tanh(sum) : 1.0 / (1.0 + std::exp(-sum));
      }
      values = layer.out;
    }
    return values[0];
  }

  void learn(const Point& point, double rate) {
    std::vector<double> slopes = {predict(point) - point.label};  // of the loss by each sum
    for (std::size_t i = layers_.size(); i-- > 0;) {
      Layer& layer = layers_[i];
      std::vector<double> below(layer.inputs, 0.0);
      for (std::size_t o = 0; o < layer.outputs; ++o) {
        double* row = &layer.weights[o * (layer.inputs + 1)];
        for (std::size_t k = 0; k < layer.inputs; ++k) {
          below[k] += slopes[o] * row[k] * (1.0 - layer.in[k] * layer.in[k]);
          row[k] -= rate * slopes[o] * layer.in[k];
        }
        row[layer.inputs] -= rate * slopes[o];
      }
      slopes = std::move(below);
    }
  }

  std::mt19937_64 random_;
  std::vector<Layer> layers_;
};

}  // namespace moons
