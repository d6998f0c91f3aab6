// SPDX-License-Identifier: Apache-2.0
//
// Each body has its members listed once, in fields(); the three passes over that list measure,
// write and read, so that they cannot disagree.
#include "study/codec.hpp"

#include "study/seed.hpp"

#include <dodona/error.hpp>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

namespace dodona::study {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie");

constexpr std::size_t kVarintMax = 10;
constexpr std::size_t kHeaderMax = 2 + kVarintMax + 8;

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

// The fewest bytes an element can take, so that a forged count is refused before anything is
// allocated for it.
template <class T>
constexpr std::size_t kBytesMin = 0;  // says that T has none here
template <>
constexpr std::size_t kBytesMin<Assignment> = 9;
template <>
constexpr std::size_t kBytesMin<MetricValue> = 9;
template <>
constexpr std::size_t kBytesMin<Value> = 2;
template <>
constexpr std::size_t kBytesMin<LaterValue> = 3;
template <>
constexpr std::size_t kBytesMin<Condition> = 2;
template <>
constexpr std::size_t kBytesMin<Param> = 31;
template <>
constexpr std::size_t kBytesMin<PluginIdentity> = 4;

// ---- the members, in the order in which they lie ------------------------------------------------
//
// Fields below `if (io.version() > 1)` are missing in events of 0.1.

template <class Io>
void fields(Io& io, Is<Value> auto& x) {
  io.value(x);
}
template <class Io>
void fields(Io& io, Is<Assignment> auto& x) {
  io.whole(x.param);
  io.cell(x.cell);
}
template <class Io>
void fields(Io& io, Is<MetricValue> auto& x) {
  io.whole(x.name);
  io.real(x.value);
}
template <class Io>
void fields(Io& io, Is<Condition> auto& x) {
  io.text(x.parent);
  io.list(x.any_of);
}
template <class Io>
void fields(Io& io, Is<Param> auto& x) {
  io.code(x.type, ParamType::kFixed);
  io.code(x.sampling, Sampling::kReverseLog);
  io.flag(x.ordered);
  io.text(x.name);
  io.cell(x.low);
  io.cell(x.high);
  io.maybe_cell(x.step);
  io.cell(x.initial);
  io.list(x.choices);
  io.list(x.conditions);
}
template <class Io>
void fields(Io& io, Is<Created> auto& x) {
  io.whole(x.seed);
  io.text(x.version);
  if (io.version() > 1) io.id(x.id);
}
template <class Io>
void fields(Io& io, Is<PluginIdentity> auto& x) {
  io.text(x.role);
  io.text(x.id);
  io.text(x.version);
  io.text(x.build_id);
}
template <class Io>
void fields(Io& io, Is<Configured> auto& x) {
  io.text(x.document);
  if (io.version() > 1) {
    io.list(x.plugins);
    io.last_flag(x.keeps_oracle);
  }
}
template <class Io>
void fields(Io& io, Is<SpaceGrown> auto& x) {
  io.whole(x.first);
  io.list(x.params);
  io.last_texts(x.constraints);
}
template <class Io>
void fields(Io& io, Is<LaterValue> auto& x) {
  io.text(x.name);
  io.value(x.value);
}
template <class Io>
void fields(Io& io, Is<Enqueued> auto& x) {
  io.list(x.assignments);
  if (io.version() > 1) io.list(x.later);
}
template <class Io>
void fields(Io& io, Is<Imported> auto& x) {
  io.code(x.state, TrialState::kInvalid);
  io.list(x.assignments);
  io.list(x.metrics);
  io.objectives(x.objectives);
  io.text(x.source);
  if (io.version() > 1) {
    io.place(x.trial);
    io.list(x.later);
    io.tail(x.excesses);
  }
}
template <class Io>
void fields(Io& io, Is<Noted> auto& x) {
  io.text(x.key);
  io.text(x.value);
}
template <class Io>
void fields(Io& io, Is<Proposed> auto& x) {
  io.list(x.assignments);
  io.whole(x.budget);
  io.whole(x.start_step);
  io.place(x.resume_of);
  io.whole(x.tag);
  io.whole(x.seen);
  io.place(x.enqueued);
  io.text(x.note);
  io.last_place(x.repeat_of);
}
template <class Io>
void fields(Io& io, Is<Started> auto& x) {
  io.whole(x.execution);
  io.whole(x.attempt);
  if (io.version() > 1) {
    io.place(x.start_step);
    io.last_text(x.runner);
  }
}
template <class Io>
void fields(Io& io, Is<Filled> auto& x) {
  fields(io, x.assignment);
}
template <class Io>
void fields(Io& io, Is<Reported> auto& x) {
  io.whole(x.execution);
  io.whole(x.step);
  io.list(x.metrics);
  io.objectives(x.objectives);
  io.code(x.verdict, Verdict::kStopStudy);
  if (io.version() > 1) io.tail(x.excesses);
}
template <class Io>
void fields(Io& io, Is<Finished> auto& x) {
  io.code(x.state, TrialState::kInvalid);
  if (io.version() > 1) io.code(x.outcome, Outcome::kInfeasible);
  io.list(x.assignments);
  io.list(x.metrics);
  io.objectives(x.objectives);
  if (io.version() > 1) io.numbers(x.excesses);
  io.whole(x.best_step);
  if (io.version() > 1) io.real(x.seconds);
  io.text(x.message);
  io.tail(x.executions);
}
template <class Io>
void fields(Io& io, Is<Stopped> auto& x) {
  io.text(x.reason);
}
template <class Io>
void fields(Io& io, Is<Lost> auto& x) {
  io.whole(x.execution);
  io.text(x.why);
}

// ---- measure ------------------------------------------------------------------------------------

// At least as many bytes as a Writer will write.
class Bound {
 public:
  std::size_t bytes = 0;

