// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the line of a runner to its owner. Refused: Error{kInvalid}. Accepted as a question
// about values: a session answers it or refuses it; a definition that it takes can be written and
// read again, and is the same.
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "runner/remote_asker.hpp"
#include "runner/wire.hpp"
#include "space/search_space.hpp"
#include "space/session.hpp"

#include <dodona/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace dodona;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void check_same(const Param& param) {
  const base::JsonDocument written =
      base::parse_json(base::to_text(runner::to_json(param)), "written");
  require(runner::read_param(base::JsonReader(written)) == param);
}

void read_all(const base::JsonReader& line) {
  space::SearchSpace space;
  space::Session session(
      space, {},
      [](std::uint32_t, const Param& definition, const space::Session::Fits&) {
        return definition.initial;
      },
      [](const space::Growth& growth) {
        for (const Param& param : growth.params) check_same(param);
      });
  require(runner::answer_of(line, session).has_value() || !line.member("define"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const base::JsonDocument line = base::parse_json(text, "runner");
    const base::JsonReader reader(line);
    if (const auto metrics = reader.member("metrics")) {
      const auto read = runner::read_metrics(*metrics);
      require(runner::named(read).size() == read.size());
    }
    if (const auto error = reader.member("error")) {
      require(runner::read_error(*error).code() != DODONA_OK);
    }
    read_all(reader);
  } catch (const Error& error) {
    require(error.code() == DODONA_E_INVALID || error.code() == DODONA_E_SPACE_CONFLICT ||
            error.code() == DODONA_E_INFEASIBLE || error.code() == DODONA_E_PLUGIN);
  }
  return 0;
}
