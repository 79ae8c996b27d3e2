#include "device/ns/text.h"

namespace cai::ns {

// Proleptic Gregorian; years start in March, so that a leap day ends one.
Text& Text::UtcTime(std::int64_t unix_s) {
  if (unix_s < 0 || unix_s > 253'402'300'799) return *this << "(no time)";
  const auto seconds = static_cast<std::uint32_t>(unix_s % 86400);
  const auto days = static_cast<std::uint32_t>(unix_s / 86400) + 719'468;
  const std::uint32_t era = days / 146'097, day = days % 146'097;
  const std::uint32_t year =
      (day - day / 1460 + day / 36524 - day / 146'096) / 365;
  const std::uint32_t day_of_year = day - (365 * year + year / 4 - year / 100);
  const std::uint32_t month = (5 * day_of_year + 2) / 153;

  *this << year + era * 400 + (month >= 10) << '-';
  Padded(month < 10 ? month + 3 : month - 9, 2) << '-';
  Padded(day_of_year - (153 * month + 2) / 5 + 1, 2) << ' ';
  Padded(seconds / 3600, 2) << ':';
  Padded(seconds / 60 % 60, 2) << ':';
  return Padded(seconds % 60, 2) << 'Z';
}

}  // namespace cai::ns