  static constexpr std::uint8_t version() { return kEncodingVersion; }
  void id(const StudyId& x) { bytes += x.size(); }
  void whole(std::uint64_t) { bytes += kVarintMax; }
  void whole(std::uint32_t) { bytes += 5; }
  void place(std::uint64_t) { bytes += kVarintMax; }
  void last_place(std::uint64_t) { bytes += kVarintMax; }
  void real(double) { bytes += 8; }
  void cell(Cell) { bytes += 8; }
  void maybe_cell(const std::optional<Cell>&) { bytes += 9; }
  void flag(bool) { bytes += 1; }
  void last_flag(bool) { bytes += 1; }
  template <class Enum>
  void code(Enum, Enum) {
    bytes += 1;
  }
  void text(const std::string& x) { bytes += kVarintMax + x.size(); }
  void last_text(const std::string& x) { text(x); }
  void last_texts(const std::vector<std::string>& x) {
    bytes += kVarintMax;
    for (const std::string& each : x) text(each);
  }
  template <class T>
  void list(const std::vector<T>& x) {
    bytes += kVarintMax;
    for (const T& element : x) fields(*this, element);
  }
  template <class List>
  void numbers(const List& x) {
    bytes += kVarintMax + 8 * x.size();
  }
  void objectives(const Numbers& x) { numbers(x); }
  template <class List>
  void tail(const List& x) {
    numbers(x);
  }
  void value(const Value& x) {
    const auto* string = std::get_if<std::string>(&x);
    bytes += 1 + kVarintMax + (string ? string->size() : 0);
  }
};

// ---- write --------------------------------------------------------------------------------------

char* put_varint(char* at, std::uint64_t x) {
  for (; x >= 0x80; x >>= 7) *at++ = static_cast<char>(x | 0x80);
  *at++ = static_cast<char>(x);
  return at;
}

// Writes to memory that a Bound has measured.
class Writer {
 public:
  explicit Writer(char* at) : at_(at) {}
  char* at() const { return at_; }

  static constexpr std::uint8_t version() { return kEncodingVersion; }
  void id(const StudyId& x) {
    std::memcpy(at_, x.data(), x.size());
    at_ += x.size();
  }
  void byte(std::uint8_t x) { *at_++ = static_cast<char>(x); }
  void whole(std::uint64_t x) { at_ = put_varint(at_, x); }
  void place(std::uint64_t x) { whole(x + 1); }
  void last_place(std::uint64_t x) {
    if (x != kNoTrial) place(x);
  }
  void integer(std::int64_t x) {
    whole((static_cast<std::uint64_t>(x) << 1) ^ static_cast<std::uint64_t>(x >> 63));
  }
  void real(double x) { eight(&x); }
  void cell(Cell x) { eight(&x); }
  void nanos(std::int64_t x) { eight(&x); }
  void maybe_cell(const std::optional<Cell>& x) {
    flag(x.has_value());
    if (x) cell(*x);
  }
  void flag(bool x) { byte(x ? 1 : 0); }
  void last_flag(bool x) {
    if (x) flag(x);
  }
  template <class Enum>
  void code(Enum x, Enum) {
    byte(static_cast<std::uint8_t>(x));
  }
  void text(const std::string& x) {
    whole(x.size());
    std::memcpy(at_, x.data(), x.size());
    at_ += x.size();
  }
  void last_text(const std::string& x) {
    if (!x.empty()) text(x);
  }
  void last_texts(const std::vector<std::string>& x) {
    if (x.empty()) return;
    whole(x.size());
    for (const std::string& each : x) text(each);
  }
  template <class T>
  void list(const std::vector<T>& x) {
    whole(x.size());
    for (const T& element : x) fields(*this, element);
  }
  template <class List>
  void numbers(const List& x) {
    whole(x.size());
    for (const double each : x) real(each);
  }
  void objectives(const Numbers& x) { numbers(x); }
  template <class List>
  void tail(const List& x) {
    if (x.size() > 0) numbers(x);
  }
  void value(const Value& x) {
    byte(static_cast<std::uint8_t>(x.index() + 1));
    if (const auto* w = std::get_if<std::int64_t>(&x)) integer(*w);
    if (const auto* r = std::get_if<double>(&x)) real(*r);
    if (const auto* f = std::get_if<bool>(&x)) flag(*f);
    if (const auto* s = std::get_if<std::string>(&x)) text(*s);
  }

