// SPDX-License-Identifier: Apache-2.0
//
// What the kernel gives to every object of a plugin: services, checked options, and the study.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/hyperparameters.hpp>
#include <dodona/visibility.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// Services of the kernel, usable from any thread for the life of the object. May be copied.
class Host {
 public:
  explicit Host(const dodona_host* host) : host_(host) {}

  void log(dodona_level level, std::string_view message) const {
    host_->log(host_, level, to_abi(message));
  }
  // Whether the study is stopping: long work should throw Cancelled soon.
  bool cancelled() const { return host_->cancelled(host_) != 0; }
  const void* extension(const char* id) const { return host_->get_extension(host_, id); }

  // Calls body(begin, end) for chunks of `grain`, on the study's threads. After an exception of the
  // body no chunk begins, and it is thrown from here.
  template <class Body>
  void parallel_for(std::uint64_t count, std::uint64_t grain, Body body) const {
    struct Loop {
      Body& body;
      std::atomic_flag failed{};
      std::exception_ptr error{};
    } loop{body};
    const auto trampoline = [](void* ctx, std::uint64_t begin, std::uint64_t end) noexcept {
      Loop& self = *static_cast<Loop*>(ctx);
      if (self.failed.test()) return;
      try {
        self.body(begin, end);
      } catch (...) {
        if (!self.failed.test_and_set()) self.error = std::current_exception();
      }
    };
    host_->parallel_for(host_, count, grain, trampoline, &loop);
    if (loop.error) std::rethrow_exception(loop.error);
  }

 private:
  const dodona_host* host_;
};

// The plugin's options, checked and completed; valid while the object is being created.
class Options {
 public:
  explicit Options(const dodona_options* options) : options_(options) {}

  // get<double>, <std::int64_t>, <bool> or <std::string> at a path such as "layers[0].units".
  template <class T>
  T get(std::string_view path) const {
    dodona_value out{};
    call([&](dodona_error* error) { return options_->get(options_, to_abi(path), &out, error); });
    return detail::unwrap<T>(out, path);
  }
  std::uint64_t size(std::string_view path) const {
    std::uint64_t out = 0;
    call([&](dodona_error* error) { return options_->size(options_, to_abi(path), &out, error); });
    return out;
  }
  std::string_view json() const { return view(options_->json); }

 private:
  const dodona_options* options_;
};

// What an oracle or sink is created with; `study` lives while the object is being created.
struct StudyContext {
  Host host;
  Options options;
  const dodona_study& study;
};

// What a hypermodel is created with.
struct HyperModelContext {
  Host host;
  Options options;
};

namespace detail {

// A plugin's class takes its context or nothing.
template <class T, class Context>
T* make(const Context& context) {
  if constexpr (std::is_constructible_v<T, const Context&>) {
    return new T(context);
  } else {
    return new T();
  }
}

}  // namespace detail

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
