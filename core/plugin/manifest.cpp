// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest.hpp"

#include "base/file.hpp"
#include "base/json_reader.hpp"
#include "base/text.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <utility>

namespace dodona::plugin {
namespace {

namespace json = boost::json;

struct KindWord {
  std::string_view word;
  OptionKind kind;
};
constexpr KindWord kKindWords[] = {
    {"int", OptionKind::kInt},      {"float", OptionKind::kFloat},
    {"double", OptionKind::kFloat}, {"boolean", OptionKind::kBoolean},
    {"bool", OptionKind::kBoolean}, {"string", OptionKind::kString},
    {"list", OptionKind::kList},    {"object", OptionKind::kObject},
};

// A text that is not empty.
std::string text_of(const base::JsonReader& at) {
  std::string text(at.string());
  if (text.empty()) at.fail("is empty");
  return text;
}

std::uint64_t natural_of(const base::JsonReader& at) {
  const std::int64_t value = at.whole();
  if (value < 0 || value > UINT32_MAX) {
    at.fail(std::to_string(value) + " is not a number of 32 bits");
  }
  return static_cast<std::uint64_t>(value);
}

std::string build_id_of(const base::JsonReader& at) {
  std::string id = text_of(at);
  if (id.find_first_not_of("0123456789abcdef") != std::string::npos || id.size() % 2 != 0) {
    at.fail(base::quote(id) + " is not lower-case hexadecimal");
  }
  return id;
}

Variant variant_of(const base::JsonReader& at) {
  Variant out;
  out.processor = text_of(at.required("processor"));
  const base::JsonReader library = at.required("library");
  out.library = text_of(library);
  const bool outside = out.library.is_absolute() ||
                       std::any_of(out.library.begin(), out.library.end(),
                                   [](const std::filesystem::path& part) { return part == ".."; });
  if (outside) {
    library.fail(base::quote(out.library.string()) +
                 " is not a file below the manifest's directory");
  }
  out.build_id = build_id_of(at.required("build_id"));
  return out;
}

OptionKind kind_of(const base::JsonReader& at) {
  const std::string word = text_of(at);
  for (const KindWord& known : kKindWords) {
    if (known.word == word) return known.kind;
  }
  at.fail(base::quote(word) +
          " is not known; it should be int, float, boolean, string, list or object");
}

json::value value_of(OptionKind kind, const base::JsonReader& at) {
  auto kept = in_kind(kind, at.value());
  if (!kept) at.fail_kind("of kind " + std::string(to_text(kind)));
  return *std::move(kept);
}

OptionSpec option_of(const base::JsonReader& at) {
  OptionSpec out;
  out.name = text_of(at.required("name"));
  out.help = at.required("help").string();
  out.kind = kind_of(at.required("kind"));
  if (const auto initial = at.member("default")) out.initial = value_of(out.kind, *initial);
  if (const auto low = at.member("low")) out.low = value_of(out.kind, *low);
  if (const auto high = at.member("high")) out.high = value_of(out.kind, *high);
  if (const auto choices = at.member("choices")) {
    for (std::size_t i = 0; i < choices->array().size(); ++i) {
      out.choices.push_back(value_of(out.kind, choices->element(i)));
    }
  }
  return out;
}

Descriptor descriptor_of(const base::JsonReader& at) {
  Descriptor out;
  out.role = text_of(at.required("role"));
  out.id = text_of(at.required("id"));
  out.name = text_of(at.required("name"));
  out.version = text_of(at.required("version"));
  out.license = text_of(at.required("license"));
  out.description = at.required("description").string();
  out.flags = static_cast<std::uint32_t>(natural_of(at.required("flags")));
  // Manifests of 0.1 do not say.
  if (const auto proposes = at.member("proposes")) out.proposes = proposes->boolean();
  if (const auto judges = at.member("judges")) out.judges = judges->boolean();
  const base::JsonReader options = at.required("options");
  for (std::size_t i = 0; i < options.array().size(); ++i) {
    out.options.push_back(option_of(options.element(i)));
  }
  return out;
}

}  // namespace

Manifest parse_manifest(std::string_view text, std::string file) {
  const base::JsonDocument document = base::parse_json(text, std::move(file));
  const base::JsonReader root(document);
  const base::JsonReader version = root.required("manifest_version");
  if (version.whole() != kManifestVersion) {
    version.fail("version " + std::to_string(version.whole()) + " is not known; this is " +
                 std::to_string(kManifestVersion) +
                 ": rebuild the plugin with the headers that belong to it");
  }
  Manifest out;
  const base::JsonReader library = root.required("library");
  out.library = text_of(library);
  if (out.library.find('/') != std::string::npos || out.library[0] == '.') {
    library.fail(base::quote(out.library) + " is not the name of a file beside the manifest");
  }
  out.abi.epoch = natural_of(root.required("abi_epoch"));
  if (const auto of_0_1 = root.member("abi_minor")) {
    out.abi.minor_built = natural_of(*of_0_1);
  } else {
    out.abi.minor_built = natural_of(root.required("minor_built"));
    out.abi.minor_needed = natural_of(root.required("minor_needed"));
  }
  out.build_id = build_id_of(root.required("build_id"));
  if (const auto variants = root.member("variants")) {
    for (std::size_t i = 0; i < variants->array().size(); ++i) {
      out.variants.push_back(variant_of(variants->element(i)));
    }
  }
  const base::JsonReader descriptors = root.required("descriptors");
  if (descriptors.array().empty()) {
    descriptors.fail("is empty; a plugin offers at least one thing");
  }
  for (std::size_t i = 0; i < descriptors.array().size(); ++i) {
    const base::JsonReader descriptor = descriptors.element(i);
    if (is_known_role(text_of(descriptor.required("role")))) {
      out.descriptors.push_back(descriptor_of(descriptor));
    }
  }
  return out;
}

Manifest read_manifest(const std::filesystem::path& path) {
  Manifest manifest = parse_manifest(base::read_file(path), path.string());
  for (Descriptor& descriptor : manifest.descriptors) {
    descriptor.library = path.parent_path() / manifest.library;
    descriptor.build_id = descriptor.plain_build_id = manifest.build_id;
    descriptor.abi = manifest.abi;
  }
  return manifest;
}

}  // namespace dodona::plugin
