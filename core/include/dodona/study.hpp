// SPDX-License-Identifier: Apache-2.0
//
// Reading a study without running it, also while another process runs it.
//
//   dodona::Study study = dodona::open("runs/fashion");
//   for (const dodona::Result& result : study.best(10)) ...
//
// Errors:  Error{kIo} where there is no study or it cannot be read.
// Threads: one at a time an object; any number of objects and processes.
// Cost:    open reads the whole log; the object follows later changes where it is told to.
#pragma once

#include <dodona/build.hpp>
#include <dodona/export.hpp>
#include <dodona/insight.hpp>
#include <dodona/kernel.hpp>
#include <dodona/models.hpp>
#include <dodona/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dodona {

// The result of proposing all trials of a study once more.
struct ReplayResult {
  // The first proposal that came out otherwise than the log has it.
  struct Difference {
    std::uint64_t trial = 0;
    std::string what;  // a hyperparameter, budget, start_step, resume_of, tag, seen or answer
    std::string logged;
    std::string proposed;
  };
  std::uint64_t verified = 0;     // proposals that came out the same
  std::uint64_t passed_over = 0;  // trials that no oracle proposed
  std::uint64_t other_build = 0;  // proposals of another build of an oracle than the one at hand
  std::optional<Difference> difference;
};
// {"verified", "passed_over", "other_build", "difference": null or {"trial", "what", "logged",
// "proposed"}}
DODONA_API std::string to_json(const ReplayResult& replay);

// A plugin as a study used it.
struct StudyPlugin {
  std::string role;  // oracle (a stopper, too), hypermodel or sink
  std::string id;
  std::string version;
  std::string build_id;  // of its library; empty: built in, or part of the application
};

// Where a study comes from.
struct StudyOrigin {
  std::string id;       // 32 hexadecimal digits, which tell studies apart wherever they lie
  std::string version;  // of the kernel that began it
  std::int64_t created_unix_nanos = 0;
  std::vector<StudyPlugin> plugins;                        // of the document in force
  std::vector<std::pair<std::string, std::string>> notes;  // on the study, by key
};

// A start of an execution of a trial. An execution that was interrupted has several.
struct TrialRun {
  std::uint64_t trial = 0;
  std::uint32_t execution = 0;
  std::uint32_t attempt = 0;
  std::uint64_t start_step = 0;
  std::string runner;  // empty: the process that searched
  std::int64_t started_unix_nanos = 0;
  // Of its end, or of the last that was heard of it.
  std::int64_t ended_unix_nanos = 0;
  std::string lost;     // why its runner was lost; empty: it was not
  std::string devices;  // that the trial held, with commas; empty: the study has none, or is of 0.1
};

// The news of a log.
struct StudyNews {
  std::vector<std::uint64_t> trials;      // that began or changed, rising
  std::vector<Report> reports;            // in the order of the log
  std::vector<Explanation> explanations;  // of the trials that began
  // Another objective came into force: open the study anew for its scores.
  bool other_objective = false;
};

// A study that is read and not run.
class DODONA_API Study : public Models<Study> {
 public:
  // The treatment of damage in the study's file.
  enum class Damage : std::uint8_t {
    kThrown = 1,  // Error{kIo} that says what is wrong and what can be read
    kTold         // the study is what lies before the damage, and damage() is not empty
  };
  // Reads the study of a project directory. Throws Error{kIo} where there is none, and for damage
  // unless it is told.
  explicit Study(const std::string& project_directory, Damage damage = Damage::kThrown)
      : Study(project_directory.c_str(), damage,
              boundary::check_build({{"ApplicationObject", sizeof(ApplicationObject)},
                                     {"Explanation", sizeof(Explanation)},
                                     {"HyperParameter", sizeof(HyperParameter)},
                                     {"Importance", sizeof(Importance)},
                                     {"Insight", sizeof(Insight)},
                                     {"ModelChoice", sizeof(ModelChoice)},
                                     {"ModelEvaluation", sizeof(ModelEvaluation)},
                                     {"ModelSummary", sizeof(ModelSummary)},
                                     {"Objective", sizeof(Objective)},
                                     {"ObjectiveImportance", sizeof(ObjectiveImportance)},
                                     {"PluginSources", sizeof(PluginSources)},
                                     {"ReplayResult", sizeof(ReplayResult)},
                                     {"Report", sizeof(Report)},
                                     {"Result", sizeof(Result)},
                                     {"RetrainOptions", sizeof(RetrainOptions)},
                                     {"Retrained", sizeof(Retrained)},
                                     {"RowWriter", sizeof(RowWriter)},
                                     {"StopperReview", sizeof(StopperReview)},
                                     {"StudyNews", sizeof(StudyNews)},
                                     {"StudyOrigin", sizeof(StudyOrigin)},
                                     {"StudyPlugin", sizeof(StudyPlugin)},
                                     {"StudyWarning", sizeof(StudyWarning)},
                                     {"Surface", sizeof(Surface)},
                                     {"TrialRun", sizeof(TrialRun)},
                                     {"Values", sizeof(Values)}})) {}
  // The other one can only be destroyed or assigned to then.
  Study(Study&&) noexcept;
  // Closes this study first.
  Study& operator=(Study&&) noexcept;
  ~Study();

