// Every field of a signed image changed, with a right hash and a right
// signature where the field is under them: what is refused is the field, for
// exactly its reason.
#include <gtest/gtest.h>

#include <functional>

#include "device/boot/testing.h"
#include "device/nv/counters.h"
#include "lib/image/boot_record.h"
#include "lib/image/tlv.h"

namespace cai::boot {
namespace {

using testing::Device;
using testing::Notes;
using Blob = std::vector<std::byte>;

void Put(Blob& at, std::size_t offset, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    at[offset + i] = std::byte(value >> (8 * i));
}

class Mutations : public ::testing::Test {
 protected:
  Mutations() {
    EXPECT_TRUE(nv::AdvanceCounter(nv::Counter::kLifecycle, 3).ok());
    device_.InstallBoth();
    auto fields = Device::SecureFields({2, 0, 0, 0});
    fields.dependencies = {&dependency_, 1};
    const auto signer = device_.secure_key.hash();
    fields.boot_record =
        *image::EncodeBootRecord({"SPE", "2.0.0+0", signer}, record_);
    whole_ = Device::Signed(fields, device_.secure_key, kPayload);
    const auto image = image::ParseWhole(whole_);
    protected_ = image->header.header_size + image->header.payload_size;
    plain_ = protected_ + image->header.protected_size;
  }

  // Signs anew what begins `image`: header, payload and protected TLVs.
  Blob Signed(Blob covered, const testing::Key& key) const {
    const auto hash = crypto::Sha256::Of(covered);
    const auto info = image::EncodePublicKey(*crypto::PublicKey(key.get()));
    ByteArray<image::kMaxEcdsaDer> der;
    const auto signature =
        *image::EncodeSignature(*crypto::SignHash(key.get(), hash), der);
    Blob tlvs(4);
    const auto add = [&](image::Tlv type, Bytes value) {
      const std::size_t at = tlvs.size();
      tlvs.resize(at + 4);
      Put(tlvs, at, static_cast<std::uint16_t>(type), 2);
      Put(tlvs, at + 2, value.size(), 2);
      tlvs.insert(tlvs.end(), value.begin(), value.end());
    };
    add(image::Tlv::kSha256, hash);
    add(image::Tlv::kPublicKey, info);
    add(image::Tlv::kEcdsa, signature);
    Put(tlvs, 0, image::kTlvMagic, 2);
    Put(tlvs, 2, tlvs.size(), 2);
    covered.insert(covered.end(), tlvs.begin(), tlvs.end());
    return covered;
  }
  Blob Covered() const {
    return {whole_.begin(), whole_.begin() + static_cast<long>(plain_)};
  }

  // Boot's reason against it in slot B; Error{} if it gave none: the image runs
  // or was not even tried. The pair in slot A has to run otherwise.
  Error Refusal(const Blob& image) {
    Notes().clear();
    Device::Install(nv::kSecureSlotB, image);
    const auto booted = device_.Boot();
    EXPECT_TRUE(booted.ok());
    const Error why = device_.RefusalOf(kSecure, 1);
    if (why != Error{}) {
      EXPECT_EQ(device_.running_secure(), kOther);
    }
    return why;
  }
  Error Resigned(const std::function<void(Blob&)>& edit) {
    Blob covered = Covered();
    edit(covered);
    return Refusal(Signed(std::move(covered), device_.secure_key));
  }
  Error Edited(const std::function<void(Blob&)>& edit) {
    Blob image = whole_;
    edit(image);
    return Refusal(image);
  }

