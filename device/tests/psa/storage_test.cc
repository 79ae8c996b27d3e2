// ITS and PS: the arguments and the edges of the PSA Secure Storage API.
#include "device/tests/psa/psa_test.h"
#include "psa/internal_trusted_storage.h"
#include "psa/protected_storage.h"

namespace {

using namespace cai::psa_test;

// Both have the same functions; what one must, the other must.
struct Store {
  decltype(psa_its_set)* set;
  decltype(psa_its_get)* get;
  decltype(psa_its_get_info)* get_info;
  decltype(psa_its_remove)* remove;
};
constexpr Store kStores[] = {
    {psa_its_set, psa_its_get, psa_its_get_info, psa_its_remove},
    {psa_ps_set, psa_ps_get, psa_ps_get_info, psa_ps_remove},
};
constexpr psa_storage_uid_t kUid = 5;

CAI_DEVICE_TEST(Storage, WhatIsNotThere_DoesNotExist) {
  psa_storage_info_t info = {};
  std::size_t size = 99;
  for (const Store& store : kStores) {
    EXPECT_EQ(store.get(kUid, 0, 1, buffer, &size), PSA_ERROR_DOES_NOT_EXIST);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(store.get_info(kUid, &info), PSA_ERROR_DOES_NOT_EXIST);
    EXPECT_EQ(store.remove(kUid), PSA_ERROR_DOES_NOT_EXIST);
    EXPECT_EQ(store.set(kUid + 1, 4, input, 0), PSA_SUCCESS);
    EXPECT_EQ(store.get(kUid, 0, 1, buffer, &size), PSA_ERROR_DOES_NOT_EXIST);
    EXPECT_EQ(store.remove(kUid + 1), PSA_SUCCESS);
    EXPECT_EQ(store.get_info(kUid + 1, &info), PSA_ERROR_DOES_NOT_EXIST);
  }
}

CAI_DEVICE_TEST(Storage, NothingIsAnObject) {
  psa_storage_info_t info = {};
  std::size_t size = 99;
  for (const Store& store : kStores) {
    EXPECT_EQ(store.set(kUid, 0, nullptr, 0), PSA_SUCCESS);
    EXPECT_EQ(store.get_info(kUid, &info), PSA_SUCCESS);
    EXPECT_EQ(info.size, 0);
    EXPECT_EQ(store.get(kUid, 0, 0, nullptr, &size), PSA_SUCCESS);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(store.get(kUid, 0, 8, buffer, &size), PSA_SUCCESS);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(store.get(kUid, 1, 0, nullptr, &size),
              PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.set(kUid, 0, input, 0), PSA_SUCCESS);
    EXPECT_EQ(store.set(kUid, 20, input, 0), PSA_SUCCESS);
    EXPECT_EQ(store.get(kUid, 0, 0, nullptr, &size), PSA_SUCCESS);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(store.remove(kUid), PSA_SUCCESS);
  }
}

CAI_DEVICE_TEST(Storage, Arguments_AreChecked) {
  std::size_t size = 0;
  for (const Store& store : kStores) {
    EXPECT_EQ(store.set(0, 4, input, 0), PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.set(kUid, 4, nullptr, 0), PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.set(kUid, 4, input, 0x80000000u), PSA_ERROR_NOT_SUPPORTED);
    EXPECT_EQ(store.set(kUid, 2049, input, 0), PSA_ERROR_INSUFFICIENT_STORAGE);
    EXPECT_EQ(store.set(kUid, 0xffffffffu, input, 0),
              PSA_ERROR_INSUFFICIENT_STORAGE);
    EXPECT_EQ(store.set(kUid, 2048, input, 0), PSA_SUCCESS);
    EXPECT_EQ(store.get(kUid, 0, 4, nullptr, &size),
              PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.get(kUid, 0, 4, buffer, nullptr),
              PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.get_info(kUid, nullptr), PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.get(kUid, 0xffffffffu, 4, buffer, &size),
              PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.get(0, 0, 4, buffer, &size), PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.remove(0), PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.remove(kUid), PSA_SUCCESS);
  }
}

CAI_DEVICE_TEST(Storage, OffsetsAndLengths_GiveWhatThereIs) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 256; ++i) input[i] = static_cast<std::uint8_t>(i);
  for (const Store& store : kStores) {
    EXPECT_EQ(store.set(kUid, 256, input, 0), PSA_SUCCESS);
    EXPECT_EQ(store.get(kUid, 100, 156, buffer, &size), PSA_SUCCESS);
    EXPECT(size == 156 && std::memcmp(buffer, input + 100, 156) == 0);
    EXPECT_EQ(store.get(kUid, 100, 10, buffer, &size), PSA_SUCCESS);
    EXPECT(size == 10 && std::memcmp(buffer, input + 100, 10) == 0);
    EXPECT_EQ(store.get(kUid, 256, 1, buffer, &size), PSA_SUCCESS);
    EXPECT_EQ(size, 0);
    EXPECT_EQ(store.get(kUid, 257, 1, buffer, &size),
              PSA_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(store.get(kUid, 0, 257, buffer, &size), PSA_SUCCESS);
    EXPECT_EQ(size, 256);
    // Half of it: the other half is gone.
    EXPECT_EQ(store.set(kUid, 128, input, 0), PSA_SUCCESS);
    EXPECT_EQ(store.get(kUid, 0, 256, buffer, &size), PSA_SUCCESS);
    EXPECT_EQ(size, 128);
    EXPECT_EQ(store.remove(kUid), PSA_SUCCESS);
  }
}

