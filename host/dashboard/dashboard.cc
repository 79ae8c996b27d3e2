#include "host/dashboard/dashboard.h"

#include "host/common/json.h"
#include "host/dashboard/page.h"

namespace cai::dashboard {
namespace {

using host::HttpRequest;
using host::HttpResponse;

constexpr int kAtOnce = 100;

const std::vector<std::pair<std::string, std::string>> kHeaders = {
    {"Content-Security-Policy", "default-src 'self'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"}};

HttpResponse Text(int status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body) + "\n",
          kHeaders};
}

bool IsLocal(std::string_view host) {
  const auto name = host.substr(0, host.rfind(':'));
  return name == "127.0.0.1" || name == "localhost";
}

std::string EventText(const char* name, const boost::json::object& row) {
  return std::string("event: ") + name +
         "\ndata: " + boost::json::serialize(row) + "\n\n";
}

// One browser's place in the stream.
HttpResponse Events(const std::shared_ptr<View>& view) {
  const auto newest = view->Newest();
  if (!newest.ok()) return Text(503, "the store does not answer");
  auto mark = std::make_shared<View::Mark>(*newest);
  HttpResponse response{200, "text/event-stream", "retry: 1000\n\n", kHeaders};
  response.events = [view, mark] {
    std::string text;
    (void)view->Readings(*mark, kAtOnce, [&](const auto& row) {
      text += EventText("reading", row);
    });
    (void)view->Refusals(*mark, kAtOnce, [&](const auto& row) {
      text += EventText("refusal", row);
    });
    return text;
  };
  return response;
}

HttpResponse Everything(View& view) {
  auto state = view.Everything();
  if (!state.ok()) return Text(503, "the store does not answer");
  return {200, "application/json", std::move(*state), kHeaders};
}

}  // namespace

host::HttpHandler MakeHandler(std::shared_ptr<View> view) {
  return [view](const HttpRequest& request) -> HttpResponse {
    if (!IsLocal(request.Header("host"))) return Text(403, "forbidden");
    if (request.method != "GET") return Text(405, "method not allowed");
    if (request.path == "/healthz") return Text(200, "ok");
    if (request.path == "/api/state") return Everything(*view);
    if (request.path == "/api/events") return Events(view);
    for (const PageFile& file : kPage)
      if (request.path == file.path)
        return {200, std::string(file.type), std::string(file.text), kHeaders};
    return Text(404, "not found");
  };
}

}  // namespace cai::dashboard
