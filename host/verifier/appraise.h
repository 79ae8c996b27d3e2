// Verifies any token and says what to think of it: evidence in, attestation
// result out (RFC 9334). No claim counts before a key that is tied to its UEID
// has signed it.
#pragma once

#include <string>
#include <vector>

#include "host/verifier/part.h"
#include "host/verifier/policy.h"
#include "host/verifier/reference_values.h"

namespace cai::verifier {

// What the verifier knows and asks for. What is absent is not compared; it is
// listed in Verdict::unchecked.
struct Expectations {
  std::vector<TrustAnchor> anchors;
  ReferenceValues references;
  Policy policy;
  std::int64_t now = 0;  // Unix seconds
  std::optional<std::string> profile;
  std::optional<Blob> nonce;
  std::optional<Blob> service;                     // of AI tokens: the audience
  std::optional<std::uint32_t> boot_count;         // of AI tokens
  std::optional<crypto::P256Public> confirmation;  // of AI and key tokens
  std::optional<Blob> request_digest;              // of key tokens
  std::optional<std::string> purpose;              // of key tokens
};

struct Verdict {
  std::string profile;
  Blob ueid;
  Blob nonce;
  std::string anchor;  // where the key came from
  std::vector<Part> parts;
  std::vector<Finding> findings;
  std::vector<std::string> unchecked;

  eat::Tier Status() const;  // the worst part's; none if any is
};

// The Problem names the claim or the check that it fell at; nothing of it is
// for the peer.
Outcome<Verdict> Appraise(Bytes token, const Expectations& expected);

}  // namespace cai::verifier
