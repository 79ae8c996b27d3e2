#include "device/ns/enrol/certificates.h"

#include "device/ns/spe.h"
#include "lib/cbor/reader.h"
#include "lib/x509/certificate.h"

namespace cai::ns {
namespace {

// Protected Storage uids.
constexpr std::uint64_t kTlsUid = 0x1001, kCoseUid = 0x1002, kCloudUid = 0x1003;

constexpr char kHex[] = "0123456789abcdef";

// Named after this device and for this purpose. That the key is ours too, the
// server finds out at the handshake.
Status CheckName(Bytes der, spm::Purpose purpose, std::string_view uuid) {
  const auto certificate = x509::ParseCertificate(der);
  if (!certificate.ok()) return Error::kNsOwnCertificate;
  const std::string_view unit = purpose == spm::Purpose::kTlsClient
                                    ? x509::kUnitTlsClient
                                    : x509::kUnitCoseSign;
  if (certificate->subject.common_name != uuid ||
      certificate->subject.unit != unit)
    return Error::kNsOwnCertificate;
  return kDone;
}

}  // namespace

UuidText FormatUuid(std::span<const std::byte, 16> uuid) {
  UuidText out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.text[at++] = '-';
    const auto value = std::to_integer<unsigned>(uuid[i]);
    out.text[at++] = kHex[value >> 4];
    out.text[at++] = kHex[value & 15];
  }
  return out;
}

Result<CloudSettings> ParseCloudSettings(Bytes ccs) {
  cbor::Reader reader(ccs, cbor::Mode::kLenient);
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  CloudSettings out;
  CAI_TRY_ASSIGN(const std::uint64_t first, reader.Uint());
  CAI_TRY_ASSIGN(out.host, reader.Text());
  CAI_TRY_ASSIGN(const std::uint64_t second, reader.Uint());
  CAI_TRY_ASSIGN(const std::uint64_t port, reader.Uint());
  CAI_TRY(reader.Finish());
  if (pairs != 2 || first != 1 || second != 2 || port > 65535)
    return Error::kNsHttpMalformed;
  out.port = static_cast<std::uint16_t>(port);
  return out;
}

void Certificates::Load(std::string_view uuid) {
  const auto load = [&](One& one, std::uint64_t uid, spm::Purpose purpose) {
    const auto der = spe::Load(uid, one.der);
    const bool good = der.ok() && CheckName(*der, purpose, uuid).ok();
    one.size = good ? der->size() : 0;
  };
  load(tls_, kTlsUid, spm::Purpose::kTlsClient);
  load(cose_, kCoseUid, spm::Purpose::kCoseSign);
  const auto ccs = spe::Load(kCloudUid, cloud_);
  cloud_size_ = ccs.ok() && ParseCloudSettings(*ccs).ok() ? ccs->size() : 0;
}

Status Certificates::Set(spm::Purpose purpose, Bytes der,
                         std::string_view uuid) {
  if (der.size() > kMaxCertificate) return Error::kNsHttpTooLarge;
  CAI_TRY(CheckName(der, purpose, uuid));
  One& one = Of(purpose);
  one.size = CopyInto(one.der, der).size();
  return kDone;
}

Status Certificates::SetCloud(Bytes ccs) {
  if (ccs.size() > cloud_.size()) return Error::kNsHttpTooLarge;
  CAI_TRY(ParseCloudSettings(ccs));
  cloud_size_ = CopyInto(cloud_, ccs).size();
  return kDone;
}

// The TLS certificate last: without it the device enrols again, so a power cut
// between two of these leaves nothing half done.
Status Certificates::Save() {
  CAI_TRY(spe::Store(kCloudUid, cloud()));
  CAI_TRY(spe::Store(kCoseUid, Get(spm::Purpose::kCoseSign)));
  return spe::Store(kTlsUid, Get(spm::Purpose::kTlsClient));
}

Bytes Certificates::Get(spm::Purpose purpose) const {
  const One& one = purpose == spm::Purpose::kTlsClient ? tls_ : cose_;
  return Bytes(one.der).first(one.size);
}

bool Certificates::Usable(std::int64_t unix_s) const {
  if (tls_.size == 0 || cose_.size == 0) return false;
  const auto certificate =
      x509::ParseCertificate(Get(spm::Purpose::kTlsClient));
  return certificate.ok() && certificate->ValidAt(unix_s);
}

}  // namespace cai::ns
