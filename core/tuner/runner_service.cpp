// SPDX-License-Identifier: Apache-2.0
//
// The facade's RunnerService: the server of core/runner over the hypermodels of plugins.
#include "runner/server.hpp"
#include "runner/wire.hpp"
#include "tuner/isolation.hpp"
#include "tuner/services.hpp"

#include <dodona/runner.hpp>

#include <functional>
#include <string_view>

namespace dodona {

static_assert(kRunnerLeft == runner::kLeft);

namespace {

// The services of a runner: lines of the log go to the owner.
class RunnerServices final : public study::Services {
 public:
  void log(study::Level level, std::string_view source, std::string_view message) override {
    if (server != nullptr) server->log(level, source, message);
  }
  bool cancelled() const override { return own_.cancelled(); }
  void parallel_for(std::uint64_t count, std::uint64_t grain,
                    const std::function<void(std::uint64_t, std::uint64_t)>& body) override {
    own_.parallel_for(count, grain, body);
  }
  void cancel() { own_.set_cancelled(true); }

  runner::Server* server = nullptr;

 private:
  tuner::KernelServices own_{nullptr};
};

}  // namespace

struct RunnerService::Impl {
  Impl(int input, int output, const RunnerHooks& hooks)
      : server(input, output,
               {[this](const base::JsonReader& greeting, boost::json::object& answer) {
                  return tuner::make_served(greeting, answer, services);
                },
                [this] { services.cancel(); }, hooks.leave, hooks.asked_to_leave}) {
    services.server = &server;
  }
  RunnerServices services;
  runner::Server server;
};

RunnerService::RunnerService(int input, int output, const RunnerHooks& hooks)
    : impl_(std::make_unique<Impl>(input, output, hooks)) {}
RunnerService::~RunnerService() = default;

void RunnerService::serve() {
  impl_->server.serve();
}

void RunnerService::say_exit(int code) noexcept {
  try {
    impl_->server.say_farewell({{"bye", "exit"}, {"code", code}});
  } catch (...) {  // the owner sees that the process is gone
  }
}

}  // namespace dodona
