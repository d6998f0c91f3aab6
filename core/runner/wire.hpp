// SPDX-License-Identifier: Apache-2.0
//
// The messages between the owner of a study and its runners. A message is one JSON object on one
// line, named by its first key.
//
//   owner                          runner
//   {"hello": 1, "plugin", ...}    {"hello": 1, "host", ...}      the object was created
//                                  {"bye": "failed", "error"}     it was not; the runner ends
//   {"declare": true}              questions, then a result       asks for the space
//   {"run": {facts}}               questions, then a result       one execution
//   {"answer": ...}                                               to a question
//   {"error": {"code", "message"}}                                the same: it throws
//   {"cancel": "trial"}                                           or "study": the model must stop
//   {"beat": true}                 {"beat": true}                 a sign of life, both ways
//   end of file                                                   the runner ends
//
// Questions of a runner are answered before it goes on:
//
//   {"define": {param}}  {"get": name}  {"enter": {condition}}  {"leave": true}  {"each": true}
//   {"require": text}  {"report": step, "metrics"}  {"finish": [metrics]}  {"note": [key, value]}
//   {"make_directory": true}  {"save_directory": true}  {"saved": true}  {"save_failed": {error}}
//   {"fetch": true}  {"limit_reached": true}
//
// Results are {"done": finished, "told": it knew that it must stop} and {"failed": {"code",
// "message"}}, with an "outcome" where the hypermodel held it to a limit.
// {"log": level, "source", "message"} is a line for the application's log. {"bye": why} is the last
// line of a runner that ends without being asked: "exit" with its "code", "crash" with 128 and the
// number of the signal as its "code", or "terminated".
//
// A runner that does not find the "mark" of the greeting does not see its owner's files. Its model
// comes before {"saved"}, and the files that its trial left before the result: in pieces as
// runner/files.hpp says, with "into": "save" or "trial". It asks with {"fetch"} for the state to go on
// from, which comes in pieces "into": "resume" or "trial" before the answer. Pieces are not answered.
// The error of one is the answer to {"saved"}.
//
// A cell is a number: a float's is its value, every other one's the whole number of the cell. A
// metric that is NaN or infinite is a text.
//
// Errors:  readers throw Error{kInvalid} that names the place in the line; they check forms, not
//          whether a definition is possible.
// Threads: pure.
#pragma once

#include "base/json_reader.hpp"
#include "study/roles.hpp"

#include <dodona/space.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace dodona::runner {

inline constexpr std::int64_t kProtocol = 1;
// The exit code of a runner that has lost its owner.
inline constexpr int kLeft = 75;

// Names of metrics with their values.
using Metrics = std::vector<std::pair<std::string, double>>;

boost::json::value cell_to_json(const Param& param, Cell cell);
Cell read_cell(const base::JsonReader& from, const Param& param);

boost::json::value value_to_json(const Value& value);
boost::json::object to_json(const Param& param);
boost::json::object to_json(const Condition& condition);
Param read_param(const base::JsonReader& from);
Condition read_condition(const base::JsonReader& from);

boost::json::value number_to_json(double number);
double read_number(const base::JsonReader& from);
boost::json::array to_json(std::span<const study::NamedMetric> metrics);
Metrics read_metrics(const base::JsonReader& from);
// Views of `metrics`, which outlive them.
std::vector<study::NamedMetric> named(const Metrics& metrics);

// {"code": 5, "message": "..."}
boost::json::object to_json(const Error& error);
Error read_error(const base::JsonReader& from);
// An outcome that is not that of a limit counts as the model's error.
study::Outcome read_outcome(const base::JsonReader& from);
// Whatever was thrown, as it is sent.
Error error_of(const std::exception_ptr& thrown);

// The facts of an execution, without its asker.
boost::json::object facts_to_json(const study::Run& run);
void read_facts(const base::JsonReader& from, study::Run& run);

std::uint64_t read_count(const base::JsonReader& from);
std::string read_text(const base::JsonReader& from);

}  // namespace dodona::runner
