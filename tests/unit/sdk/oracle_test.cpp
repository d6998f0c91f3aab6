// SPDX-License-Identifier: Apache-2.0
#include <dodona/oracle.hpp>
#include <dodona/testing/fake_trial.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace dodona {
namespace {

using testing::FakeHost;
using testing::FakeOptions;

// Two hyperparameters, the second active where the first is true.
struct TestSpace {
  TestSpace() {
    flag.type = ParamType::kBoolean;
    flag.name = "deep";
    word.type = ParamType::kChoice;
    word.name = "kind";
    word.choices = {Value("a"), Value("b")};
    word.conditions = {{"deep", {Value(true)}}};
    params.add(flag);
    params.add(word);
    raw = {sizeof raw, 2, params.pointers().data(), 2, {}};
  }
  Param flag, word;
  AbiParams params;
  dodona_space raw{};
};

// Takes what is pushed.
struct Taker {
  std::vector<std::uint32_t> params;
  std::vector<Value> values;
  dodona_proposal last{};
  std::string note;
  dodona_status answer = DODONA_OK;
  dodona_proposal_sink sink{sizeof sink, 0, this, take};

  static dodona_status take(void* impl, const dodona_proposal* proposal, std::uint64_t* trial,
                            dodona_error* error) noexcept {
    auto& self = *static_cast<Taker*>(impl);
    if (self.answer != DODONA_OK) return fill_error(error, self.answer, "refused");
    self.last = *proposal;
    self.note = view(proposal->note);
    for (const dodona_assignment& each : list(proposal->assignments)) {
      self.params.push_back(each.param);
      self.values.push_back(from_abi(each.value));
    }
    *trial = 17;
    return DODONA_OK;
  }
};

class Scripted {
 public:
  explicit Scripted(const StudyContext& context) : seed_(context.study.seed) {}
  void set_space(const Space& space) { space_ = &space; }
  void observe(const dodona_event& event) { last_ = event.sequence; }
  void propose(std::uint64_t trial, Proposals& out) {
    if (trial == 0) return out.wait();
    if (trial == 1) return out.exhausted();
    if (trial == 2) return;  // says nothing: waits
    if (trial == 3) throw std::runtime_error("no idea");
    Point point(space_->size());
    point.set(0, Cell::whole(trial == 4 ? 1 : 0));
    if (trial == 4) point.set(1, Cell::whole(1));
    EXPECT_EQ(out.push(point, {.budget = 9, .tag = seed_ + last_, .note = "{}"}), 17u);
  }
  dodona_verdict judge(const dodona_event& report) {
    const auto* reported = body_of<dodona_reported_event>(report);
    return reported != nullptr && first_of(reported->objectives) > 1 ? DODONA_STOP_TRIAL
                                                                     : DODONA_CONTINUE;
  }
  std::optional<Cell> fill(std::uint64_t trial, const Param& param) const {
    if (trial == 0) return std::nullopt;
    return from_unit(param, 0.99);
  }

 private:
  std::uint64_t seed_;
  std::uint64_t last_ = 0;
  const Space* space_ = nullptr;
};

class OracleAdapterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dodona_study study{};
    study.struct_size = sizeof study;
    study.seed = 100;
    ASSERT_EQ(table.create(host.get(), &study, options.get(), &self, nullptr), DODONA_OK);
    ASSERT_EQ(table.set_space(self, &space.raw, nullptr), DODONA_OK);
  }
  void TearDown() override { table.destroy(self); }

  dodona_status propose(std::uint64_t trial, dodona_error* error = nullptr) {
    const dodona_request request{sizeof request, 0, trial};
    return table.propose(self, &request, &taker.sink, error);
  }

  const dodona_oracle_vtable& table = OracleAdapter<Scripted>::kTable;
  FakeHost host;
  const dodona_descriptor nothing{};
  FakeOptions options{nothing, {}};
  TestSpace space;
  Taker taker;
  void* self = nullptr;
};

