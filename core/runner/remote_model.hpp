// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel whose executions run in runners: processes of their own, one a worker. Above it
// nothing is different.
//
// Its constructor starts the first runner, so what is wrong with the hypermodel is an error of the
// start. That runner answers declare() and serves the first worker that wants one.
//
// Errors:  the constructor and declare() throw what the hypermodel fails with there, and
//          Error{kPlugin} where its process ended. Executions as study::Seat says.
// Threads: as study::HyperModel.
// Lifetime: `services` outlives it, and it outlives its seats.
#pragma once

#include "runner/keeper.hpp"
#include "runner/runner.hpp"
#include "study/roles.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace dodona::runner {

class RemoteModel final : public study::HyperModel {
 public:
  RemoteModel(Launch launch, study::Services& services);

  bool declares() const override { return told_.declares; }
  void declare(study::Asker& asker) override;
  std::vector<study::ToldMetric> metrics() override { return told_.metrics; }
  // Through a seat of its own.
  bool execute(study::Run& run) override;
  std::unique_ptr<study::Seat> seat(std::uint32_t worker) override;
  bool saves() const override { return told_.saves; }
  bool goes_on() const override { return told_.goes_on; }
  // Throws Error{kUnsupported}: a model lives in its process.
  std::shared_ptr<void> make(study::Run& run) override;

 private:
  class RemoteSeat;
  // A runner that has answered the greeting; none if `given_up` answered true meanwhile.
  std::unique_ptr<Runner> take(const std::function<bool()>& given_up);
  void give_back(std::unique_ptr<Runner> runner);

  const Launch launch_;
  study::Services& services_;
  Keeper keeper_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Runner>> idle_;
  Told told_;
};

}  // namespace dodona::runner
