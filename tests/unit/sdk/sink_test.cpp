// SPDX-License-Identifier: Apache-2.0
#include <dodona/sink.hpp>
#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona {
namespace {

struct Seen {
  std::vector<std::uint64_t> sequences;
  std::size_t space = 0;
  int flushes = 0;
};

class Recorder {
 public:
  explicit Recorder(const StudyContext& context) {
    if (context.study.seed == 0) throw Error(DODONA_E_INVALID, "no seed");
  }
  // Keeps a reference, as an oracle may: the space once was a temporary here.
  void set_space(const Space& space) { space_ = &space; }
  void consume(const dodona_event& event) {
    if (event.sequence == 13) throw std::runtime_error("unlucky");
    seen.sequences.push_back(event.sequence);
    seen.space = space_->size();
  }
  void flush() { ++seen.flushes; }

  static inline Seen seen;

 private:
  const Space* space_ = nullptr;
};

dodona_event event(std::uint64_t sequence) {
  return {sizeof(dodona_event), DODONA_EVENT_NOTED, sequence, 0, 0, nullptr};
}

TEST(SinkAdapter, ConsumesInOrderAndFlushes) {
  const auto& table = SinkAdapter<Recorder>::kTable;
  testing::FakeHost host;
  const dodona_descriptor nothing{};
  const testing::FakeOptions options(nothing, {});
  dodona_study study{};
  study.seed = 1;
  void* self = nullptr;
  ASSERT_EQ(table.create(host.get(), &study, options.get(), &self, nullptr), DODONA_OK);
  Param flag;
  flag.type = ParamType::kBoolean;
  flag.name = "b";
  AbiParams params;
  params.add(flag);
  const dodona_space space{sizeof space, 1, params.pointers().data(), 1, {}};
  ASSERT_EQ(table.set_space(self, &space, nullptr), DODONA_OK);
  const dodona_event first = event(0);
  const dodona_event second = event(1);
  const dodona_event bad = event(13);
  const dodona_event* const events[] = {&first, &second, &bad};
  EXPECT_EQ(table.consume(self, events, 2, nullptr), DODONA_OK);
  EXPECT_EQ(Recorder::seen.sequences, (std::vector<std::uint64_t>{0, 1}));
  EXPECT_EQ(Recorder::seen.space, 1u);
  ErrorBuffer error;
  EXPECT_EQ(table.consume(self, events + 2, 1, error.get()), DODONA_E_EXCEPTION);
  EXPECT_EQ(error.text(), "unlucky");
  EXPECT_EQ(table.flush(self, nullptr), DODONA_OK);
  EXPECT_EQ(Recorder::seen.flushes, 1);
  table.destroy(self);
}

TEST(SinkAdapter, TellsWhyItCannotBeCreated) {
  const dodona_descriptor nothing{};
  const testing::FakeOptions options(nothing, {});
  testing::FakeHost host;
  const dodona_study study{};
  void* self = nullptr;
  ErrorBuffer error;
  EXPECT_EQ(
      SinkAdapter<Recorder>::kTable.create(host.get(), &study, options.get(), &self, error.get()),
      DODONA_E_INVALID);
  EXPECT_EQ(error.text(), "no seed");
  EXPECT_EQ(self, nullptr);
}

struct Minimal {
  void consume(const dodona_event&) {}
  void flush() {}
};

TEST(SinkAdapter, LeavesOutSetSpaceWhereAClassHasNone) {
  EXPECT_EQ(SinkAdapter<Minimal>::kTable.set_space, nullptr);
}

}  // namespace
}  // namespace dodona
