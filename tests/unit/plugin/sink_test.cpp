// SPDX-License-Identifier: Apache-2.0
#include "plugin/sink.hpp"

#include "support/params.hpp"
#include "unit/plugin/fakes.hpp"
#include "unit/plugin/plugin_files.hpp"

#include <dodona/sink.hpp>

#include <vector>

namespace dodona::plugin {
namespace {

using support::FakeServices;

class Counter {
 public:
  void consume(const dodona_event& event) { seen.push_back(event.sequence); }
  void flush() { ++flushes; }
  std::vector<std::uint64_t> seen;
  int flushes = 0;
};

TEST(Sink, OfTheApplicationConsumesInOrder) {
  using Adapter = SinkAdapter<Counter>;
  study::Names names;
  FakeServices services;
  const StudyContext context{Host(nullptr), Options(nullptr), dodona_study{}};
  Adapter::Object object(context);
  const auto sink = make_sink(&Adapter::kTable, &object, "sink \"c\"", names, services);
  Space space;
  space.add(support::boolean("b"));
  sink->set_space(space);
  std::vector<study::Event> events;
  for (std::uint64_t i = 0; i < 600; ++i) {
    events.push_back({i, 0, 0, study::Filled{{0, Cell::whole(1)}}});
  }
  sink->consume(events);
  sink->flush();
  ASSERT_EQ(object.user->seen.size(), 600u);
  EXPECT_EQ(object.user->seen.back(), 599u);
  EXPECT_EQ(object.user->flushes, 1);
}

TEST(Sink, OfALibraryThatThrowsIsAnErrorWithItsText) {
  const Catalogue catalogue({{DODONA_BAD_PLUGINS, true}});
  study::Names names;
  FakeServices services;
  const StudyInfo info{.names = names};
  const auto sink =
      make_sink(catalogue.find(DODONA_ROLE_SINK, "throws_in_consume"), info, {}, services);
  sink->set_space(Space());  // has none of its own
  const study::Event event{0, 0, 0, study::Stopped{}};
  EXPECT_EQ(error_of(
                [&] {
                  sink->consume({&event, 1});
                },
                DODONA_E_EXCEPTION),
            "sink \"throws_in_consume\": thrown in consume");
  EXPECT_EQ(error_of([&] { sink->flush(); }, DODONA_E_EXCEPTION),
            "sink \"throws_in_consume\": thrown in flush");
}

}  // namespace
}  // namespace dodona::plugin
