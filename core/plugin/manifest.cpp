// SPDX-License-Identifier: Apache-2.0
#include "plugin/manifest.hpp"

#include "base/file.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

#include <dodona/error.hpp>

#include <algorithm>
#include <utility>

namespace dodona::plugin {
namespace {

namespace json = boost::json;
using base::join_path;

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

class ManifestReader {
 public:
  explicit ManifestReader(const base::JsonDocument& document) : document_(document) {}

  Manifest read() const {
    const json::object& root = as_object(document_.root, "");
    if (const std::int64_t version = whole(root, "", "manifest_version");
        version != kManifestVersion) {
      fail("manifest_version", "version " + std::to_string(version) + " is not known; this is " +
                                   std::to_string(kManifestVersion) +
                                   ": rebuild the plugin with the headers that belong to it");
    }
    Manifest out;
    out.library = text(root, "", "library");
    if (out.library.find('/') != std::string::npos || out.library[0] == '.') {
      fail("library", base::quote(out.library) + " is not the name of a file beside the manifest");
    }
    out.abi_epoch = natural(root, "", "abi_epoch");
    out.abi_minor = natural(root, "", "abi_minor");
    out.build_id = build_id(root, "");
    if (root.contains("variants")) {
      const json::array& variants = list(root, "", "variants");
      for (std::size_t i = 0; i < variants.size(); ++i) {
        out.variants.push_back(variant(variants[i], join_path("variants", i)));
      }
    }
    const json::array& descriptors = list(root, "", "descriptors");
    if (descriptors.empty()) fail("descriptors", "is empty; a plugin offers at least one thing");
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      out.descriptors.push_back(descriptor(descriptors[i], join_path("descriptors", i)));
    }
    return out;
  }

 private:
  [[noreturn]] void fail(const std::string& path, const std::string& message) const {
    throw document_.error_at(path, message);
  }

  const json::object& as_object(const json::value& value, const std::string& path) const {
    if (!value.is_object()) {
      fail(path, "is " + std::string(base::kind_of(value)) + "; it should be an object");
    }
    return value.get_object();
  }

  // The member, which must be there; its place is that of the object where it is not.
  const json::value& member(const json::object& in, const std::string& at, const char* key) const {
    const json::value* found = in.if_contains(key);
    if (found == nullptr) fail(at, "lacks " + base::quote(key));
    return *found;
  }

  std::string text(const json::object& in, const std::string& at, const char* key) const {
    const json::value& value = member(in, at, key);
    if (!value.is_string() || value.get_string().empty()) {
      fail(join_path(at, key), "should be a string that is not empty");
    }
    return std::string(value.get_string());
  }

  std::int64_t whole(const json::object& in, const std::string& at, const char* key) const {
    const json::value& value = member(in, at, key);
    if (!value.is_int64()) {
      fail(join_path(at, key),
           "is " + std::string(base::kind_of(value)) + "; it should be an integer");
    }
    return value.get_int64();
  }

  std::uint64_t natural(const json::object& in, const std::string& at, const char* key) const {
    const std::int64_t value = whole(in, at, key);
    if (value < 0 || value > UINT32_MAX) {
      fail(join_path(at, key), std::to_string(value) + " is not a number of 32 bits");
    }
    return static_cast<std::uint64_t>(value);
  }

  const json::array& list(const json::object& in, const std::string& at, const char* key) const {
    const json::value& value = member(in, at, key);
    if (!value.is_array()) {
      fail(join_path(at, key), "is " + std::string(base::kind_of(value)) + "; it should be a list");
    }
    return value.get_array();
  }

  std::string build_id(const json::object& in, const std::string& at) const {
    std::string id = text(in, at, "build_id");
    if (id.find_first_not_of("0123456789abcdef") != std::string::npos || id.size() % 2 != 0) {
      fail(join_path(at, "build_id"), base::quote(id) + " is not lower-case hexadecimal");
    }
    return id;
  }

  Variant variant(const json::value& value, const std::string& path) const {
    const json::object& in = as_object(value, path);
    Variant out;
    out.processor = text(in, path, "processor");
    out.library = text(in, path, "library");
    const bool outside =
        out.library.is_absolute() ||
        std::any_of(out.library.begin(), out.library.end(),
                    [](const std::filesystem::path& part) { return part == ".."; });
    if (outside) {
      fail(join_path(path, "library"),
           base::quote(out.library.string()) + " is not a file below the manifest's directory");
    }
    out.build_id = build_id(in, path);
    return out;
  }

  Descriptor descriptor(const json::value& value, const std::string& path) const {
    const json::object& in = as_object(value, path);
    Descriptor out;
    out.role = text(in, path, "role");
    out.id = text(in, path, "id");
    out.name = text(in, path, "name");
    out.version = text(in, path, "version");
    out.license = text(in, path, "license");
    const json::value& description = member(in, path, "description");
    if (!description.is_string()) fail(join_path(path, "description"), "should be a string");
    out.description = std::string(description.get_string());
    out.flags = static_cast<std::uint32_t>(natural(in, path, "flags"));
    const json::array& options = list(in, path, "options");
    const std::string options_path = join_path(path, "options");
    for (std::size_t i = 0; i < options.size(); ++i) {
      out.options.push_back(option(options[i], join_path(options_path, i)));
    }
    return out;
  }

  OptionKind kind(const json::object& in, const std::string& path) const {
    const std::string word = text(in, path, "kind");
    for (const KindWord& known : kKindWords) {
      if (known.word == word) return known.kind;
    }
    fail(join_path(path, "kind"), base::quote(word) +
                                      " is not known; it should be int, float, boolean, string, "
                                      "list or object");
  }

  OptionSpec option(const json::value& value, const std::string& path) const {
    const json::object& in = as_object(value, path);
    OptionSpec out;
    out.name = text(in, path, "name");
    const json::value& help = member(in, path, "help");
    if (!help.is_string()) fail(join_path(path, "help"), "should be a string");
    out.help = std::string(help.get_string());
    out.kind = kind(in, path);
    if (const json::value* initial = in.if_contains("default")) {
      out.initial = of_kind(out.kind, *initial, join_path(path, "default"));
    }
    if (const json::value* low = in.if_contains("low")) {
      out.low = of_kind(out.kind, *low, join_path(path, "low"));
    }
    if (const json::value* high = in.if_contains("high")) {
      out.high = of_kind(out.kind, *high, join_path(path, "high"));
    }
    if (in.contains("choices")) {
      const json::array& choices = list(in, path, "choices");
      const std::string choices_path = join_path(path, "choices");
      for (std::size_t i = 0; i < choices.size(); ++i) {
        out.choices.push_back(of_kind(out.kind, choices[i], join_path(choices_path, i)));
      }
    }
    return out;
  }

  json::value of_kind(OptionKind kind, const json::value& value, const std::string& path) const {
    auto kept = in_kind(kind, value);
    if (!kept) {
      fail(path,
           "is " + std::string(base::kind_of(value)) + "; it should be of kind " + to_text(kind));
    }
    return *std::move(kept);
  }

  const base::JsonDocument& document_;
};

}  // namespace

Manifest parse_manifest(std::string_view text, std::string file) {
  const base::JsonDocument document = base::parse_json(text, std::move(file));
  return ManifestReader(document).read();
}

Manifest read_manifest(const std::filesystem::path& path) {
  Manifest manifest = parse_manifest(base::read_file(path), path.string());
  for (Descriptor& descriptor : manifest.descriptors) {
    descriptor.library = path.parent_path() / manifest.library;
    descriptor.build_id = manifest.build_id;
  }
  return manifest;
}

}  // namespace dodona::plugin
