// SPDX-License-Identifier: Apache-2.0
//
// dodona new
#include "host/exit_code.hpp"
#include "host/new_plugin.hpp"
#include "host/terminal.hpp"
#include "host/usage.hpp"

#include <dodona/error.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace dodona::host {
namespace {

namespace fs = std::filesystem;

// share/dodona/template beside the directory of the program, in an installation and a build tree.
fs::path template_directory() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return program.parent_path().parent_path() / "share/dodona/template";
}

int make(const NewPlugin& plugin) {
  write_plugin(plugin, template_directory(), ".");
  print(plugin.name + " is a folder with the " + plugin.role +
        ", its test and a README to fill in\n" + "  cd " + plugin.name +
        "\n  cmake --preset default && cmake --build --preset default && ctest --preset default\n");
  return kDone;
}

}  // namespace

void add_new(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<NewPlugin>();
  given->language = "c++";
  CLI::App* app = program.add_subcommand("new", "Make the folder of a new plugin");
  add_positional(*app, "ROLE", given->role, "What it is: oracle, hypermodel or sink");
  add_positional(*app, "NAME", given->name, "Its name, which its folder gets, too");
  app->get_option("ROLE")->check(CLI::IsMember({"oracle", "hypermodel", "sink"}));
  app->add_option("--language", given->language, "c or c++ (default: c++)")
      ->type_name("LANGUAGE")
      ->check(CLI::IsMember({"c", "c++"}));
  app->footer(R"(Examples:
  dodona new oracle hill_climber
  dodona new sink score_board --language c

The folder builds with the installed SDK alone. Its tests run `dodona check` and a small search.)");
  commands.push_back({app, [given] { return make(*given); }});
}

}  // namespace dodona::host
