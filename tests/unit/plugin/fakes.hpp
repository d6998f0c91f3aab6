// SPDX-License-Identifier: Apache-2.0
//
// The study's side of the bridges, as plain as it can be.
#pragma once

#include "study/roles.hpp"

#include <dodona/error.hpp>

#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace dodona::support {

// Runs loops in order on the caller's thread, and keeps what is logged.
class FakeServices : public study::Services {
 public:
  void log(study::Level level, std::string_view source, std::string_view message) override {
    if (log_fails) throw std::runtime_error("no log");
    lines.push_back(std::to_string(static_cast<int>(level)) + ' ' + std::string(source) + ": " +
                    std::string(message));
  }
  bool cancelled() const override { return stopping; }
  void parallel_for(std::uint64_t count, std::uint64_t grain,
                    const std::function<void(std::uint64_t, std::uint64_t)>& body) override {
    if (loop_fails) throw std::bad_alloc();
    for (std::uint64_t begin = 0; begin < count; begin += grain) {
      body(begin, std::min(count, begin + grain));
    }
  }

  std::vector<std::string> lines;
  bool stopping = false;
  bool log_fails = false;
  bool loop_fails = false;
};

// Answers the given cell, or the default; knows what was asked before by name alone.
class FakeAsker : public space::Asker {
 public:
  bool discovering() const override { return false; }
  std::optional<Known> known(std::string_view name) override {
    ++known_calls;
    const auto found = params_.find(name);
    if (found == params_.end()) return std::nullopt;
    return answer(found->second);
  }
  Known define(Param asked) override {
    ++define_calls;
    if (params_.find(asked.name) != params_.end()) {
      throw Error(DODONA_E_SPACE_CONFLICT, "two definitions of " + asked.name);
    }
    last_defined = asked;
    return answer(params_.emplace(asked.name, asked).first->second);
  }
  Known get(std::string_view name) override {
    const auto found = params_.find(name);
    if (found == params_.end()) throw Error(DODONA_E_INVALID, "there is no " + std::string(name));
    return answer(found->second);
  }
  bool enter(Condition condition) override {
    scopes.push_back(std::move(condition));
    return scope_active;
  }
  void leave() override { scopes.pop_back(); }
  void require(std::string_view expression) override {
    required.emplace_back(expression);
    if (infeasible) throw Error(DODONA_E_INFEASIBLE, "the values break it");
  }
  void each(const Visit& visit) override {
    for (const auto& [name, param] : params_) {
      const auto cell = cells.find(name);
      visit(param, cell == cells.end() ? nullptr : &cell->second);
    }
  }

  std::map<std::string, Cell> cells;
  std::vector<Condition> scopes;
  std::vector<std::string> required;
  bool infeasible = false;
  bool scope_active = true;
  bool overridden = false;  // any definition will do
  int known_calls = 0;
  int define_calls = 0;
  Param last_defined;

 private:
  Known answer(const Param& param) const {
    const auto cell = cells.find(param.name);
    return {overridden ? nullptr : &param, &param,
            cell == cells.end() ? param.initial : cell->second};
  }

  std::map<std::string, Param, std::less<>> params_;
};

class FakeRun : public study::Run {
 public:
  study::Asker& asker() override { return questions; }
  study::Verdict report(std::uint64_t step, std::span<const study::NamedMetric> metrics) override {
    if (report_error) throw *report_error;
    reports.emplace_back(step, named(metrics));
    return step >= stop_at ? study::Verdict::kStopTrial : study::Verdict::kContinue;
  }
  void finish(std::span<const study::NamedMetric> metrics) override { finished = named(metrics); }
  void stop_at_next_report() override { stop_at = 0; }
  bool must_stop() const override { return cancel || stop_at == 0; }
  bool cancelled() const override { return cancel; }
  void make_directory() override { ++directories_made; }
  bool wants_save() const override { return !save_to.empty(); }
  std::string save_directory() override { return save_to; }
  void saved() override {
    ++times_saved;
    save_to.clear();  // that was asked for once
  }
  void note(std::string_view key, std::string_view value) override {
    notes[std::string(key)] = value;
  }

  using Metrics = std::map<std::string, double>;
  FakeAsker questions;
  std::vector<std::pair<std::uint64_t, Metrics>> reports;
  Metrics finished;
  std::uint64_t stop_at = UINT64_MAX;
  bool cancel = false;
  std::string save_to;
  int times_saved = 0;
  int directories_made = 0;
  std::map<std::string, std::string> notes;
  std::optional<Error> report_error;

 private:
  static Metrics named(std::span<const study::NamedMetric> metrics) {
    Metrics out;
    for (const study::NamedMetric& metric : metrics) out[std::string(metric.name)] = metric.value;
    return out;
  }
};

}  // namespace dodona::support