CAI_DEVICE_TEST(Storage, Flags_AreKeptAndObeyed) {
  psa_storage_info_t info = {};
  constexpr psa_storage_create_flags_t kFlags[] = {
      PSA_STORAGE_FLAG_NONE, PSA_STORAGE_FLAG_NO_CONFIDENTIALITY,
      PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION,
      PSA_STORAGE_FLAG_NO_CONFIDENTIALITY |
          PSA_STORAGE_FLAG_NO_REPLAY_PROTECTION};
  for (const Store& store : kStores) {
    for (const psa_storage_create_flags_t flags : kFlags) {
      EXPECT_EQ(store.set(kUid, 4, input, flags), PSA_SUCCESS);
      EXPECT_EQ(store.get_info(kUid, &info), PSA_SUCCESS);
      EXPECT_EQ(info.flags, flags);
      EXPECT_EQ(info.size, 4);
      EXPECT(info.capacity >= 4);
      EXPECT_EQ(store.remove(kUid), PSA_SUCCESS);
    }
    // For good, also for whoever asks the same again.
    EXPECT_EQ(store.set(2, 4, input, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    EXPECT_EQ(store.set(2, 4, input, PSA_STORAGE_FLAG_WRITE_ONCE),
              PSA_ERROR_NOT_PERMITTED);
    EXPECT_EQ(store.set(2, 2, input, PSA_STORAGE_FLAG_NONE),
              PSA_ERROR_NOT_PERMITTED);
    EXPECT_EQ(store.remove(2), PSA_ERROR_NOT_PERMITTED);
    EXPECT_EQ(store.get_info(2, &info), PSA_SUCCESS);
    EXPECT_EQ(info.flags, PSA_STORAGE_FLAG_WRITE_ONCE);
    // What was not so made may become so.
    EXPECT_EQ(store.set(3, 4, input, PSA_STORAGE_FLAG_NONE), PSA_SUCCESS);
    EXPECT_EQ(store.set(3, 4, input, PSA_STORAGE_FLAG_WRITE_ONCE), PSA_SUCCESS);
    EXPECT_EQ(store.remove(3), PSA_ERROR_NOT_PERMITTED);
  }
}

CAI_DEVICE_TEST(Storage, Full_IsTheSameEachTime) {
  for (const Store& store : kStores) {
    psa_storage_uid_t filled[2] = {};
    for (psa_storage_uid_t& last : filled) {
      psa_storage_uid_t uid = 10;
      psa_status_t status = PSA_SUCCESS;
      while (uid < 200 &&
             (status = store.set(uid, 1024, input, 0)) == PSA_SUCCESS)
        ++uid;
      EXPECT_EQ(status, PSA_ERROR_INSUFFICIENT_STORAGE);
      last = uid;
      while (--uid >= 10) EXPECT_EQ(store.remove(uid), PSA_SUCCESS);
    }
    EXPECT(filled[0] == filled[1] && filled[0] > 12);
  }
}

// psa_ps_get_support() says that there is none of it.
CAI_DEVICE_TEST(Storage, OptionalFunctions_AreAbsent) {
  EXPECT_EQ(psa_ps_get_support(), 0);
  EXPECT_EQ(psa_ps_create(kUid, 10, 0), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(psa_ps_set_extended(kUid, 0, 1, input), PSA_ERROR_NOT_SUPPORTED);
}

}  // namespace
