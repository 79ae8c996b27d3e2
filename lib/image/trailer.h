// The end of a slot, where boot and the running system note what is to become
// of the image in it; laid out as `imgtool sign --align 8 --pad` does:
//
//   slot end - 40   swap info    not used here
//            - 32   copy done    0x01: boot started the image once
//            - 24   image ok     0x01: the image is confirmed
//            - 16   magic        the image was installed completely
//
// Each field is one program unit, written once per erase: programming it is one
// step, before and after which the slot has a meaning.
#pragma once

#include "lib/base/bytes.h"
#include "lib/base/result.h"
#include "lib/image/image.h"

namespace cai::image {

constexpr std::size_t kTrailerSize = 40;
constexpr std::size_t kTrailerUnit = 8;

// Where a field begins, in bytes before the slot's end.
enum class TrailerField : std::size_t {
  kRelease = 16,
  kImageOk = 24,
  kCopyDone = 32,
};

constexpr ByteArray<16> kTrailerMagic = {
    std::byte{0x77}, std::byte{0xc2}, std::byte{0x95}, std::byte{0xf3},
    std::byte{0x60}, std::byte{0xd2}, std::byte{0xef}, std::byte{0x7f},
    std::byte{0x35}, std::byte{0x52}, std::byte{0x50}, std::byte{0x0f},
    std::byte{0x2c}, std::byte{0xb6}, std::byte{0x79}, std::byte{0x80}};
// What the other fields hold when they are set.
constexpr ByteArray<kTrailerUnit> kTrailerFlag = {
    std::byte{0x01}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff},
    std::byte{0xff}, std::byte{0xff}, std::byte{0xff}, std::byte{0xff}};

struct Trailer {
  bool released = false;   // the magic stands
  bool confirmed = false;  // image ok is set
  bool tried = false;      // copy done is not erased any more
  friend bool operator==(const Trailer&, const Trailer&) = default;
};

// Requires slot.size() >= kTrailerSize.
Trailer ReadTrailer(Bytes slot);

// Writes what `imgtool sign --pad` and `--confirm` write over erased bytes.
void WriteTrailer(MutableBytes slot, bool confirmed);

// A file of exactly one image, or one padded to its slot with a trailer;
// `padded` is then set. kImageTrailing for anything else behind the image.
struct PaddedImage {
  Image image;
  bool padded;
  Trailer trailer;
};
Result<PaddedImage> ParsePadded(Bytes file);

}  // namespace cai::image
