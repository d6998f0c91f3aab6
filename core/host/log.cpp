// SPDX-License-Identifier: Apache-2.0
#include "host/log.hpp"

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <string_view>

namespace dodona::host {
namespace {

class DisplaySink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit DisplaySink(ProgressDisplay& display) : display_(display) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    const Tone tone = message.level >= spdlog::level::err    ? Tone::kBad
                      : message.level >= spdlog::level::warn ? Tone::kWarning
                                                             : Tone::kDim;
    display_.print(std::string_view(text.data(), text.size()), tone);
  }
  void flush_() override {}

  ProgressDisplay& display_;
};

spdlog::level::level_enum level_of(dodona_level level) {
  if (level >= DODONA_ERROR) return spdlog::level::err;
  if (level >= DODONA_WARN) return spdlog::level::warn;
  if (level >= DODONA_INFO) return spdlog::level::info;
  return spdlog::level::debug;
}

}  // namespace

Log::Log(ProgressDisplay& display, bool verbose)
    : logger_(std::make_unique<spdlog::logger>("dodona", std::make_shared<DisplaySink>(display))) {
  logger_->set_pattern("%H:%M:%S %l: %v");
  logger_->set_level(verbose ? spdlog::level::info : spdlog::level::warn);
}

Log::~Log() = default;

void Log::write(dodona_level level, const std::string& message) {
  logger_->log(level_of(level), spdlog::string_view_t(message));
}

}  // namespace dodona::host
