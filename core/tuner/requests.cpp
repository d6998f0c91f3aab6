// SPDX-License-Identifier: Apache-2.0
#include "tuner/requests.hpp"

#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"
#include "document/space_entries.hpp"

#include <array>
#include <chrono>
#include <utility>

namespace dodona::tuner {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kBetweenLooks{1};
constexpr std::chrono::milliseconds kForFetching{500};

enum class Kind : std::uint8_t { kStatus, kPause, kStop, kSet, kStopTrial, kEnqueue, kNote };

struct Asked {
  Kind kind = Kind::kStatus;
  std::string from;
  bool paused = false;
  std::vector<std::string> sets;
  std::optional<std::uint64_t> trial{};
  NamedValues values{};
  std::string text{};
};

std::uint64_t trial_of(const base::JsonReader& trial) {
  if (trial.whole() < 0) trial.fail("there are no trials below 0");
  return static_cast<std::uint64_t>(trial.whole());
}

Asked parse(const std::string& text) {
  const base::JsonDocument document = base::parse_json(text, "request");
  const base::JsonReader root(document);
  root.allow(
      std::array<std::string, 7>{"request", "from", "paused", "sets", "trial", "values", "text"});
  Asked asked;
  asked.kind = static_cast<Kind>(root.required("request").word(std::array<std::string, 7>{
      "status", "pause", "stop", "set", "stop_trial", "enqueue", "note"}));
  asked.from = root.required("from").string().c_str();
  if (asked.kind == Kind::kPause) asked.paused = root.required("paused").boolean();
  if (asked.kind == Kind::kSet) {
    const base::JsonReader sets = root.required("sets");
    for (std::size_t i = 0; i < sets.array().size(); ++i) {
      asked.sets.emplace_back(sets.element(i).string());
    }
  }
  if (asked.kind == Kind::kStopTrial) asked.trial = trial_of(root.required("trial"));
  if (asked.kind == Kind::kEnqueue) asked.values = read_values(root.required("values"));
  if (asked.kind == Kind::kNote) {
    if (const auto trial = root.member("trial")) asked.trial = trial_of(*trial);
    asked.text = root.required("text").string().c_str();
    check_note(asked.text);
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
      owner.note(std::nullopt, kActionKey, "stop" + by);
      owner.stop();
      break;
    case Kind::kSet: {
      std::string all;
      for (const std::string& set : asked.sets) all += (all.empty() ? "" : ", ") + set;
      owner.set(asked.sets);
      owner.tell("has " + all + " now" + by);
      break;
    }
    case Kind::kStopTrial:
      owner.stop_trial(*asked.trial);
      owner.tell("trial " + std::to_string(*asked.trial) + " stops at its next report" + by);
      owner.note(asked.trial, kActionKey, "stop" + by);
      break;
    case Kind::kEnqueue:
      owner.enqueue(asked.values);
      owner.tell("tries values" + by);
      break;
    case Kind::kNote:
      owner.note(asked.trial, kNoteKey, asked.text);
      break;
  }
  return "{}";
}

std::string error_text(const std::string& message, dodona_status code) {
  return base::to_text(json::object{{"error", message}, {"code", code}});
}

}  // namespace

NamedValues read_values(const base::JsonReader& object) {
  NamedValues values;
  for (const auto& [name, value] : object.object()) {
    values.emplace_back(name, document::read_scalar(object.required(name)));
  }
  if (values.empty()) object.fail("has no values; give one at least, such as {\"lr\": 0.01}");
  return values;
}

void check_note(const std::string& text) {
  if (text.empty()) throw Error(DODONA_E_INVALID, "the note is empty");
  if (text.size() <= kNoteMax) return;
  throw Error(DODONA_E_INVALID, "the note has " + std::to_string(text.size()) +
                                    " bytes; it may have " + std::to_string(kNoteMax));
}

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