  // First bytes of what runs: the image of slot B, or that of slot A.
  static constexpr int kPayload = 0x52, kOther = 0x42;
  Device device_;
  image::Dependency dependency_{image::kNonSecureImage, {1, 0, 0, 0}};
  ByteArray<image::BootRecord::kMaxEncoded> record_;
  Blob whole_;
  std::size_t protected_ = 0, plain_ = 0;  // where the two areas begin
};

TEST_F(Mutations, TheImageItself_Runs) {
  EXPECT_EQ(Refusal(whole_), Error{});
  EXPECT_EQ(device_.running_secure(), kPayload);
  EXPECT_EQ(Resigned([](Blob&) {}), Error{});
  EXPECT_EQ(device_.running_secure(), kPayload);
}

// Offset, size, value, and what must come of it although the signature is good.
struct Change {
  const char* what;
  std::size_t offset, size;
  std::uint64_t value;
  Error why;
};

TEST_F(Mutations, EveryHeaderField_IsRefusedForItsReason) {
  const Change changes[] = {
      {"load address", 4, 4, Device::kNonSecureLink, Error::kImageLoadAddress},
      {"load address 0", 4, 4, 0, Error::kImageLoadAddress},
      {"header below 32", 8, 2, 31, Error::kImageHeader},
      {"header past the TLVs", 8, 2, 0xffff, Error::kImageTlvs},
      {"protected size 0", 10, 2, 0, Error::kImageTlvs},
      {"protected size short", 10, 2, 12, Error::kImageTruncated},
      {"payload 0", 12, 4, 0, Error::kImageHeader},
      {"payload huge", 12, 4, 0xffffffff, Error::kImageTruncated},
      {"payload of a slot", 12, 4, 0x100000 - 0x400, Error::kImageTruncated},
      {"flags none", 16, 4, 0, Error::kImageFlags},
      {"position independent", 16, 4, 0x21, Error::kImageFlags},
      {"encrypted", 16, 4, 0x24, Error::kImageFlags},
      {"non-bootable", 16, 4, 0x30, Error::kImageFlags},
      {"fixed in ROM", 16, 4, 0x120, Error::kImageFlags},
      {"compressed", 16, 4, 0x420, Error::kImageFlags},
      {"padding", 28, 4, 1, Error::kImageHeader},
  };
  for (const Change& c : changes)
    EXPECT_EQ(Resigned([&](Blob& b) { Put(b, c.offset, c.value, c.size); }),
              c.why)
        << c.what;
  // Without the magic it is no image, and the slot is empty.
  EXPECT_EQ(Resigned([](Blob& b) { Put(b, 0, 0x96f3b83c, 4); }), Error{});
  EXPECT_EQ(device_.running_secure(), kOther);
}

TEST_F(Mutations, EveryProtectedTlv_IsRefusedForItsReason) {
  const std::size_t counter = protected_ + 4, dependency = counter + 8,
                    record = dependency + 16;
  const Change changes[] = {
      {"magic", protected_, 2, 0x6907, Error::kImageTlvs},
      {"area longer", protected_ + 2, 2, 0xffff, Error::kImageTruncated},
      {"area shorter", protected_ + 2, 2, 12, Error::kImageTlvs},
      {"counter of 3 bytes", counter + 2, 2, 3, Error::kImageTlvs},
      {"counter missing", counter, 2, 0xa0, Error::kImageTlvMissing},
      {"counter below the floor", counter + 4, 4, 0, Error::kImageRollback},
      {"counter twice", dependency, 2, 0x50, Error::kImageTlvTwice},
      {"dependency of 11 bytes", dependency + 2, 2, 11, Error::kImageTlvs},
      {"dependency padded oddly", dependency + 5, 1, 1, Error::kImageTlvs},
      {"record's signer", record + 4 + 20, 1, 0xff, Error::kImageBootRecord},
      {"record's form", record + 4, 1, 0xa4, Error::kImageBootRecord},
      {"record past the area", record + 2, 2, 0x100, Error::kImageTlvs},
      {"a hash among them", dependency, 2, 0x10, Error::kImageTlvs},
      {"a key among them", dependency, 2, 0x02, Error::kImageTlvs},
      {"a key hash among them", dependency, 2, 0x01, Error::kImageTlvs},
      {"a signature among them", dependency, 2, 0x22, Error::kImageTlvs},
  };
  ASSERT_TRUE(device_.Boot().ok());  // raises the floor to 1
  for (const Change& c : changes)
    EXPECT_EQ(Resigned([&](Blob& b) { Put(b, c.offset, c.value, c.size); }),
              c.why)
        << c.what;
  // A dependency that does not hold: the image is not even tried.
  for (const std::uint64_t image : {1, 2, 255}) {
    EXPECT_EQ(Resigned([&](Blob& b) {
                Put(b, dependency + 4, image, 1);
                Put(b, dependency + 8, 9, 1);
              }),
              Error{});
    EXPECT_EQ(device_.running_secure(), kOther);
  }
  // What nobody here knows is the signer's own business.
  EXPECT_EQ(Resigned([&](Blob& b) { Put(b, dependency, 0xa5, 2); }), Error{});
  EXPECT_EQ(device_.running_secure(), kPayload);
}

TEST_F(Mutations, EveryPlainTlv_IsRefusedForItsReason) {
  const std::size_t hash = plain_ + 4, key = hash + 36, ecdsa = key + 95;
  const Change changes[] = {
      {"magic", plain_, 2, 0x6908, Error::kImageTlvs},
      {"area longer", plain_ + 2, 2, 0x400, Error::kImageTlvs},
      {"area empty", plain_ + 2, 2, 4, Error::kImageTlvMissing},
      {"area below its head", plain_ + 2, 2, 3, Error::kImageTlvs},
      {"hash missing", hash, 2, 0x01, Error::kImageTlvMissing},
      {"hash of 31 bytes", hash + 2, 2, 31, Error::kImageTlvs},
      {"hash", hash + 4, 1, 0xee, Error::kImageHash},
      {"key unknown", key + 4 + 40, 1, 0xee, Error::kImageKeyUnknown},
      {"key of 90 bytes", key + 2, 2, 90, Error::kImageTlvs},
      {"key's algorithm", key + 4 + 5, 1, 0xee, Error::kImageKeyUnknown},
      {"signature missing", ecdsa, 2, 0x02, Error::kImageTlvTwice},
      {"signature of another kind", ecdsa, 2, 0x24, Error::kImageTlvs},
      {"signature too long", ecdsa + 2, 2, 73, Error::kImageTlvs},
      {"signature's form", ecdsa + 4, 1, 0x31, Error::kImageSignature},
      {"signature's value", ecdsa + 4 + 12, 1, 0xee, Error::kImageSignature},
  };
  for (const Change& c : changes)
    EXPECT_EQ(Edited([&](Blob& b) { Put(b, c.offset, c.value, c.size); }),
              c.why)
        << c.what;
}

TEST_F(Mutations, AnotherSignersImage_IsRefusedWhicheverKeyItNames) {
  EXPECT_EQ(Refusal(Signed(Covered(), testing::Key(9))),
            Error::kImageKeyUnknown);
  EXPECT_EQ(Refusal(Signed(Covered(), device_.nonsecure_key)),
            Error::kImageKeyUnknown);
  EXPECT_EQ(Refusal(Signed(Covered(), device_.debug_key)),
            Error::kImageDebugKey);
  // Its record names the first key.
  EXPECT_EQ(Refusal(Signed(Covered(), device_.second_key)),
            Error::kImageBootRecord);
}

}  // namespace
}  // namespace cai::boot
