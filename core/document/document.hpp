// SPDX-License-Identifier: Apache-2.0
//
// The study document: JSON in, settings out, and back. keys.hpp lists its keys.
//
// A document that is written is complete: every default stands in it, those of plugin options too,
// and reading it gives the same settings. So two studies are configured alike where their documents
// are the same text.
//
// Errors:  Error{kInvalid} with file:line:column, path, and what would be right; Error{kPlugin}
//          with the same place for a plugin that is missing or unusable.
// Threads: pure; catalogue_of reads directories and the environment.
#pragma once

#include "base/json.hpp"
#include "plugin/catalogue.hpp"
#include "study/settings.hpp"

#include <dodona/tuner.hpp>

#include <string>
#include <string_view>

namespace dodona::document {

// Checks a study file whole, each plugin's options against that plugin's table.
study::Settings parse_document(const base::JsonDocument& document,
                               const plugin::Catalogue& catalogue);

// Options must be those that were checked.
std::string document_text(const study::Settings& settings);

// The objective of a document from a log. No plugin is looked for.
study::Objective objective_of(std::string_view document);
// Of a study document, what names no plugin.
study::Settings plain_settings_of(std::string_view document);

// The same checks for what an application gives; errors name the member.
study::Settings settings_of(const TunerOptions& options, const plugin::Catalogue& catalogue);

// The members of a study file; all others are left as they are by default.
TunerOptions options_of(const study::Settings& settings);

// `path=value` on top of a document, in their order; errors name the one that is wrong.
void apply_sets(base::JsonDocument& document, const std::vector<std::string>& sets);

// The objective as the facade has it.
Objective to_facade(const study::Objective& objective);

plugin::Catalogue catalogue_of(const PluginSources& sources);

}  // namespace dodona::document
