// SPDX-License-Identifier: Apache-2.0
#include "tuner/requests.hpp"

#include "base/json.hpp"

#include <dodona/error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace dodona::tuner {
namespace {

class RequestsTest : public ::testing::Test {
 protected:
  std::string ask(const std::string& text) const { return answer_request(text, owner_); }

  std::vector<std::string> done_;
  Owner owner_{[] { return StudyStatus{.owner = "me", .completed = 3}; },
               [this](bool paused) { done_.emplace_back(paused ? "pause" : "go on"); },
               [this] { done_.emplace_back("stop"); },
               [this](const std::vector<std::string>& sets) {
                 if (sets.at(0) == "x=1") throw Error(DODONA_E_INVALID, "no such key");
                 for (const std::string& each : sets) done_.push_back(each);
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
                         "goes on, as \"a\" asked", "go on", "stops, as \"a\\nb\" asked", "stop",
                         "p=1", "q=2", "has p=1, q=2 now, as \"a\" asked"}));
}

TEST_F(RequestsTest, AnswersARefusalWithItsCode) {
  EXPECT_EQ(ask(R"({"request": "set", "sets": ["x=1"], "from": "a"})"),
            R"({"error": "no such key", "code": 2})");
}

TEST_F(RequestsTest, RefusesWhatIsNoRequest) {
  for (const char* const text :
       {"", "{", "[]", "7", R"({"request": "stop"})", R"({"request": "kill", "from": "a"})",
        R"({"request": "stop", "from": 7})", R"({"request": "stop", "from": "a", "now": true})",
        R"({"request": "pause", "from": "a"})", R"({"request": "set", "from": "a"})",
        R"({"request": "set", "sets": "a=b", "from": "a"})",
        R"({"request": "set", "sets": [1], "from": "a"})", "\xff\xfe"}) {
    EXPECT_TRUE(ask(text).starts_with(R"({"error": )")) << text;
  }
  EXPECT_TRUE(done_.empty());
}

// Right requests with up to four bytes changed, lost or doubled; seed 7, 20000 texts. Each gets an
// answer that is JSON, and nothing is done for one that is answered with an error.
TEST_F(RequestsTest, SurvivesRubbish) {
  std::mt19937 random(7);
  const std::vector<std::string> right = {R"({"request": "status", "from": "a"})",
                                          R"({"request": "pause", "paused": true, "from": "a"})",
                                          R"({"request": "stop", "from": "a"})",
                                          R"({"request": "set", "sets": ["a=b"], "from": "a"})"};
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
