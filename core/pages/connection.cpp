// SPDX-License-Identifier: Apache-2.0
#include "pages/connection.hpp"

#include "base/json.hpp"
#include "pages/action.hpp"
#include "pages/page.hpp"
#include "pages/target.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <boost/json/object.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dodona::pages {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace json = boost::json;
using boost::system::error_code;

constexpr std::chrono::seconds kForRequest{20};    // also the time that an idle connection is kept
constexpr std::chrono::seconds kForAnswer{120};    // to take one
constexpr std::chrono::seconds kForMessage{60};    // the same for one of the news
constexpr std::chrono::seconds kBetweenSigns{15};  // of life, where there are no news
constexpr int kSendBuffer = 32 << 10;              // of news; more would be a queue

Text text(std::string words) {
  return std::make_shared<const std::string>(std::move(words));
}

std::string_view view(beast::string_view words) {
  return {words.data(), words.size()};
}

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(asio::ip::tcp::socket socket, Hall& hall) : stream_(std::move(socket)), hall_(hall) {
    ++hall_.connections;
  }
  ~Connection() { --hall_.connections; }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(kHeaderMax));
    parser_->body_limit(kBodyMax);
    stream_.expires_after(kForRequest);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       self->on_read(error);
                     });
  }

 private:
  void on_read(const error_code& error) {
    if (error == http::error::header_limit) {
      return refuse(http::status::request_header_fields_too_large, "the header is too long");
    }
    if (error == http::error::body_limit) {
      return refuse(http::status::payload_too_large, "the body is too long");
    }
    const bool is_nonsense =
        error.category() == make_error_code(http::error::bad_method).category();
    if (is_nonsense && error != http::error::end_of_stream &&
        error != http::error::partial_message) {
      return refuse(http::status::bad_request, "this is no HTTP");
    }
    if (error) return close();
    keeps_ = parser_->get().keep_alive();
    obey();
  }

  void obey() {
    const auto& request = parser_->get();
    const std::string_view host = view(request[http::field::host]);
    if (request.count(http::field::host) != 1 ||
        !is_own_host(host, hall_.for_others, hall_.machine)) {
      return refuse(http::status::forbidden, "the host of the request is not this server");
    }
    const bool from_elsewhere = request.count(http::field::origin) > 0 &&
                                !is_same_origin(view(request[http::field::origin]), host);
    if (from_elsewhere) return refuse(http::status::forbidden, "another site asks");
    const auto target = parse_target(view(request.target()));
    if (!target) return refuse(http::status::not_found, "there is no such page");
    const bool is_action = !target->study.empty() && target->part == "act";
    if (is_action && request.method() == http::verb::post) return act(*target);
    if (is_action || request.method() != http::verb::get) {
      return refuse(http::status::method_not_allowed,
                    "GET is answered, and POST at /study/NAME/act alone");
    }
    give(*target);
  }

  void act(const Target& target) {
    const auto& request = parser_->get();
    if (hall_.token.empty()) {
      return refuse(http::status::forbidden,
                    "this server allows no actions; start it with --allow-actions");
    }
    if (!is_same_secret(view(request["X-Dodona-Token"]), hall_.token)) {
      return refuse(http::status::forbidden,
                    "this is not the token; the server printed it where it was started");
    }
    if (!view(request[http::field::content_type]).starts_with("application/json")) {
      return refuse(http::status::unsupported_media_type, "an action is application/json");
    }
    hall_.studies->act(target.study, request.body(),
                       [self = shared_from_this()](unsigned status, const Text& told) {
                         asio::post(self->stream_.get_executor(), [self, status, told] {
                           const Text words =
                               told != nullptr ? told : text("there is no such study\n");
                           self->answer(http::status{status}, "text/plain; charset=utf-8", words);
                         });
                       });
  }

  void give(const Target& target) {
    const bool is_page = target.part.empty();
    if (is_page) {
      json::object live;
      if (!target.study.empty()) live["study"] = target.study;
      if (!hall_.token.empty()) live["actions"] = true;
      return answer(http::status::ok, "text/html; charset=utf-8",
                    text(live_page(base::to_text(live))));
    }
    if (target.study.empty() && target.part == "studies") {
      return hall_.studies->list(later([](Connection& self, const Text& found) {
        self.answer(http::status::ok, "application/json", found);
      }));
    }
    if (!target.study.empty() && target.part == "data") {
      const auto tell = [](Connection& self, const Text& found) {
        if (found == nullptr) return self.refuse(http::status::not_found, "there is no such study");
        self.answer(http::status::ok, "application/json", found);
      };
      return hall_.studies->data(target.study, target.query.contains("whole"), later(tell));
    }
    if (!target.study.empty() && target.part == "events") return begin_news(target);
    refuse(http::status::not_found, "there is no such page");
  }

  // A function for another thread, by which this connection goes on in its own.
  template <class Call>
  Studies::Answer later(Call call) {
    return [self = shared_from_this(), call](Text found) {
      asio::post(self->stream_.get_executor(),
                 [self, call, found = std::move(found)] { call(*self, found); });
    };
  }

  void refuse(http::status status, const std::string& why) {
    keeps_ = false;
    answer(status, "text/plain; charset=utf-8", text(why + "\n"));
  }

  void answer(http::status status, std::string_view type, Text body) {
    body_ = std::move(body);
    response_.emplace(status, 11);
    response_->set(http::field::content_type, beast::string_view(type.data(), type.size()));
    response_->set(http::field::cache_control, "no-store");
    response_->set("Referrer-Policy", "same-origin");
    response_->set("X-Frame-Options", "DENY");
    response_->set("X-Content-Type-Options", "nosniff");
    response_->set("Cross-Origin-Resource-Policy", "same-origin");
    if (status == http::status::method_not_allowed) response_->set(http::field::allow, "GET, POST");
    response_->body() = {body_->data(), body_->size()};
    response_->keep_alive(keeps_);
    response_->prepare_payload();
    stream_.expires_after(kForAnswer);
    http::async_write(stream_, *response_,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        self->response_.reset();
                        self->body_.reset();
                        if (error || !self->keeps_) return self->close();
                        self->read();
                      });
  }

  void close() {
    error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    stream_.socket().close(ignored);
  }

  // ---- news -------------------------------------------------------------------------------------

  void begin_news(const Target& target) {
    const auto& request = parser_->get();
    const auto word = [&](const char* key) {
      const auto found = target.query.find(key);
      return found == target.query.end() ? std::string() : found->second;
    };
    // The header is that of a page that was cut off, and knows more than its address.
    const auto last = parse_count(view(request["Last-Event-ID"]));
    const auto from = last ? last : parse_count(word("from"));
    if (!from) return refuse(http::status::bad_request, "from is no sequence of events");
    place_ = {target.study, word("id"), *from, {}, {}};
    error_code ignored;
    stream_.socket().set_option(asio::socket_base::send_buffer_size(kSendBuffer), ignored);
    stream_.expires_never();
    watch();
    message_ =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nCross-Origin-Resource-Policy: same-origin\r\n"
        "Connection: close\r\n\r\nretry: 1000\n\n";
    send();
  }

  // The other side has nothing more to say but that it ends.
  void watch() {
    stream_.async_read_some(asio::buffer(byte_),
                            [self = shared_from_this()](const error_code&, std::size_t) {
                              self->ended_ = true;
                              self->close();
                            });
  }

  void send() {
    stream_.expires_after(kForMessage);
    asio::async_write(stream_, asio::buffer(message_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (error || self->ended_) return self->close();
                        self->wait_for_news();
                      });
  }

  void wait_for_news() {
    const std::weak_ptr<Connection> weak = weak_from_this();
    hall_.studies->follow(place_, kBetweenSigns,
                          [weak, executor = stream_.get_executor()](Text found, const Place& now) {
                            asio::post(executor, [weak, found = std::move(found), now] {
                              if (const auto self = weak.lock()) self->on_news(found, now);
                            });
                          });
  }

  void on_news(const Text& found, const Place& now) {
    if (ended_) return;
    place_ = now;
    if (found != nullptr && found->empty()) {
      message_ = ": there is nothing new\n\n";
    } else {
      message_ = "id: " + std::to_string(now.events) +
                 (found != nullptr ? "\nevent: news\ndata: " + *found : "\nevent: anew\ndata: {}") +
                 "\n\n";
    }
    send();
  }

  beast::tcp_stream stream_;
  Hall& hall_;
  beast::flat_buffer buffer_{kHeaderMax + kBodyMax};
  std::optional<http::request_parser<http::string_body>> parser_;
  Text body_;
  std::optional<http::response<http::span_body<const char>>> response_;
  bool keeps_ = false;
  bool ended_ = false;
  Place place_;
  std::string message_;
  std::array<char, 1> byte_{};
};

}  // namespace

void start_connection(asio::ip::tcp::socket socket, Hall& hall) {
  std::make_shared<Connection>(std::move(socket), hall)->read();
}

}  // namespace dodona::pages