TEST_F(OracleAdapterTest, PushesTheActiveCellsInSpaceOrder) {
  const dodona_event event{sizeof(dodona_event), DODONA_EVENT_NOTED, 5, 0, 0, nullptr};
  const dodona_event* const events[] = {&event};
  ASSERT_EQ(table.observe(self, events, 1, nullptr), DODONA_OK);
  EXPECT_EQ(propose(4), DODONA_OK);
  EXPECT_EQ(taker.params, (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(taker.values, (std::vector<Value>{Value(true), Value("b")}));
  EXPECT_EQ(taker.last.budget, 9u);
  EXPECT_EQ(taker.last.tag, 105u);
  EXPECT_EQ(taker.last.resume_of, DODONA_NO_TRIAL);
  EXPECT_EQ(taker.note, "{}");
  taker.params.clear();
  EXPECT_EQ(propose(5), DODONA_OK);
  EXPECT_EQ(taker.params, (std::vector<std::uint32_t>{0}));
}

TEST_F(OracleAdapterTest, WaitsEndsAndFails) {
  EXPECT_EQ(propose(0), DODONA_E_WAIT);
  EXPECT_EQ(propose(1), DODONA_E_EXHAUSTED);
  EXPECT_EQ(propose(2), DODONA_E_WAIT);
  ErrorBuffer error;
  EXPECT_EQ(propose(3, error.get()), DODONA_E_EXCEPTION);
  EXPECT_EQ(error.text(), "no idea");
}

TEST_F(OracleAdapterTest, PassesOnThatAProposalWasRefused) {
  taker.answer = DODONA_E_INVALID;
  ErrorBuffer error;
  EXPECT_EQ(propose(4, error.get()), DODONA_E_INVALID);
  EXPECT_EQ(error.text(), "refused");
}

// An oracle with an optional feature of its own.
struct Extended : Scripted {
  using Scripted::Scripted;
  const void* extension(std::string_view id) {
    if (id == "com.example.throws/1") throw std::runtime_error("no");
    return id == "com.example.mine/1" ? this : nullptr;
  }
};

TEST_F(OracleAdapterTest, OffersTheExtensionsOfTheClass) {
  EXPECT_EQ(table.get_extension, nullptr);
  const dodona_oracle_vtable& extended = OracleAdapter<Extended>::kTable;
  void* object = nullptr;
  ASSERT_EQ(extended.create(host.get(), host.study(), options.get(), &object, nullptr), DODONA_OK);
  EXPECT_NE(extended.get_extension(object, "com.example.mine/1"), nullptr);
  EXPECT_EQ(extended.get_extension(object, "dodona.surrogate/1"), nullptr);
  EXPECT_EQ(extended.get_extension(object, "com.example.throws/1"), nullptr);
  extended.destroy(object);
}

// An oracle whose model expects the value of the first hyperparameter.
struct Estimating : Extended {
  using Extended::Extended;
  std::vector<dodona_estimate> estimate(std::span<const Point> points) {
    if (points.empty()) throw Error(DODONA_E_STATE, "no model yet");
    if (points.size() > 2) return {};
    std::vector<dodona_estimate> out;
    for (const Point& point : points) {
      out.push_back({static_cast<double>(point[0].whole()), 0.5});
    }
    return out;
  }
};

TEST_F(OracleAdapterTest, OffersTheEstimatesOfTheClass) {
  const dodona_oracle_vtable& estimating = OracleAdapter<Estimating>::kTable;
  void* object = nullptr;
  ASSERT_EQ(estimating.create(host.get(), host.study(), options.get(), &object, nullptr),
            DODONA_OK);
  ASSERT_EQ(estimating.set_space(object, &space.raw, nullptr), DODONA_OK);
  EXPECT_NE(estimating.get_extension(object, "com.example.mine/1"), nullptr);
  const auto* surrogate = static_cast<const dodona_surrogate_extension*>(
      estimating.get_extension(object, DODONA_EXTENSION_SURROGATE));
  ASSERT_NE(surrogate, nullptr);
  ASSERT_GE(surrogate->struct_size, DODONA_SURROGATE_EXTENSION_SIZE_MIN);

  const Value b("b");
  const std::vector<dodona_assignment> values{{0, 0, to_abi(Value(true))}, {1, 0, to_abi(b)}};
  std::vector<dodona_assignment_span> points(3, {values.data(), values.size()});
  std::vector<dodona_estimate> out(3);
  ErrorBuffer error;
  EXPECT_EQ(surrogate->estimate(object, points.data(), 2, out.data(), error.get()), DODONA_OK);
  EXPECT_EQ(out[1].mean, 1.0);
  EXPECT_EQ(out[1].deviation, 0.5);
  EXPECT_EQ(surrogate->estimate(object, points.data(), 0, out.data(), error.get()), DODONA_E_STATE);
  EXPECT_EQ(error.text(), "no model yet");
  EXPECT_EQ(surrogate->estimate(object, points.data(), 3, out.data(), error.get()),
            DODONA_E_FAILED);
  EXPECT_EQ(error.text(), "0 estimates for 3 points");
  estimating.destroy(object);
}

TEST(PointOf, RefusesWhatIsNoPointOfTheSpace) {
  const TestSpace given;
  const Space space = from_abi(given.raw);
  const auto error = [&](std::vector<dodona_assignment> values) -> std::string {
    try {
      static_cast<void>(detail::point_of(space, {values.data(), values.size()}));
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), DODONA_E_INVALID);
      return e.what();
    }
    return "";
  };
  const dodona_value yes = to_abi(Value(true)), no = to_abi(Value(false));
  const Value known("a"), unknown("c");
  const dodona_value a = to_abi(known), c = to_abi(unknown);
  EXPECT_EQ(error({{0, 0, no}}), "");
  EXPECT_EQ(error({{0, 0, yes}, {1, 0, a}}), "");
  EXPECT_EQ(error({{0, 0, yes}}), "\"kind\" is active and has no value");
  EXPECT_EQ(error({{0, 0, no}, {1, 0, a}}), "\"kind\" is not active and has a value");
  EXPECT_EQ(error({{0, 0, yes}, {1, 0, c}}), "this is not a value of \"kind\"");
  EXPECT_EQ(error({{7, 0, yes}}), "there is no hyperparameter 7; the space has 2");
}

