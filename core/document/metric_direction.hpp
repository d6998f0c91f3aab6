// SPDX-License-Identifier: Apache-2.0
//
// Says if less or more of a metric is better, where its name is known well enough to tell.
//
// Known are the metrics and losses of Keras and the usual short names, in any spelling of capitals
// and underscores (`F1Score`, `f1_score`), after one `val_` and then one `weighted_`. A name that
// stands for a gain in one place and for a loss in another (`cosine_similarity`) is not known.
// `default_objective`, which a model's number without a name is called, is minimised.
//
// Threads: pure.
#pragma once

#include <dodona/study_options.hpp>

#include <optional>
#include <string_view>

namespace dodona::document {

std::optional<Direction> metric_direction(std::string_view name);

}  // namespace dodona::document
