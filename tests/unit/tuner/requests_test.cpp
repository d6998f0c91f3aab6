// SPDX-License-Identifier: Apache-2.0
#include "tuner/requests.hpp"

#include "base/json.hpp"

#include <dodona/error.hpp>
#include <dodona/result.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace dodona::tuner {
namespace {

class RequestsTest : public ::testing::Test {
 protected:
  std::string ask(const std::string& text) const { return answer_request(text, owner_); }

  std::vector<std::string> done_;
  Owner owner_{
      [] { return StudyStatus{.owner = "me", .completed = 3}; },
      [this](bool paused) { done_.emplace_back(paused ? "pause" : "go on"); },
      [this] { done_.emplace_back("stop"); },
      [this](const std::vector<std::string>& sets) {
        if (sets.at(0) == "x=1") throw Error(DODONA_E_INVALID, "no such key");
        for (const std::string& each : sets) done_.push_back(each);
      },
      [this](std::uint64_t trial) {
        if (trial == 9) throw Error(DODONA_E_STATE, "trial 9 does not run");
        done_.push_back("stop " + std::to_string(trial));
      },
      [this](const NamedValues& values) {
        for (const auto& [name, value] : values) {
          done_.push_back(name + "=" + to_text(value));
        }
      },
      [this](std::optional<std::uint64_t> trial, const std::string& key, const std::string& value) {
        const std::string of = trial ? std::to_string(*trial) : "study";
        done_.push_back(of + " " + key + ": " + value);
      },
      [this](const std::string& line) { done_.push_back(line); }};
};

TEST_F(RequestsTest, DoesWhatIsAskedAndSaysWhoAsked) {
  using Done = std::vector<std::string>;
  EXPECT_EQ(ask(R"({"request": "status", "from": "a"})"),
            to_json(StudyStatus{.owner = "me", .completed = 3}));
  EXPECT_EQ(ask(R"({"request": "pause", "paused": true, "from": "a"})"), "{}");
  EXPECT_EQ(ask(R"({"request": "pause", "paused": false, "from": "a"})"), "{}");
  EXPECT_EQ(ask(R"({"request": "stop", "from": "a\nb"})"), "{}");
  EXPECT_EQ(ask(R"({"request": "set", "sets": ["p=1", "q=2"], "from": "a"})"), "{}");
  EXPECT_EQ(done_, (Done{"no trial begins any more, as \"a\" asked", "pause",
                         "goes on, as \"a\" asked", "go on", "stops, as \"a\\nb\" asked",
                         "study dodona.action: stop, as \"a\\nb\" asked", "stop", "p=1", "q=2",
                         "has p=1, q=2 now, as \"a\" asked"}));
}

TEST_F(RequestsTest, DoesWhatIsAskedOfTrials) {
  using Done = std::vector<std::string>;
  EXPECT_EQ(ask(R"({"request": "stop_trial", "trial": 7, "from": "a"})"), "{}");
  EXPECT_EQ(done_, (Done{"stop 7", "trial 7 stops at its next report, as \"a\" asked",
                         "7 dodona.action: stop, as \"a\" asked"}));
  done_.clear();
  EXPECT_EQ(ask(R"({"request": "enqueue", "values": {"lr": 0.5, "n": 3, "b": true}, "from": "a"})"),
            "{}");
  EXPECT_EQ(done_, (Done{"lr=0.5", "n=3", "b=true", "tries values, as \"a\" asked"}));
  done_.clear();
  EXPECT_EQ(ask(R"({"request": "note", "trial": 0, "text": "why?", "from": "a"})"), "{}");
  EXPECT_EQ(ask(R"({"request": "note", "text": "fine", "from": "a"})"), "{}");
  EXPECT_EQ(done_, (Done{"0 note: why?", "study note: fine"}));
  EXPECT_EQ(ask(R"({"request": "stop_trial", "trial": 9, "from": "a"})"),
            R"({"error": "trial 9 does not run", "code": )" + std::to_string(DODONA_E_STATE) + "}");
}

TEST_F(RequestsTest, AnswersARefusalWithItsCode) {
  EXPECT_EQ(ask(R"({"request": "set", "sets": ["x=1"], "from": "a"})"),
            R"({"error": "no such key", "code": 2})");
}

TEST_F(RequestsTest, RefusesWhatIsNoRequest) {
  for (const char* const text : {"",
                                 "{",
                                 "[]",
                                 "7",
                                 R"({"request": "stop"})",
                                 R"({"request": "kill", "from": "a"})",
                                 R"({"request": "stop", "from": 7})",
                                 R"({"request": "stop", "from": "a", "now": true})",
                                 R"({"request": "pause", "from": "a"})",
                                 R"({"request": "set", "from": "a"})",
                                 R"({"request": "set", "sets": "a=b", "from": "a"})",
                                 R"({"request": "set", "sets": [1], "from": "a"})",
                                 R"({"request": "stop_trial", "from": "a"})",
                                 R"({"request": "stop_trial", "trial": -1, "from": "a"})",
                                 R"({"request": "stop_trial", "trial": "7", "from": "a"})",
                                 R"({"request": "enqueue", "from": "a"})",
                                 R"({"request": "enqueue", "values": {}, "from": "a"})",
                                 R"({"request": "enqueue", "values": {"lr": [1]}, "from": "a"})",
                                 R"({"request": "note", "trial": 7, "from": "a"})",
                                 R"({"request": "note", "text": "", "from": "a"})",
                                 "\xff\xfe"}) {
    EXPECT_TRUE(ask(text).starts_with(R"({"error": )")) << text;
  }
  EXPECT_TRUE(done_.empty());
}

// Right requests with up to four bytes changed, lost or doubled; seed 7, 20000 texts. Each gets an
// answer that is JSON, and nothing is done for one that is answered with an error.
TEST_F(RequestsTest, SurvivesRubbish) {
  std::mt19937 random(7);
  const std::vector<std::string> right = {
      R"({"request": "status", "from": "a"})",
      R"({"request": "pause", "paused": true, "from": "a"})",
      R"({"request": "stop", "from": "a"})",
      R"({"request": "set", "sets": ["a=b"], "from": "a"})",
      R"({"request": "stop_trial", "trial": 7, "from": "a"})",
      R"({"request": "enqueue", "values": {"lr": 1}, "from": "a"})",
      R"({"request": "note", "trial": 7, "text": "t", "from": "a"})"};
  for (std::size_t i = 0; i < 20000; ++i) {
    std::string text = right[i % right.size()];
    for (std::size_t change = 0; change <= i % 4 && !text.empty(); ++change) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 5);
          break;
        default:
          text.insert(at, text.substr(at, 1 + random() % 9));
      }
    }
    done_.clear();
    const std::string answer = ask(text);
    ASSERT_NO_THROW(base::parse_json(answer, "answer")) << text;
    const bool refused = answer.starts_with(R"({"error": )");
    ASSERT_TRUE(!refused || done_.empty()) << text;
  }
}

}  // namespace
}  // namespace dodona::tuner
