// A secure side for the host's tests: what spe.h promises, from this table.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "device/ns/spe.h"

namespace cai::ns::testing {

struct FakeSpe {
  struct Message {
    spm::SealKind kind;
    std::uint32_t wait_ms;
    std::string bytes;
  };
  std::deque<Message> next;  // then: nothing, wait 1000 ms
  bool seal_fails = false;
  int asked = 0;                          // SealNext calls
  std::vector<std::string> downlinks;     // Downlink
  std::vector<std::string> service_keys;  // ServiceKey
  std::optional<Error> downlink_error;

  std::map<std::uint64_t, std::string> storage;
  std::optional<std::uint64_t> store_fails;  // at this uid

  std::vector<std::pair<std::string, spm::Purpose>> key_tokens;  // nonce
  std::optional<Error> csr_error;
};

FakeSpe& fake_spe();

}  // namespace cai::ns::testing