 private:
  template <class T>
  void eight(const T* x) {
    static_assert(sizeof(T) == 8 && std::is_trivially_copyable_v<T>);
    std::memcpy(at_, x, 8);
    at_ += 8;
  }

  char* at_;
};

// ---- read ---------------------------------------------------------------------------------------

[[noreturn, gnu::cold]] void refuse(const std::string& what) {
  throw Error(DODONA_E_IO, "damaged event (" + what + ")");
}

// Accepts exactly what a Writer writes: every number in its shortest form, every code known.
class EventReader {
 public:
  explicit EventReader(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
  const char* at() const { return at_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  // Of the event that is read.
  std::uint8_t version() const { return version_; }
  void read_version() {
    version_ = byte();
    if (version_ >= 1 && version_ <= kEncodingVersion) return;
    refuse("its version is " + std::to_string(version_) + ", known are 1 to " +
           std::to_string(kEncodingVersion));
  }
  void id(StudyId& x) {
    need(x.size());
    std::memcpy(x.data(), at_, x.size());
    at_ += x.size();
  }
  std::uint8_t byte() {
    need(1);
    return static_cast<std::uint8_t>(*at_++);
  }
  void whole(std::uint64_t& x) { x = varint(); }
  void whole(std::uint32_t& x) {
    const std::uint64_t wide = varint();
    if (wide > UINT32_MAX) [[unlikely]]
      refuse(std::to_string(wide) + " is too large");
    x = static_cast<std::uint32_t>(wide);
  }
  void place(std::uint64_t& x) { x = varint() - 1; }
  // At the end of an event alone: nothing there is none.
  void last_place(std::uint64_t& x) {
    if (left() == 0) return;
    place(x);
    if (x == kNoTrial) refuse("no trial at its end");
  }
  void integer(std::int64_t& x) {
    const std::uint64_t zigzag = varint();
    x = static_cast<std::int64_t>((zigzag >> 1) ^ (0 - (zigzag & 1)));
  }
  void real(double& x) { eight(&x); }
  void cell(Cell& x) { eight(&x); }
  void nanos(std::int64_t& x) { eight(&x); }
  void maybe_cell(std::optional<Cell>& x) {
    bool there = false;
    flag(there);
    if (there) cell(x.emplace());
  }
  void flag(bool& x) {
    const std::uint8_t b = byte();
    if (b > 1) refuse("a truth value of " + std::to_string(b));
    x = b != 0;
  }
  // At the end of an event alone: nothing there is false.
  void last_flag(bool& x) {
    if (left() == 0) return;
    flag(x);
    if (!x) refuse("a truth value of 0 at its end");
  }
  template <class Enum>
  void code(Enum& x, Enum last) {
    const std::uint8_t b = byte();
    if (b == 0 || b > static_cast<std::uint8_t>(last)) refuse("unknown code " + std::to_string(b));
    x = static_cast<Enum>(b);
  }
  void text(std::string& x) {
    const std::size_t size = count(1);
    x.assign(at_, size);
    at_ += size;
  }
  // At the end of an event alone, as the next one: an empty text, or none, is left out.
  void last_text(std::string& x) {
    if (left() == 0) return;
    text(x);
    if (x.empty()) refuse("a text of nothing at its end");
  }
  void last_texts(std::vector<std::string>& x) {
    if (left() == 0) return;
    x.resize(count(1));
    for (std::string& each : x) text(each);
    if (x.empty()) refuse("a list of nothing at its end");
  }
  template <class T>
  void list(std::vector<T>& x) {
    static_assert(kBytesMin<T> > 0);
    x.resize(count(kBytesMin<T>));
    for (T& element : x) fields(*this, element);
  }
  template <class List>
  void numbers(List& x) {
    x.resize(count(8));
    for (double& each : x) real(each);
  }
  void objectives(Numbers& x) {
    if (version_ > 1) return numbers(x);
    x.resize(1);
    real(*x.begin());
  }
  // At the end of an event alone.
  template <class List>
  void tail(List& x) {
    if (left() == 0) return;
    numbers(x);
    if (x.size() == 0) refuse("a list of nothing at its end");
  }
  void value(Value& x) {
    switch (const std::uint8_t kind = byte()) {
      case 1:
        return integer(x.emplace<std::int64_t>());
      case 2:
        return real(x.emplace<double>());
      case 3:
        return flag(x.emplace<bool>());
      case 4:
        return text(x.emplace<std::string>());
      default:
        refuse("a value of unknown kind " + std::to_string(kind));
    }
  }
  // A count of elements for which there are bytes enough.
  std::size_t count(std::size_t bytes_min) {
    const std::uint64_t x = varint();
    if (x > left() / bytes_min) refuse("it says " + std::to_string(x) + " elements and ends early");
    return static_cast<std::size_t>(x);
  }

 private:
  void need(std::size_t bytes) const {
    if (left() < bytes) [[unlikely]]
      refuse("it ends early");
  }
  std::uint64_t varint() {
    const std::uint64_t x = byte();
    return x < 0x80 ? x : long_varint(x & 0x7f);
  }
  [[gnu::noinline]] std::uint64_t long_varint(std::uint64_t x) {
    for (unsigned shift = 7; shift < 64; shift += 7) {
      const std::uint64_t b = byte();
      if (b == 0 || (shift == 63 && b > 1)) refuse("a number that is longer than need be");
      x |= (b & 0x7f) << shift;
      if (b < 0x80) return x;
    }
    refuse("a number that does not end");
  }
  template <class T>
  void eight(T* x) {
    static_assert(sizeof(T) == 8 && std::is_trivially_copyable_v<T>);
    need(8);
    std::memcpy(static_cast<void*>(x), at_, 8);
    at_ += 8;
  }

  const char* at_;
  const char* end_;
  std::uint8_t version_ = 0;
};

template <std::size_t index>
void read_body(EventReader& reader, Body& body) {
  fields(reader, body.emplace<index>());
}

// The bytes that the length at the front counts.
std::string_view take(std::string_view& bytes) {
  EventReader reader(bytes);
  const std::size_t size = reader.count(1);
  const std::string_view payload(reader.at(), size);
  bytes = std::string_view(payload.data() + size, reader.left() - size);
  return payload;
}

using ReadBody = void (*)(EventReader&, Body&);

constexpr auto kReadBody = []<std::size_t... index>(std::index_sequence<index...>) {
  return std::array<ReadBody, sizeof...(index)>{&read_body<index>...};
}
(std::make_index_sequence<std::variant_size_v<Body>>());

constexpr std::uint8_t kLastTypeOf01 = 12;

// Fills in the fields that an event of 0.1 lacks.
void complete(Event& event) {
  if (auto* created = std::get_if<Created>(&event.body)) {
    created->id = derived_id(created->seed, event.unix_nanos);
  } else if (auto* finished = std::get_if<Finished>(&event.body)) {
    const bool failed = finished->state == TrialState::kFailed;
    finished->outcome = failed ? Outcome::kModelError : Outcome::kOk;
  }
}

}  // namespace

void encode(const Event& event, std::string& out) {
  Bound bound{kHeaderMax};
  std::visit([&](const auto& body) { fields(bound, body); }, event.body);
  const std::size_t start = out.size();
  out.resize(start + kVarintMax + bound.bytes);
  // Most lengths take two bytes; if this one does not, the event is moved to its place.
  char* const front = out.data() + start;
  char* const payload = front + 2;
  Writer writer(payload);
  writer.byte(kEncodingVersion);
  writer.byte(static_cast<std::uint8_t>(event.body.index() + 1));
  writer.place(event.trial);
  writer.nanos(event.unix_nanos);
  std::visit([&](const auto& body) { fields(writer, body); }, event.body);
  const auto size = static_cast<std::size_t>(writer.at() - payload);
  std::array<char, kVarintMax> length;
  const auto width = static_cast<std::size_t>(put_varint(length.data(), size) - length.data());
  if (width != 2) std::memmove(front + width, payload, size);
  std::memcpy(front, length.data(), width);
  out.resize(start + width + size);
}

Event decode(std::string_view& bytes) {
  std::string_view rest = bytes;
  EventReader reader(take(rest));
  reader.read_version();
  const std::size_t last = reader.version() > 1 ? kReadBody.size() : kLastTypeOf01;
  const std::uint8_t type = reader.byte();
  if (type == 0 || type > last) refuse("its type is " + std::to_string(type));
  Event event;
  reader.place(event.trial);
  reader.nanos(event.unix_nanos);
  kReadBody[type - 1](reader, event.body);
  if (reader.left() != 0) refuse(std::to_string(reader.left()) + " bytes too many");
  if (reader.version() == 1) [[unlikely]]
    complete(event);
  bytes = rest;
  return event;
}

void skip(std::string_view& bytes) {
  take(bytes);
}

}  // namespace dodona::study
