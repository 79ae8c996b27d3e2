#include "lib/der/reader.h"

namespace cai::der {
namespace {

constexpr std::size_t kMaxLengthBytes = 4;

unsigned U8(std::byte b) { return std::to_integer<unsigned>(b); }

// X.690, 8.3.2: the first nine bits are neither all zero nor all one; here also
// not negative.
bool IsUnsigned(Bytes content) {
  if (content.empty() || U8(content[0]) >= 0x80) return false;
  return content.size() == 1 || content[0] != std::byte{0} ||
         U8(content[1]) >= 0x80;
}

// Two decimal digits at `at`, or -1.
int TwoDigits(Bytes text, std::size_t at) {
  const unsigned tens = U8(text[at]) - '0', ones = U8(text[at + 1]) - '0';
  return tens > 9 || ones > 9 ? -1 : static_cast<int>(10 * tens + ones);
}

bool IsLeap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int DaysIn(int month, int year) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

// Days from 1970-01-01 to a date of the proleptic Gregorian calendar: years
// begin in March, so that the leap day is the last of its year.
std::int64_t DaysSince1970(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int m = month <= 2 ? month + 9 : month - 3;
  const std::int64_t days = 365 * y + y / 4 - y / 100 + y / 400;
  return days + (153 * m + 2) / 5 + day - 1 - 719468;
}

// MMDDHHMMSSZ after the year.
Result<std::int64_t> TimeIn(int year, Bytes rest) {
  if (rest.size() != 11 || rest[10] != std::byte{'Z'})
    return Error::kDerBadValue;
  const int month = TwoDigits(rest, 0), day = TwoDigits(rest, 2);
  const int hour = TwoDigits(rest, 4), minute = TwoDigits(rest, 6);
  const int second = TwoDigits(rest, 8);
  if (month < 1 || month > 12 || day < 1 || day > DaysIn(month, year))
    return Error::kDerBadValue;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59)
    return Error::kDerBadValue;
  return DaysSince1970(year, month, day) * 86400 + hour * 3600 + minute * 60 +
         second;
}

// RFC 5280, 4.1.2.5.1: two digits of 50 and above mean the last century.
Result<std::int64_t> UtcTime(Bytes text) {
  if (text.size() != 13) return Error::kDerBadValue;
  const int year = TwoDigits(text, 0);
  if (year < 0) return Error::kDerBadValue;
  return TimeIn(year < 50 ? 2000 + year : 1900 + year, text.subspan(2));
}

Result<std::int64_t> GeneralizedTime(Bytes text) {
  if (text.size() != 15) return Error::kDerBadValue;
  const int century = TwoDigits(text, 0), year = TwoDigits(text, 2);
  if (century < 0 || year < 0) return Error::kDerBadValue;
  return TimeIn(100 * century + year, text.subspan(4));
}

}  // namespace

Result<Reader::Head> Reader::NextHead() const {
  if (in_.size() < 2) return Error::kDerTruncated;
  if ((U8(in_[0]) & 0x1f) == 0x1f) return Error::kDerWrongTag;
  Head head{static_cast<Tag>(in_[0]), 2, U8(in_[1])};
  if (head.content >= 0x80) {
    // 0x80 is the indefinite form, which DER has not.
    const std::size_t bytes = head.content & 0x7f;
    if (bytes == 0 || bytes > kMaxLengthBytes) return Error::kDerBadLength;
    if (in_.size() < 2 + bytes) return Error::kDerTruncated;
    head.content = 0;
    for (std::size_t i = 0; i < bytes; ++i)
      head.content = head.content << 8 | U8(in_[2 + i]);
    if (in_[2] == std::byte{0} || head.content < 0x80)
      return Error::kDerBadLength;
    head.head += bytes;
  }
  if (head.content > in_.size() - head.head) return Error::kDerTruncated;
  return head;
}

bool Reader::Next(Tag tag) const {
  return !in_.empty() && in_[0] == static_cast<std::byte>(tag);
}

Result<Bytes> Reader::Content(Tag tag) {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (head.tag != tag) return Error::kDerWrongTag;
  const Bytes content = in_.subspan(head.head, head.content);
  in_ = in_.subspan(head.head + head.content);
  return content;
}

Result<Reader> Reader::Enter(Tag tag) {
  CAI_TRY_ASSIGN(const Bytes content, Content(tag));
  return Reader(content);
}

Result<Bytes> Reader::Any() {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  const Bytes element = in_.first(head.head + head.content);
  in_ = in_.subspan(element.size());
  return element;
}

Result<Bytes> Reader::Element(Tag tag) {
  CAI_TRY_ASSIGN(const Head head, NextHead());
  if (head.tag != tag) return Error::kDerWrongTag;
  return Any();
}

Result<Bytes> Reader::Unsigned() {
  Reader at = *this;
  CAI_TRY_ASSIGN(Bytes content, at.Content(Tag::kInteger));
  if (!IsUnsigned(content)) return Error::kDerBadInteger;
  *this = at;
  const bool padded = content.size() > 1 && content[0] == std::byte{0};
  return padded ? content.subspan(1) : content;
}

Status Reader::UnsignedInto(MutableBytes out) {
  Reader at = *this;
  CAI_TRY_ASSIGN(const Bytes magnitude, at.Unsigned());
  if (magnitude.size() > out.size()) return Error::kDerBadInteger;
  *this = at;
  const std::size_t zeros = out.size() - magnitude.size();
  std::ranges::fill(out.first(zeros), std::byte{0});
  CopyInto(out.subspan(zeros), magnitude);
  return kDone;
}

Result<Bytes> Reader::BitString() {
  Reader at = *this;
  CAI_TRY_ASSIGN(const Bytes content, at.Content(Tag::kBitString));
  if (content.empty() || content[0] != std::byte{0}) return Error::kDerBadValue;
  *this = at;
  return content.subspan(1);
}

Result<bool> Reader::Boolean() {
  Reader at = *this;
  CAI_TRY_ASSIGN(const Bytes content, at.Content(Tag::kBoolean));
  // X.690, 11.1: true is all ones.
  if (content.size() != 1) return Error::kDerBadValue;
  if (content[0] != std::byte{0} && content[0] != std::byte{0xff})
    return Error::kDerBadValue;
  *this = at;
  return content[0] == std::byte{0xff};
}

Result<std::int64_t> Reader::Time() {
  Reader at = *this;
  const bool utc = Next(Tag::kUtcTime);
  CAI_TRY_ASSIGN(const Bytes text,
                 at.Content(utc ? Tag::kUtcTime : Tag::kGeneralizedTime));
  CAI_TRY_ASSIGN(const std::int64_t time,
                 utc ? UtcTime(text) : GeneralizedTime(text));
  *this = at;
  return time;
}

Status Reader::Finish() const {
  if (!in_.empty()) return Error::kDerTrailing;
  return kDone;
}

}  // namespace cai::der
