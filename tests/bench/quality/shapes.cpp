// SPDX-License-Identifier: Apache-2.0
#include "bench/quality/shapes.hpp"

#include <dodona/random.hpp>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <utility>

namespace dodona::bench {

namespace {

using Vector = std::vector<double>;
using Rows = std::vector<Vector>;

constexpr double kPi = std::numbers::pi;

double square(double x) {
  return x * x;
}

double normal(RandomStream& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.uniform()));
  return radius * std::cos(2 * kPi * random.uniform());
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Vector times(const Rows& rows, const Vector& x) {
  Vector out;
  for (const Vector& row : rows) out.push_back(dot(row, x));
  return out;
}

// Rows of length 1 that are orthogonal to each other, by Gram and Schmidt.
Rows rotation(std::size_t d, RandomStream& random) {
  Rows rows;
  for (std::size_t i = 0; i < d; ++i) {
    Vector row(d);
    for (double& each : row) each = normal(random);
    for (const Vector& earlier : rows) {
      const double along = dot(row, earlier);
      for (std::size_t j = 0; j < d; ++j) row[j] -= along * earlier[j];
    }
    const double norm = std::sqrt(dot(row, row));
    for (double& each : row) each /= norm;
    rows.push_back(std::move(row));
  }
  return rows;
}

// One instance of a function.
struct Instance {
  std::size_t d;
  Vector at;     // the minimum, in [-4, 4]
  Rows r, q;     // rotations
  Vector signs;  // 1 or -1
  std::uint64_t seed;

  Vector off(const Vector& x) const {
    Vector z(d);
    for (std::size_t i = 0; i < d; ++i) z[i] = x[i] - at[i];
    return z;
  }
  // From 0 for the first to 1 for the last dimension.
  double part(std::size_t i) const { return static_cast<double>(i) / static_cast<double>(d - 1); }
  double dims() const { return static_cast<double>(d); }
  void stretch(Vector& z, double alpha) const {
    for (std::size_t i = 0; i < d; ++i) z[i] *= std::pow(alpha, part(i) / 2);
  }
  void asymmetric(Vector& z, double beta) const {
    for (std::size_t i = 0; i < d; ++i) {
      if (z[i] > 0) z[i] = std::pow(z[i], 1 + beta * part(i) * std::sqrt(z[i]));
    }
  }
};

Instance instance(std::size_t d, std::uint64_t seed, std::uint64_t number) {
  RandomStream random(seed, number, Purpose::kProposal, 77);
  Instance out{d, {}, rotation(d, random), rotation(d, random), {}, seed * 64 + number};
  for (std::size_t i = 0; i < d; ++i) {
    out.at.push_back(8 * random.uniform() - 4);
    out.signs.push_back(random.below(2) == 0 ? -1 : 1);
  }
  return out;
}

double oscillate(double x) {
  if (x == 0) return 0;
  const double log = std::log(std::abs(x));
  const double a = x > 0 ? 10 : 5.5, b = x > 0 ? 7.9 : 3.1;
  return std::copysign(std::exp(log + 0.049 * (std::sin(a * log) + std::sin(b * log))), x);
}

void oscillate(Vector& z) {
  for (double& each : z) each = oscillate(each);
}

double outside(const Vector& x) {
  double sum = 0;
  for (const double v : x) sum += square(std::max(0.0, std::abs(v) - 5));
  return sum;
}

double ellipsoid(const Instance& in, const Vector& z) {
  double sum = 0;
  for (std::size_t i = 0; i < in.d; ++i) sum += std::pow(1e6, in.part(i)) * square(z[i]);
  return sum;
}

double waves(const Vector& z) {
  double sum = 10 * static_cast<double>(z.size());
  for (const double v : z) sum += v * v - 10 * std::cos(2 * kPi * v);
  return sum;
}

double valley(const Vector& z) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < z.size(); ++i) {
    sum += 100 * square(z[i] * z[i] - z[i + 1]) + square(z[i] - 1);
  }
  return sum;
}

