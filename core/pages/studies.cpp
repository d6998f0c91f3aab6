// SPDX-License-Identifier: Apache-2.0
#include "pages/studies.hpp"

#include "base/json.hpp"
#include "pages/action.hpp"

#include <dodona/pages.hpp>
#include <dodona/status.hpp>

#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>

#include <filesystem>
#include <utility>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace dodona::pages {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr std::chrono::seconds kBetweenLists{1};
// For so many times as long as they took to make, whole data are given again.
constexpr int kKept = 5;

Text text_of(const json::value& value) {
  return std::make_shared<const std::string>(base::to_text(value));
}

std::int64_t unix_nanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The name of a study's directory in the list: its path from the directory that is served, or
// where that is the study itself, its last part.
std::string name_of(const fs::path& study, const fs::path& directory) {
  std::string name = study.lexically_relative(directory).string();
  if (name != "." && !name.empty()) return name;
  const fs::path whole = fs::absolute(study).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace

Studies::Studies(std::string directory, PluginSources plugins)
    : directory_(fs::path(std::move(directory)).lexically_normal().string()),
      plugins_(std::move(plugins)) {
  find_all();
  thread_ = std::thread([this] { run(); });
}

Studies::~Studies() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  thread_.join();
  pages_.stop();
  actions_.stop();
  pages_.join();
  actions_.join();
}

void Studies::find_all() {
  const std::vector<std::string> found = find_studies(directory_);
  const std::lock_guard lock(mutex_);
  found_ = Clock::now();
  std::map<std::string, std::shared_ptr<Followed>> studies;
  for (const std::string& each : found) {
    const std::string name = name_of(each, directory_);
    const auto known = studies_.find(name);
    studies[name] = known != studies_.end() ? known->second : std::make_shared<Followed>(each);
  }
  studies_ = std::move(studies);
}

std::shared_ptr<Studies::Followed> Studies::find(const std::string& name) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = studies_.find(name);
    if (known != studies_.end()) return known->second;
    if (Clock::now() < found_ + kBetweenLists) return nullptr;
  }
  try {
    find_all();
  } catch (const Error&) {
    return nullptr;  // the directory is gone
  }
  const std::lock_guard lock(mutex_);
  const auto known = studies_.find(name);
  return known != studies_.end() ? known->second : nullptr;
}

void Studies::list(Answer answer) {
  const std::lock_guard lock(mutex_);
  lists_.push_back(std::move(answer));
}

void Studies::follow(Place place, std::chrono::milliseconds time, News news) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({std::move(place), Clock::now() + time, std::move(news)});
}

void Studies::data(const std::string& name, bool whole, Answer answer) {
  boost::asio::post(pages_, [this, name, whole, answer = std::move(answer)] {
    try {
      const auto study = find(name);
      answer(study ? make_data(*study, name, whole) : nullptr);
    } catch (const std::exception& error) {
      answer(text_of(json::object{{"problem", error.what()}}));
    }
  });
}

void Studies::act(const std::string& name, const std::string& action,
                  std::function<void(unsigned status, Text)> answer) {
  boost::asio::post(actions_, [this, name, action, answer = std::move(answer)] {
    const auto told = [](const std::string& words) {
      return std::make_shared<const std::string>(words + "\n");
    };
    try {
      const auto study = find(name);
      if (study == nullptr) return answer(404, nullptr);
      answer(200, told(perform(parse_action(action), study->live.directory())));
    } catch (const Error& error) {
      answer(error.code() == DODONA_E_INVALID ? 400 : 409, told(error.what()));
    } catch (const std::exception& error) {
      answer(409, told(error.what()));
    }
  });
}

