// SPDX-License-Identifier: Apache-2.0
#include "project/mailbox.hpp"

#include "support/error_of.hpp"
#include "support/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace dodona::project {
namespace {

namespace fs = std::filesystem;

class MailboxTest : public ::testing::Test {
 protected:
  MailboxTest() { begin(); }
  void begin() { mailbox_ = std::make_unique<Mailbox>(directory_.string()); }
  // One look of the owner, who says each text back.
  void look(Mailbox::Clock::time_point now = {}) {
    mailbox_->look(
        [this](const std::string& text) {
          heard_.push_back(text);
          return "<" + text + ">";
        },
        now);
  }
  std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(directory_ / "mailbox")) {
      names.push_back(each.path().filename().string());
    }
    return names;
  }
  std::string id_of(char digit) const { return std::string(32, digit); }

  support::TemporaryDirectory directory_;
  std::unique_ptr<Mailbox> mailbox_;
  std::vector<std::string> heard_;
};

TEST_F(MailboxTest, AnswersARequestAndLeavesNothing) {
  {
    const Request request(directory_.string(), "status");
    EXPECT_EQ(request.answer(), std::nullopt);
    EXPECT_EQ(left().size(), 1U);
    look();
    EXPECT_EQ(request.answer(), "<status>");
    look();
    EXPECT_EQ(heard_.size(), 1U) << "once";
  }
  EXPECT_TRUE(left().empty());
  mailbox_ = nullptr;
  EXPECT_TRUE(directory_.empty());
}

TEST_F(MailboxTest, AnswersSeveralAtOnceEachItsOwn) {
  std::vector<std::unique_ptr<Request>> requests;
  for (int i = 0; i < 20; ++i) {
    requests.push_back(std::make_unique<Request>(directory_.string(), std::to_string(i)));
  }
  look();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(requests[static_cast<std::size_t>(i)]->answer(), "<" + std::to_string(i) + ">");
  }
  requests.clear();
  EXPECT_TRUE(left().empty());
}

TEST_F(MailboxTest, DoesNotHearWhatWasWithdrawn) {
  Request request(directory_.string(), "stop");
  EXPECT_TRUE(request.withdraw());
  look();
  EXPECT_TRUE(heard_.empty());
  Request taken(directory_.string(), "stop");
  look();
  EXPECT_FALSE(taken.withdraw());
}

TEST_F(MailboxTest, ThrowsAwayWhatAnEarlierOwnerLeft) {
  mailbox_ = nullptr;
  directory_.write("mailbox/" + id_of('a') + ".request", "stop");
  directory_.write("mailbox/" + id_of('b') + ".answer", "{}");
  directory_.write("mailbox/.dodona-1-0.tmp", "{");
  directory_.write("mailbox/somebody's");
  begin();
  EXPECT_EQ(left(), (std::vector<std::string>{"somebody's"}));
  look();
  EXPECT_TRUE(heard_.empty());
}

TEST_F(MailboxTest, RemovesAnAnswerThatNobodyFetches) {
  using std::chrono::seconds;
  const Mailbox::Clock::time_point begin{};
  directory_.write("mailbox/" + id_of('c') + ".request", "x");  // whose client was killed
  look(begin);
  look(begin + seconds(9));
  EXPECT_EQ(left(), (std::vector<std::string>{id_of('c') + ".answer"}));
  look(begin + seconds(10));
  EXPECT_TRUE(left().empty());
}

TEST_F(MailboxTest, TakesWhatIsNoRequestForAnEmptyOne) {
  const fs::path place = directory_ / "mailbox";
  directory_.write("mailbox/" + id_of('1') + ".request", std::string(kRequestBytesMax + 1, 'x'));
  directory_.write("target", "secret");
  fs::create_symlink(directory_ / "target", place / (id_of('2') + ".request"));
  ASSERT_EQ(::mkfifo((place / (id_of('3') + ".request")).c_str(), 0600), 0);
  fs::create_directory(place / (id_of('4') + ".request"));
  directory_.write("mailbox/" + id_of('5') + ".request", std::string(kRequestBytesMax, 'y'));
  look();
  EXPECT_EQ(heard_, (std::vector<std::string>{"", "", "", std::string(kRequestBytesMax, 'y')}))
      << "the directory stays as it is";
}

// Names of any bytes, some of them near a right one; seed 1, 2000 names.
TEST_F(MailboxTest, PassesOverAllOtherNames) {
  std::mt19937 random(1);
  const std::string right = id_of('d') + ".request";
  for (int i = 0; i < 2000; ++i) {
    std::string name = right;
    for (int change = 0; change <= i % 3; ++change) {
      const std::size_t at = random() % name.size();
      const char letter = static_cast<char>(1 + random() % 255);
      name[at] = letter == '/' ? 'x' : letter;
      if (random() % 4 == 0) name.erase(at, 1);
    }
    const bool legal = name.size() == right.size() && name.ends_with(".request") &&
                       name.substr(0, 32).find_first_not_of("0123456789abcdef") == name.npos;
    if (legal || name == "." || name == "..") continue;
    directory_.write("mailbox/" + name, "stop");
  }
  look();
  EXPECT_TRUE(heard_.empty());
}

TEST_F(MailboxTest, GoesOnWhereItsDirectoryWasRemoved) {
  fs::remove_all(directory_ / "mailbox");
  look();
  const Request request(directory_.string(), "x");
  look();
  EXPECT_EQ(request.answer(), "<x>");
}

TEST_F(MailboxTest, NeedsNobodyToWithdraw) {
  mailbox_ = nullptr;
  { const Request request(directory_.string(), "x"); }
  EXPECT_TRUE(directory_.empty()) << "what it made it removes";
}

TEST_F(MailboxTest, SaysAtOnceThatNobodyOwnsTheStudy) {
  EXPECT_EQ(ask_owner(directory_.string(), "x"), std::nullopt);
  EXPECT_TRUE(left().empty());
}

}  // namespace
}  // namespace dodona::project
