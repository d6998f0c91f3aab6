// SPDX-License-Identifier: Apache-2.0
//
// Oracles, stoppers and sinks that an application makes itself, with data of its own, for its
// options:
//
//   options.plugins.objects = {
//       dodona::oracle_maker("mine", [&](const dodona::StudyContext&) { return Mine(data); }),
//       dodona::sink_object("plot", plot)};
//   options.study.oracle = "mine";
//   options.study.sinks = {"plot"};
//
// Their classes are those that a plugin would export, as dodona/oracle.hpp and dodona/sink.hpp
// describe them, but for the constructor. They take no options. A study knows them by their id,
// `application.NAME`: whoever goes on with it, or replays it, gives objects of the same names.
//
// The last argument of an oracle is its flags, as dodona/plugin.hpp describes them:
// DODONA_FLAG_RESUMES if its proposals go on from earlier trials, without which no states are kept
// for them; DODONA_FLAG_ENDS if it ends by itself, so that a study file without max_trials has no
// such limit. The options of an application have the limit that they say, 0 for none.
//
// An oracle knows a study from its first event on. So each search needs a new one, a lag needs one
// that judges for each of its slots, and a replay needs one for each time that the study was
// configured: a maker serves them all, an object serves one search. A sink goes on where it stood
// when the last search ended, so an object serves all searches of a study.
//
// Errors:   an exception counts as that of a plugin: one of an oracle ends the search with an Error
//           that names it, one of a sink sets the sink aside. Where an oracle that is an object is
//           needed once more, Error{kState}.
// Threads:  as oracle.hpp and sink.hpp say; a maker is called by the thread that searches.
// Lifetime: an object, and all that a maker refers to, outlive every tuner that has them in its
//           options, and copies of these. The tuner destroys no object that it was given. An oracle
//           of a maker is gone when its search returns; where trials are asked for, with the tuner
//           or before its next search; sinks are flushed and let go of before oracles. A space that
//           an object got is valid until then. A sink that hangs for 30 s at the end of a search is left
//           behind with its thread, and must live on.
#pragma once

#include <dodona/kernel.hpp>
#include <dodona/oracle.hpp>
#include <dodona/plugin.hpp>
#include <dodona/sink.hpp>

#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace dodona {
namespace detail {

// A module of one descriptor, with the texts that it points to.
class OwnModule {
 public:
  OwnModule(const char* role, const void* table, std::string name, std::uint32_t flags)
      : name_(std::move(name)),
        id_("application." + name_),
        module_(describe(role, table,
                         About{.id = id_.c_str(),
                               .name = name_.c_str(),
                               .description = "of the application",
                               .flags = flags})) {}
  const dodona_module* get() const { return module_.get(); }

 private:
  const std::string name_;
  const std::string id_;
  const Module<Descriptor<0>> module_;
};

// `make` answers an Adapter::Object.
template <class Adapter, class Make>
ApplicationObject application_object(const char* role, std::string name, Make make,
                                     std::uint32_t flags = 0) {
  const auto own =
      std::make_shared<const OwnModule>(role, &Adapter::kTable, std::move(name), flags);
  return {
      std::shared_ptr<const dodona_module>(own, own->get()),
      [make = std::move(make)](const dodona_host* host, const dodona_study* study,
                               const dodona_options* options, void** self, dodona_error* error) {
        return guard(error, [&] {
          std::unique_ptr<typename Adapter::Object> made =
              make(StudyContext{Host(host), Options(options), *study});
          *self = made.release();
        });
      }};
}

template <class Make>
using Made = std::invoke_result_t<const Make&, const StudyContext&>;

}  // namespace detail

// An oracle or a stopper that `make` makes whenever one is needed: a value of its class.
template <std::invocable<const StudyContext&> Make>
ApplicationObject oracle_maker(std::string name, Make make, std::uint32_t flags = 0) {
  using Adapter = OracleAdapter<detail::Made<Make>>;
  return detail::application_object<Adapter>(
      DODONA_ROLE_ORACLE, std::move(name),
      [make = std::move(make)](const StudyContext& context) {
        return std::make_unique<typename Adapter::Object>(context, make);
      },
      flags);
}

// An oracle or a stopper that is there already, for one search.
template <class T>
ApplicationObject oracle_object(std::string name, T& oracle, std::uint32_t flags = 0) {
  using Adapter = OracleAdapter<T>;
  const auto taken = std::make_shared<std::atomic<bool>>(false);
  return detail::application_object<Adapter>(
      DODONA_ROLE_ORACLE, std::move(name),
      [&oracle, taken](const StudyContext&) {
        if (taken->exchange(true)) {
          throw Error(DODONA_E_STATE,
                      "one object serves one search, and this one was told of a study already; "
                      "give dodona::oracle_maker a function that makes them");
        }
        return std::make_unique<typename Adapter::Object>(oracle);
      },
      flags);
}

// A sink that is there already.
template <class T>
ApplicationObject sink_object(std::string name, T& sink) {
  using Adapter = SinkAdapter<T>;
  return detail::application_object<Adapter>(
      DODONA_ROLE_SINK, std::move(name),
      [&sink](const StudyContext&) { return std::make_unique<typename Adapter::Object>(sink); });
}

}  // namespace dodona
