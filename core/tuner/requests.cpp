// SPDX-License-Identifier: Apache-2.0
#include "tuner/requests.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace dodona::tuner {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::chrono::milliseconds kForFetching{500};

enum class Kind : std::uint8_t { kStatus, kPause, kStop, kSet };

struct Asked {
  Kind kind = Kind::kStatus;
  std::string from;
  bool paused = false;
  std::vector<std::string> sets;
};

Asked parse(const std::string& text) {
  const base::JsonDocument document = base::parse_json(text, "request");
  const base::JsonReader root(document);
  root.allow(std::array<std::string, 4>{"request", "from", "paused", "sets"});
  Asked asked;
  asked.kind = static_cast<Kind>(
      root.required("request").word(std::array<std::string, 4>{"status", "pause", "stop", "set"}));
  asked.from = root.required("from").string().c_str();
  if (asked.kind == Kind::kPause) asked.paused = root.required("paused").boolean();
  if (asked.kind == Kind::kSet) {
    const base::JsonReader sets = root.required("sets");
    for (std::size_t i = 0; i < sets.array().size(); ++i) {
      asked.sets.emplace_back(sets.element(i).string());
    }
  }
  return asked;
}

std::string obey(const Asked& asked, const Owner& owner) {
  const std::string by = ", as " + base::quote(asked.from) + " asked";
  switch (asked.kind) {
    case Kind::kStatus:
      return to_json(owner.status());
    case Kind::kPause:
      owner.tell((asked.paused ? "no trial begins any more" : "goes on") + by);
      owner.pause(asked.paused);
      break;
    case Kind::kStop:
      owner.tell("stops" + by);
      owner.stop();
      break;
    case Kind::kSet: {
      std::string all;
      for (const std::string& set : asked.sets) all += (all.empty() ? "" : ", ") + set;
      owner.set(asked.sets);
      owner.tell("has " + all + " now" + by);
      break;
    }
  }
  return "{}";
}

std::string error_text(const std::string& message, dodona_status code) {
  return base::to_text(json::object{{"error", message}, {"code", code}});
}

}  // namespace

std::string answer_request(const std::string& text, const Owner& owner) {
  try {
    return obey(parse(text), owner);
  } catch (const Error& error) {
    return error_text(error.what(), error.code());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {
    return error_text(error.what(), DODONA_E_FAILED);
  }
}

MailReader::MailReader(const std::string& project_directory, Owner owner, study::Services& services)
    : owner_(std::move(owner)),
      services_(services),
      thread_([this, project_directory] { read(project_directory); }) {}

MailReader::~MailReader() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void MailReader::read(const std::string& project_directory) {
  try {
    project::Mailbox mailbox(project_directory);
    for (bool ended = false; !ended;) {
      mailbox.look([this](const std::string& text) { return answer_request(text, owner_); });
      std::unique_lock lock(mutex_);
      ended = changed_.wait_for(lock, kBetweenLooks, [this] { return ended_; });
    }
    mailbox.wait_for_fetching(kForFetching);
  } catch (const std::exception& error) {
    services_.log(study::Level::kWarn, "mailbox",
                  std::string("nobody can ask this search anything any more: ") + error.what());
  }
}

}  // namespace dodona::tuner
