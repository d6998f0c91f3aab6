// SPDX-License-Identifier: Apache-2.0
//
// Writing a sink: it receives the events of the log.
//
//   struct Lines {
//     explicit Lines(const dodona::StudyContext& context);
//     void set_space(const dodona::Space& space);  // optional; again when it grows; it stays valid
//     void consume(const dodona_event& event);     // every event at least once, in order
//     void flush();                                // makes durable what was consumed
//   };
//
// After a crash events may come again. A sink knows them by their sequence. Events before a flush
// come again only if the process crashes within 100 ms after it. The kernel flushes at most once a
// second, and after the last event of a search. A sink that is new to a study begins with the first
// event of the study.
//
// set_space comes before the first event that uses a new hyperparameter. The space may already be
// ahead of the events. A space without hyperparameters is not shown.
//
// A class with optional features of its own has `const void* extension(std::string_view id)`, which
// answers the table of a feature or nullptr; any thread may call it. abi/extensions.h lists the ids.
//
// Errors:  an exception sets the sink aside for the rest of the search, with a line in the log. The
//          next search sends it the events since the last flush that returned.
// Threads: one call at a time, on a thread of the sink's own. No trial waits for it. The
//          constructor runs on the thread that begins the search.
// Lifetime: an event is valid until consume returns, the space until the next set_space.
// Cost:    a search that ended waits 30 s for its sinks, one that was interrupted 2 s. A sink that
//          takes longer is left behind with its thread, and goes on the next time.
#pragma once

#include <dodona/abi.h>
#include <dodona/event.hpp>
#include <dodona/host.hpp>
#include <dodona/members.hpp>
#include <dodona/space.hpp>
#include <dodona/visibility.hpp>

#include <concepts>
#include <cstdint>
#include <memory>

namespace dodona {
inline namespace sdk_v0 DODONA_SDK_VISIBILITY {

// The C table of a class of the form above. Every slot is noexcept: an exception of the class
// becomes a status with its text.
template <class T>
struct SinkAdapter {
  // The user's sink, and the space that it was told.
  struct Object {
    explicit Object(const StudyContext& context)
        : made(detail::make<T>(context)), user(made.get()) {}
    // For a kernel that an application gives objects of its own: of a function that answers one, and
    // of one that stays the application's.
    template <class Make>
    Object(const StudyContext& context, const Make& make)
        : made(new T(make(context))), user(made.get()) {}
    explicit Object(T& given) : user(&given) {}
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    ~Object() = default;
    Space space;
    const std::unique_ptr<T> made;  // gone before the space, which it may refer to
    T* const user;
  };

  static dodona_status create(const dodona_host* host, const dodona_study* study,
                              const dodona_options* options, void** self,
                              dodona_error* error) noexcept {
    if constexpr (detail::kMakes<T, StudyContext>) {
      return guard(error, [&] {
        // guard catches an exception of `new`. NOLINTNEXTLINE(bugprone-unhandled-exception-at-new)
        *self = new Object(StudyContext{Host(host), Options(options), *study});
      });
    } else {  // its application makes it, see dodona/objects.hpp
      return fill_error(error, DODONA_E_UNSUPPORTED, "no plugin can make this object");
    }
  }
  static void destroy(void* self) noexcept { delete static_cast<Object*>(self); }

  static dodona_status consume(void* self, const dodona_event* const* events, std::uint64_t count,
                               dodona_error* error) noexcept {
    return guard(error, [&] {
      T& user = *static_cast<Object*>(self)->user;
      for (std::uint64_t i = 0; i < count; ++i) user.consume(*events[i]);
    });
  }

  static dodona_status flush(void* self, dodona_error* error) noexcept {
    return guard(error, [&] { static_cast<Object*>(self)->user->flush(); });
  }

  static constexpr bool kTakesSpace = requires(T & t, const Space& s) {
    { t.set_space(s) } -> std::same_as<void>;
  };

  // Refuses a class that lacks what a sink has, or whose members would be passed over.
  static constexpr void check_members() {
    static_assert(
        requires(T & t, const dodona_event& e) {
          { t.consume(e) } -> std::same_as<void>;
        },
        "a sink needs: void consume(const dodona_event&)");
    static_assert(
        requires(T & t) {
          { t.flush() } -> std::same_as<void>;
        },
        "a sink needs: void flush()");
    static_assert(kTakesSpace || !detail::names_set_space<T>(),
                  "set_space of a sink is: void set_space(const dodona::Space&)");
    static_assert(detail::kExtends<T> || !detail::names_extension<T>(),
                  "extension of a plugin's class is: const void* extension(std::string_view id)");
    if constexpr (!kTakesSpace) detail::spelt_set_space<T, const Space&>();
  }

  static constexpr dodona_sink_vtable make_table() {
    check_members();
    dodona_sink_vtable slots{};
    slots.struct_size = DODONA_SIZE_TO(dodona_sink_vtable, get_extension);
    slots.create = create;
    slots.destroy = destroy;
    if constexpr (kTakesSpace) {
      slots.set_space = [](void* self, const dodona_space* space,
                           dodona_error* error) noexcept -> dodona_status {
        return guard(error, [&] {
          auto* object = static_cast<Object*>(self);
          object->space = from_abi(*space);
          object->user->set_space(object->space);
        });
      };
    }
    if constexpr (detail::kExtends<T>) {
      slots.get_extension = [](void* self, const char* id) noexcept -> const void* {
        return detail::extension_of(*static_cast<Object*>(self)->user, id);
      };
    }
    slots.consume = consume;
    slots.flush = flush;
    return slots;
  }

  static constexpr dodona_sink_vtable kTable = make_table();
};

}  // namespace DODONA_SDK_VISIBILITY
}  // namespace dodona
