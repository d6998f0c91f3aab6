// SPDX-License-Identifier: Apache-2.0
//
// The sink my_plugin: it receives what happens in a study.
//
// After a crash events may come again. They are known by their sequence, so the file holds the
// sequence of each. It begins with the id of its study: a file of another study is replaced.
// <dodona/sink.hpp> says when each member is called.
#include <dodona/plugin.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

class MyPlugin {
 public:
  explicit MyPlugin(const dodona::StudyContext& context)
      : path_(dodona::view(context.study.directory)) {
    if (path_.empty()) return;  // the study writes nothing, so neither does this
    path_ += "/my_plugin.txt";
    std::string id;
    for (const std::uint8_t byte : context.study.id) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", byte);
      id += digits;
    }
    read("study " + id + "\n");
  }

  // FILL IN: what is worth to be told. This one keeps the score of each trial.
  void consume(const dodona_event& event) {
    if (event.sequence < next_) return;
    next_ = event.sequence + 1;
    const auto* finished = dodona::body_of<dodona_finished_event>(event);
    if (finished == nullptr) return;
    text_ += std::to_string(event.sequence) + " trial " + std::to_string(event.trial);
    if (finished->objectives.size > 0) {
      text_ += " objective " + std::to_string(finished->objectives.data[0]);
    }
    text_ += '\n';
    changed_ = true;
  }

  // Another file takes the place of the old one, so that there is never half of it.
  void flush() {
    if (path_.empty() || !changed_) return;
    const std::string draft = path_ + ".new";
    std::ofstream file(draft, std::ios::binary);
    file << text_ << std::flush;
    if (!file) throw dodona::Error(DODONA_E_IO, "cannot write " + draft);
    file.close();
    std::filesystem::rename(draft, path_);
    changed_ = false;
  }

 private:
  // Goes on after the last event of a file of the same study.
  void read(const std::string& head) {
    text_ = head;
    std::ifstream file(path_, std::ios::binary);
    std::string line;
    if (!std::getline(file, line) || line + "\n" != head) return;
    while (std::getline(file, line)) {
      text_ += line + "\n";
      next_ = std::stoull(line) + 1;
    }
  }

  std::string path_;
  std::string text_;
  std::uint64_t next_ = 0;  // the sequence of the first event that is not in the text
  bool changed_ = false;
};

DODONA_PLUGIN(dodona::sink<MyPlugin>(
    {.id = "org.example.my_plugin", .name = "my_plugin", .description = "FILL IN: what it writes"}))
