// SPDX-License-Identifier: Apache-2.0
//
// Sink `prometheus`: the figures of a study as a text file, for the textfile collector of the node
// exporter. The file is replaced as a whole at each flush.
//
// After a crash it goes on from the figures in the file. A file in the study's directory that tells
// another study, which was overwritten, begins anew. A file elsewhere is the user's: the same
// mismatch is an error.
//
// Cost: less than 1 us for an event; a file of 3 kB and one fsync for a flush.
#include "common/text/sink_study.hpp"
#include "figures.hpp"

#include <dodona/plugin.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;

class Prometheus {
 public:
  explicit Prometheus(const dodona::StudyContext& context)
      : path_(dodona::common::log_path(context)),
        figures_(dodona::common::name_of(context.study), dodona::common::to_hex(context.study.id),
                 dodona::common::objectives_of(context.study)) {
    if (!fs::exists(path_)) return;
    std::ifstream file(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    try {
      figures_.read(text);
    } catch (const dodona::Error& error) {
      if (!fs::path(context.options.get<std::string>("path")).is_absolute()) return;
      throw dodona::Error(DODONA_E_STATE,
                          path_.string() + " is of another study or no file of this " +
                              "kind: it " + error.what() + "; move it away or give another path");
    }
  }

  void consume(const dodona_event& event) {
    if (event.sequence < figures_.next()) return;
    if (event.sequence > figures_.next()) {
      throw dodona::Error(DODONA_E_STATE, path_.string() + " lacks events " +
                                              std::to_string(figures_.next()) + " to " +
                                              std::to_string(event.sequence - 1) +
                                              ", which were in it; put it back, or give another "
                                              "path, which begins with the first event");
    }
    figures_.count(event);
  }

  void flush() {
    const std::string text = figures_.write();
    const std::string fresh = path_.string() + ".new";
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool done = file >= 0;
    done = done && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    done = done && ::fsync(file) == 0;
    const int reason = errno;
    if (file >= 0) ::close(file);
    if (!done) {
      throw dodona::Error(DODONA_E_IO, "cannot write " + fresh + ": " + std::strerror(reason));
    }
    fs::rename(fresh, path_);
  }

 private:
  const fs::path path_;
  prometheus::Figures figures_;
};

}  // namespace

DODONA_PLUGIN(dodona::sink<Prometheus>(
    {.id = "org.dodona.prometheus",
     .name = "prometheus",
     .description = "figures of the study as a text file for Prometheus' node exporter"},
    dodona::option("path", "dodona.prom",
                   "the file, seen from the study's directory; an absolute path for one in the "
                   "directory of the node exporter's textfile collector")))