Text Studies::make_data(Followed& study, const std::string& name, bool whole) {
  {
    const std::lock_guard lock(study.mutex);
    study.live.look();
    if (!study.live.is_there()) return text_of(json::object{{"problem", study.live.problem()}});
    // Even what is not whole tells more where it was made whole.
    const bool new_enough = study.data && study.live.has_news(study.data_id, study.data_events);
    const bool is_last = study.data_events == study.live.events();
    const bool whole_enough = study.whole && (is_last || Clock::now() < study.keep_until);
    if (new_enough && (whole_enough || !whole)) return study.data;
  }
  const Clock::time_point begin = Clock::now();
  // Unlocked, as it takes long: the others go on with their news.
  Text data;
  std::string id;
  std::uint64_t events = 0;
  {
    const Study now(study.live.directory(), Study::Damage::kTold);
    data = std::make_shared<const std::string>(
        page_data(now, name, plugins_, whole ? PageParts::kAll : PageParts::kWithoutInsight));
    id = now.origin().id;
    events = now.events();
  }
#ifdef __GLIBC__
  ::malloc_trim(0);  // data take many times their size to make, which the server needs seldom
#endif
  const std::lock_guard lock(study.mutex);
  study.data = data;
  study.data_id = id;
  study.data_events = events;
  study.whole = whole;
  study.keep_until = Clock::now() + kKept * (Clock::now() - begin);
  return data;
}

void Studies::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    std::vector<Waiting> waiting = std::exchange(waiting_, {});
    std::vector<Answer> lists = std::exchange(lists_, {});
    lock.unlock();
    std::map<std::string, std::shared_ptr<Followed>> looked;
    std::vector<Waiting> again;
    for (Waiting& each : waiting) {
      auto study = looked.find(each.place.study);
      if (study == looked.end()) {
        study = looked.emplace(each.place.study, find(each.place.study)).first;
        if (study->second) {
          const std::lock_guard guard(study->second->mutex);
          study->second->live.look();
        }
      }
      if (!tell_news(each, study->second.get())) again.push_back(std::move(each));
    }
    if (!lists.empty()) tell_list(lists);
    lock.lock();
    for (Waiting& each : again) waiting_.push_back(std::move(each));
    changed_.wait_for(lock, kBetweenLooks, [this] { return ended_; });
  }
}

bool Studies::tell_news(Waiting& waiting, Followed* study) {
  Place now = waiting.place;
  if (study == nullptr) {
    waiting.news(nullptr, now);
    return true;
  }
  const std::lock_guard guard(study->mutex);
  const LiveStudy& live = study->live;
  now = {now.study, live.id(), live.events(), live.is_held(), live.problem()};
  if (!live.has_news(waiting.place.id, waiting.place.events)) {
    waiting.news(nullptr, now);
    return true;
  }
  const bool knows_all = waiting.place.events == now.events && waiting.place.held == now.held &&
                         waiting.place.problem == now.problem;
  if (!knows_all) {
    const auto news = live.news(waiting.place.id, waiting.place.events);
    waiting.news(std::make_shared<const std::string>(*news), now);
    return true;
  }
  if (Clock::now() < waiting.end) return false;
  waiting.news(std::make_shared<const std::string>(), now);
  return true;
}

void Studies::tell_list(const std::vector<Answer>& answers) {
  if (!list_ || Clock::now() >= listed_ + kBetweenLists) {
    try {
      find_all();
      std::map<std::string, std::shared_ptr<Followed>> studies;
      {
        const std::lock_guard lock(mutex_);
        studies = studies_;
      }
      json::array all;
      for (const auto& [name, study] : studies) {
        const std::lock_guard guard(study->mutex);
        study->live.look();
        json::object standing = study->live.standing(unix_nanos());
        standing["name"] = name;
        standing["directory"] = study->live.directory();
        all.push_back(std::move(standing));
      }
      list_ = text_of(json::object{{"studies", std::move(all)}});
    } catch (const std::exception& error) {
      list_ = text_of(json::object{{"problem", error.what()}});
    }
    listed_ = Clock::now();
  }
  for (const Answer& answer : answers) answer(list_);
}

}  // namespace dodona::pages