TEST_F(OracleAdapterTest, Judges) {
  dodona_reported_event body{};
  body.struct_size = DODONA_REPORTED_EVENT_SIZE_MIN;
  constexpr double kScore = 2.0;
  body.objectives = {&kScore, 1};
  const dodona_event event{sizeof(dodona_event), DODONA_EVENT_REPORTED, 5, 0, 0, &body};
  dodona_verdict verdict = 0;
  EXPECT_EQ(table.judge(self, &event, &verdict, nullptr), DODONA_OK);
  EXPECT_EQ(verdict, DODONA_STOP_TRIAL);
}

TEST_F(OracleAdapterTest, FillsWithAStringThatOutlivesTheCall) {
  dodona_value value{};
  EXPECT_EQ(table.fill(self, 0, space.params.pointers()[1], &value, nullptr), DODONA_E_UNSUPPORTED);
  EXPECT_EQ(table.fill(self, 1, space.params.pointers()[1], &value, nullptr), DODONA_OK);
  EXPECT_EQ(value.as.s.data, space.word.choices[1].index() == 3
                                 ? std::get<std::string>(space.word.choices[1]).data()
                                 : nullptr);
}

struct Stopper {
  void set_space(const Space&) {}
  void observe(const dodona_event&) {}
  dodona_verdict judge(const dodona_event&) { return DODONA_STOP_TRIAL; }
};

struct Plain {
  void set_space(const Space&) {}
  void observe(const dodona_event&) {}
  void propose(std::uint64_t, Proposals& out) { out.exhausted(); }
};

TEST(OracleAdapter, LeavesOutWhatAClassDoesNotHave) {
  EXPECT_EQ(OracleAdapter<Stopper>::kTable.propose, nullptr);
  EXPECT_NE(OracleAdapter<Stopper>::kTable.judge, nullptr);
  EXPECT_EQ(OracleAdapter<Plain>::kTable.judge, nullptr);
  EXPECT_EQ(OracleAdapter<Plain>::kTable.fill, nullptr);
}

}  // namespace
}  // namespace dodona
