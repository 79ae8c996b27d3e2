// Writing images.
#include "lib/crypto/hash.h"
#include "lib/image/tlv.h"

namespace cai::image {
namespace {

// Appends in little endian; past the end it only counts (as cbor::Writer).
class Appender {
 public:
  explicit Appender(MutableBytes out) : out_(out) {}

  void Little(std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) Put(std::byte(value >> (8 * i)));
  }
  void Raw(Bytes bytes) {
    for (const std::byte b : bytes) Put(b);
  }
  void Fill(std::size_t until) {
    while (size_ < until) Put(std::byte{0});
  }
  void PutVersion(const Version& version) {
    Little(version.major, 1);
    Little(version.minor, 1);
    Little(version.revision, 2);
    Little(version.build, 4);
  }
  void TlvHead(Tlv type, std::size_t size) {
    Little(static_cast<std::uint16_t>(type), 2);
    Little(size, 2);
  }
  void PutTlv(Tlv type, Bytes value) {
    TlvHead(type, value.size());
    Raw(value);
  }

  bool fits() const { return size_ <= out_.size(); }
  std::size_t size() const { return size_; }
  Bytes done() const { return out_.first(size_); }  // only if fits()

 private:
  void Put(std::byte b) {
    if (size_ < out_.size()) out_[size_] = b;
    ++size_;
  }

  MutableBytes out_;
  std::size_t size_ = 0;
};

std::size_t ProtectedSize(const Fields& fields) {
  std::size_t size = kTlvHead + (kTlvHead + 4);
  size += fields.dependencies.size() * (kTlvHead + 12);
  if (!fields.boot_record.empty()) size += kTlvHead + fields.boot_record.size();
  return size;
}

void PutHeader(Appender& to, const Fields& fields, std::size_t payload_size) {
  to.Little(kMagic, 4);
  to.Little(fields.load_address, 4);
  to.Little(kHeaderSize, 2);
  to.Little(ProtectedSize(fields), 2);
  to.Little(payload_size, 4);
  to.Little(fields.flags, 4);
  to.PutVersion(fields.version);
  to.Fill(kHeaderSize);
}

void PutProtected(Appender& to, const Fields& fields) {
  to.Little(kProtectedMagic, 2);
  to.Little(ProtectedSize(fields), 2);
  to.TlvHead(Tlv::kSecurityCounter, 4);
  to.Little(fields.security_counter, 4);
  for (const Dependency& dependency : fields.dependencies) {
    to.TlvHead(Tlv::kDependency, 12);
    to.Little(dependency.image, 4);  // u8 and its padding
    to.PutVersion(dependency.minimum);
  }
  if (!fields.boot_record.empty())
    to.PutTlv(Tlv::kBootRecord, fields.boot_record);
}

void PutSignature(Appender& to, const crypto::Digest& hash,
                  const crypto::P256Public& key, Bytes der) {
  const PublicKeyInfo info = EncodePublicKey(key);
  to.Little(kTlvMagic, 2);
  to.Little(4 * kTlvHead + hash.size() + info.size() + der.size(), 2);
  to.PutTlv(Tlv::kSha256, hash);
  to.PutTlv(Tlv::kPublicKey, info);
  to.PutTlv(Tlv::kEcdsa, der);
}

}  // namespace

std::size_t MaxSize(const Fields& fields, std::size_t payload_size) {
  return kHeaderSize + payload_size + ProtectedSize(fields) + 4 * kTlvHead +
         crypto::kHashSize + std::tuple_size_v<PublicKeyInfo> + kMaxEcdsaDer;
}

Result<Bytes> Sign(const Fields& fields, Bytes payload, crypto::P256Private key,
                   MutableBytes out) {
  if (payload.empty() || payload.size() > 0xffffffffu)
    return Error::kImageHeader;
  if (fields.boot_record.size() > kMaxBootRecord ||
      fields.dependencies.size() > kMaxDependencies)
    return Error::kImageNoRoom;
  Appender to(out);
  PutHeader(to, fields, payload.size());
  to.Raw(payload);
  PutProtected(to, fields);
  if (!to.fits()) return Error::kImageNoRoom;

  const crypto::Digest hash = crypto::Sha256::Of(to.done());
  CAI_TRY_ASSIGN(const crypto::Signature signature,
                 crypto::SignHash(key, hash));
  CAI_TRY_ASSIGN(const crypto::P256Public owner, crypto::PublicKey(key));
  ByteArray<kMaxEcdsaDer> der;
  CAI_TRY_ASSIGN(const Bytes encoded, EncodeSignature(signature, der));
  PutSignature(to, hash, owner, encoded);
  if (!to.fits()) return Error::kImageNoRoom;
  return to.done();
}

}  // namespace cai::image
