// SPDX-License-Identifier: Apache-2.0
//
// What TensorBoard reads, as messages: events with scalars, and the records of its HParams tab. The
// payload of an HParams record stands in the metadata of a summary, of which TensorBoard keeps the
// first one of a run.
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

// What a trial is ranked by, beside the metrics that it reported.
inline constexpr std::string_view kScoreTag = "dodona/score";

enum class Status : std::uint8_t { kSuccess = 1, kFailure = 2 };

// A hyperparameter's value as a google.protobuf.Value.
std::string encoded(const dodona::Value& value);

// Events, ready to be framed.
Message file_version(std::int64_t unix_nanos);
// Tells readers that follow a run to forget what an earlier file of it said.
Message restart(std::int64_t unix_nanos);
Message scalars(std::int64_t unix_nanos, std::uint64_t step,
                const std::vector<std::pair<std::string_view, double>>& values);
Message session_start(std::int64_t unix_nanos, const Values& values, std::string_view group);
Message session_end(std::int64_t unix_nanos, Status status);

// The experiment: every hyperparameter with its domain, and the metrics. `objective` is the metric
// by whose value trials are ranked. Definitions of one name make one domain. More than 1,000 values
// of a range are told as their interval.
Message experiment(std::int64_t unix_nanos, const dodona::Space& space,
                   const std::vector<std::string>& metrics, std::string_view objective);

}  // namespace tensorboard