double sphere(const Instance& in, const Vector& x) {
  const Vector z = in.off(x);
  return dot(z, z);
}

double straight_ellipsoid(const Instance& in, const Vector& x) {
  Vector z = in.off(x);
  oscillate(z);
  return ellipsoid(in, z);
}

double straight_rastrigin(const Instance& in, const Vector& x) {
  Vector z = in.off(x);
  oscillate(z);
  in.asymmetric(z, 0.2);
  in.stretch(z, 10);
  return waves(z);
}

double bueche_rastrigin(const Instance& in, const Vector& x) {
  Vector z = in.off(x);
  oscillate(z);
  for (std::size_t i = 0; i < in.d; ++i) {
    z[i] *= std::pow(10, in.part(i) / 2) * (z[i] > 0 && i % 2 == 0 ? 10 : 1);
  }
  return waves(z) + 100 * outside(x);
}

double slope(const Instance& in, const Vector& x) {
  double sum = 0;
  for (std::size_t i = 0; i < in.d; ++i) {
    const double s = in.signs[i] * std::pow(10, in.part(i));
    sum += 5 * std::abs(s) - s * x[i];
  }
  return sum;
}

double sector(const Instance& in, const Vector& x) {
  Vector z = times(in.q, in.off(x));
  in.stretch(z, 10);
  z = times(in.r, z);
  double sum = 0;
  for (std::size_t i = 0; i < in.d; ++i) sum += square((z[i] * in.at[i] > 0 ? 100 : 1) * z[i]);
  return std::pow(oscillate(sum), 0.9);
}

double stairs(const Instance& in, const Vector& x) {
  Vector z = times(in.r, in.off(x));
  in.stretch(z, 10);
  const double first = std::abs(z[0]);
  for (double& v : z) {
    v = std::abs(v) > 0.5 ? std::floor(0.5 + v) : std::floor(0.5 + 10 * v) / 10;
  }
  z = times(in.q, z);
  double sum = 0;
  for (std::size_t i = 0; i < in.d; ++i) sum += std::pow(100, in.part(i)) * square(z[i]);
  return 0.1 * std::max(first / 1e4, sum) + outside(x);
}

double rosenbrock(const Instance& in, const Vector& x) {
  Vector z(in.d);
  for (std::size_t i = 0; i < in.d; ++i) {
    z[i] = std::max(1.0, std::sqrt(in.dims()) / 8) * (x[i] - 0.75 * in.at[i]) + 1;
  }
  return valley(z);
}

// Rosenbrock's valley, turned around the centre of the space.
Vector turned_to_valley(const Instance& in, const Vector& x) {
  Vector z = times(in.r, x);
  for (double& v : z) v = std::max(1.0, std::sqrt(in.dims()) / 8) * v + 0.5;
  return z;
}

double turned_rosenbrock(const Instance& in, const Vector& x) {
  return valley(turned_to_valley(in, x));
}

double turned_ellipsoid(const Instance& in, const Vector& x) {
  Vector z = times(in.r, in.off(x));
  oscillate(z);
  return ellipsoid(in, z);
}

double discus(const Instance& in, const Vector& x) {
  Vector z = times(in.r, in.off(x));
  oscillate(z);
  return dot(z, z) + (1e6 - 1) * square(z[0]);
}

double cigar(const Instance& in, const Vector& x) {
  Vector z = times(in.r, in.off(x));
  in.asymmetric(z, 0.5);
  z = times(in.r, z);
  return 1e6 * dot(z, z) + (1 - 1e6) * square(z[0]);
}

double ridge(const Instance& in, const Vector& x) {
  Vector z = times(in.q, in.off(x));
  in.stretch(z, 10);
  z = times(in.r, z);
  return square(z[0]) + 100 * std::sqrt(dot(z, z) - square(z[0]));
}

double powers(const Instance& in, const Vector& x) {
  const Vector z = times(in.r, in.off(x));
  double sum = 0;
  for (std::size_t i = 0; i < in.d; ++i) sum += std::pow(std::abs(z[i]), 2 + 4 * in.part(i));
  return std::sqrt(sum);
}

