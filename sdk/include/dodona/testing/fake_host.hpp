// SPDX-License-Identifier: Apache-2.0
//
// The kernel's side of what every role gets at its creation: host, options and study, as simple as
// possible.
//
// Threads: call FakeHost from any thread. FakeOptions does not change.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/space.hpp>
#include <dodona/space_extension.hpp>
#include <dodona/testing/shape.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {
namespace testing {

using Values = std::map<std::string, Value>;

using Values = std::map<std::string, Value>;

// Records log lines; parallel_for runs its chunks in order on the caller's thread. Offers
// dodona.space/1, but for a minimal one, which has no extension.
class FakeHost {
 public:
  explicit FakeHost(Shape shape = Shape::kCurrent) : shaper_(shape) {
    raw_.struct_size = sizeof raw_;
    raw_.abi_minor = DODONA_ABI_MINOR;
    raw_.impl = this;
    raw_.name = to_abi(std::string_view("fake"));
    raw_.version = to_abi(std::string_view("0"));
    raw_.log = [](const dodona_host* host, dodona_level level, dodona_str message) noexcept {
      auto& self = *static_cast<FakeHost*>(host->impl);
      const std::lock_guard lock(self.mutex_);
      self.lines_.emplace_back(level, view(message));
    };
    raw_.get_extension = [](const dodona_host* host, const char* id) noexcept -> const void* {
      const bool minimal = static_cast<FakeHost*>(host->impl)->shape() == Shape::kMinimal;
      if (minimal || std::string_view(id) != DODONA_EXTENSION_SPACE) return nullptr;
      return &kSpaceExtension;
    };
    raw_.cancelled = [](const dodona_host*) noexcept -> std::uint32_t { return 0; };
    raw_.parallel_for = [](const dodona_host* host, std::uint64_t count, std::uint64_t grain,
                           dodona_status (*body)(void*, std::uint64_t, std::uint64_t) noexcept,
                           void* ctx, dodona_error* error) noexcept {
      const dodona_status refused = static_cast<FakeHost*>(host->impl)->fault.load();
      if (refused != DODONA_OK) {
        return fill_error(error, refused, "the host cannot run the loop");
      }
      dodona_status status = DODONA_OK;
      for (std::uint64_t at = 0; at < count && status == DODONA_OK; at += grain) {
        status = body(ctx, at, std::min(count, at + grain));
      }
      return status;
    };
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  const dodona_host* get() const { return shaper_.of<const dodona_host>(raw_); }
  Shape shape() const { return shaper_.shape(); }
  // A study of one objective to minimise, without limits.
  const dodona_study* study() const { return &study_; }
  // Answered by parallel_for instead of running its loop, unless it is DODONA_OK.
  std::atomic<dodona_status> fault{DODONA_OK};

  std::vector<std::pair<dodona_level, std::string>> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  static dodona_study one_objective(const dodona_objective* const* objectives) {
    dodona_study study{};
    study.struct_size = sizeof study;
    study.parallel_trials = 1;
    study.objectives = objectives;
    study.objective_count = 1;
    return study;
  }

  mutable Shaper shaper_;
  dodona_host raw_{};
  dodona_objective objective_{sizeof objective_, DODONA_MINIMIZE, to_abi("loss")};
  const dodona_objective* objectives_[1] = {&objective_};
  dodona_study study_ = one_objective(objectives_);
  mutable std::mutex mutex_;
  std::vector<std::pair<dodona_level, std::string>> lines_;
};

// The given options, completed by the scalar defaults of the descriptor's table. Elements of a list
// are given one by one, as "name[0]", and an empty list not at all. Nothing is checked. `json` is the
// text of all options.
class FakeOptions {
 public:
  FakeOptions(const dodona_descriptor& descriptor, Values given, std::string json = "{}",
              Shape shape = Shape::kCurrent)
      : shaper_(shape), json_(std::move(json)), values_(std::move(given)) {
    for (std::uint64_t i = 0; i < descriptor.option_count; ++i) {
      const dodona_option& option = *descriptor.options[i];
      if (option.initial.kind != 0) values_.emplace(option.name, from_abi(option.initial));
    }
    raw_.struct_size = sizeof raw_;
    raw_.impl = this;
    raw_.json = to_abi(json_);
    raw_.get = [](const dodona_options* options, dodona_str path, dodona_value* out,
                  dodona_error* error) noexcept {
      const auto& self = *static_cast<const FakeOptions*>(options->impl);
      if (self.fault != DODONA_OK) {
        return fill_error(error, self.fault, "the host cannot read the option");
      }
      const Values& values = self.values_;
      const auto found = values.find(std::string(view(path)));
      if (found == values.end()) return fill_error(error, DODONA_E_INVALID, "no such option");
      *out = to_abi(found->second);
      return dodona_status{DODONA_OK};
    };
    raw_.size = [](const dodona_options* options, dodona_str path, std::uint64_t* out,
                   dodona_error*) noexcept -> dodona_status {
      const Values& values = static_cast<const FakeOptions*>(options->impl)->values_;
      for (*out = 0; values.contains(std::string(view(path)) + "[" + std::to_string(*out) + "]");)
        ++*out;
      return DODONA_OK;
    };
  }
  FakeOptions(const FakeOptions&) = delete;
  FakeOptions& operator=(const FakeOptions&) = delete;

  const dodona_options* get() const { return shaper_.of<const dodona_options>(raw_); }

  dodona_status fault = DODONA_OK;  // answered by `get` unless it is DODONA_OK

 private:
  mutable Shaper shaper_;
  dodona_options raw_{};
  std::string json_;
  Values values_;
};

// The first definitions of a space, as a host tells them. Valid as long as the object.
class ToldSpace {
 public:
  ToldSpace(const Space& space, std::size_t size, Shape shape) : space_(space), shaper_(shape) {
    for (std::size_t i = 0; i < size; ++i) params_.add(space_.params()[i]);
    raw_.struct_size = sizeof raw_;
    raw_.revision = static_cast<std::uint32_t>(size);
    raw_.params = params_.pointers().data();
    raw_.count = size;
    for (std::size_t i = 0; i < space_.constraint_count(); ++i) {
      constraints_.push_back(to_abi(space_.constraint(i).text()));
    }
    raw_.constraints = {constraints_.data(), constraints_.size()};
    told_ = shaper_.of_space(raw_);
  }
  ToldSpace(const ToldSpace&) = delete;
  ToldSpace& operator=(const ToldSpace&) = delete;
  const dodona_space* get() const { return told_; }

 private:
  const Space space_;
  Shaper shaper_;
  AbiParams params_;
  std::vector<dodona_str> constraints_;
  dodona_space raw_{};
  const dodona_space* told_ = nullptr;
};

}  // namespace testing
}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
