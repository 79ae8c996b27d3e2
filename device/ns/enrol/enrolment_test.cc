#include "device/ns/enrol/enrolment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "device/ns/testing/certificate.h"
#include "device/ns/testing/fake_stream.h"
#include "device/ns/testing/spe_fake.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/x509/name.h"

namespace cai::ns {
namespace {

using testing::fake_spe;
using testing::FakeStream;

constexpr std::string_view kUuid = "01234567-89ab-cdef-0123-456789abcdef";

std::string Cbor(auto fill) {
  static ByteArray<2048> memory;
  cbor::Writer writer(memory);
  fill(writer);
  return std::string(AsText(*writer.Finish()));
}

std::string Reply(const std::string& body, std::string_view head = "200 OK",
                  std::string_view extra = "") {
  return "HTTP/1.1 " + std::string(head) +
         "\r\nContent-Type: application/cbor\r\n" + std::string(extra) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string NonceReply(char fill) {
  return Reply(Cbor([&](cbor::Writer& w) {
    w.Map(1);
    w.Uint(1);
    w.Bstr(AsBytes(std::string(32, fill)));
  }));
}

std::string CertificateReply(const std::string& der, int status = 0) {
  return Reply(Cbor([&](cbor::Writer& w) {
    w.Map(2);
    w.Uint(1);
    w.Uint(static_cast<std::uint64_t>(status));
    w.Uint(2);
    w.Bstr(AsBytes(der));
  }));
}

std::string CloudReply() {
  return Reply(Cbor([](cbor::Writer& w) {
    w.Map(2);
    w.Uint(1);
    w.Text("myhub");
    w.Uint(2);
    w.Uint(8883);
  }));
}

class EnrolmentTest : public ::testing::Test {
 protected:
  EnrolmentTest() {
    fake_spe() = {};
    server_.host = "bootstrap.cai.local";
    tls_ = testing::MakeCertificate(std::string(kUuid),
                                    std::string(x509::kUnitTlsClient));
    cose_ = testing::MakeCertificate(std::string(kUuid),
                                     std::string(x509::kUnitCoseSign));
  }

  void Start() { enrolment_.Start(server_, kUuid, now_); }
  void Run() {
    while (enrolment_.Advance(now_)) {
    }
  }
  // Lets the device send its whole request, and takes it.
  std::string Request() {
    Run();
    return std::exchange(stream_.from_device, {});
  }
  void Answer(const std::string& text) {
    stream_.to_device += text;
    Run();
  }
  // Everything as it should be, up to `step`.
  void AnswerUntil(Enrolment::Step step) {
    const std::string replies[] = {NonceReply('n'), CertificateReply(tls_),
                                   NonceReply('m'), CertificateReply(cose_),
                                   CloudReply()};
    for (int i = 0; i < static_cast<int>(step); ++i) {
      Request();
      Answer(replies[i]);
    }
  }
  void ExpectFailed(Error error) {
    EXPECT_EQ(enrolment_.state(), Enrolment::State::kFailed);
    EXPECT_EQ(enrolment_.error(), error);
    EXPECT_EQ(stream_.state(), Stream::State::kClosed);
    EXPECT_TRUE(fake_spe().storage.empty());
  }

  std::uint64_t now_ = 5000;
  Endpoint server_;
  FakeStream stream_;
  Certificates certificates_;
  Enrolment enrolment_{stream_, certificates_};
  std::string tls_, cose_;
};

TEST_F(EnrolmentTest, AsksInOrderOnOneConnectionAndStoresAll) {
  Start();
  EXPECT_THAT(Request(),
              ::testing::StartsWith("GET /api/v1/nonce HTTP/1.1\r\n"
                                    "Host: bootstrap.cai.local\r\n"));
  Answer(NonceReply('n'));
  const std::string request = Request();
  EXPECT_THAT(request, ::testing::StartsWith("POST /api/v1/cr HTTP/1.1\r\n"));
  const std::string body = request.substr(request.find("\r\n\r\n") + 4);
  EXPECT_EQ(body, Cbor([](cbor::Writer& w) {
              w.Array(3);
              w.Bstr(AsBytes("csr-tls"));
              w.Bstr(AsBytes("token-tls"));
              w.Bstr(AsBytes(std::string(32, 'n')));
            }));
  Answer(CertificateReply(tls_));
  Request();
  Answer(NonceReply('m'));
  EXPECT_THAT(Request(), ::testing::HasSubstr("csr-cose"));
  Answer(CertificateReply(cose_));
  EXPECT_THAT(Request(), ::testing::StartsWith("GET /api/v1/ccs "));
  Answer(CloudReply());

  EXPECT_EQ(enrolment_.state(), Enrolment::State::kDone);
  EXPECT_EQ(stream_.opened, 1);
  EXPECT_EQ(fake_spe().storage.at(0x1001), tls_);
  EXPECT_EQ(fake_spe().storage.at(0x1002), cose_);
  EXPECT_EQ(fake_spe().storage.count(0x1003), 1u);
  // Each key token over its own nonce.
  ASSERT_EQ(fake_spe().key_tokens.size(), 2u);
  EXPECT_EQ(fake_spe().key_tokens[0].first, std::string(32, 'n'));
  EXPECT_EQ(fake_spe().key_tokens[1].first, std::string(32, 'm'));
  EXPECT_EQ(fake_spe().key_tokens[1].second, spm::Purpose::kCoseSign);
}

TEST_F(EnrolmentTest, DialsAgainWhenTheServerCloses) {
  Start();
  Request();
  const std::string nonce = NonceReply('n');
  Answer(Reply(nonce.substr(nonce.find("\r\n\r\n") + 4), "200 OK",
               "Connection: close\r\n"));
  EXPECT_EQ(stream_.opened, 2);
  EXPECT_THAT(Request(), ::testing::StartsWith("POST /api/v1/cr"));
}

TEST_F(EnrolmentTest, WhatCameBeforeTheEndCounts) {
  Start();
  Request();
  stream_.chunk = 4096;
  stream_.to_device = NonceReply('n');
  enrolment_.Advance(now_);
  EXPECT_EQ(enrolment_.step(), Enrolment::Step::kTlsCertificate);
}

TEST_F(EnrolmentTest, RefusesAnErrorOfTheServer) {
  Start();
  AnswerUntil(Enrolment::Step::kTlsCertificate);
  Request();
  Answer(Reply("err: no", "400 Bad Request"));
  EXPECT_EQ(enrolment_.http_status(), 400);
  ExpectFailed(Error::kNsHttpStatus);
}

TEST_F(EnrolmentTest, RefusesAStatusThatIsNotZero) {
  Start();
  AnswerUntil(Enrolment::Step::kTlsCertificate);
  Request();
  Answer(CertificateReply(tls_, 1));
  ExpectFailed(Error::kNsHttpStatus);
}

TEST_F(EnrolmentTest, RefusesACertificateOfAnotherDevice) {
  Start();
  AnswerUntil(Enrolment::Step::kTlsCertificate);
  Request();
  Answer(CertificateReply(testing::MakeCertificate(
      "ffffffff-89ab-cdef-0123-456789abcdef", "Device Client TLS")));
  ExpectFailed(Error::kNsOwnCertificate);
}

TEST_F(EnrolmentTest, RefusesACertificateForTheOtherPurpose) {
  Start();
  AnswerUntil(Enrolment::Step::kTlsCertificate);
  Request();
  Answer(CertificateReply(cose_));
  ExpectFailed(Error::kNsOwnCertificate);
}

TEST_F(EnrolmentTest, RefusesANonceOfAnotherSize) {
  Start();
  Request();
  Answer(Reply(Cbor([](cbor::Writer& w) {
    w.Map(1);
    w.Uint(1);
    w.Bstr(AsBytes(std::string(31, 'n')));
  })));
  ExpectFailed(Error::kCborOutOfRange);
}

TEST_F(EnrolmentTest, RefusesTextWhereCborBelongs) {
  Start();
  AnswerUntil(Enrolment::Step::kTlsCertificate);
  Request();
  Answer(Reply("{\"Status\":0}"));
  EXPECT_EQ(enrolment_.state(), Enrolment::State::kFailed);
}

TEST_F(EnrolmentTest, FailsWhenTheSecureSideRefuses) {
  fake_spe().csr_error = Error::kNsService;
  Start();
  Request();
  Answer(NonceReply('n'));
  ExpectFailed(Error::kNsService);
}

TEST_F(EnrolmentTest, FailsWhenStorageRefuses_AndTheNextBootEnrolsAgain) {
  fake_spe().store_fails = 0x1001;
  Start();
  AnswerUntil(Enrolment::Step::kEnd);
  EXPECT_EQ(enrolment_.state(), Enrolment::State::kFailed);
  Certificates reloaded;
  reloaded.Load(kUuid);
  EXPECT_FALSE(reloaded.Usable(::time(nullptr)));
}

TEST_F(EnrolmentTest, FailsWhenTheServerIsSilent) {
  Start();
  Request();
  now_ = enrolment_.Deadline();
  Run();
  ExpectFailed(Error::kNsTimeout);
}

TEST_F(EnrolmentTest, FailsWithTheStreamsError) {
  stream_.step_error = Error::kNsServerCertificate;
  Start();
  Run();
  ExpectFailed(Error::kNsServerCertificate);
}

TEST_F(EnrolmentTest, FailsWhenTheStreamCannotOpen) {
  stream_.open_error = Error::kNsNoTime;
  Start();
  ExpectFailed(Error::kNsNoTime);
}

TEST_F(EnrolmentTest, AResponseTooLargeIsRefused) {
  Start();
  Request();
  Answer("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n");
  ExpectFailed(Error::kNsHttpTooLarge);
}

TEST_F(EnrolmentTest, Certificates_AreReusedAtTheNextBoot) {
  Start();
  AnswerUntil(Enrolment::Step::kEnd);
  Certificates reloaded;
  reloaded.Load(kUuid);
  const auto now = static_cast<std::int64_t>(::time(nullptr));
  EXPECT_TRUE(reloaded.Usable(now));
  EXPECT_FALSE(reloaded.Usable(now + 100'000));  // expired
  EXPECT_FALSE(reloaded.Usable(now - 100'000));  // not yet valid
  reloaded.Load("11111111-89ab-cdef-0123-456789abcdef");
  EXPECT_FALSE(reloaded.Usable(now));
}

TEST(FormatUuid, IsLowerCaseWithHyphens) {
  ByteArray<16> uuid;
  for (std::size_t i = 0; i < uuid.size(); ++i) uuid[i] = std::byte(i * 17);
  EXPECT_EQ(FormatUuid(uuid).view(), "00112233-4455-6677-8899-aabbccddeeff");
}

}  // namespace
}  // namespace cai::ns