double turned_rastrigin(const Instance& in, const Vector& x) {
  Vector z = times(in.r, in.off(x));
  oscillate(z);
  in.asymmetric(z, 0.2);
  z = times(in.q, z);
  in.stretch(z, 10);
  return waves(times(in.r, z));
}

double weierstrass(const Instance& in, const Vector& x) {
  Vector z = times(in.r, in.off(x));
  oscillate(z);
  z = times(in.q, z);
  in.stretch(z, 0.01);
  z = times(in.r, z);
  double sum = 0, least = 0;
  for (int k = 0; k < 12; ++k) {
    const double half = std::pow(0.5, k), three = std::pow(3, k);
    least += half * std::cos(kPi * three);
    for (const double v : z) sum += half * std::cos(2 * kPi * three * (v + 0.5));
  }
  const double gap = std::max(0.0, sum / in.dims() - least);
  return 10 * gap * gap * gap + 10 / in.dims() * outside(x);
}

double schaffer(const Instance& in, const Vector& x, double condition) {
  Vector z = times(in.r, in.off(x));
  in.asymmetric(z, 0.5);
  z = times(in.q, z);
  in.stretch(z, condition);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < in.d; ++i) {
    const double s = std::sqrt(square(z[i]) + square(z[i + 1]));
    sum += std::sqrt(s) * (1 + square(std::sin(50 * std::pow(s, 0.2))));
  }
  return square(sum / (in.dims() - 1)) + 10 * outside(x);
}

double griewank_rosenbrock(const Instance& in, const Vector& x) {
  const Vector z = turned_to_valley(in, x);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < in.d; ++i) {
    const double s = 100 * square(z[i] * z[i] - z[i + 1]) + square(z[i] - 1);
    sum += s / 4000 - std::cos(s);
  }
  return 10 * sum / (in.dims() - 1) + 10;
}

double schwefel(const Instance& in, const Vector& x) {
  static constexpr double kBest = 4.2096874633 / 2;
  Vector bent(in.d), z(in.d);
  for (std::size_t i = 0; i < in.d; ++i) bent[i] = 2 * in.signs[i] * x[i];
  z[0] = bent[0];
  for (std::size_t i = 1; i < in.d; ++i) z[i] = bent[i] + 0.25 * (bent[i - 1] - 2 * kBest);
  double sum = 0;
  for (std::size_t i = 0; i < in.d; ++i) {
    z[i] = 100 * (std::pow(10, in.part(i) / 2) * (z[i] - 2 * kBest) + 2 * kBest);
    sum -= z[i] * std::sin(std::sqrt(std::abs(z[i])));
  }
  Vector far = z;
  for (double& v : far) v /= 100;
  return sum / (100 * in.dims()) + 4.189828872724339 + 100 * outside(far);
}

// Peaks of Gaussians at random places, of which the first is the highest.
Shape gallagher(const std::string& name, const Instance& in, std::size_t peaks, double wide) {
  RandomStream random(in.seed, peaks, Purpose::kProposal, 78);
  struct Peak {
    Vector at, scales;
    double height;
  };
  auto all = std::make_shared<std::vector<Peak>>();
  for (std::size_t k = 0; k < peaks; ++k) {
    Peak peak;
    const double rank = static_cast<double>(k) - 1;
    peak.height = k == 0 ? 10 : 1.1 + 8 * rank / static_cast<double>(peaks - 2);
    const double condition = k == 0 ? wide : std::pow(1000, 2 * random.uniform());
    std::vector<std::pair<std::uint64_t, double>> scales;
    for (std::size_t i = 0; i < in.d; ++i) {
      peak.at.push_back((k == 0 ? 8 : 10) * random.uniform() - (k == 0 ? 4 : 5));
      scales.emplace_back(random.bits(), std::pow(condition, in.part(i) / 2 - 0.25));
    }
    std::sort(scales.begin(), scales.end());
    for (const auto& [order, scale] : scales) peak.scales.push_back(scale);
    all->push_back(std::move(peak));
  }
  return {name, true, [in, all](const Vector& x) {
            double highest = 0;
            for (const Peak& peak : *all) {
              Vector z(in.d);
              for (std::size_t i = 0; i < in.d; ++i) z[i] = x[i] - peak.at[i];
              z = times(in.r, z);
              double sum = 0;
              for (std::size_t i = 0; i < in.d; ++i) sum += peak.scales[i] * square(z[i]);
              highest = std::max(highest, peak.height * std::exp(-sum / (2 * in.dims())));
            }
            return square(oscillate(10 - highest)) + outside(x);
          }};
}

