// SPDX-License-Identifier: Apache-2.0
//
// dodona serve
#include "host/exit_code.hpp"
#include "host/interrupt.hpp"
#include "host/terminal.hpp"
#include "host/usage.hpp"

#if DODONA_HAS_PAGES
#include <dodona/pages.hpp>
#endif
#include <dodona/kernel.hpp>

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace dodona::host {
namespace {

struct ServeCommand {
  std::string directory;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8765;
  bool allow_actions = false;
  std::vector<std::string> plugin_path;
};

#if DODONA_HAS_PAGES

// Waits for the first signal.
void wait_for(Interrupt& interrupt) {
  std::mutex mutex;
  std::condition_variable changed;
  bool came = false;
  const Interrupt::Action action(interrupt, [&] {
    const std::lock_guard lock(mutex);
    came = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return came; });
}

// 128 random bits as 32 digits.
std::string random_token() {
  std::random_device device;
  std::string token;
  for (int word = 0; word < 4; ++word) {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", device());
    token += digits;
  }
  return token;
}

int serve(const ServeCommand& command) {
  Interrupt interrupt;
  const std::string token = command.allow_actions ? random_token() : "";
  const PageServer server(
      {command.directory, command.host, command.port, plugin_sources(command.plugin_path), token});
  const std::string address = server.address() + (token.empty() ? "" : "#token=" + token);
  print("serving " + command.directory + " at " + address + "; Ctrl-C ends it\n");
  wait_for(interrupt);
  return kDone;
}

#else

int serve(const ServeCommand&) {
  refuse_without_pages("serve");
}

#endif

}  // namespace

void add_serve(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<ServeCommand>();
  CLI::App* app =
      program.add_subcommand("serve", "Show studies in a browser, as they are while they run");
  add_positional(*app, "DIR", given->directory,
                 "The directory of a project, or one with projects below it, such as runs");
  app->add_option("--port", given->port, "The port; 0: a free one")
      ->capture_default_str()
      ->type_name("N");
  app->add_option("--host", given->host,
                  "The address to listen on; others than these can be reached "
                  "from other machines")
      ->capture_default_str()
      ->type_name("ADDRESS");
  app->add_flag("--allow-actions", given->allow_actions,
                "Pages opened by the printed address, or given its token, may stop trials and the "
                "search, try values, keep notes, and raise max_trials");
  add_plugin_path(*app, given->plugin_path);
  app->footer(R"(Examples:
  dodona serve runs
  dodona serve runs/fashion --port 0
  dodona serve runs --allow-actions
  ssh -L 8765:localhost:8765 node1 dodona serve runs     to look from another machine

The page shows what the processes that search write, within a fraction of a second. It changes
nothing, but with --allow-actions; each action is confirmed, and stands in the log. Everybody who
reaches the address may read the studies: on 127.0.0.1, those who are logged in on this machine.)");
  commands.push_back({app, [given] { return serve(*given); }});
}

}  // namespace dodona::host
