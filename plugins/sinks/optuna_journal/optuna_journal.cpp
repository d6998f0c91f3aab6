// SPDX-License-Identifier: Apache-2.0
//
// Sink `optuna_journal`: the study as a journal file of Optuna, which its dashboard, its plots and
// `optuna.load_study` read while the study runs, and afterwards.
//
// A study of Optuna cannot go on from the file: only this sink writes to it. A file in the study's
// directory that tells another study, which was overwritten, begins anew. A file elsewhere is the
// user's: the same mismatch is an error.
//
// Cost: about 2 us and 200 bytes for an event, one fsync for a flush.
#include "common/text/log_file.hpp"
#include "common/text/sink_study.hpp"
#include "journal_lines.hpp"

#include <dodona/plugin.hpp>

#include <filesystem>
#include <string>

namespace {

namespace fs = std::filesystem;

optuna::Study study_of(const dodona::StudyContext& context) {
  const auto name = context.options.get<std::string>("study_name");
  return {name.empty() ? dodona::common::name_of(context.study) : name,
          dodona::common::to_hex(context.study.id), dodona::common::objectives_of(context.study),
          !dodona::limits_of(context.study).empty()};
}

class OptunaJournal {
 public:
  explicit OptunaJournal(const dodona::StudyContext& context)
      : ours_(!fs::path(context.options.get<std::string>("path")).is_absolute()),
        study_(study_of(context)),
        file_(dodona::common::log_path(context), {optuna::kLineStart, optuna::last_of}) {
    const std::string first = file_.first_line();
    if (first.empty() || first.starts_with(std::string(optuna::kLineStart) + study_.id)) return;
    if (!ours_) {
      throw dodona::Error(DODONA_E_STATE, file_.path().string() +
                                              " holds the trials of another study; move it away or "
                                              "give another path");
    }
    file_.clear();
  }

  void set_space(const dodona::Space& space) { space_ = &space; }

  void consume(const dodona_event& event) {
    if (event.sequence < file_.next()) return;
    if (event.sequence > 0 && file_.next() == 0) {
      throw dodona::Error(DODONA_E_STATE,
                          file_.path().string() +
                              " lacks the beginning of the study, which was in it; put it back, or "
                              "give another path, which begins with the first event");
    }
    lines_.clear();
    optuna::append_lines(event, study_, space_ != nullptr ? *space_ : nothing_, lines_);
    if (!lines_.empty()) file_.append(lines_, event.sequence);
  }

  void flush() { file_.sync(); }

 private:
  const dodona::Space nothing_;
  const dodona::Space* space_ = nullptr;
  bool ours_;
  const optuna::Study study_;
  dodona::common::LogFile file_;
  std::string lines_;
};

}  // namespace

DODONA_PLUGIN(dodona::sink<OptunaJournal>(
    {.id = "org.dodona.optuna_journal",
     .name = "optuna_journal",
     .description = "the study as a journal file of Optuna, for its dashboard and plots"},
    dodona::option("path", "optuna.log",
                   "the file, seen from the study's directory; an absolute path for one elsewhere"),
    dodona::option("study_name", "", "its name for Optuna; empty: that of the study's directory")))