double katsuura(const Instance& in, const Vector& x) {
  Vector z = times(in.r, in.off(x));
  in.stretch(z, 100);
  z = times(in.q, z);
  double product = 1;
  for (std::size_t i = 0; i < in.d; ++i) {
    double sum = 0;
    for (int j = 1; j <= 32; ++j) {
      const double two = std::pow(2, j);
      sum += std::abs(two * z[i] - std::round(two * z[i])) / two;
    }
    product *= std::pow(1 + static_cast<double>(i + 1) * sum, 10 / std::pow(in.dims(), 1.2));
  }
  return 10 / square(in.dims()) * (product - 1) + outside(x);
}

double lunacek(const Instance& in, const Vector& x) {
  static constexpr double kFirst = 2.5;
  const double s = 1 - 1 / (2 * std::sqrt(in.dims() + 20) - 8.2);
  const double second = -std::sqrt((kFirst * kFirst - 1) / s);
  Vector bent(in.d), z(in.d);
  double near = 0, far = in.dims();
  for (std::size_t i = 0; i < in.d; ++i) {
    bent[i] = 2 * in.signs[i] * x[i];
    z[i] = bent[i] - kFirst;
    near += square(bent[i] - kFirst);
    far += s * square(bent[i] - second);
  }
  z = times(in.q, z);
  in.stretch(z, 100);
  z = times(in.r, z);
  double sum = 10 * in.dims();
  for (const double v : z) sum -= 10 * std::cos(2 * kPi * v);
  return std::min(near, far) + sum + 1e4 * outside(x);
}

}  // namespace

std::vector<Shape> shapes(std::size_t d, std::uint64_t seed) {
  std::vector<Shape> out;
  std::uint64_t number = 0;
  const auto add = [&](std::string name, bool multimodal, auto function) {
    out.push_back({std::move(name), multimodal,
                   [in = instance(d, seed, ++number), function](const Vector& x) {
                     return function(in, x);
                   }});
  };
  add("sphere", false, sphere);
  add("straight_ellipsoid", false, straight_ellipsoid);
  add("straight_rastrigin", true, straight_rastrigin);
  add("bueche_rastrigin", true, bueche_rastrigin);
  add("slope", false, slope);
  add("sector", false, sector);
  add("stairs", false, stairs);
  add("rosenbrock", false, rosenbrock);
  add("turned_rosenbrock", false, turned_rosenbrock);
  add("turned_ellipsoid", false, turned_ellipsoid);
  add("discus", false, discus);
  add("cigar", false, cigar);
  add("ridge", false, ridge);
  add("powers", false, powers);
  add("turned_rastrigin", true, turned_rastrigin);
  add("weierstrass", true, weierstrass);
  const auto round = [](const Instance& in, const Vector& x) { return schaffer(in, x, 10); };
  const auto narrow = [](const Instance& in, const Vector& x) { return schaffer(in, x, 1000); };
  add("schaffer", true, round);
  add("narrow_schaffer", true, narrow);
  add("griewank_rosenbrock", true, griewank_rosenbrock);
  add("schwefel", true, schwefel);
  out.push_back(gallagher("peaks101", instance(d, seed, ++number), 101, 1000));
  out.push_back(gallagher("peaks21", instance(d, seed, ++number), 21, 1e6));
  add("katsuura", true, katsuura);
  add("lunacek", true, lunacek);
  return out;
}

}  // namespace dodona::bench
