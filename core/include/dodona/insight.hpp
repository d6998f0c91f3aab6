// SPDX-License-Identifier: Apache-2.0
//
// The lessons of a study: the importance of each hyperparameter, warnings, and the gain that further
// trials may bring.
//
// Scores stand as the model reported them. A share is that of a whole of 1.
//
// Threads: plain values.
#pragma once

#include <dodona/export.hpp>
#include <dodona/study_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dodona {

// A share, and the interval in which it lies nine times of ten.
struct Share {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
};

// The part of a hyperparameter.
struct Importance {
  std::string name;
  // In the differences of the objective over the whole space, by the hyperparameter alone:
  // functional ANOVA on a forest. Of one with conditions, where it is active, by how often that is.
  Share everywhere;
  // In what tells the best tenth of the trials from all of them: PED-ANOVA.
  Share among_best;
};

// The importance of all hyperparameters for one objective.
struct ObjectiveImportance {
  std::string objective;
  std::uint64_t trials = 0;  // of which it is made
  // The share of the differences between trials that values of hyperparameters predict. The rest is
  // noise, or not seen yet.
  double explained = 0.0;
  std::vector<Importance> hyperparameters;  // by `everywhere`, the greatest first
  double together = 0.0;  // the share that comes from values together and not from one alone
};

enum class Remark : std::uint8_t {
  kFewTrials = 1,
  kFailures,     // more than half of the trials failed
  kConstant,     // all scores are the same
  kUnexplained,  // nothing that hyperparameters do shows in the scores
  kEdge,         // the best trial lies on the edge of a range
  kNoEffect      // of a hyperparameter, for no objective
};
// `few_trials`, `failures`, `constant`, `unexplained`, `edge` or `no_effect`.
DODONA_API const char* to_text(Remark remark);

// Something that looks wrong, and what to do about it.
struct StudyWarning {
  Remark remark = Remark::kFewTrials;
  std::string hyperparameter{};  // empty: of the study
  std::string text{};
};

// The trial of which most is expected, under noise.
struct ExpectedBest {
  std::uint64_t trial = 0;
  double expected = 0.0;
  // Of the expectation. The true score is within twice as much 19 times of 20, if the model is right.
  double deviation = 0.0;
  std::string source{};  // `model` of the oracle, or `runs` of the same values
};

// The gain that the next trials may bring, by the oracle's model.
struct NextTrials {
  std::uint64_t trials = 10;
  double probability = 0.0;  // that one of them is better than the best now
  double gain = 0.0;         // by how much on average, 0 or more, in units of the objective
};

// The effect that a stopper would have had on the study's own curves.
struct StopperReview {
  std::string stopper;
  std::uint64_t stopped = 0;      // trials
  std::uint64_t steps_saved = 0;  // of `steps`
  std::uint64_t steps = 0;
  // The best score with it. It is that of the study where nothing was lost.
  std::optional<double> best_score{};
  bool keeps_best = true;
};

// The score that the model of an oracle expects over two hyperparameters, all others as a trial has
// them.
struct Surface {
  std::string x, y;
  std::vector<HyperParameterValue> x_values, y_values;  // from the low to the high end
  // One for each pair of values, all of the first y value first; and standard deviations.
  std::vector<double> expected;
  std::vector<double> deviation;
};

// All that a study tells of what mattered in it, and of what to do next.
struct Insight {
  std::vector<ObjectiveImportance> objectives;  // empty: too few trials with a score
  std::vector<StudyWarning> warnings;
  std::optional<ExpectedBest> best;
  std::optional<NextTrials> next;
  std::vector<StopperReview> stoppers;  // empty: no trial reported steps
  std::vector<std::string> notes;       // what could not be told, and why
  // A study file for the next search, JSON: ranges moved to where the best trials are, and
  // hyperparameters without effect fixed. Empty where the study has no score.
  std::string next_study;
  std::vector<std::string> changes;  // in words, what is new in it
};
// {"importance": [{"objective", "trials", "explained", "together", "hyperparameters": [{"name",
// "everywhere": {"value", "low", "high"}, "among_best": the same}]}], "warnings": [{"remark",
// "hyperparameter", "text"}], "best": null or {"trial", "expected", "deviation", "source"}, "next":
// null or {"trials", "probability", "gain"}, "stoppers": [{"stopper", "stopped", "steps_saved",
// "steps", "best_score", "keeps_best"}], "notes", "changes", "next_study": null or the document}
DODONA_API std::string to_json(const Insight& insight);

}  // namespace dodona
