// SPDX-License-Identifier: Apache-2.0
//
// Studies as a page for a browser: history, importance, parallel coordinates, the table of trials,
// and so on. The library is `dodona::pages`, beside libdodona; it is there where the build found d3.
//
//   const dodona::Study study = dodona::open("runs/fashion");
//   file << dodona::report_page({dodona::page_data(study, "fashion")});
//
// Threads: any; calls share nothing.
#pragma once

#include <dodona/build.hpp>
#include <dodona/kernel.hpp>
#include <dodona/study.hpp>

#include <string>
#include <vector>

namespace dodona {

// All that the page shows of a study, as one JSON document. `name` is how the page calls the study.
// Beyond 10,000 trials, values are those of the log for the best 500, the last 500 and 500 failed
// trials, with their notes, messages and curves; of others they have four significant digits. The
// document says what was left out.
// Errors: those of the study's log. An oracle that is not there costs what it would tell.
// Cost:   that of Study::explain(), and of reading the log four times; about 2 kB a trial while it
//         is made.
DODONA_API std::string page_data(const Study& study, const std::string& name,
                                 const PluginSources& plugins = {});

// One HTML file that shows the studies, without anything from elsewhere. Text of a study is never
// read as HTML.
DODONA_API std::string report_page(const std::vector<std::string>& page_data);

}  // namespace dodona
