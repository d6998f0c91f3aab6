// SPDX-License-Identifier: Apache-2.0
//
// A hypermodel whose executions run in runners: processes of their own, one a worker. Above it
// nothing is different.
//
// Its constructor starts the first runner, so what is wrong with the hypermodel is an error of the
// start. That runner answers declare() and serves the first worker that wants one.
//
// Worker n has slot n, counted round. A slot where a runner cannot be, as its plugin or its data is
// not there, is out: its workers leave, and the log is told why. Where a runner may succeed later,
// as a host does not answer, it is tried again and again.
//
// Errors:  the constructor and declare() throw what the hypermodel fails with there, and
//          Error{kPlugin} where its process ended: where slots are several, the last one's, once all
//          have failed. Executions as study::Seat says.
// Threads: as study::HyperModel.
// Lifetime: `services` outlives it, and it outlives its seats.
#pragma once

#include "runner/keeper.hpp"
#include "runner/runner.hpp"
#include "runner/scratch.hpp"
#include "study/roles.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace dodona::runner {

class RemoteModel final : public study::HyperModel {
 public:
  RemoteModel(Launch launch, study::Services& services);

  bool declares() const override { return told_->declares; }
  void declare(study::Asker& asker) override;
  std::vector<study::ToldMetric> metrics() override { return told_->metrics; }
  // Through a seat of its own.
  bool execute(study::Run& run) override;
  std::unique_ptr<study::Seat> seat(std::uint32_t worker) override;
  bool saves() const override { return told_->saves; }
  bool goes_on() const override { return told_->goes_on; }
  // Throws Error{kUnsupported}: a model lives in its process.
  std::shared_ptr<void> make(study::Run& run) override;

 private:
  class RemoteSeat;
  // A slot of `launch_`, as it has turned out.
  struct SlotState {
    bool out = false;
    bool differs = false;  // its processor, which the log was told
    std::string said{};    // of its last failure, so that the log is told once
  };
  struct Placed {
    std::unique_ptr<Runner> runner;
    std::size_t slot;
  };
  enum class Retry : std::uint8_t { kLater = 1, kNever };

  void start_first();
  std::string before(std::size_t slot) const;
  std::unique_ptr<Runner> begin(std::size_t slot);
  bool meet(std::size_t slot, std::unique_ptr<Runner>& runner,
            const std::function<bool()>& given_up);
  std::unique_ptr<Runner> start(std::size_t slot, const std::function<bool()>& given_up);
  void welcome(std::size_t slot, const std::string& host, Told&& told);
  void refuse(std::size_t slot, const Error& error, Retry retry);
  bool is_out(std::size_t slot);
  std::unique_ptr<Runner> find(std::vector<Placed>& list, std::size_t slot);
  // A runner that has answered the greeting; none where the slot is out, or if `given_up` answered
  // true meanwhile. Throws where all slots are out.
  std::unique_ptr<Runner> take(std::size_t slot, const std::function<bool()>& given_up);
  void give_back(std::unique_ptr<Runner> runner, std::size_t slot);

  Launch launch_;  // not changed any more once the constructor is done
  std::optional<SharedMark> mark_;
  study::Services& services_;
  std::mutex mutex_;
  std::vector<SlotState> slots_;
  std::optional<Error> last_error_;
  std::optional<Told> told_;
  Keeper keeper_;  // outlives the runners
  std::vector<Placed> idle_;
  std::vector<Placed> starting_;  // that have not answered the greeting yet
};

}  // namespace dodona::runner
