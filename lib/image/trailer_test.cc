#include "lib/image/trailer.h"

#include <gtest/gtest.h>

#include <vector>

#include "lib/crypto/p256.h"

namespace cai::image {
namespace {

using Slot = std::vector<std::byte>;

Slot Erased(std::size_t size = 256) { return Slot(size, std::byte{0xFF}); }

TEST(Trailer, AnErasedSlot_IsNothing) {
  EXPECT_EQ(ReadTrailer(Erased()), Trailer{});
}

TEST(Trailer, WhatIsWritten_ReadsBack) {
  Slot slot = Erased();
  WriteTrailer(slot, false);
  EXPECT_EQ(ReadTrailer(slot), (Trailer{.released = true}));
  slot = Erased();
  WriteTrailer(slot, true);
  EXPECT_EQ(ReadTrailer(slot), (Trailer{.released = true, .confirmed = true}));
}

TEST(Trailer, CopyDone_IsEightBytesBeforeImageOk) {
  Slot slot = Erased();
  WriteTrailer(slot, false);
  slot[slot.size() - 32] = std::byte{1};
  EXPECT_EQ(ReadTrailer(slot), (Trailer{.released = true, .tried = true}));
  slot[slot.size() - 24] = std::byte{1};
  EXPECT_EQ(ReadTrailer(slot),
            (Trailer{.released = true, .confirmed = true, .tried = true}));
}

// A flag that is neither set nor erased never helps an image.
TEST(Trailer, ABadFlag_IsTriedAndNotConfirmed) {
  Slot slot = Erased();
  WriteTrailer(slot, true);
  slot[slot.size() - 24] = std::byte{0x03};
  slot[slot.size() - 32] = std::byte{0x7f};
  EXPECT_EQ(ReadTrailer(slot), (Trailer{.released = true, .tried = true}));
}

TEST(Trailer, EveryCutOfTheMagic_IsNoRelease) {
  for (std::size_t written = 0; written < kTrailerMagic.size(); ++written) {
    Slot slot = Erased();
    const std::size_t at = slot.size() - kTrailerMagic.size();
    CopyInto(MutableBytes(slot).subspan(at),
             Bytes(kTrailerMagic).first(written));
    EXPECT_FALSE(ReadTrailer(slot).released) << written;
  }
}

class Padded : public testing::Test {
 protected:
  Padded() {
    ByteArray<32> scalar{};
    scalar[31] = std::byte{7};
    const auto key = *crypto::ImportScalar(scalar);
    const std::vector<std::byte> payload(40, std::byte{0xab});
    const Fields fields;
    Slot out(MaxSize(fields, payload.size()));
    const auto image = Sign(fields, payload, key, out);
    file_.assign(image->begin(), image->end());
    size_ = file_.size();
    crypto::Release(key);
  }
  Slot file_;
  std::size_t size_;
};

TEST_F(Padded, ABareImage_HasNoTrailer) {
  const auto parsed = ParsePadded(file_);
  ASSERT_TRUE(parsed.ok());
  EXPECT_FALSE(parsed->padded);
}

TEST_F(Padded, APaddedImage_SaysWhetherItIsConfirmed) {
  for (const bool confirmed : {false, true}) {
    file_.resize(size_);
    file_.resize(8192, std::byte{0xFF});
    WriteTrailer(file_, confirmed);
    const auto parsed = ParsePadded(file_);
    ASSERT_TRUE(parsed.ok());
    EXPECT_TRUE(parsed->padded);
    EXPECT_EQ(parsed->image.size, size_);
    EXPECT_EQ(parsed->trailer.confirmed, confirmed);
  }
}

TEST_F(Padded, AnythingElseBehindTheImage_IsRefused) {
  file_.resize(8192, std::byte{0xFF});
  EXPECT_EQ(ParsePadded(file_).error(), Error::kImageTrailing);
  WriteTrailer(file_, true);
  file_[4096] = std::byte{0};
  EXPECT_EQ(ParsePadded(file_).error(), Error::kImageTrailing);
  file_.resize(size_ + kTrailerSize - 1);
  EXPECT_EQ(ParsePadded(file_).error(), Error::kImageTrailing);
}

}  // namespace
}  // namespace cai::image
