// SPDX-License-Identifier: Apache-2.0
//
// Sink `results`: a line of CSV for each trial that ended, for a spreadsheet.
//
//   study,sequence,trial,state,objective,values
//   7f0c...,17,3,completed,0.25,"rate=0.01 optimizer=sgd"
//
// A search that goes on after a crash sends again what was not flushed. Each line therefore begins
// with the study's id and the event's sequence: the sink reads the last one of its study from the
// file, and passes over events that the file has. A line that a crash cut off is removed. Another
// study that takes the place of this one has another id, and its lines follow.
//
// Errors: throws Error{DODONA_E_IO} if the file cannot be read or written; the kernel then sets the
//         sink aside.
// Cost:   one fsync for each flush that has something new.
#include <dodona/plugin.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

constexpr std::string_view kHeader = "study,sequence,trial,state,objective,values\n";

class Results {
 public:
  explicit Results(const dodona::StudyContext& context)
      : path_(path_of(context)), id_(text_of(context.study.id)) {
    if (std::filesystem::exists(path_)) {
      read_file();
    } else {
      pending_ = kHeader;
    }
  }

  void set_space(const dodona::Space& space) { space_ = &space; }

  void consume(const dodona_event& event) {
    const auto* finished = dodona::body_of<dodona_finished_event>(event);
    if (finished == nullptr || (last_ && event.sequence <= *last_)) return;
    pending_ += id_ + ',' + std::to_string(event.sequence) + ',' + std::to_string(event.trial) +
                ',' + std::string(name_of(finished->state)) + ',' +
                text_of(dodona::first_of(finished->objectives)) + ',' +
                quoted(values_of(*finished)) + '\n';
    last_ = event.sequence;
  }

  void flush() {
    if (pending_.empty()) return;
    std::FILE* file = std::fopen(path_.c_str(), "ab");
    bool written = file != nullptr &&
                   std::fwrite(pending_.data(), 1, pending_.size(), file) == pending_.size() &&
                   std::fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file != nullptr && std::fclose(file) != 0) written = false;
    if (!written) throw dodona::Error(DODONA_E_IO, path_ + " cannot be written");
    pending_.clear();
  }

 private:
  static std::string path_of(const dodona::StudyContext& context) {
    const auto file = context.options.get<std::string>("file");
    const std::string_view directory = dodona::view(context.study.directory);
    if (directory.empty()) {
      throw dodona::Error(DODONA_E_INVALID, "the study has no directory for " + file);
    }
    return std::string(directory) + '/' + file;
  }

  // Drops a line that is not whole, and finds the last one of this study.
  void read_file() {
    std::ifstream file(path_, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) throw dodona::Error(DODONA_E_IO, path_ + " cannot be read");
    const std::size_t whole = text.rfind('\n') + 1;  // 0 without any line
    if (whole < text.size()) std::filesystem::resize_file(path_, whole);
    if (whole == 0) pending_ = kHeader;
    const std::string begin = '\n' + id_ + ',';
    const std::size_t line = text.substr(0, whole).rfind(begin);
    if (line != std::string::npos) last_ = std::stoull(text.substr(line + begin.size()));
  }

  std::string values_of(const dodona_finished_event& finished) const {
    std::string text;
    for (const dodona_assignment& each : dodona::list(finished.assignments)) {
      if (!text.empty()) text += ' ';
      text += space_->params()[each.param].name + '=' + text_of(each.value);
    }
    return text;
  }

  static std::string text_of(std::span<const std::uint8_t> id) {
    std::string text;
    for (const unsigned byte : id) {
      text += "0123456789abcdef"[byte / 16];
      text += "0123456789abcdef"[byte % 16];
    }
    return text;
  }
  static std::string text_of(double number) {
    if (std::isnan(number)) return "";
    char text[32];
    return {text, std::to_chars(std::begin(text), std::end(text), number).ptr};
  }
  static std::string text_of(const dodona_value& value) {
    switch (value.kind) {
      case DODONA_INT:
        return std::to_string(value.as.i);
      case DODONA_DOUBLE:
        return text_of(value.as.d);
      case DODONA_BOOL:
        return value.as.i != 0 ? "true" : "false";
      case DODONA_STRING:
        return std::string(dodona::view(value.as.s));
      default:
        return "?";
    }
  }

  static std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
  }

  static std::string_view name_of(dodona_trial_state state) {
    switch (state) {
      case DODONA_COMPLETED:
        return "completed";
      case DODONA_STOPPED:
        return "stopped";
      case DODONA_INVALID:
        return "invalid";
      default:
        return "failed";
    }
  }

  std::string path_;
  std::string id_;  // of the study
  const dodona::Space* space_ = nullptr;
  std::optional<std::uint64_t> last_;  // sequence of the last line that is written or pending
  std::string pending_;                // written by the next flush
};

}  // namespace

DODONA_PLUGIN(dodona::sink<Results>({.id = "org.example.results",
                                     .name = "results",
                                     .description = "a line of CSV for each trial that ended"},
                                    dodona::option("file", "results.csv",
                                                   "name of the file, in the project's directory")))
