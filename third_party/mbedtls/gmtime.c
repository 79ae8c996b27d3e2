/* Calendar from Unix seconds for certificate validity: newlib's gmtime_r would
 * bring its reentrancy structure and a 32-bit time_t. */
#include <time.h>

#include "mbedtls/platform_util.h"

/* Days from 1970-01-01 to the civil date, proleptic Gregorian, by 400-year eras
 * that begin on 1 March, so that a leap day is the last day of its year. */
static void FromDays(long long days, struct tm *out) {
  const long long shifted = days + 719468; /* from 0000-03-01 */
  const long long era = shifted / 146097;
  const long long day = shifted % 146097;
  const long long year_of_era =
      (day - day / 1460 + day / 36524 - day / 146096) / 365;
  const long long day_of_year =
      day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const long long month = (5 * day_of_year + 2) / 153; /* March is 0 */

  out->tm_mday = (int)(day_of_year - (153 * month + 2) / 5 + 1);
  out->tm_mon = (int)(month < 10 ? month + 2 : month - 10);
  out->tm_year = (int)(year_of_era + era * 400 + (month >= 10) - 1900);
}

/* Only for 1970..9999; anything else is no time at all. */
struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *tt,
                                     struct tm *tm_buf) {
  const long long now = *tt;
  if (now < 0 || now > 253402300799LL) return 0;

  const int second = (int)(now % 86400);
  *tm_buf = (struct tm){0};
  FromDays(now / 86400, tm_buf);
  tm_buf->tm_hour = second / 3600;
  tm_buf->tm_min = second / 60 % 60;
  tm_buf->tm_sec = second % 60;
  return tm_buf;
}
