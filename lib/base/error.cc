#include "lib/base/error.h"

namespace cai {

std::string_view ErrorName(Error error) {
  switch (error) {
#define CAI_ERROR(name, a, b, number, words) \
  case Error::k##name:                       \
    return #name;
#include "lib/base/error_list.h"
#undef CAI_ERROR
  }
  return "Unknown";
}

std::string_view ErrorWords(Error error) {
  switch (error) {
#define CAI_ERROR(name, a, b, number, words) \
  case Error::k##name:                       \
    return words;
#include "lib/base/error_list.h"
#undef CAI_ERROR
  }
  return "unknown error";
}

}  // namespace cai
