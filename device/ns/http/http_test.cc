#include "device/ns/http/http.h"

#include <gtest/gtest.h>

#include <string>

namespace cai::ns::http {
namespace {

ByteArray<512> memory;

Result<std::optional<Response>> ParseText(std::string_view text) {
  ResponseParser parser(memory);
  CopyInto(parser.Room(), AsBytes(text));
  parser.Received(std::min(text.size(), memory.size()));
  return parser.Parse();
}

TEST(Http, MakeRequest_IsWhatTheLiteContractSays) {
  ByteArray<256> out;
  const auto request =
      MakeRequest("POST", "/api/v1/cr", "host", AsBytes("body"), out);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(AsText(*request),
            "POST /api/v1/cr HTTP/1.1\r\nHost: host\r\n"
            "Content-Type: application/cbor\r\nContent-Length: 4\r\n\r\nbody");
  const auto get = MakeRequest("GET", "/x", "h", {}, out);
  EXPECT_EQ(
      AsText(*get),
      "GET /x HTTP/1.1\r\nHost: h\r\nContent-Type: application/cbor\r\n\r\n");
}

TEST(Http, MakeRequest_RefusesEveryBufferTooShort) {
  ByteArray<256> out;
  const std::size_t needed =
      MakeRequest("POST", "/p", "h", AsBytes("body"), out)->size();
  for (std::size_t size = 0; size < needed; ++size) {
    const auto request = MakeRequest("POST", "/p", "h", AsBytes("body"),
                                     MutableBytes(out).first(size));
    ASSERT_FALSE(request.ok()) << size;
    EXPECT_EQ(request.error(), Error::kNsHttpNoRoom);
  }
}

constexpr std::string_view kGood =
    "HTTP/1.1 200 OK\r\nContent-Type: application/cbor\r\n"
    "Content-Length: 5\r\n\r\nhello";

TEST(Http, Parse_TakesAWholeResponse) {
  const auto response = ParseText(kGood);
  ASSERT_TRUE(response.ok() && *response);
  EXPECT_EQ((*response)->status, 200);
  EXPECT_EQ(AsText((*response)->body), "hello");
  EXPECT_EQ((*response)->content_type, "application/cbor");
  EXPECT_FALSE((*response)->close);
}

TEST(Http, Parse_OfEveryPrefixNeedsMore) {
  for (std::size_t size = 0; size < kGood.size(); ++size) {
    const auto response = ParseText(kGood.substr(0, size));
    ASSERT_TRUE(response.ok()) << size;
    EXPECT_FALSE(response->has_value()) << size;
  }
}

TEST(Http, Parse_SeesTheServerClosing) {
  EXPECT_TRUE((*ParseText("HTTP/1.1 400 Bad\r\nConnection: close\r\n"
                          "content-length: 0\r\n\r\n"))
                  ->close);
  EXPECT_TRUE(
      (*ParseText("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"))->close);
}

TEST(Http, Parse_RefusesWhatIsNoSuchResponse) {
  for (const auto* text :
       {"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n folded\r\n\r\na",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"}) {
    const auto response = ParseText(text);
    ASSERT_FALSE(response.ok()) << text;
    EXPECT_EQ(response.error(), Error::kNsHttpMalformed) << text;
  }
}

TEST(Http, Parse_RefusesMoreThanItsMemory) {
  EXPECT_EQ(ParseText("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n").error(),
            Error::kNsHttpTooLarge);
  EXPECT_EQ(ParseText("HTTP/1.1 200 OK\r\nX: " + std::string(600, 'x')).error(),
            Error::kNsHttpTooLarge);
}

}  // namespace
}  // namespace cai::ns::http
