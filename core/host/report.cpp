// SPDX-License-Identifier: Apache-2.0
//
// dodona report
#include "host/exit_code.hpp"
#include "host/study_directory.hpp"
#include "host/terminal.hpp"
#include "host/usage.hpp"

#if DODONA_HAS_PAGES
#include <dodona/pages.hpp>
#endif
#include <dodona/study.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

struct ReportCommand {
  std::vector<std::string> directories;
  std::string output;
  std::vector<std::string> plugin_path;
};

#if DODONA_HAS_PAGES

namespace fs = std::filesystem;

// How the page calls each study: by the last part of its directory, or where two have the same, by
// all of it.
std::vector<std::string> names_of(const std::vector<std::string>& directories) {
  std::vector<std::string> names;
  for (const std::string& directory : directories) {
    const fs::path path = fs::absolute(directory).lexically_normal();
    names.push_back((path.has_filename() ? path : path.parent_path()).filename().string());
  }
  std::vector<std::string> told = names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::count(names.begin(), names.end(), names[i]) > 1) told[i] = directories[i];
  }
  return told;
}

// Whole or not at all: an earlier file stays until the new one is there.
void write_file(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  std::ofstream out(draft, std::ios::binary);
  out << text;
  out.close();
  std::error_code error;
  if (out) fs::rename(draft, path, error);
  if (out && !error) return;
  std::error_code ignored;
  fs::remove(draft, ignored);
  throw Error(DODONA_E_IO, "cannot write " + path + (error ? ": " + error.message() : ""));
}

int report(const ReportCommand& command) {
  const std::vector<std::string> names = names_of(command.directories);
  std::vector<std::string> data;
  int code = kDone;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Study study = open_study(command.directories[i], Study::Damage::kTold);
    if (const std::string damage = study.damage(); !damage.empty()) {
      complain(damage);
      code = kNoResult;
    }
    data.push_back(page_data(study, names[i], plugin_sources(command.plugin_path)));
  }
  write_file(command.output, report_page(data));
  print("written to " + command.output + "\n");
  return code;
}

#else

int report(const ReportCommand&) {
  refuse_without_pages("report");
}

#endif

}  // namespace

void add_report(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ReportCommand>();
  CLI::App* app = program.add_subcommand(
      "report", "Write a page for a browser that shows one study, or several side by side");
  app->add_option("DIR", given->directories, "Directories of projects, such as runs/fashion")
      ->required()
      ->type_name("")
      ->option_text("...");
  app->add_option("-o,--output", given->output, "The file, such as report.html")
      ->required()
      ->type_name("FILE")
      ->option_text("FILE REQUIRED");
  add_plugin_path(*app, given->plugin_path);
  app->footer(R"(Examples:
  dodona report runs/fashion -o report.html
  dodona report runs/random runs/tpe -o both.html

The file needs no network. It shows the study as it was when it was written, also while it runs.)");
  commands.push_back({app, [given] { return report(*given); }});
}

}  // namespace dodona::host
