// SPDX-License-Identifier: Apache-2.0
//
// The studies below a directory, as many pages read them: their list, the data of each, and its news.
//
// Answers come later, on threads of this class: one follows the studies for which somebody waits, 20
// times a second, and one makes the data of pages, which may take long. Data are kept, and given again
// as long as news() can tell what came since.
//
// Errors:  an answer is JSON, or no text for a study that there is not. A study that cannot be read
//          is {"problem": "..."}.
// Threads: any. An answer must not wait, and may ask again.
#pragma once

#include "pages/live_study.hpp"

#include <dodona/kernel.hpp>

#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace dodona::pages {

using Text = std::shared_ptr<const std::string>;

// The place in a study's log that a page has come to.
struct Place {
  std::string study;  // its name in the list
  std::string id;
  std::uint64_t events = 0;
  // As the page was told last; nothing: it was not.
  std::optional<bool> held{};
  std::string problem{};
};

class Studies {
 public:
  using Answer = std::function<void(Text)>;
  // No text: the page must read all anew.
  using News = std::function<void(Text, const Place& now)>;

  Studies(std::string directory, PluginSources plugins);
  // No answer comes any more.
  ~Studies();
  Studies(const Studies&) = delete;
  Studies& operator=(const Studies&) = delete;

  // {"studies": [{"name", "directory", and as LiveStudy::standing()}]}
  void list(Answer answer);
  // page_data() of a study; whole: with insight.
  void data(const std::string& name, bool whole, Answer answer);
  // Does an action, and answers with the status of HTTP: 200 and what was done, 400 for an action
  // that is none, or 409 and why it is refused. No text: there is no such study.
  void act(const std::string& name, const std::string& action,
           std::function<void(unsigned status, Text)> answer);
  // Answers once the page lacks something, and at the latest after `time` with an empty text.
  void follow(Place place, std::chrono::milliseconds time, News news);

 private:
  struct Followed {
    explicit Followed(const std::string& directory) : live(directory) {}
    std::mutex mutex;  // of all below
    LiveStudy live;
    Text data;
    std::string data_id;
    std::uint64_t data_events = 0;
    bool whole = false;
    std::chrono::steady_clock::time_point keep_until{};
  };
  struct Waiting {
    Place place;
    std::chrono::steady_clock::time_point end;
    News news;
  };

  std::shared_ptr<Followed> find(const std::string& name);
  void find_all();
  void run();
  void tell_list(const std::vector<Answer>& answers);
  bool tell_news(Waiting& waiting, Followed* study);
  Text make_data(Followed& study, const std::string& name, bool whole);

  const std::string directory_;
  const PluginSources plugins_;
  std::mutex mutex_;  // of those below
  std::condition_variable changed_;
  bool ended_ = false;
  std::vector<Waiting> waiting_;
  std::vector<Answer> lists_;
  std::map<std::string, std::shared_ptr<Followed>> studies_;
  std::chrono::steady_clock::time_point found_{};
  Text list_;  // of the following thread
  std::chrono::steady_clock::time_point listed_{};
  boost::asio::thread_pool pages_{1};
  boost::asio::thread_pool actions_{1};
  std::thread thread_;
};

}  // namespace dodona::pages
