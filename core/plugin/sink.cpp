// SPDX-License-Identifier: Apache-2.0
#include "plugin/sink.hpp"

#include "base/assert.hpp"
#include "plugin/completed.hpp"
#include "plugin/event_bridge.hpp"
#include "plugin/host_bridge.hpp"
#include "plugin/library.hpp"
#include "plugin/options.hpp"
#include "plugin/running_call.hpp"
#include "plugin/slot_call.hpp"

#include <algorithm>
#include <utility>

namespace dodona::plugin {
namespace {

class TableSink final : public study::Sink {
 public:
  TableSink(const dodona_sink_vtable& table, std::string label, const study::Names& names,
            study::Services& services)
      : table_(completed(table)),
        label_(std::move(label)),
        name_(lasting_name(label_)),
        host_(services, label_),
        events_(names) {}

  ~TableSink() override {
    const CallScope scope({name_});
    if (owned_) call_last_slot([&] { may_throw(table_.destroy)(self_); });
  }

  void create(const StudyInfo& info, const OptionsView& options, const Create& make) {
    DODONA_ASSERT(self_ == nullptr);
    const StudyView study(info);
    call([&](dodona_error* error) {
      const dodona_status status =
          make ? make(host_.get(), study.get(), options.get(), &self_, error)
               : may_throw(table_.create)(host_.get(), study.get(), options.get(), &self_, error);
      owned_ = status == DODONA_OK;  // whatever becomes of the call
      return status;
    });
  }
  void adopt(void* self) {
    DODONA_ASSERT(!owned_);
    self_ = self;
  }

  void set_space(const Space& space) override {
    auto next = std::make_unique<AbiSpace>(space);
    if (table_.set_space != nullptr) {
      call([&](dodona_error* error) {
        return may_throw(table_.set_space)(self_, next->get(), error);
      });
    }
    space_ = std::move(next);
    events_.set_space(*space_);
  }

  void consume(std::span<const study::Event> events) override {
    while (!events.empty()) {
      const auto some = events.first(std::min(events.size(), EventBridge::kBlock));
      events = events.subspan(some.size());
      const auto list = events_.convert(some);
      call([&](dodona_error* error) {
        return may_throw(table_.consume)(self_, list.data(), list.size(), error);
      });
    }
  }

  void flush() override {
    call([&](dodona_error* error) { return may_throw(table_.flush)(self_, error); });
  }

 private:
  template <class Function>
  void call(Function&& function) const {
    const CallScope scope({name_});
    call_slot(label_, std::forward<Function>(function));
  }

  const dodona_sink_vtable table_;
  std::string label_;
  const char* const name_;
  HostBridge host_;
  void* self_ = nullptr;
  bool owned_ = false;
  std::unique_ptr<AbiSpace> space_;
  EventBridge events_;
};

}  // namespace

std::unique_ptr<study::Sink> make_sink(const Descriptor& descriptor, const StudyInfo& info,
                                       const boost::json::object& options,
                                       study::Services& services) {
  const OptionsView view(check_options(descriptor, options));
  const auto* table = static_cast<const dodona_sink_vtable*>(load(descriptor, services).vtable);
  auto sink = std::make_unique<TableSink>(*table, label(descriptor), info.names, services);
  sink->create(info, view, descriptor.create);
  return sink;
}

std::unique_ptr<study::Sink> make_sink(const dodona_sink_vtable* table, void* self,
                                       std::string label, const study::Names& names,
                                       study::Services& services) {
  auto sink = std::make_unique<TableSink>(*table, std::move(label), names, services);
  sink->adopt(self);
  return sink;
}

}  // namespace dodona::plugin
