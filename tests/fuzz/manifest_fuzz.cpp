// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the manifest of a plugin. Refused: with the place. Accepted: it cannot lead out of
// its directory, and its options are checked without surprises: the defaults of a plugin are
// completed to all of its options, and these are legal options again. A manifest may have nothing
// but roles to come, and then tells of no plugin.
#include "plugin/manifest.hpp"
#include "plugin/options.hpp"

#include <dodona/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace dodona;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

void check_defaults(const plugin::Descriptor& descriptor) {
  try {
    const boost::json::object checked = plugin::check_options(descriptor, {});
    require(checked.size() <= descriptor.options.size());
    for (const plugin::OptionSpec& option : descriptor.options) {
      require(checked.contains(option.name));
    }
    require(plugin::check_options(descriptor, checked) == checked);
    const plugin::OptionsView view(checked);
    require(view.get() != nullptr);
  } catch (const Error& error) {
    require(error.code() == DODONA_E_INVALID);  // one must be given
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  plugin::Manifest manifest;
  try {
    manifest = plugin::parse_manifest(text, "fuzz");
  } catch (const Error& error) {
    require(error.code() == DODONA_E_INVALID);
    require(std::string_view(error.what()).starts_with("fuzz:"));
    return 0;
  }
  require(!manifest.library.empty() && manifest.library[0] != '.');
  require(manifest.library.find('/') == std::string::npos);
  for (const plugin::Descriptor& descriptor : manifest.descriptors) {
    require(plugin::difference(descriptor, descriptor).empty());
    require(!plugin::label(descriptor).empty());
    check_defaults(descriptor);
  }
  return 0;
}
