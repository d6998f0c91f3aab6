// SPDX-License-Identifier: Apache-2.0
//
// The program `dodona`: the command line over libdodona.
#include "host/crash.hpp"
#include "host/exit_code.hpp"
#include "host/openmp.hpp"
#include "host/terminal.hpp"
#include "host/usage.hpp"

#include <dodona/kernel.hpp>

#include <cstdlib>
#include <dlfcn.h>
#include <exception>
#include <string>

namespace dodona::host {
namespace {

int run(const Words& words) {
  CLI::App program("Dodona, a hyperparameter tuner", "dodona");
  program.footer(program_footer());
  program.require_subcommand(0, 1);
  program.get_formatter()->column_width(34);
  program.get_formatter()->label("SUBCOMMAND", "COMMAND");
  bool version_asked = false;
  program.add_flag("--version", version_asked, "Print the version and leave");
  Commands commands;
  add_search(program, commands, words);
  add_ask_tell(program, commands);
  add_results(program, commands);
  add_show(program, commands);
  add_explain(program, commands);
  add_report(program, commands);
  add_serve(program, commands);
  add_list(program, commands);
  add_delete(program, commands);
  add_operations(program, commands);
  add_replay(program, commands);
  add_retrain(program, commands);
  add_models(program, commands);
  add_export(program, commands);
  add_import(program, commands);
  add_plugins(program, commands);
  add_check(program, commands);
  add_new(program, commands);
  add_manual(program, commands);
  for (CLI::App* command : program.get_subcommands([](CLI::App*) { return true; })) {
    command->group("Commands");
  }
  try {
    program.parse(Words(words.rbegin(), words.rend() - 1));  // it takes words from the end
  } catch (const CLI::CallForHelp&) {
    print(program.help());
    return kDone;
  } catch (const CLI::ParseError& error) {
    complain(usage_error(program, error));
    return kUsage;
  }
  if (version_asked) {
    print(std::string("dodona ") + version() + "\n");
    return kDone;
  }
  for (const Command& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  complain("a command is needed, such as: dodona search STUDY.json; see dodona --help");
  return kUsage;
}

int guarded(const Words& words) {
  try {
    return run(words);
  } catch (const Error& error) {
    complain(error.what());
    return exit_code(error);
  } catch (const std::exception& error) {
    complain(error.what());
    return kNoResult;
  }
}

}  // namespace
}  // namespace dodona::host

// The program's own stands before that of the C library for every plugin that is loaded. The
// program itself returns from main().
extern "C" void exit(int status) noexcept {
  dodona::host::exit_was_called();
  using Exit = void (*)(int);
  reinterpret_cast<Exit>(dlsym(RTLD_NEXT, "exit"))(status);
  __builtin_unreachable();
}

int main(int argc, char** argv) {
  dodona::host::watch_for_crashes();
  dodona::host::keep_standard_output();
  dodona::host::openmp_waits();
  const dodona::host::Words words(argv, argv + argc);
  return dodona::host::guarded(words.empty() ? dodona::host::Words{"dodona"} : words);
}
