// SPDX-License-Identifier: Apache-2.0
//
// A connection to the live page: answers its requests one after another, or sends it the news of a
// study as server-sent events until it ends.
//
//   GET /                        the list of studies, a page
//   GET /studies                 the list, as Studies::list() has it
//   GET /study/NAME/             the page of a study
//   GET /study/NAME/data         its data; ?whole: with insight
//   GET /study/NAME/events       its news from ?id=ID&from=SEQUENCE on, or from the header
//                                Last-Event-ID: `news` as LiveStudy::news() has them, and `anew` where
//                                the page must read the data again. The id of each is the sequence of
//                                the log up to which it tells.
//
//   POST /study/NAME/act         does what its body says, see action.hpp, if the header
//                                X-Dodona-Token has the token. A browser sends no such header for a
//                                foreign page.
//
// A message is made when the one before it has gone out, so a slow reader gets the present state, and
// nothing is kept for it.
//
// Threads: that of its socket, but for start().
// Lifetime: what it is given outlives it.
#pragma once

#include "pages/studies.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <cstddef>
#include <string>

namespace dodona::pages {

// The part that all connections share.
struct Hall {
  Studies* studies = nullptr;
  bool for_others = false;  // listens beyond loopback
  std::string machine;      // its name
  std::string token;        // of those who may act; empty: nobody may
  std::atomic<std::size_t> connections{0};
};

// The limits of a request, in bytes.
inline constexpr std::size_t kHeaderMax = 16 << 10;
inline constexpr std::size_t kBodyMax = 64 << 10;

void start_connection(boost::asio::ip::tcp::socket socket, Hall& hall);

}  // namespace dodona::pages