  // Why later events could not be read; empty where all of them were.
  std::string damage() const;
  // The number of events that were read: the sequence of the next one.
  std::uint64_t events() const;
  // True if a process held the study when it was read last.
  bool is_held() const;
  // Reads the events that came since. Of a study that is damaged, nothing.
  // Errors: Error{kIo} for an event that cannot be read; those before it have been.
  // Cost:   that of the new events.
  StudyNews read_on();

  std::vector<Result> trials() const;  // in order of their ids
  // One of them, without its rank.
  // Errors: Error{kInvalid} for a trial that there is not.
  Result trial(std::uint64_t trial) const;
  // Those with a score, best first; 0: all.
  std::vector<Result> best(std::uint64_t count = 0) const;
  // The same under noise, of one objective.
  // Errors: Error{kPlugin} for an oracle that is not there or fails, Error{kInvalid} for several
  //         objectives.
  // Cost:   the oracle reads the log again; then that of its model.
  std::vector<Result> best(Robust, std::uint64_t count = 0,
                           const PluginSources& plugins = {}) const;
  // The trials that no other one beats in all objectives, in the order of best(). Of one objective,
  // the best trial alone.
  std::vector<Result> front() const;
  // All that was reported, trial by trial; of an execution that ran again, the last run alone.
  // Cost: reads the log again.
  std::vector<Report> reports() const;
  // How each trial came about, in order of their ids.
  // Cost: reads the log again.
  std::vector<Explanation> explanations() const;
  // Every start of an execution, in the order of the log.
  // Cost: reads the log again.
  std::vector<TrialRun> runs() const;
  // Cost: reads the first event of the log again.
  StudyOrigin origin() const;
  // Tells what mattered, what looks wrong, and what further trials may bring. An oracle that is not there or
  // fails costs what it would tell: a note says so.
  // Cost: up to three seconds an objective, of 1,000 trials at most; reads the log again for the
  //       oracle, and for each stopper.
  Insight explain(const PluginSources& plugins = {}) const;
  // The score that the oracle's model expects around a trial, over pairs of hyperparameters with up to
  // `cells` values each. A pair is left out where the trial lacks one of the two, or others depend on
  // it. Empty where the oracle has no model, and for several objectives.
  // Errors: Error{kInvalid} for a trial that there is not, and for fewer than 2 cells; Error{kPlugin}
  //         for an oracle that is not there or fails.
  // Cost:   the oracle reads the log again; then that of its model at cells * cells points a pair.
  std::vector<Surface> surfaces(std::uint64_t trial,
                                const std::vector<std::pair<std::string, std::string>>& pairs,
                                std::uint32_t cells, const PluginSources& plugins = {}) const;
  // Proves that the study's proposals are what its oracles make of its log: each oracle observes
  // what it had observed before a proposal, proposes, and the values, budget, start step,
  // resume_of and tag are compared bit for bit.
  // Errors: Error{kPlugin} for an oracle that is not there or fails.
  // Cost:   that of all proposals together; the log is read again and copied.
  ReplayResult replay(const PluginSources& plugins = {}) const;
  // Copies the model that was kept of a trial, without one of the best, to a directory `path`, with
  // a trial.json of its values. An earlier export there is replaced, anything else refused.
  void export_model(const std::string& path, std::optional<std::uint64_t> trial = {}) const;
  // Gives all events to a sink, as if the search had had it, and answers how many there are. `sink`
  // is its name, or an entry of `sinks` in a study file as JSON. It writes to `directory`, unless its
  // options name another place, and goes on there after a later call. The study stays as it is.
  // Errors: Error{kInvalid} for a sink that is none, and for its options; Error{kPlugin} for one
  //         that cannot be made; and what the sink fails with.
  // Cost:   reads the log again.
  std::uint64_t export_events(const std::string& sink, const std::string& directory,
                              const PluginSources& plugins = {}) const;
  // Trains the study's hypermodel plugin anew; `sets` change its document as --set does, for
  // example "hypermodel.options.batch_size=64".
  Retrained retrain_plugin(const RetrainOptions& options, const std::vector<std::string>& sets = {},
                           const PluginSources& plugins = {}) const;
  // The layers of a trial's model, built anew by the study's plugin. Nothing need have been kept.
  // Errors of these three: Error{kUnsupported} for a plugin that does not offer it.
  ModelSummary summary(const ModelChoice& choice = {}) const;
  // Measures a model on data that its plugin knows how to read. Without data, on those on which
  // trials were scored: the metrics are then those that the trial reported, bit for bit where its
  // device and threads are the same and one thread computed.
  ModelEvaluation evaluate(const ModelChoice& choice = {}, const std::string& data = {}) const;
  // Predicts for each sample of an input, in its order, and answers the trial. Rows that were
  // written before an error stay.
  std::uint64_t predict(const ModelChoice& choice, const std::string& input,
                        const RowWriter& writer) const;
  // See models.hpp. From C tables; `self` stays the caller's.
  std::shared_ptr<void> load_table(std::uint64_t trial, const dodona_hypermodel_vtable* table,
                                   void* self) const;
  // The same for Models::summary_of().
  ModelSummary summary_table(std::optional<std::uint64_t> trial,
                             const dodona_hypermodel_vtable* table, void* self) const;
  // The same for Models::retrain().
  Retrained retrain_table(const dodona_hypermodel_vtable* table, void* self,
                          const RetrainOptions& options) const;

