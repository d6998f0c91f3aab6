// SPDX-License-Identifier: Apache-2.0
//
// Sink `jsonl`: every event of a study as a line of JSON, exactly once, crashes included.
//
// The file is a copy of the log. A file in the study's directory that tells another study, which
// was overwritten, begins anew. A file elsewhere is the user's: the same mismatch is an error.
//
// Cost: about 1 us and 200 bytes for an event, one fsync for a flush.
#include "common/text/log_file.hpp"
#include "common/text/sink_study.hpp"
#include "event_line.hpp"

#include <dodona/plugin.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

class Jsonl {
 public:
  explicit Jsonl(const dodona::StudyContext& context)
      : ours_(!fs::path(context.options.get<std::string>("path")).is_absolute()),
        objectives_(dodona::common::objectives_of(context.study)),
        limits_(dodona::limits_of(context.study)),
        file_(dodona::common::log_path(context), {jsonl::kLineStart, jsonl::sequence_of}) {}

  void set_space(const dodona::Space& space) { space_ = &space; }

  void consume(const dodona_event& event) {
    if (event.sequence > file_.next()) {
      throw dodona::Error(DODONA_E_STATE,
                          file_.path().string() + " lacks events " + std::to_string(file_.next()) +
                              " to " + std::to_string(event.sequence - 1) +
                              ", which were in it; put it back, or give another path, which "
                              "begins with the first event");
    }
    const bool there = event.sequence < file_.next();
    if (there && event.sequence > 0) return;
    line_.clear();
    jsonl::append_line(event, {space_ != nullptr ? *space_ : nothing_, objectives_, limits_},
                       line_);
    if (there) {
      const std::string first = file_.first_line();
      const std::string of_0_1 = line_.substr(0, line_.rfind(",\"study\":")) + '}';
      if (first == line_ || first == of_0_1) return;
      begin_anew();
    }
    file_.append(line_, event.sequence);
  }

  void flush() { file_.sync(); }

 private:
  // Called if the study's first event is not the file's.
  void begin_anew() {
    if (!ours_) {
      throw dodona::Error(DODONA_E_STATE, file_.path().string() +
                                              " holds the events of another study; move it away or "
                                              "give another path");
    }
    file_.clear();
  }

  const dodona::Space nothing_;
  const dodona::Space* space_ = nullptr;
  bool ours_;
  const std::vector<dodona::common::Objective> objectives_;
  const std::vector<dodona::Limit> limits_;
  dodona::common::LogFile file_;
  std::string line_;
};

}  // namespace

DODONA_PLUGIN(dodona::sink<Jsonl>(
    {.id = "org.dodona.jsonl",
     .name = "jsonl",
     .description = "every event of the study as one line of JSON"},
    dodona::option(
        "path", "events.jsonl",
        "the file, seen from the study's directory; an absolute path for one elsewhere")))
