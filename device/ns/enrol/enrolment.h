// Gets the device's certificates from the bootstrap server: for each of the two
// keys a nonce, a key token over it from the secure side, a request, and the
// certificate; then the cloud settings. One connection, which is opened again
// if the server closes it. Driven from the main loop.
#pragma once

#include <cstdint>

#include "device/ns/enrol/certificates.h"
#include "device/ns/http/http.h"
#include "device/ns/stream.h"

namespace cai::ns {

class Enrolment {
 public:
  enum class State : std::uint8_t { kIdle, kWorking, kDone, kFailed };
  // In order.
  enum class Step : std::uint8_t {
    kTlsNonce,
    kTlsCertificate,
    kCoseNonce,
    kCoseCertificate,
    kCloud,
    kEnd,
  };

  Enrolment(Stream& stream, Certificates& certificates)
      : stream_(stream), certificates_(certificates) {}

  // The endpoint and the UUID's text outlive the enrolment.
  void Start(const Endpoint& server, std::string_view uuid,
             std::uint64_t now_ms);
  void Stop();

  // True if it got anywhere: call again before sleeping.
  bool Advance(std::uint64_t now_ms);

  // When to call at the latest.
  std::uint64_t Deadline() const;

  State state() const { return state_; }
  Step step() const { return step_; }
  Error error() const { return error_; }            // if kFailed
  int http_status() const { return http_status_; }  // of the last answer

 private:
  static constexpr std::uint64_t kAnswerMs = 20'000;

  spm::Purpose purpose() const {
    return step_ < Step::kCoseNonce ? spm::Purpose::kTlsClient
                                    : spm::Purpose::kCoseSign;
  }
  bool SendSome();
  bool ReceiveSome();
  Status MakeRequest();
  Result<Bytes> MakeCertificateRequest();
  Status Answered(const http::Response& response);
  Status TakeNonce(Bytes body);
  Status TakeCertificate(Bytes body);
  void Next(bool reconnect, std::uint64_t now_ms);
  void Fail(Error error);

  Stream& stream_;
  Certificates& certificates_;
  Endpoint server_;
  std::string_view uuid_;
  State state_ = State::kIdle;
  Step step_ = Step::kEnd;
  Error error_ = Error::kNsNotReady;
  int http_status_ = 0;
  std::uint64_t since_ms_ = 0;
  ByteArray<32> nonce_{};
  ByteArray<2560> request_{};
  std::size_t request_size_ = 0, request_sent_ = 0;
  ByteArray<2048> response_memory_{};
  http::ResponseParser response_{response_memory_};
};

}  // namespace cai::ns
