#include "lib/wire/configuration.h"

#include "lib/base/secret.h"
#include "lib/cbor/reader.h"
#include "lib/cbor/writer.h"
#include "lib/cose/sign1.h"
#include "lib/wire/fields.h"
#include "lib/wire/service_key.h"

namespace cai::wire {
namespace {

void WriteServer(const Configuration::Server& server, std::int64_t first,
                 cbor::Writer& writer) {
  writer.Int(first);
  writer.Text(server.host);
  writer.Int(first + 1);
  writer.Bstr(server.ipv4);
  writer.Int(first + 2);
  writer.Uint(server.port);
}

Status ReadServer(cbor::Reader& reader, std::int64_t first,
                  Configuration::Server& server) {
  CAI_TRY(ExpectKey(reader, first));
  CAI_TRY_ASSIGN(server.host, reader.Text());
  if (server.host.empty() || server.host.size() > Configuration::kMaxHost)
    return Error::kWireMalformed;
  CAI_TRY(ExpectKey(reader, first + 1));
  CAI_TRY(ReadArray(reader, server.ipv4));
  CAI_TRY(ExpectKey(reader, first + 2));
  CAI_TRY(ReadUint(reader, server.port));
  if (server.port == 0) return Error::kWireMalformed;
  return kDone;
}

Status ReadCertificate(cbor::Reader& reader, std::int64_t key, Bytes& out) {
  CAI_TRY(ExpectKey(reader, key));
  CAI_TRY_ASSIGN(out, reader.Bstr());
  if (out.empty() || out.size() > Configuration::kMaxCertificate)
    return Error::kWireMalformed;
  return kDone;
}

template <std::size_t N>
Status ReadField(cbor::Reader& reader, std::int64_t key, ByteArray<N>& out) {
  CAI_TRY(ExpectKey(reader, key));
  return ReadArray(reader, out);
}

Status ReadScalar(cbor::Reader& reader, Bytes& out) {
  CAI_TRY(ExpectKey(reader, 11));
  CAI_TRY_ASSIGN(const auto scalar, reader.BstrOf<32>());
  out = scalar;
  return kDone;
}

bool WithinLimits(const Configuration& c) {
  const auto server = [](const Configuration::Server& s) {
    return !s.host.empty() && s.host.size() <= Configuration::kMaxHost &&
           s.port != 0;
  };
  const auto certificate = [](Bytes der) {
    return !der.empty() && der.size() <= Configuration::kMaxCertificate;
  };
  return server(c.bootstrap) && server(c.broker) &&
         certificate(c.ca_certificate) &&
         certificate(c.bootstrap_certificate) && c.interval_ms != 0 &&
         (c.bootstrap_scalar.empty() || c.bootstrap_scalar.size() == 32);
}

}  // namespace

Result<Bytes> EncodeConfiguration(const Configuration& c, MutableBytes out) {
  if (!WithinLimits(c)) return Error::kWireMalformed;
  cbor::Writer writer(out);
  writer.Map(c.bootstrap_scalar.empty() ? 13 : 14);
  WriteServer(c.bootstrap, 1, writer);
  WriteServer(c.broker, 4, writer);
  writer.Uint(7);
  writer.Bstr(c.ca_certificate);
  writer.Uint(8);
  writer.Bstr(c.svc);
  writer.Uint(9);
  writer.Uint(c.interval_ms);
  writer.Uint(10);
  writer.Bstr(c.bootstrap_certificate);
  if (!c.bootstrap_scalar.empty()) {
    writer.Uint(11);
    writer.Bstr(c.bootstrap_scalar);
  }
  writer.Uint(12);
  writer.Bstr(c.uuid);
  writer.Uint(13);
  writer.Uint(c.issued_at);
  writer.Uint(14);
  writer.Bstr(c.root.xy);
  return writer.Finish();
}

Result<Configuration> ParseConfiguration(Bytes in) {
  cbor::Reader reader(in);
  Configuration c;
  CAI_TRY_ASSIGN(const std::uint64_t pairs, reader.Map());
  if (pairs != 13 && pairs != 14) return Error::kWireMalformed;
  CAI_TRY(ReadServer(reader, 1, c.bootstrap));
  CAI_TRY(ReadServer(reader, 4, c.broker));
  CAI_TRY(ReadCertificate(reader, 7, c.ca_certificate));
  CAI_TRY(ReadField(reader, 8, c.svc));
  CAI_TRY(ExpectKey(reader, 9));
  CAI_TRY(ReadUint(reader, c.interval_ms));
  if (c.interval_ms == 0) return Error::kWireMalformed;
  CAI_TRY(ReadCertificate(reader, 10, c.bootstrap_certificate));
  if (pairs == 14) CAI_TRY(ReadScalar(reader, c.bootstrap_scalar));
  CAI_TRY(ReadField(reader, 12, c.uuid));
  CAI_TRY(ExpectKey(reader, 13));
  CAI_TRY(ReadUint(reader, c.issued_at));
  CAI_TRY(ReadField(reader, 14, c.root.xy));
  CAI_TRY(reader.Finish());
  return c;
}

Result<Bytes> MakeConfiguration(const Configuration& configuration,
                                crypto::P256Private root, MutableBytes scratch,
                                MutableBytes out) {
  const Result<Bytes> payload = EncodeConfiguration(configuration, scratch);
  const KeyId kid = KeyIdOf(configuration.root);
  Result<Bytes> message =
      payload.ok()
          ? cose::MakeSign1({kConfigurationType, kid}, *payload, root, out)
          : payload;
  Wipe(scratch);
  return message;
}

// The key that signed stands in the payload; what makes it ours is its hash.
Result<Configuration> OpenConfiguration(
    Bytes message, std::span<const ByteArray<32>> root_hashes,
    const Uuid& uuid) {
  if (message.size() > Configuration::kMaxEncoded) return Error::kWireTooLarge;
  CAI_TRY_ASSIGN(const cose::Sign1 sign1, cose::ParseSign1(message));
  CAI_TRY_ASSIGN(const Configuration configuration,
                 ParseConfiguration(sign1.payload));
  CAI_TRY(CheckRoot(configuration.root, root_hashes));
  const KeyId kid = KeyIdOf(configuration.root);
  CAI_TRY(
      cose::OpenSign1(message, {kConfigurationType, kid}, configuration.root));
  if (configuration.uuid != uuid) return Error::kWireWrongDevice;
  return configuration;
}

}  // namespace cai::wire
