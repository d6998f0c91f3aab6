// SPDX-License-Identifier: Apache-2.0
//
// The messages that TensorBoard reads: events with scalars, and the records of its HParams tab. The
// payload of an HParams record stands in the metadata of a summary. TensorBoard keeps the first
// such summary of a run.
//
// Source:  TensorBoard's event.proto, summary.proto, tensor.proto, and api.proto and
//          plugin_data.proto of its plugin `hparams`, whose version of data is 0.
// Threads: pure.
#pragma once

#include "wire.hpp"

#include <dodona/space.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tensorboard {

// Values of hyperparameters by name, each an encoded google.protobuf.Value.
using Values = std::map<std::string, std::string>;

// The score of trials by one of the study's objectives. It stands beside the reported metrics.
struct Score {
  std::string tag;        // dodona/score; of several objectives dodona/score/NAME
  std::string objective;  // the metric that it is of
  bool maximizes = false;
};

enum class Status : std::uint8_t { kSuccess = 1, kFailure = 2 };

// A hyperparameter's value as a google.protobuf.Value.
std::string encoded(const dodona::Value& value);

// Events, not yet framed as records.
Message file_version(std::int64_t unix_nanos);
// Tells readers of a run to forget its earlier files.
Message restart(std::int64_t unix_nanos);
Message scalars(std::int64_t unix_nanos, std::uint64_t step,
                const std::vector<std::pair<std::string_view, double>>& values);
Message session_start(std::int64_t unix_nanos, const Values& values, std::string_view group);
Message session_end(std::int64_t unix_nanos, Status status);

// The experiment: every hyperparameter with its domain, the scores and the metrics. Definitions of one name make one domain. A range of more than 1,000 values is
// written as an interval.
Message experiment(std::int64_t unix_nanos, const dodona::Space& space,
                   const std::vector<std::string>& metrics, const std::vector<Score>& scores);

}  // namespace tensorboard
