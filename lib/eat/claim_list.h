// The registered claims that a claims set may hold, as data: included several
// times with CAI_CLAIM(member, key, name) defined. `member` is that of
// ClaimsSet (claims_set.h) and its type says what values are possible, `key` is
// the CBOR label, `name` the JSON name. In ascending order of keys, which is
// that of deterministic CBOR.
//
// Sources: CWT (RFC 8392, RFC 8747), EAT (RFC 9711), attestation results
// (draft-ietf-rats-ear), PSA tokens (RFC 9783).

// clang-format off
CAI_CLAIM(issuer,                  1,    "iss")
CAI_CLAIM(subject,                 2,    "sub")
CAI_CLAIM(audience,                3,    "aud")
CAI_CLAIM(expires,                 4,    "exp")
CAI_CLAIM(not_before,              5,    "nbf")
CAI_CLAIM(issued,                  6,    "iat")
CAI_CLAIM(token_id,                7,    "cti")
CAI_CLAIM(confirmation,            8,    "cnf")
CAI_CLAIM(nonces,                  10,   "eat_nonce")
CAI_CLAIM(ueid,                    256,  "ueid")
CAI_CLAIM(sueids,                  257,  "sueids")
CAI_CLAIM(oem_id,                  258,  "oemid")
CAI_CLAIM(hardware_model,          259,  "hwmodel")
CAI_CLAIM(hardware_version,        260,  "hwversion")
CAI_CLAIM(uptime_s,                261,  "uptime")
CAI_CLAIM(oem_boot,                262,  "oemboot")
CAI_CLAIM(debug,                   263,  "dbgstat")
CAI_CLAIM(location,                264,  "location")
CAI_CLAIM(profile,                 265,  "eat_profile")
CAI_CLAIM(submodules,              266,  "submods")
CAI_CLAIM(boot_count,              267,  "bootcount")
CAI_CLAIM(boot_seed,               268,  "bootseed")
CAI_CLAIM(approvals,               269,  "dloas")
CAI_CLAIM(software_name,           270,  "swname")
CAI_CLAIM(software_version,        271,  "swversion")
CAI_CLAIM(manifests,               272,  "manifests")
CAI_CLAIM(measurements,            273,  "measurements")
CAI_CLAIM(results,                 274,  "measres")
CAI_CLAIM(intended_use,            275,  "intuse")
CAI_CLAIM(status,                  1000, "ear_status")
CAI_CLAIM(trustworthiness,         1001, "ear_trustworthiness_vector")
CAI_CLAIM(raw_evidence,            1002, "ear_raw_evidence")
CAI_CLAIM(policy_ids,              1003, "ear_appraisal_policy_ids")
CAI_CLAIM(verifier_id,             1004, "ear_verifier_id")
CAI_CLAIM(client_id,               2394, "psa-client-id")
CAI_CLAIM(lifecycle,               2395, "psa-security-lifecycle")
CAI_CLAIM(implementation_id,       2396, "psa-implementation-id")
CAI_CLAIM(certification_reference, 2398, "psa-certification-reference")
CAI_CLAIM(software_components,     2399, "psa-software-components")
CAI_CLAIM(verification_service,    2400, "psa-verification-service-indicator")
// clang-format on