  // All definitions so far.
  std::vector<HyperParameter> space() const;
  // All constraints so far: those of the options and of the hypermodel.
  std::vector<std::string> constraints() const;
  // As it was given, with its direction. Of several, the first one.
  Objective objective() const;
  // All of them, at least one.
  std::vector<Objective> objectives() const;
  // From which all randomness of the study follows.
  std::uint64_t seed() const;
  std::string document() const;  // the study document in force, JSON

 private:
  // Takes no std::string, so that it links, and can say so, where that is another library's.
  Study(const char* project_directory, Damage damage, boundary::SameBuild);

  struct Impl;
  class PluginModel;
  std::unique_ptr<Impl> impl_;
};

// The study of a project directory; damage is thrown.
inline Study open(const std::string& project_directory) {
  return Study(project_directory);
}

// The layers of the model that the hypermodel of a study file makes, before any search: with the
// values of the first entry of `initial`, and with defaults where that has none.
// Errors: as read_study_file() in tuner.hpp, and Error{kInvalid} for a value of that entry that the
//         model does not ask for.
DODONA_API ModelSummary summarize_study_file(
    const std::string& path, const std::vector<std::string>& sets = {},
    const PluginSources& plugins = {},
    boundary::SameBuild build = boundary::check_build({{"ModelSummary", sizeof(ModelSummary)},
                                                       {"PluginSources", sizeof(PluginSources)}}));

// The new study that an import makes.
struct KerasTunerImport {
  std::string directory = ".";
  std::string project_name{};  // empty: the one of the KerasTuner project
  std::string objective{};     // a metric; empty: the one that the scores were made of
};

// The same of a study of Optuna.
struct OptunaImport {
  std::string directory = ".";
  std::string project_name{};  // empty: the name of Optuna's study
  std::string study{};         // the one to read; empty: the only one
  // Metrics, in Optuna's order; empty: as they are named there.
  std::vector<std::string> objectives{};
};

// The contents of an imported project.
struct ImportSummary {
  std::string directory;              // of the new project
  std::vector<Objective> objectives;  // at least one
  std::uint64_t hyperparameters = 0;
  std::uint64_t trials = 0;
  std::uint64_t unfinished = 0;    // of them: a search runs these again
  std::vector<std::string> notes;  // what could not be taken over as it was
};

// Reads the project directory of a KerasTuner search (`oracle.json`, `trial_*/trial.json`) into a
// new study, with which a search goes on. The directory that is read stays as it is.
// Errors: Error{kInvalid} for what is not KerasTuner's, with file, line and key; Error{kState}
//         where the study exists; Error{kIo} for the disk.
DODONA_API ImportSummary import_keras_tuner(const std::string& project_directory,
                                            const KerasTunerImport& options = {},
                                            boundary::SameBuild build = boundary::check_build(
                                                {{"ImportSummary", sizeof(ImportSummary)},
                                                 {"KerasTunerImport", sizeof(KerasTunerImport)},
                                                 {"Objective", sizeof(Objective)}}));

// Reads a study of Optuna, from a journal file or a database of SQLite, into a new study, with which
// a search goes on. The file stays as it is.
// Errors: Error{kInvalid} for what is not Optuna's, with file, line and key, and where there are
//         several studies and none is chosen; Error{kState} where the project exists; Error{kIo}
//         for the disk.
DODONA_API ImportSummary import_optuna(
    const std::string& file, const OptunaImport& options = {},
    boundary::SameBuild build = boundary::check_build({{"ImportSummary", sizeof(ImportSummary)},
                                                       {"Objective", sizeof(Objective)},
                                                       {"OptunaImport", sizeof(OptunaImport)}}));

}  // namespace dodona
