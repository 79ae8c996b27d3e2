// The operations of Sid::kCrypto, one function each; crypto_server.cc decodes
// their requests and says which vectors each has.
#pragma once

#include "device/partitions/crypto/api.h"
#include "device/partitions/crypto/state.h"

namespace cai::crypto_partition {

namespace api = crypto_api;

// One request as a handler sees it: who, and what the vectors hold.
struct Call {
  Client client;
  spm::Message& message;

  const std::uint8_t* in(std::size_t i) const { return AsU8(message.in[i]); }
  std::size_t in_size(std::size_t i) const { return message.in[i].size(); }
  std::uint8_t* out() const { return AsU8(message.out[0]); }
  std::size_t room() const { return message.out[0].size(); }
  std::size_t* out_size() const { return &message.out_size[0]; }

  psa_status_t Resolve(psa_key_id_t id, mbedtls_svc_key_id_t& key) const {
    if (id == spm::kKeyBootstrap) (void)LoadConfiguration();
    return state.keyring.Resolve(client, id, key);
  }
  template <typename T>
  psa_status_t Reply(const T& value) const {
    return message.WriteValue(0, value).ok() ? PSA_SUCCESS
                                             : PSA_ERROR_BUFFER_TOO_SMALL;
  }
};

// Makes a key by `make(attributes, key)` within the client's quota and replies
// with its number. (keys.cc)
using KeyMaker = psa_status_t (*)(void* context,
                                  psa_key_attributes_t& attributes,
                                  mbedtls_svc_key_id_t& key);
psa_status_t MakeKeyBy(const Call& call, const api::KeyAttributes& wanted,
                       KeyMaker make, void* context);
template <typename Make>
psa_status_t MakeKey(const Call& call, const api::KeyAttributes& wanted,
                     Make make) {
  return MakeKeyBy(
      call, wanted,
      [](void* context, psa_key_attributes_t& attributes,
         mbedtls_svc_key_id_t& key) {
        return (*static_cast<Make*>(context))(attributes, key);
      },
      &make);
}

// keys.cc
psa_status_t Random(Call);
psa_status_t ImportKey(Call, const api::KeyAttributes&);
psa_status_t GenerateKey(Call, const api::KeyAttributes&);
psa_status_t CopyKey(Call, const api::CopyRequest&);
psa_status_t DestroyKey(Call, const api::KeyRequest&);
psa_status_t PurgeKey(Call, const api::KeyRequest&);
psa_status_t ExportKey(Call, const api::KeyRequest&);
psa_status_t ExportPublicKey(Call, const api::KeyRequest&);
psa_status_t GetKeyAttributes(Call, const api::KeyRequest&);

// signatures.cc
psa_status_t SignHash(Call, const api::KeyRequest&);
psa_status_t VerifyHash(Call, const api::KeyRequest&);
psa_status_t SignMessage(Call, const api::KeyRequest&);
psa_status_t VerifyMessage(Call, const api::KeyRequest&);
psa_status_t RawKeyAgreement(Call, const api::KeyRequest&);

// hashes.cc
psa_status_t HashCompute(Call, const api::AlgorithmRequest&);
psa_status_t HashSetup(Call, const api::AlgorithmRequest&);
psa_status_t HashUpdate(Call, const api::HandleRequest&);
psa_status_t HashFinish(Call, const api::HandleRequest&);
psa_status_t HashAbort(Call, const api::HandleRequest&);
psa_status_t HashClone(Call, const api::HandleRequest&);

// macs.cc
psa_status_t MacCompute(Call, const api::KeyRequest&);
psa_status_t MacVerify(Call, const api::KeyRequest&);
psa_status_t MacSetup(Call, const api::SetupRequest&);
psa_status_t MacUpdate(Call, const api::HandleRequest&);
psa_status_t MacSignFinish(Call, const api::HandleRequest&);
psa_status_t MacVerifyFinish(Call, const api::HandleRequest&);
psa_status_t MacAbort(Call, const api::HandleRequest&);

// aeads.cc
psa_status_t AeadEncrypt(Call, const api::AeadRequest&);
psa_status_t AeadDecrypt(Call, const api::AeadRequest&);
psa_status_t AeadSetup(Call, const api::SetupRequest&);
psa_status_t AeadSetLengths(Call, const api::LengthsRequest&);
psa_status_t AeadSetNonce(Call, const api::HandleRequest&);
psa_status_t AeadGenerateNonce(Call, const api::HandleRequest&);
psa_status_t AeadUpdateAd(Call, const api::HandleRequest&);
psa_status_t AeadUpdate(Call, const api::HandleRequest&);
psa_status_t AeadFinish(Call, const api::HandleRequest&);
psa_status_t AeadVerify(Call, const api::HandleRequest&);
psa_status_t AeadAbort(Call, const api::HandleRequest&);

// derivations.cc
psa_status_t DerivationSetup(Call, const api::AlgorithmRequest&);
psa_status_t DerivationSetCapacity(Call, const api::CapacityRequest&);
psa_status_t DerivationGetCapacity(Call, const api::HandleRequest&);
psa_status_t DerivationInputBytes(Call, const api::StepRequest&);
psa_status_t DerivationInputKey(Call, const api::StepRequest&);
psa_status_t DerivationKeyAgreement(Call, const api::StepRequest&);
psa_status_t DerivationOutputBytes(Call, const api::HandleRequest&);
psa_status_t DerivationOutputKey(Call, const api::OutputKeyRequest&);
psa_status_t DerivationVerifyBytes(Call, const api::HandleRequest&);
psa_status_t DerivationVerifyKey(Call, const api::StepRequest&);
psa_status_t DerivationAbort(Call, const api::HandleRequest&);

// p256.cc, for secure partitions alone
struct PointRequest {
  std::uint8_t xy[64];
};
psa_status_t P256Verify(Call, const api::P256VerifyRequest&);
psa_status_t P256CheckPoint(Call, const PointRequest&);
psa_status_t P256Ecdh(Call, const api::P256EcdhRequest&);
psa_status_t P256Import(Call);

}  // namespace cai::crypto_partition
