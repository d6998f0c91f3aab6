// SPDX-License-Identifier: Apache-2.0
//
// The questions of a hypermodel for values, asked through messages; and the answers to them.
//
// Errors:  what the owner's asker throws comes back as an Error of the same code and text.
// Threads: as space::Asker.
#pragma once

#include "base/json_reader.hpp"
#include "space/asker.hpp"

#include <dodona/space.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <deque>
#include <functional>
#include <optional>
#include <string_view>

namespace dodona::runner {

// Sends a question and calls `read` with its answer, on the calling thread. Throws the Error that was
// answered.
using Answered = std::function<void(const base::JsonReader& answer)>;
using Ask = std::function<void(const boost::json::object& question, const Answered& read)>;

// The runner's side.
class RemoteAsker final : public space::Asker {
 public:
  RemoteAsker(Ask ask, bool discovering) : ask_(std::move(ask)), discovering_(discovering) {}

  bool discovering() const override { return discovering_; }
  // The owner compares definitions.
  std::optional<Known> known(std::string_view) override { return std::nullopt; }
  Known define(Param asked) override;
  Known get(std::string_view name) override;
  bool enter(Condition condition) override;
  void leave() override;
  void require(std::string_view expression) override;
  void each(const Visit& visit) override;

 private:
  // A definition and a cell. Without a definition it is the one that was asked for.
  Known read_known(const base::JsonReader& answer, const Param* asked);

  const Ask ask_;
  const bool discovering_;
  std::deque<Param> params_;  // of answers, which point into it
};

// The owner's side: the answer to a question, or nothing if the message is no question to an asker.
// Throws what `asker` throws, and Error{kInvalid} for a message that cannot be read.
std::optional<boost::json::value> answer_of(const base::JsonReader& message, space::Asker& asker);

}  // namespace dodona::runner
