// SPDX-License-Identifier: Apache-2.0
//
// dodona ask-tell
#include "host/crash.hpp"
#include "host/exit_code.hpp"
#include "host/interrupt.hpp"
#include "host/log.hpp"
#include "host/openmp.hpp"
#include "host/progress.hpp"
#include "host/study_place.hpp"
#include "host/terminal.hpp"
#include "host/usage.hpp"

#include <dodona/tuner.hpp>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace dodona::host {
namespace {

constexpr std::size_t kLineBytesMax = std::size_t{1} << 20;

// Lines of standard input, until its end or a call of leave() from another thread.
class Lines {
 public:
  Lines() {
    if (pipe(wake_) != 0) throw Error(DODONA_E_IO, std::string("pipe: ") + std::strerror(errno));
  }
  ~Lines() {
    close(wake_[0]);
    close(wake_[1]);
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  void leave() { [[maybe_unused]] const ssize_t one = write(wake_[1], "", 1); }

  // Without its end; a line that is too long comes cut to one byte more than there may be.
  std::optional<std::string> next() {
    std::string line;
    for (;;) {
      const std::size_t end = buffer_.find('\n');
      line.append(buffer_, 0, end);
      if (line.size() > kLineBytesMax) line.resize(kLineBytesMax + 1);
      if (end != std::string::npos) {
        buffer_.erase(0, end + 1);
        return line;
      }
      buffer_.clear();
      if (more()) continue;
      if (left_ || line.empty()) return std::nullopt;
      return line;  // the last one, which nobody ended
    }
  }

 private:
  bool more() {
    pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {wake_[0], POLLIN, 0}};
    while (poll(sources, 2, -1) < 0) {
      if (errno != EINTR) throw Error(DODONA_E_IO, std::string("poll: ") + std::strerror(errno));
    }
    left_ = sources[1].revents != 0;
    if (left_) return false;
    char bytes[65536];
    const ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
    if (count < 0) {
      throw Error(DODONA_E_IO, std::string("cannot read standard input: ") + std::strerror(errno));
    }
    buffer_.assign(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  int wake_[2] = {};
  std::string buffer_;
  bool left_ = false;
};

int ask_tell(const StudyCommand& command) {
  Interrupt interrupt;  // before anything starts a thread
  std::signal(SIGPIPE, SIG_IGN);
  if (command.study == "-") {
    throw Error(DODONA_E_INVALID,
                "standard input is where ask-tell gets its requests; give the study as a file");
  }
  const PluginSources plugins = plugin_sources(command.plugin_directories);
  TunerOptions options = read_ask_tell_file(command.study, command.sets, plugins);
  options.overwrite = command.overwrite;
  options.accept_changes = command.accept_changes;
  ProgressDisplay display({}, ProgressDisplay::Shown::kMessages);
  Log log(display, command.verbose);
  options.on_log = [&log](dodona_level level, const std::string& message) {
    log.write(level, message);
  };
  log.write(DODONA_INFO, openmp_waits());
  Lines lines;
  {
    Tuner tuner(options);
    watch_project(tuner.directory());
    tuner.open_desk();  // what is wrong with plugins or initial values ends the program
    const Interrupt::Action action(interrupt, [&] {
      tuner.stop();
      lines.leave();
    });
    while (const auto line = lines.next()) {
      print((line->size() > kLineBytesMax
                 ? std::string(R"({"error": "the request is longer than 1 MiB", "key": ""})")
                 : answer(tuner, *line)) +
            "\n");
      if (interrupt.came()) break;
    }
  }
  if (!interrupt.came()) return kDone;
  complain("interrupted; what was told is saved, and the same command goes on");
  return kInterrupted;
}

}  // namespace

void add_ask_tell(CLI::App& program, Commands& commands) {
  const auto given = std::make_shared<StudyCommand>();
  CLI::App* app = program.add_subcommand(
      "ask-tell", "Give trials to another program and take their results, as lines of JSON");
  add_study(*app, *given, "The study file; it needs \"space\"");
  app->footer(R"(Requests on standard input (>), an answer each on standard output (<):
  > {"ask": 1}
  < {"trials": [{"trial": 0, "values": {"lr": 0.003}, "seed": 123, "start_step": 0,
                 "budget": 0, "resume_of": null, "directory": "runs/fashion/trials/0"}]}
    or {"wait": true}: tell another trial first, or {"exhausted": true}: there are no more
  > {"report": 0, "step": 1, "metrics": {"loss": 0.5}}
  < {"continue": true}                          false: stop, and tell it as stopped
  > {"tell": 0, "metrics": {"loss": 0.31}}      {"tell": 0, "state": "stopped"} of reports alone,
  < {"ok": true}                                {"tell": 0, "state": "failed", "message": "..."}
  > {"best": 1}
  < {"trials": [{"trial": 0, "values": {"lr": 0.003}, "score": 0.31}]}
    anything wrong: {"error": "...", "key": "..."}

Example:
  echo '{"ask": 2}' | dodona ask-tell fashion.json

Answers to ask and tell are on the disk before they are given. The end of the input ends it; trials
that were asked for and not told are the first ones given next time.)");
  commands.push_back(
      {app, [given] { return run_placed(*given, [&] { return ask_tell(*given); }); }});
}

}  // namespace dodona::host
