// SPDX-License-Identifier: Apache-2.0
#include "study/roles.hpp"

namespace dodona::study {
namespace {

// This process, which is always ready.
class SeatHere final : public Seat {
 public:
  explicit SeatHere(HyperModel& model) : model_(model) {}
  bool ready(const std::function<bool()>&) override { return true; }
  bool is_ready() override { return true; }
  bool execute(Run& run) override { return model_.execute(run); }
  std::string runner() const override { return {}; }

 private:
  HyperModel& model_;
};

}  // namespace

std::unique_ptr<Seat> HyperModel::seat(std::uint32_t) {
  return std::make_unique<SeatHere>(*this);
}

namespace {

[[noreturn]] void refuse(const char* what) {
  throw Error(DODONA_E_UNSUPPORTED, std::string("the hypermodel cannot ") + what);
}

}  // namespace

std::vector<ModelLayer> HyperModel::layers(Run&) {
  refuse("tell its layers");
}
void HyperModel::evaluate_on(Run&, const std::string&, Evaluation&) {
  refuse("evaluate a model on data");
}
void HyperModel::predict(Run&, const std::string&, Rows&) {
  refuse("predict");
}

}  // namespace dodona::study
