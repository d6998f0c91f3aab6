// SPDX-License-Identifier: Apache-2.0
//
// dodona explain
#include "host/exit_code.hpp"
#include "host/pager.hpp"
#include "host/study_directory.hpp"
#include "host/table.hpp"
#include "host/terminal.hpp"
#include "host/text.hpp"
#include "host/usage.hpp"

#include <dodona/study.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::host {
namespace {

struct ExplainCommand {
  std::string directory;
  std::vector<std::string> plugin_path;
  std::string next;  // a file for the next search; empty: not asked for
  bool json = false;
};

std::string percent(double share) {
  const long whole = std::lround(share * 100);
  return whole == 0 && share > 0.0 ? "<1 %" : std::to_string(whole) + " %";
}

// Two digits: more would say more than is known.
std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

std::string interval(const Share& share) {
  return std::to_string(std::lround(share.low * 100)) + " to " + percent(share.high);
}

std::string importance_text(const ObjectiveImportance& of) {
  using Align = Table::Align;
  std::string text = "What mattered for " + one_line(of.objective) + ", by " +
                     counted(of.trials, "trial") + ":\n\n";
  using enum Table::Role;
  Table table({{"hyperparameter", Align::kLeft, kKey},
               {"everywhere", Align::kRight, kKey},
               {"(90 %)", Align::kRight, kKey},
               {"among the best", Align::kRight, kKey},
               {"(90 %)", Align::kRight, kKey}});
  for (const Importance& each : of.hyperparameters) {
    table.add({one_line(each.name), percent(each.everywhere.value), interval(each.everywhere),
               percent(each.among_best.value), interval(each.among_best)});
  }
  text += table.fitted(output_width()) + "\n";
  text +=
      "everywhere: its share in the differences over the whole space; " + percent(of.together) +
      " comes from values together.\n"
      "among the best: its share in what tells the best tenth of the trials from the others.\n" +
      percent(of.explained) +
      " of the differences follow the hyperparameters; the rest is noise, " + "or not seen yet.\n";
  return text;
}

std::string best_text(const Insight& insight, const std::string& objective) {
  std::string text;
  if (const auto& best = insight.best) {
    text += "Best: trial " + std::to_string(best->trial) + ", expected " + objective + " " +
            expected(best->expected, best->deviation) +
            (best->source == "model" ? ", by the oracle's model\n" : ", by its runs\n");
  }
  if (const auto& next = insight.next) {
    text += "The next " + std::to_string(next->trials) + " trials: a better one with " +
            percent(next->probability) + " probability, and " + objective + " better by " +
            short_number(next->gain) + " on average";
    const bool little = next->probability < 0.2 || next->gain < insight.best->deviation;
    text += little ? "; it may well be time to stop\n" : "\n";
  }
  return text;
}

std::string stoppers_text(const Insight& insight) {
  std::string text;
  for (const StopperReview& each : insight.stoppers) {
    const double share =
        each.steps > 0 ? static_cast<double>(each.steps_saved) / static_cast<double>(each.steps)
                       : 0.0;
    text += "Stopper " + one_line(each.stopper) + " would have stopped " +
            counted(each.stopped, "trial") + ", saved " + std::to_string(each.steps_saved) +
            " of " + counted(each.steps, "step") + " (" + percent(share) + ")";
    if (each.stopped == 0) {
      text += "\n";
    } else if (each.keeps_best) {
      text += " and lost nothing\n";
    } else {
      text += " and lost the best: " +
              (each.best_score ? number(*each.best_score) : std::string("no score")) +
              " would be it\n";
    }
  }
  return text;
}

std::string changes_text(const Insight& insight, const ExplainCommand& command) {
  if (insight.next_study.empty()) return "";
  std::string text = "A study file for the next search (--next FILE):\n";
  if (insight.changes.empty()) text += "- the same space, from the best values on\n";
  for (const std::string& each : insight.changes) text += "- " + one_line(each) + "\n";
  if (!command.next.empty()) text += "It is in " + command.next + ".\n";
  return text;
}

// Each line in lines of the terminal's width.
std::string fitting(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += folded(text.substr(0, end), output_width()) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string insight_text(const Study& study, const Insight& insight,
                         const ExplainCommand& command) {
  std::string text;
  const auto add = [&text](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : "\n") + part;
  };
  for (const ObjectiveImportance& each : insight.objectives) add(importance_text(each));
  std::string warnings;
  for (const StudyWarning& each : insight.warnings) {
    warnings += "Warning: " + one_line(each.text) + "\n";
  }
  add(warnings);
  add(best_text(insight, shown(study.objective())));
  add(stoppers_text(insight));
  std::string notes;
  for (const std::string& note : insight.notes) notes += "Note: " + one_line(note) + "\n";
  add(notes);
  add(changes_text(insight, command));
  return fitting(text);
}

void write_next(const std::string& path, const std::string& document) {
  std::ofstream out(path, std::ios::binary);
  out << document << "\n";
  out.close();
  if (!out) throw Error(DODONA_E_IO, "cannot write " + path);
}

int explain(const ExplainCommand& command) {
  const Study study = open_study(command.directory);
  const Insight insight = study.explain(plugin_sources(command.plugin_path));
  if (!command.next.empty()) {
    if (insight.next_study.empty()) {
      throw Error(DODONA_E_STATE, command.directory +
                                      " has no trial with a score yet, of which a next study file "
                                      "could be made");
    }
    write_next(command.next, insight.next_study);
  }
  print_paged(command.json ? to_json(insight) + "\n" : insight_text(study, insight, command));
  return kDone;
}

}  // namespace

void add_explain(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ExplainCommand>();
  CLI::App* app = program.add_subcommand(
      "explain", "Tell what mattered in a study, what looks wrong, and what more trials may bring");
  add_positional(*app, "DIR", given->directory, "The project's directory, such as runs/fashion");
  app->add_flag("--json", given->json, "One JSON document instead of text");
  app->add_option("--next", given->next, "Write a study file for the next search to FILE")
      ->type_name("FILE")
      ->option_text("FILE");
  add_plugin_path(*app, given->plugin_path);
  app->footer(R"(Examples:
  dodona explain runs/fashion
  dodona explain runs/fashion --next next.json && dodona search next.json
  dodona explain runs/fashion --json | jq '.importance[0].hyperparameters[].name'

Importance is told from 20 trials with a score on. A hyperparameter with conditions counts where it
is active, by how often that is.)");
  commands.push_back({app, [given] { return explain(*given); }});
}

}  // namespace dodona::host
