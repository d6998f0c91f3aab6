// SPDX-License-Identifier: Apache-2.0
//
// The study document: JSON in, StudyOptions out, and back. keys.hpp lists its keys.
//
// A document that is written is complete: every default stands in it, those of plugin options too,
// and reading it gives the same options. So two studies are configured alike where their documents
// are the same text.
//
// Errors:  Error{DODONA_E_INVALID} with file:line:column, path, and what would be right;
//          Error{DODONA_E_PLUGIN} with the same place for a plugin that is missing or unusable.
// Threads: pure; catalogue_of reads directories and the environment.
#pragma once

#include "base/json.hpp"
#include "plugin/catalogue.hpp"
#include "space/search_space.hpp"
#include "study/objective.hpp"

#include <dodona/kernel.hpp>
#include <dodona/study_options.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dodona::document {

// The plugins that must be there: all that a search needs, or only those that the document names.
// The oracle of a study file that names none is the default one.
enum class Plugins : std::uint8_t { kAll = 1, kNamed };

// Checks a study file whole, each plugin's options against that plugin's table. The objective that
// comes back has a direction.
StudyOptions parse_document(const base::JsonDocument& document, const plugin::Catalogue& catalogue,
                            Plugins plugins = Plugins::kAll);

// `options` must be those that were checked.
std::string document_text(const StudyOptions& options);

// The same checks for the options of an application; errors name the member. The answer is
// complete.
StudyOptions checked(const StudyOptions& options, const plugin::Catalogue& catalogue);

// The objective of a document from a log. No plugin is looked for.
study::Objective objective_of(std::string_view document);
// Of a document from the log in file `log`, what names no plugin.
StudyOptions plain_options_of(std::string_view document, const std::string& log);
// Calls function(parsed document), which reads a document from the log in file `log`. Where it cannot
// be read, or function() finds what no key takes, that is Error{kIo} of the log.
void read_logged(std::string_view document, const std::string& log,
                 const std::function<void(base::JsonDocument&)>& function);

// `path=value` on top of a document, in their order; errors name the one that is wrong.
void apply_sets(base::JsonDocument& document, const std::vector<std::string>& sets);

// One objective as the facade and as the log's side has it. One without a direction must be of a
// known metric.
Objective to_facade(const study::Objective& objective);
study::Objective to_study(const Objective& objective);
// Each of a study's objectives: as the log's side has them, of options, and those of checked
// options as one, with limits.
std::vector<Objective> all_to_facade(const study::Objective& objective);
std::vector<Objective> all_objectives(const StudyOptions& options);
study::Objective objective_of(const StudyOptions& options);

// The entries of a `space` that was checked.
std::vector<space::Override> space_of(const StudyOptions& options);

plugin::Catalogue catalogue_of(const PluginSources& sources);

}  // namespace dodona::document
