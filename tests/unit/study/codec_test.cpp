// SPDX-License-Identifier: Apache-2.0
#include "study/codec.hpp"

#include "study/seed.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace dodona::study {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// ---- bodies as tuples, so that they compare; a new member breaks the bindings
// --------------------

std::uint64_t bits(double x) {
  return std::bit_cast<std::uint64_t>(x);
}

std::vector<std::pair<std::uint32_t, std::uint64_t>> bits(const std::vector<MetricValue>& metrics) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> result;
  for (const auto& [name, value] : metrics) result.emplace_back(name, bits(value));
  return result;
}

template <class List>
std::vector<std::uint64_t> each_of(const List& numbers) {
  std::vector<std::uint64_t> result;
  for (const double number : numbers) result.push_back(bits(number));
  return result;
}

auto members(const Created& x) {
  const auto& [seed, version, id] = x;
  return std::tuple(seed, version, id);
}
auto members(const Configured& x) {
  const auto& [document, plugins, keeps_oracle] = x;
  return std::tuple(document, plugins, keeps_oracle);
}
auto members(const SpaceGrown& x) {
  const auto& [first, params, constraints] = x;
  return std::tuple(first, params, constraints);
}
auto members(const Enqueued& x) {
  const auto& [assignments, later] = x;
  return std::tuple(assignments, later);
}
auto members(const Imported& x) {
  const auto& [state, assignments, metrics, objectives, source, excesses, trial, later] = x;
  return std::tuple(state, assignments, bits(metrics), each_of(objectives), source,
                    each_of(excesses), trial, later);
}
auto members(const Noted& x) {
  const auto& [key, value] = x;
  return std::tuple(key, value);
}
auto members(const Proposed& x) {
  const auto& [assignments, budget, start_step, resume_of, tag, seen, enqueued, note, repeat_of] =
      x;
  return std::tuple(assignments, budget, start_step, resume_of, tag, seen, enqueued, note,
                    repeat_of);
}
auto members(const Started& x) {
  const auto& [execution, attempt, start_step, runner] = x;
  return std::tuple(execution, attempt, start_step, runner);
}
auto members(const Filled& x) {
  const auto& [assignment] = x;
  return std::tuple(assignment);
}
auto members(const Reported& x) {
  const auto& [execution, step, metrics, objectives, verdict, excesses] = x;
  return std::tuple(execution, step, bits(metrics), each_of(objectives), verdict,
                    each_of(excesses));
}
auto members(const Finished& x) {
  const auto& [state, assignments, metrics, objectives, best_step, message, executions, excesses,
               outcome, seconds] = x;
  return std::tuple(state, assignments, bits(metrics), each_of(objectives), best_step, message,
                    each_of(executions), each_of(excesses), outcome, bits(seconds));
}
auto members(const Stopped& x) {
  const auto& [reason] = x;
  return std::tuple(reason);
}
auto members(const Lost& x) {
  const auto& [execution, why] = x;
  return std::tuple(execution, why);
}

// ---- samples
// --------------------------------------------------------------------------------------

Param full_param() {
  Param param;
  param.type = ParamType::kChoice;
  param.sampling = Sampling::kReverseLog;
  param.ordered = true;
  param.name = "optimizer";
  param.low = Cell::whole(INT64_MIN);
  param.high = Cell::real(-0.0);
  param.step = Cell::real(0.5);
  param.initial = Cell::whole(2);
  param.choices = {std::int64_t{-7}, 0.25, true, std::string("sgd")};
  param.conditions = {{"parent", {false, std::string("")}}, {"other", {}}};
  return param;
}

const std::vector<Assignment> kAssignments = {
    {0, Cell::real(0.1)}, {300, Cell::whole(-1)}, {UINT32_MAX, Cell::whole(INT64_MAX)}};
const std::vector<MetricValue> kMetrics = {{0, 0.5}, {UINT32_MAX, kInf}, {127, std::nan("7")}};

constexpr StudyId kId = {0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0x80};
const std::vector<PluginIdentity> kPlugins = {
    {"dodona.oracle/1", "org.dodona.random", "0.2.0", "a1b2"}, {"", "", "", ""}};

