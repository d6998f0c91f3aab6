// SPDX-License-Identifier: Apache-2.0
//
// The kernel's side of every object of a plugin: services, checked options, and the study.
#pragma once

#include <dodona/abi.h>
#include <dodona/convert.hpp>
#include <dodona/guard.hpp>
#include <dodona/hyperparameters.hpp>
#include <dodona/visibility.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// Services of the kernel. Any thread may use them as long as the plugin's object lives. A Host may
// be copied; copies must not outlive the object either.
class Host {
 public:
  explicit Host(const dodona_host* host) : host_(host) {}

  // Writes a line to the application's log, after the name of the plugin. The message is copied. A
  // line that cannot be written is lost: the call never fails. Lines are written one at a time, so
  // a slow application holds up the caller.
  void log(dodona_level level, std::string_view message) const {
    host_->log(host_, level, to_abi(message));
  }
  // True once the study is stopping. Long work should then throw Cancelled. A model asks
  // Trial::cancelled instead, which also knows of its own trial. Costs an indirect call.
  bool cancelled() const { return host_->cancelled(host_) != 0; }
  // The table of an optional feature such as DODONA_EXTENSION_SPACE, or nullptr.
  const void* extension(const char* id) const { return host_->get_extension(host_, id); }

  // Calls body(begin, end) on the study's threads, for chunks of `grain` that cover 0..count, and
  // returns when all are done. The last chunk may be shorter; a grain of 0 counts as 1. A single
  // chunk runs on the calling thread.
  //
  // The chunks depend on count and grain alone. A sum that is made for each chunk and added up in
  // their order has the same bits on any number of threads. Chunks run in any order.
  //
  // Errors:  after an exception of the body no further chunk begins, and the first exception is
  //          thrown from here once the others have ended. Throws an Error of its own if the kernel
  //          cannot run the loop to its end.
  // Threads: any; the body may call it again. Several threads share the one body.
  // Cost:    a chunk should take some microseconds at least. The threads are those of the whole
  //          study, not the trial's own.
  template <class Body>
  void parallel_for(std::uint64_t count, std::uint64_t grain, Body body) const {
    struct Loop {
      Body& body;
      std::atomic_flag failed{};
      std::exception_ptr error{};
    } loop{body};
    const auto trampoline = [](void* ctx, std::uint64_t begin,
                               std::uint64_t end) noexcept -> dodona_status {
      Loop& self = *static_cast<Loop*>(ctx);
      try {
        self.body(begin, end);
        return DODONA_OK;
      } catch (...) {
        if (!self.failed.test_and_set()) self.error = std::current_exception();
        return DODONA_E_EXCEPTION;
      }
    };
    call([&](dodona_error* error) {
      const dodona_status status =
          host_->parallel_for(host_, count, grain, trampoline, &loop, error);
      return loop.error ? DODONA_OK : status;
    });
    if (loop.error) std::rethrow_exception(loop.error);
  }

 private:
  const dodona_host* host_;
};

// The plugin's options. The kernel has checked them against the plugin's list and filled in the
// defaults: each option of the list is there, within its bounds. The members of lists and objects
// were not checked. They are valid while the object is being created; copy what is needed later.
class Options {
 public:
  explicit Options(const dodona_options* options) : options_(options) {}

  // The option at a path such as "layers[0].units": get<double>, <std::int64_t>, <bool> or
  // <std::string>. A whole number can be read as a double. Throws Error{DODONA_E_INVALID} if there
  // is none, or one of another type. The answer is a copy.
  template <class T>
  T get(std::string_view path) const {
    dodona_value out{};
    call([&](dodona_error* error) { return options_->get(options_, to_abi(path), &out, error); });
    return detail::unwrap<T>(out, path);
  }
  // The length of the list or object at a path. Throws Error{DODONA_E_INVALID} if there is none.
  std::uint64_t size(std::string_view path) const {
    std::uint64_t out = 0;
    call([&](dodona_error* error) { return options_->size(options_, to_abi(path), &out, error); });
    return out;
  }
  // All options as one JSON object, defaults included. Borrowed from the kernel.
  std::string_view json() const { return view(options_->json); }

 private:
  const dodona_options* options_;
};

// Argument of the constructor of an oracle, hypermodel or sink. `options` and `study` are valid while the
// object is being created; copies of `host` are valid as long as the object. A constructor that
// throws ends the search before its first trial; Error{DODONA_E_INVALID} blames the options.
struct StudyContext {
  Host host;
  Options options;
  const dodona_study& study;
};

namespace detail {

// True if make() can make an object of the class.
template <class T, class Context>
inline constexpr bool kMakes =
    std::is_constructible_v<T, const Context&> || std::is_default_constructible_v<T>;

// True if the class offers optional features: const void* extension(std::string_view id), which
// answers the table of a feature, valid as long as the object, or nullptr.
template <class T>
inline constexpr bool kExtends = requires(T& t) {
  { t.extension(std::string_view{}) } -> std::convertible_to<const void*>;
};

// An exception counts as nullptr.
template <class T>
const void* extension_of(T& object, const char* id) noexcept {
  const void* table = nullptr;
  guard(nullptr, [&] { table = object.extension(id); });
  return table;
}

// Makes an object of a plugin's class, from its context if a constructor takes it.
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
