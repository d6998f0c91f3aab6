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

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dodona {

// The parts of a page. Importance and the expectations of the oracle, its insight, take the most time.
enum class PageParts : std::uint8_t { kAll = 1, kWithoutInsight };

// All that the page shows of a study, as one JSON document. `name` is how the page calls the study.
// Beyond 10,000 trials, values are those of the log for the best 500, the last 500 and 500 failed
// trials, with their notes, messages and curves; of others they have four significant digits. The
// document says what was left out.
// Errors: those of the study's log. An oracle that is not there costs what it would tell.
// Cost:   that of Study::explain(), and of reading the log four times; about 2 kB a trial while it
//         is made.
DODONA_API std::string page_data(const Study& study, const std::string& name,
                                 const PluginSources& plugins = {},
                                 PageParts parts = PageParts::kAll);

// One HTML file that shows the studies, without anything from elsewhere. Text of a study is never
// read as HTML.
DODONA_API std::string report_page(const std::vector<std::string>& page_data);

// The studies, the address and the rights of a PageServer.
struct PageServerOptions {
  std::string directory = ".";  // of a study, or with studies below it
  // An address, or a name. Other machines reach the pages by any that is not of loopback.
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: a free one
  PluginSources plugins{};
  // Pages that know it may act: stop trials and searches, give values to try, keep notes, and set
  // max_trials. Long and random. Empty: nobody may, and nothing is written.
  std::string token{};
};

// The same page, live: serves the studies of a directory over HTTP, on threads of its own, as long as
// it lives. All who reach the address may read them. Any number of processes may write the studies
// meanwhile.
// Errors:  Error{kIo} for a directory that there is not, and for an address that cannot be had.
// Threads: any.
// Cost:    that of page_data() for a study that is looked at, now and then; else reads what is new
//          20 times a second. About 500 bytes a trial.
class DODONA_API PageServer {
 public:
  // Listens, and serves from now on.
  explicit PageServer(const PageServerOptions& options);
  // Waits for page_data() and for an action, if there is one.
  ~PageServer();
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  // `http://127.0.0.1:8765/`.
  std::string address() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dodona
