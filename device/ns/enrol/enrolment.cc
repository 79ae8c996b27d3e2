#include "device/ns/enrol/enrolment.h"

#include "device/ns/spe.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"

namespace cai::ns {
namespace {

constexpr std::string_view kNoncePath = "/api/v1/nonce";
constexpr std::string_view kRequestPath = "/api/v1/cr";
constexpr std::string_view kCloudPath = "/api/v1/ccs";

bool IsNonce(Enrolment::Step step) {
  return step == Enrolment::Step::kTlsNonce ||
         step == Enrolment::Step::kCoseNonce;
}

}  // namespace

void Enrolment::Start(const Endpoint& server, std::string_view uuid,
                      std::uint64_t now_ms) {
  Stop();
  server_ = server;
  uuid_ = uuid;
  step_ = Step::kTlsNonce;
  state_ = State::kWorking;
  since_ms_ = now_ms;
  http_status_ = 0;
  const Status opened = stream_.Open(server_, now_ms);
  if (!opened.ok()) return Fail(opened.error());
  if (const Status made = MakeRequest(); !made.ok()) Fail(made.error());
}

void Enrolment::Stop() {
  if (state_ == State::kWorking) stream_.Close();
  state_ = State::kIdle;
}

std::uint64_t Enrolment::Deadline() const { return since_ms_ + kAnswerMs; }

void Enrolment::Fail(Error error) {
  stream_.Close();
  state_ = State::kFailed;
  error_ = error;
}

bool Enrolment::Advance(std::uint64_t now_ms) {
  if (state_ != State::kWorking) return false;
  bool moved = stream_.Step(now_ms);
  if (stream_.state() == Stream::State::kOpen) {
    moved |= SendSome();
    moved |= ReceiveSome();
  }
  // What arrived before the end still counts.
  const auto response = response_.Parse();
  if (!response.ok()) {
    Fail(response.error());
  } else if (*response) {
    const Status taken = Answered(**response);
    if (taken.ok()) {
      Next((*response)->close, now_ms);
    } else {
      Fail(taken.error());
    }
  } else if (stream_.state() == Stream::State::kFailed) {
    Fail(stream_.error());
  } else if (now_ms - since_ms_ >= kAnswerMs) {
    Fail(Error::kNsTimeout);
  } else {
    return moved;
  }
  return true;
}

bool Enrolment::SendSome() {
  const Bytes left =
      Bytes(request_).subspan(request_sent_, request_size_ - request_sent_);
  if (left.empty()) return false;
  const std::size_t sent = stream_.Send(left);
  request_sent_ += sent;
  return sent != 0;
}

bool Enrolment::ReceiveSome() {
  const std::size_t got = stream_.Receive(response_.Room());
  response_.Received(got);
  return got != 0;
}

void Enrolment::Next(bool reconnect, std::uint64_t now_ms) {
  step_ = static_cast<Step>(static_cast<int>(step_) + 1);
  since_ms_ = now_ms;
  if (step_ == Step::kEnd) {
    stream_.Close();
    const Status saved = certificates_.Save();
    state_ = saved.ok() ? State::kDone : State::kFailed;
    if (!saved.ok()) error_ = saved.error();
    return;
  }
  if (const Status made = MakeRequest(); !made.ok()) return Fail(made.error());
  if (!reconnect && stream_.state() == Stream::State::kOpen) return;
  stream_.Close();
  const Status opened = stream_.Open(server_, now_ms);
  if (!opened.ok()) Fail(opened.error());
}

Status Enrolment::MakeRequest() {
  response_.Reset();
  request_sent_ = request_size_ = 0;
  const auto made = [&]() -> Result<Bytes> {
    if (IsNonce(step_))
      return http::MakeRequest("GET", kNoncePath, server_.host, {}, request_);
    if (step_ == Step::kCloud)
      return http::MakeRequest("GET", kCloudPath, server_.host, {}, request_);
    return MakeCertificateRequest();
  }();
  if (!made.ok()) return made.error();
  request_size_ = made->size();
  return kDone;
}

// [csr, key-token, nonce]
Result<Bytes> Enrolment::MakeCertificateRequest() {
  ByteArray<512> csr;
  ByteArray<1024> token;
  ByteArray<1664> body;
  CAI_TRY_ASSIGN(const Bytes csr_der, spe::Csr(purpose(), csr));
  CAI_TRY_ASSIGN(const Bytes key_token,
                 spe::KeyToken(nonce_, purpose(), token));
  cbor::Writer writer(body);
  writer.Array(3);
  writer.Bstr(csr_der);
  writer.Bstr(key_token);
  writer.Bstr(nonce_);
  CAI_TRY_ASSIGN(const Bytes encoded, writer.Finish());
  return http::MakeRequest("POST", kRequestPath, server_.host, encoded,
                           request_);
}

Status Enrolment::Answered(const http::Response& response) {
  http_status_ = response.status;
  if (response.status != 200) return Error::kNsHttpStatus;
  if (IsNonce(step_)) return TakeNonce(response.body);
  if (step_ == Step::kCloud) return certificates_.SetCloud(response.body);
  return TakeCertificate(response.body);
}

// {1: nonce}
Status Enrolment::TakeNonce(Bytes body) {
  cbor::Reader reader(body, cbor::Mode::kLenient);
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  CAI_TRY_ASSIGN(const std::uint64_t key, reader.Uint());
  if (pairs != 1 || key != 1) return Error::kNsHttpMalformed;
  CAI_TRY_ASSIGN(const auto nonce, reader.BstrOf<32>());
  CAI_TRY(reader.Finish());
  CopyInto(nonce_, nonce);
  return kDone;
}

// {1: status, 2: certificate}; further labels are ignored (LITE, 1.9).
Status Enrolment::TakeCertificate(Bytes body) {
  cbor::Reader reader(body, cbor::Mode::kLenient);
  CAI_TRY_ASSIGN(auto map, cbor::MapCursor::Open(reader));
  std::optional<std::uint64_t> status;
  std::optional<Bytes> der;
  while (map.more()) {
    CAI_TRY_ASSIGN(const std::int64_t key, map.Key());
    if (key == 1) {
      CAI_TRY_ASSIGN(status, reader.Uint());
    } else if (key == 2) {
      CAI_TRY_ASSIGN(der, reader.Bstr());
    } else {
      CAI_TRY(reader.Skip());
    }
  }
  CAI_TRY(reader.Finish());
  if (!status || !der) return Error::kNsHttpMalformed;
  if (*status != 0) return Error::kNsHttpStatus;
  return certificates_.Set(purpose(), *der, uuid_);
}

}  // namespace cai::ns
