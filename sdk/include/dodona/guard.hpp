// SPDX-License-Identifier: Apache-2.0
//
// The exception barrier: no C++ exception crosses the boundary, in either direction.
//
// guard() runs code of this side and turns its exceptions into a status with text. call() calls
// the other side and turns its status into an exception.
#pragma once

#include <dodona/abi.h>
#include <dodona/error.hpp>
#include <dodona/visibility.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// Trial::report throws it when the trial must stop. Long work throws it itself once cancelled() is
// true. It is no std::exception, so that a catch clause for those in user code lets it pass. Code
// that catches everything throws it on.
struct Cancelled {};

// Writes a status and its text into the caller's buffer. A text that does not fit is cut off,
// perhaps within a character. Without a buffer (nullptr) the text is lost. Returns the status.
inline dodona_status fill_error(dodona_error* error, dodona_status code,
                                std::string_view text) noexcept {
  if (error == nullptr) return code;
  error->code = code;
  error->size = std::min<std::uint64_t>(error->capacity, text.size());
  if (error->size > 0) std::memcpy(error->message, text.data(), error->size);
  return code;
}

// Runs `body`, which returns nothing or a dodona_status. Answers that status, DODONA_OK after
// nothing, and after an exception the exception's code, with its text in `error`. Cancelled becomes
// DODONA_E_CANCELLED, std::bad_alloc DODONA_E_NO_MEMORY. Every other exception that is no Error
// becomes DODONA_E_EXCEPTION. `error` is left as it is where nothing was thrown.
template <class Body>
dodona_status guard(dodona_error* error, Body&& body) noexcept {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      std::forward<Body>(body)();
      return DODONA_OK;
    } else {
      return std::forward<Body>(body)();
    }
  } catch (const Cancelled&) {
    return fill_error(error, DODONA_E_CANCELLED, "cancelled");
  } catch (const Error& thrown) {
    return fill_error(error, thrown.code() == DODONA_OK ? DODONA_E_FAILED : thrown.code(),
                      thrown.what());
  } catch (const std::bad_alloc&) {
    return fill_error(error, DODONA_E_NO_MEMORY, "out of memory");
  } catch (const std::exception& thrown) {
    return fill_error(error, DODONA_E_EXCEPTION, thrown.what());
  } catch (...) {
    return fill_error(error, DODONA_E_EXCEPTION, "an exception that is not a std::exception");
  }
}

// The caller's side of an error: a buffer of 4 KiB, and the struct that points to it. It lies on
// the stack of the caller and does not move.
class ErrorBuffer {
 public:
  ErrorBuffer() = default;
  ErrorBuffer(const ErrorBuffer&) = delete;
  ErrorBuffer& operator=(const ErrorBuffer&) = delete;
  dodona_error* get() noexcept { return &error_; }
  std::string text() const { return {text_, std::min<std::size_t>(error_.size, sizeof text_)}; }

 private:
  char text_[4096];
  dodona_error error_{DODONA_SIZE_TO(dodona_error, size), DODONA_OK, text_, sizeof text_, 0};
};

// Calls `function(dodona_error*)`. Throws Cancelled if it answers DODONA_E_CANCELLED, and an Error
// with its code and text if it answers anything else but DODONA_OK. The function must not throw
// across a C table.
template <class Function>
void call(Function&& function) {
  ErrorBuffer error;
  const dodona_status status = std::forward<Function>(function)(error.get());
  if (status == DODONA_OK) return;
  if (status == DODONA_E_CANCELLED) throw Cancelled();
  throw Error(status, error.text());
}

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
