// SPDX-License-Identifier: Apache-2.0
#include "store/sqlite_store.hpp"
#include "tuner/document.hpp"
#include "tuner/project.hpp"
#include "tuner/space_json.hpp"
#include "tuner/view.hpp"

#include <dodona/study.hpp>

namespace dodona {

struct Study::Impl {
  explicit Impl(const std::string& directory)
      : store(store::open_sqlite_store(directory, store::Access::kRead)),
        state(tuner::fold(*store)),
        // A crash right after its creation leaves a study without a document.
        objective(state.document().empty() ? study::ObjectiveTerm()
                                           : tuner::objective_of(state.document())) {}

  tuner::View view() const { return {state, store->names(), objective}; }

  std::unique_ptr<study::Store> store;
  study::State state;
  study::ObjectiveTerm objective;
};

Study::Study(const std::string& project_directory)
    : impl_(std::make_unique<Impl>(project_directory)) {}
Study::Study(Study&&) noexcept = default;
Study& Study::operator=(Study&&) noexcept = default;
Study::~Study() = default;

std::vector<Result> Study::trials() const {
  return impl_->view().trials();
}
std::vector<Result> Study::best(std::uint64_t count) const {
  return impl_->view().best(count);
}
std::vector<HyperParameter> Study::space() const {
  return tuner::to_facade(impl_->state.params());
}
Objective Study::objective() const {
  return tuner::to_facade(impl_->objective);
}
std::uint64_t Study::seed() const {
  return impl_->state.seed().value_or(0);
}
std::string Study::document() const {
  return impl_->state.document();
}

}  // namespace dodona