// Every body, with plain values, with extreme ones and empty.
std::vector<Body> samples() {
  return {
      Created{UINT64_MAX, "0.1.0", kId},
      Created{},
      Configured{R"({"name": "a"})"},
      Configured{"{}", kPlugins},
      Configured{"{}", kPlugins, true},
      Configured{std::string(20'000, 'x')},  // a length of three bytes
      SpaceGrown{7, {full_param(), Param{}}},
      SpaceGrown{7, {}, {"a < b", ""}},
      SpaceGrown{},
      Enqueued{kAssignments},
      Enqueued{kAssignments, {{"late", 0.5}, {"kind", std::string("deep")}, {"", true}}},
      Enqueued{},
      Imported{TrialState::kStopped, kAssignments, kMetrics, -kInf, "other study"},
      Imported{TrialState::kCompleted, {}, {}, {1.0, kInf}, "", {-1.0, 0.0, 2.5}},
      Imported{TrialState::kFailed, kAssignments, {}, 1.0, "s", {}, 7, {{"n", std::int64_t{-3}}}},
      Imported{},
      Noted{"key", std::string("\0\xff", 2)},
      Noted{},
      Proposed{kAssignments, 27, 9, 3, UINT64_MAX, 1 << 20, 12, R"({"scale": 1})"},
      Proposed{kAssignments, 0, 0, kNoTrial, 0, 1 << 20, kNoSequence, "", 0},
      Proposed{{}, 0, 0, kNoTrial, 0, 0, kNoSequence, "", UINT64_MAX - 1},
      Proposed{},
      Started{UINT32_MAX, 1, 300},
      Started{0, 1, kNoStep, "node2"},
      Started{},
      Filled{{128, Cell::real(1e-300)}},
      Filled{},
      Reported{1, UINT64_MAX, kMetrics, 0.5, Verdict::kStopStudy},
      Reported{0, 1, kMetrics, {0.5, kNoScore}, Verdict::kContinue, {-0.5}},
      Reported{},
      Finished{TrialState::kInvalid, kAssignments, kMetrics, -0.25, 16'384, "why"},
      Finished{TrialState::kCompleted, {}, {}, 0.5, 1, "", {0.25, kNoScore, 0.75}},
      Finished{TrialState::kFailed,
               {},
               {},
               {0.5, -1.0, kInf},
               3,
               "why",
               {},
               {0.25, -kInf},
               Outcome::kMemory,
               12.5},
      Finished{},
      Stopped{"max_trials"},
      Stopped{},
      Lost{3, "the node went away"},
      Lost{},
  };
}

Event event_of(Body body, std::uint64_t trial = 5, std::int64_t unix_nanos = 1'700'000'000) {
  Event event;
  event.trial = trial;
  event.unix_nanos = unix_nanos;
  event.body = std::move(body);
  return event;
}

std::string encoded(const Event& event) {
  std::string out;
  encode(event, out);
  return out;
}

Event decoded(std::string_view bytes) {
  return decode(bytes);
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    constexpr const char* kDigits = "0123456789abcdef";
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// ---- what holds
// -----------------------------------------------------------------------------------

TEST(Codec, ReturnsEveryBodyAsItWas) {
  for (const Body& body : samples()) {
    const Event back = decoded(encoded(event_of(body)));
    ASSERT_EQ(back.body.index(), body.index());
    std::visit(
        [&](const auto& sent) {
          using T = std::remove_cvref_t<decltype(sent)>;
          EXPECT_EQ(members(std::get<T>(back.body)), members(sent)) << "type " << body.index() + 1;
        },
        body);
  }
}

TEST(Codec, ReturnsTrialAndTimeAsTheyWere) {
  for (const std::uint64_t trial :
       {std::uint64_t{0}, std::uint64_t{127}, UINT64_MAX - 1, kNoTrial}) {
    for (const std::int64_t nanos : {std::int64_t{0}, INT64_MIN, INT64_MAX}) {
      const Event back = decoded(encoded(event_of(Stopped{}, trial, nanos)));
      EXPECT_EQ(back.trial, trial);
      EXPECT_EQ(back.unix_nanos, nanos);
      EXPECT_EQ(back.sequence, kNoSequence);
    }
  }
}

TEST(Codec, TakesEventsOffTheFrontOneByOne) {
  std::string bytes;
  for (const Body& body : samples()) encode(event_of(body), bytes);
  std::string_view rest = bytes;
  std::string_view skipped = bytes;
  for (const Body& body : samples()) {
    EXPECT_EQ(decode(rest).body.index(), body.index());
    skip(skipped);
    EXPECT_EQ(skipped.data(), rest.data());
  }
  EXPECT_TRUE(rest.empty());
}

TEST(Codec, AppendsWithoutTouchingWhatIsThere) {
  std::string bytes = "before";
  encode(event_of(Stopped{"x"}), bytes);
  EXPECT_EQ(bytes, "before" + encoded(event_of(Stopped{"x"})));
}

// Logs outlive the program that wrote them: these bytes must be readable for ever.
TEST(Codec, WritesTheBytesThatItAlwaysWrote) {
  EXPECT_EQ(hex(encoded(event_of(Created{1, "v", kId}, kNoTrial, 1))),
            "1e"
            "02"
            "01"
            "00"
            "0100000000000000"
            "01"
            "0176"
            "ff0102030405060708090a0b0c0d0e80");
  EXPECT_EQ(hex(encoded(event_of(Configured{"{}", {{"r", "i", "v", "b"}}}, kNoTrial, 0))),
            "17"
            "02"
            "02"
            "00"
            "0000000000000000"
            "027b7d"
            "01"
            "0172"
            "0169"
            "0176"
            "0162");
  EXPECT_EQ(hex(encoded(event_of(Started{1, 2, 3}, 0, 1))),
            "0e"
            "02"
            "08"
            "01"
            "0100000000000000"
            "01"
            "02"
            "04");
  EXPECT_EQ(hex(encoded(event_of(Reported{1, 2, {{3, 2.0}}, -2.0}, 0, 0))),
            "21"
            "02"
            "0a"
            "01"
            "0000000000000000"
            "01"
            "02"
            "01"
            "03"
            "0000000000000040"
            "01"
            "00000000000000c0"
            "01");
  EXPECT_EQ(hex(encoded(event_of(Finished{TrialState::kCompleted,
                                          {{200, Cell::real(1.0)}},
                                          {{3, 2.0}},
                                          {-2.0, 2.0},
                                          4,
                                          "m",
                                          {},
                                          1.0,
                                          Outcome::kOk,
                                          2.0},
                                 kNoTrial, -1))),
            "47"
            "02"
            "0b"
            "00"
            "ffffffffffffffff"
            "03"
            "01"
            "01"
            "c801"
            "000000000000f03f"
            "01"
            "03"
            "0000000000000040"
            "02"
            "00000000000000c0"
            "0000000000000040"
            "01"
            "000000000000f03f"
            "04"
            "0000000000000040"
            "01"
            "6d");
  EXPECT_EQ(hex(encoded(event_of(Lost{1, "y"}, 0, 0))),
            "0e"
            "02"
            "0d"
            "01"
            "0000000000000000"
            "01"
            "0179");
  Proposed proposed;
  proposed.resume_of = 6;
  proposed.seen = 300;
  EXPECT_EQ(hex(encoded(event_of(proposed, 9, 0))),
            "14"
            "02"
            "07"
            "0a"
            "0000000000000000"
            "00"
            "00"
            "00"
            "07"
            "00"
            "ac02"
            "00"
            "00");
  EXPECT_EQ(hex(encoded(event_of(SpaceGrown{0, {full_param()}}, kNoTrial, 0))),
            "62"
            "02"
            "03"
            "00"
            "0000000000000000"
            "00"
            "01"
            "03"
            "03"
            "01"
            "09"
            "6f7074696d697a6572"
            "0000000000000080"
            "0000000000000080"
            "01"
            "000000000000e03f"
            "0200000000000000"
            "04"
            "01"
            "0d"
            "02"
            "000000000000d03f"
            "03"
            "01"
            "04"
            "03"
            "736764"
            "02"
            "06"
            "706172656e74"
            "02"
            "03"
            "00"
            "04"
            "00"
            "05"
            "6f74686572"
            "00");
}

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// `hex` is an event of 0.1 without its length.
template <class T>
T read_from_01(const std::string& hex) {
  const std::string payload = bytes_of(hex);
  return std::get<T>(decoded(static_cast<char>(payload.size()) + payload).body);
}

// 0.1 wrote these bytes.
TEST(Codec, ReadsEventsOf01AndCompletesThem) {
  const std::string none = "00";
  const std::string at_0 = "0000000000000000";
  const std::string at_1 = "0100000000000000";
  const std::string two = "0000000000000040";
  const std::string minus_two = "00000000000000c0";
  const auto created = read_from_01<Created>("0101" + none + at_1 + "070176");
  EXPECT_EQ(members(created), members(Created{7, "v", derived_id(7, 1)}));
  EXPECT_NE(created.id, derived_id(7, 2));
  EXPECT_NE(created.id, derived_id(8, 1));
  EXPECT_EQ(members(read_from_01<Configured>("0102" + none + at_0 + "027b7d")),
            members(Configured{"{}"}));
  EXPECT_EQ(members(read_from_01<Started>("010801" + at_1 + "0102")),
            members(Started{1, 2, kNoStep}));
  const std::string metric = "0103" + two;
  EXPECT_EQ(members(read_from_01<Reported>("010a01" + at_0 + "0102" + metric + minus_two + "01")),
            members(Reported{1, 2, {{3, 2.0}}, -2.0}));
  EXPECT_EQ(
      members(read_from_01<Imported>("0105" + none + at_0 + "0400" + metric + minus_two + "0173")),
      members(Imported{TrialState::kStopped, {}, {{3, 2.0}}, -2.0, "s"}));
  const auto finished = [&](const std::string& state, const std::string& executions) {
    return read_from_01<Finished>("010b01" + at_0 + state + "01c801000000000000f03f" + metric +
                                  minus_two + "04016d" + executions);
  };
  const std::vector<Assignment> assignments = {{200, Cell::real(1.0)}};
  EXPECT_EQ(
      members(finished("03", "01" + two)),
      members(Finished{TrialState::kCompleted, assignments, {{3, 2.0}}, -2.0, 4, "m", {2.0}}));
  EXPECT_EQ(finished("03", "").outcome, Outcome::kOk);
  EXPECT_EQ(finished("05", "").outcome, Outcome::kModelError);
  EXPECT_EQ(finished("06", "").outcome, Outcome::kOk);
}

// ---- what is refused
// --------------------------------------------------------------------------------

void expect_refused(std::string_view bytes, const std::string& what, const std::string& why = "") {
  std::string_view rest = bytes;
  try {
    decode(rest);
    ADD_FAILURE() << what << ": accepted " << hex(bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), DODONA_E_IO);
    EXPECT_NE(std::string(error.what()).find("damaged event (" + why), std::string::npos)
        << what << ": " << error.what();
  }
  EXPECT_EQ(rest.data(), bytes.data()) << what;
  EXPECT_EQ(rest.size(), bytes.size()) << what;
}

// An event of trial 0 at time 0 whose body is `body`, whatever that holds.
std::string raw(std::uint8_t type, std::string_view body, std::uint8_t version = 1) {
  std::string payload;
  payload += static_cast<char>(version);
  payload += static_cast<char>(type);
  payload += '\1';
  payload.append(8, '\0');
  payload.append(body);
  return static_cast<char>(payload.size()) + payload;
}

// Literals with NUL bytes.
template <std::size_t size>
std::string lit(const char (&text)[size]) {
  return std::string(text, size - 1);
}

TEST(Codec, RefusesEveryPrefixOfAnEvent) {
  for (const Body& body : samples()) {
    const std::string bytes = encoded(event_of(body));
    Body untailed = body;  // what one of the prefixes is
    if (auto* configured = std::get_if<Configured>(&untailed)) configured->keeps_oracle = false;
    if (auto* finished = std::get_if<Finished>(&untailed)) finished->executions.clear();
    if (auto* reported = std::get_if<Reported>(&untailed)) reported->excesses = {};
    if (auto* imported = std::get_if<Imported>(&untailed)) imported->excesses = {};
    if (auto* proposed = std::get_if<Proposed>(&untailed)) proposed->repeat_of = kNoTrial;
    if (auto* started = std::get_if<Started>(&untailed)) started->runner.clear();
    if (auto* grown = std::get_if<SpaceGrown>(&untailed)) grown->constraints.clear();
    const std::string legal = encoded(event_of(untailed));
    const std::size_t stride = bytes.size() / 200 + 1;
    for (std::size_t size = 0; size < bytes.size(); size += stride) {
      expect_refused(std::string_view(bytes).substr(0, size), "cut at " + std::to_string(size));
      // The same, with a length that says it is all.
      const std::string shorter = static_cast<char>(size) + bytes.substr(1, size);
      if (bytes.size() < 128 && size < bytes.size() - 1 && shorter != legal) {
        expect_refused(shorter, "body cut at " + std::to_string(size));
      }
    }
  }
}

TEST(Codec, RefusesWhatNoEncoderWrote) {
  const std::string huge_count = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
  const std::string eight(8, '\0');
  const std::string param_rest =
      std::string("\0\0", 2) + eight + eight + lit("\0") + eight + lit("\0\0");
  const struct {
    const char* what;
    std::string bytes;
    const char* why;
  } cases[] = {
      {"nothing", "", "it ends early"},
      {"an empty event", std::string(1, '\0'), "it ends early"},
      {"a length of two bytes where one does",
       "\x8d" + std::string(1, '\0') + raw(8, lit("\0\0")).substr(1), "a number that is longer"},
      {"a length that does not end", std::string(11, '\x80'), "a number that is longer"},
      {"a length beyond 64 bits", huge_count.substr(0, 9) + "\x02", "a number that is longer"},
      {"version 0", raw(8, lit("\0\0"), 0), "its version is 0"},
      {"version 3", raw(8, lit("\0\0"), 3), "its version is 3"},
      {"type 0", raw(0, lit("\0\0")), "its type is 0"},
      {"a loss in 0.1", raw(13, lit("\0\0")), "its type is 13"},
      {"type 14", raw(14, lit("\0\0"), 2), "its type is 14"},
      {"a start step in 0.1", raw(8, lit("\0\0\1")), "1 bytes too many"},
      {"a study id that ends early", raw(1, lit("\0\0") + eight, 2), "it ends early"},
      {"outcome 0", raw(11, lit("\3\0"), 2), "unknown code 0"},
      {"outcome 11", raw(11, lit("\3\xb"), 2), "unknown code 11"},
      {"more objectives than bytes", raw(10, lit("\0\0\0\2") + eight, 2), "it says 2 elements"},
      {"a list of no excess", raw(10, lit("\0\0\0\0\1\0"), 2), "a list of nothing"},
      {"a byte too many", raw(8, lit("\0\0\0")), "1 bytes too many"},
      {"an execution beyond 32 bits", raw(8, lit("\x80\x80\x80\x80\x10\0")), "4294967296 is too"},
      {"a number with a needless byte", raw(8, lit("\x80\0\0")), "a number that is longer"},
      {"a string beyond the end", raw(12, lit("\x02x")), "it says 2 elements"},
      {"a string of 2^64 - 1", raw(12, huge_count), "it says 18446744073709551615"},
      {"assignments without end", raw(4, huge_count), "it says 18446744073709551615"},
      {"assignments beyond the end", raw(4, lit("\x01\0")), "it says 1 elements"},
      {"state 0", raw(11, lit("\0\0\0") + eight + lit("\0\0")), "unknown code 0"},
      {"state 7", raw(11, lit("\x07\0\0") + eight + lit("\0\0")), "unknown code 7"},
      {"verdict 0", raw(10, lit("\0\0\0") + eight + lit("\0")), "unknown code 0"},
      {"verdict 4", raw(10, lit("\0\0\0") + eight + lit("\4")), "unknown code 4"},
      {"param type 0", raw(3, lit("\0\1\0\1") + param_rest), "unknown code 0"},
      {"param type 6", raw(3, lit("\0\1\6\1") + param_rest), "unknown code 6"},
      {"sampling 0", raw(3, lit("\0\1\1\0") + param_rest), "unknown code 0"},
      {"sampling 4", raw(3, lit("\0\1\1\4") + param_rest), "unknown code 4"},
      {"a truth value of 2", raw(3, lit("\0\1\1\1\2") + param_rest.substr(1)),
       "a truth value of 2"},
      {"more params than bytes", raw(3, lit("\0\2\1\1") + param_rest), "it says 2 elements"},
      {"a value of kind 0", raw(3, lit("\0\1\1\1") + param_rest.substr(0, 27) + lit("\1\0\0\0")),
       "a value of unknown kind 0"},
      {"a value of kind 5", raw(3, lit("\0\1\1\1") + param_rest.substr(0, 27) + lit("\1\5\0\0")),
       "a value of unknown kind 5"},
  };
  ASSERT_NO_THROW(decoded(raw(3, lit("\0\1\1\1") + param_rest)));
  ASSERT_NO_THROW(decoded(raw(8, lit("\0\0"))));
  for (const auto& [what, bytes, why] : cases) expect_refused(bytes, what, why);
}

TEST(Codec, NamesTheVersionThatItDoesNotKnow) {
  try {
    decoded(raw(8, lit("\0\0"), 3));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "damaged event (its version is 3, known are 1 to 2)");
  }
}

TEST(Codec, SkipsOnlyWhatIsThere) {
  std::string bytes = encoded(event_of(Stopped{"x"}));
  std::string_view cut = std::string_view(bytes).substr(0, bytes.size() - 1);
  EXPECT_THROW(skip(cut), Error);
  EXPECT_EQ(cut.size(), bytes.size() - 1);
}

// If an event with a changed byte is read, an encoder would write the same bytes for it.
TEST(Codec, ReadsAChangedByteAsAnotherEventOrNotAtAll) {
  for (const Body& body : samples()) {
    std::string bytes = encoded(event_of(body));
    if (bytes.size() > 1000) continue;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (const int change : {0x01, 0x02, 0x04, 0x80, 0xff}) {
        std::string changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ change);
        std::string_view rest = changed;
        try {
          const Event event = decode(rest);
          EXPECT_EQ(encoded(event), changed.substr(0, changed.size() - rest.size()));
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), DODONA_E_IO);
        }
      }
    }
  }
}

}  // namespace
}  // namespace dodona::study
