#include <gtest/gtest.h>

#include "device/partitions/storage/api.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/platform/sim/sim.h"
#include "psa/storage_common.h"

extern "C" psa_status_t cai_storage_Start();
extern "C" psa_status_t cai_storage_Serve(cai::spm::Message*);

namespace cai::storage {
namespace {

using fake_spm::Request;
using storage_api::GetRequest;
using storage_api::Info;
using storage_api::Op;
using storage_api::SetRequest;
using storage_api::UidRequest;

class StorageServer : public testing::Test {
 protected:
  void SetUp() override {
    fake_spm::Reset();
    fake_spm::GrantFlash({nv::kIts, nv::kPs});
    fake_spm::RunAs(spm::PartitionId::kStorage);
    sim::Manufacture();
    spm::BootData boot{};
    boot.boot_count = 3;
    fake_spm::SetBootData(boot);
    ByteArray<32> key{};
    ASSERT_TRUE(spm::DepositKey(spm::PartitionId::kStorage, key).ok());
    ASSERT_EQ(cai_storage_Start(), PSA_SUCCESS);
  }

  static Request Make(Op op, spm::Sid sid = spm::Sid::kIts) {
    return {.sid = sid, .client = -1, .op = static_cast<std::int32_t>(op)};
  }
  static psa_status_t Set(spm::Sid sid, std::uint64_t uid,
                          std::string_view data, std::uint32_t flags = 0) {
    return Make(Op::kSet, sid)
        .In(SetRequest{uid, flags, 0})
        .InBytes(AsBytes(data))
        .Send(cai_storage_Serve);
  }
  static psa_status_t Get(spm::Sid sid, std::uint64_t uid, std::string& out) {
    Request request = Make(Op::kGet, sid);
    const psa_status_t status =
        request.In(GetRequest{uid, 0, 0}).Out(64).Send(cai_storage_Serve);
    out = AsText(request.outputs[0]);
    return status;
  }
};

TEST_F(StorageServer, ItsAndPs_AreApart) {
  std::string out;
  EXPECT_EQ(Set(spm::Sid::kIts, 7, "its"), PSA_SUCCESS);
  EXPECT_EQ(Get(spm::Sid::kPs, 7, out), PSA_ERROR_DOES_NOT_EXIST);
  EXPECT_EQ(Set(spm::Sid::kPs, 7, "ps"), PSA_SUCCESS);
  EXPECT_EQ(Get(spm::Sid::kIts, 7, out), PSA_SUCCESS);
  EXPECT_EQ(out, "its");
  EXPECT_EQ(Get(spm::Sid::kPs, 7, out), PSA_SUCCESS);
  EXPECT_EQ(out, "ps");
}

TEST_F(StorageServer, GetInfo_SaysSizeAndFlags) {
  ASSERT_EQ(Set(spm::Sid::kPs, 7, "hello", 1), PSA_SUCCESS);
  Request request = Make(Op::kGetInfo, spm::Sid::kPs);
  ASSERT_EQ(request.In(UidRequest{7}).Out(sizeof(Info)).Send(cai_storage_Serve),
            PSA_SUCCESS);
  Info info;
  ASSERT_EQ(request.outputs[0].size(), sizeof(info));
  std::memcpy(&info, request.outputs[0].data(), sizeof(info));
  EXPECT_EQ(info.size, 5u);
  EXPECT_EQ(info.flags, 1u);
}

TEST_F(StorageServer, Errors_AreThoseOfThePsaStorageApi) {
  std::string out;
  EXPECT_EQ(Set(spm::Sid::kIts, 0, "x"), PSA_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(Set(spm::Sid::kIts, 1, "x", 16), PSA_ERROR_NOT_SUPPORTED);
  EXPECT_EQ(Set(spm::Sid::kIts, 1, std::string(2049, 'x')),
            PSA_ERROR_INSUFFICIENT_STORAGE);
  EXPECT_EQ(Get(spm::Sid::kIts, 1, out), PSA_ERROR_DOES_NOT_EXIST);
  ASSERT_EQ(Set(spm::Sid::kIts, 1, "x", 1), PSA_SUCCESS);
  EXPECT_EQ(Set(spm::Sid::kIts, 1, "y"), PSA_ERROR_NOT_PERMITTED);
  EXPECT_EQ(Make(Op::kRemove).In(UidRequest{1}).Send(cai_storage_Serve),
            PSA_ERROR_NOT_PERMITTED);
}

TEST_F(StorageServer, MalformedRequests_AreProgrammerErrors) {
  EXPECT_EQ(
      Make(Op::kSet).In(UidRequest{1}).InBytes({}).Send(cai_storage_Serve),
      PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT_EQ(Make(Op::kSet).In(SetRequest{1, 0, 0}).Send(cai_storage_Serve),
            PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT_EQ(Make(Op::kGet).In(GetRequest{1, 0, 0}).Send(cai_storage_Serve),
            PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT_EQ(Make(static_cast<Op>(5)).Send(cai_storage_Serve),
            PSA_ERROR_PROGRAMMER_ERROR);
  ASSERT_EQ(Set(spm::Sid::kIts, 1, "x"), PSA_SUCCESS);
  for (std::size_t room = 0; room < sizeof(Info); ++room)
    EXPECT_EQ(
        Make(Op::kGetInfo).In(UidRequest{1}).Out(room).Send(cai_storage_Serve),
        PSA_ERROR_BUFFER_TOO_SMALL);
}

TEST_F(StorageServer, TamperedObject_IsReportedAsTheApiSays) {
  ASSERT_EQ(Set(spm::Sid::kIts, 1, "secret"), PSA_SUCCESS);
  ASSERT_EQ(Set(spm::Sid::kPs, 1, "secret"), PSA_SUCCESS);
  // A new store begins in its second half: a header, the object's header.
  for (const nv::Region& region : {nv::kIts, nv::kPs})
    sim::NvForAttack()[region.offset + region.size / 2 + 64 + 64] ^=
        std::byte{1};
  std::string out;
  EXPECT_EQ(Get(spm::Sid::kIts, 1, out), PSA_ERROR_DATA_CORRUPT);
  EXPECT_EQ(Get(spm::Sid::kPs, 1, out), PSA_ERROR_INVALID_SIGNATURE);
  EXPECT_EQ(out, "");
}

TEST_F(StorageServer, Start_NeedsTheKeyOfTheCryptoPartition) {
  EXPECT_NE(cai_storage_Start(), PSA_SUCCESS);  // taken once already
}

}  // namespace
}  // namespace cai::storage
