// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "pages/connection.hpp"
#include "pages/studies.hpp"

#include <dodona/pages.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/host_name.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace dodona {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kConnectionsMax = 128;
constexpr std::chrono::milliseconds kAfterTrouble{200};

[[noreturn]] void refuse(const PageServerOptions& options, const error_code& error) {
  throw Error(DODONA_E_IO, "cannot listen on host " + base::quote(options.host) + ", port " +
                               std::to_string(options.port) + ": " + error.message());
}

tcp::endpoint endpoint_of(asio::io_context& context, const PageServerOptions& options) {
  error_code error;
  tcp::resolver resolver(context);
  const auto found =
      resolver.resolve(options.host, std::to_string(options.port), tcp::resolver::passive, error);
  if (error) refuse(options, error);
  return found.begin()->endpoint();
}

std::string machine() {
  error_code ignored;
  return asio::ip::host_name(ignored);
}

}  // namespace

struct PageServer::Impl {
  explicit Impl(const PageServerOptions& options)
      : studies(options.directory, options.plugins), acceptor(context), timer(context) {
    hall.studies = &studies;
    hall.machine = machine();
    hall.token = options.token;
    const tcp::endpoint endpoint = endpoint_of(context, options);
    hall.for_others = !endpoint.address().is_loopback();
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) refuse(options, error);
    accept();
    thread = std::thread([this] { context.run(); });
  }
  ~Impl() {
    context.stop();
    if (thread.joinable()) thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void accept() {
    acceptor.async_accept([this](const error_code& error, tcp::socket socket) {
      if (error) {  // no descriptors left, for example
        timer.expires_after(kAfterTrouble);
        timer.async_wait([this](const error_code&) { accept(); });
        return;
      }
      if (hall.connections < kConnectionsMax) {
        pages::start_connection(std::move(socket), hall);
      } else {
        turn_away(socket);
      }
      accept();
    });
  }

  static void turn_away(tcp::socket& socket) {
    static constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(kFull), ignored);
  }

  std::string address() const {
    const tcp::endpoint endpoint = acceptor.local_endpoint();
    const std::string host = endpoint.address().to_string();
    return "http://" + (endpoint.address().is_v6() ? "[" + host + "]" : host) + ":" +
           std::to_string(endpoint.port()) + "/";
  }

  // Connections end with the studies, which may still answer them, or with the context.
  pages::Hall hall;
  asio::io_context context{1};
  pages::Studies studies;
  tcp::acceptor acceptor;
  asio::steady_timer timer;
  std::thread thread;
};

PageServer::PageServer(const PageServerOptions& options) : impl_(std::make_unique<Impl>(options)) {}
PageServer::~PageServer() = default;

std::string PageServer::address() const {
  return impl_->address();
}

}  // namespace dodona
