#include <gtest/gtest.h>

#include "device/nv/flash.h"
#include "device/partitions/testing/fake_spm.h"
#include "device/partitions/update/api.h"
#include "device/platform/sim/sim.h"
#include "lib/image/trailer.h"

extern "C" psa_status_t cai_update_Start();
extern "C" psa_status_t cai_update_Serve(cai::spm::Message* message);

namespace cai::update {
namespace {

using fake_spm::Request;
using image::TrailerField;

class Update : public ::testing::Test {
 protected:
  Update() {
    sim::Manufacture();
    fake_spm::Reset();
    fake_spm::GrantFlash({nv::kSecureTrailerA, nv::kSecureTrailerB,
                          nv::kNonSecureTrailerA, nv::kNonSecureTrailerB});
    spm::BootData boot{};
    boot.component_count = 3;
    std::strcpy(boot.components[1].version, "1.2.3+4");
    std::strcpy(boot.components[2].version, "5.6.7+8");
    boot.slots = {1, 0};
    fake_spm::SetBootData(boot);
    cai_update_Start();
  }

  static void Release(const nv::Region& slot, bool confirmed) {
    const auto bytes = sim::NvForAttack().subspan(slot.offset, slot.size);
    std::ranges::fill(bytes.last(nv::kSectorSize), std::byte{0xFF});
    image::WriteTrailer(bytes, confirmed);
  }
  static psa_status_t Do(Op op) {
    return Request{.op = static_cast<std::int32_t>(op)}.Send(cai_update_Serve);
  }
  static Info Query(std::uint32_t component) {
    Request request{.op = static_cast<std::int32_t>(Op::kQuery)};
    request.In(component).Out(sizeof(Info));
    EXPECT_EQ(request.Send(cai_update_Serve), PSA_SUCCESS);
    Info info;
    std::memcpy(&info, request.outputs[0].data(), sizeof info);
    return info;
  }
  static bool Confirmed(const nv::Region& slot) {
    return image::ReadTrailer(*nv::View(slot.offset, slot.size)).confirmed;
  }
};

TEST_F(Update, Query_TellsStateAndVersionOfWhatRuns) {
  Release(nv::kSecureSlotB, false);
  Release(nv::kNonSecureSlotA, true);
  const Info secure = Query(0);
  EXPECT_EQ(secure.state, State::kTrial);
  EXPECT_EQ(secure.major, 1);
  EXPECT_EQ(secure.build, 4u);
  EXPECT_EQ(Query(1).state, State::kReady);
  EXPECT_EQ(Query(1).patch, 7);
  Release(nv::kNonSecureSlotB, false);
  EXPECT_EQ(Query(1).state, State::kStaged);
}

TEST_F(Update, Query_OfAnotherComponent_IsRefused) {
  Request request{.op = 0};
  request.In(std::uint32_t{2}).Out(sizeof(Info));
  EXPECT_EQ(request.Send(cai_update_Serve), PSA_ERROR_DOES_NOT_EXIST);
  Request malformed{.op = 0};
  EXPECT_EQ(malformed.Send(cai_update_Serve), PSA_ERROR_PROGRAMMER_ERROR);
  EXPECT_EQ(Do(Op{3}), PSA_ERROR_PROGRAMMER_ERROR);
}

TEST_F(Update, Accept_ConfirmsWhatRunsOnTrialAndNothingElse) {
  Release(nv::kSecureSlotA, false);
  Release(nv::kSecureSlotB, false);
  Release(nv::kNonSecureSlotA, false);
  EXPECT_EQ(Do(Op::kAccept), PSA_SUCCESS);
  EXPECT_TRUE(Confirmed(nv::kSecureSlotB));
  EXPECT_TRUE(Confirmed(nv::kNonSecureSlotA));
  EXPECT_FALSE(Confirmed(nv::kSecureSlotA));
  EXPECT_EQ(Do(Op::kAccept), PSA_ERROR_BAD_STATE);
}

TEST_F(Update, Reject_IsFinal) {
  Release(nv::kSecureSlotB, false);
  Release(nv::kNonSecureSlotA, true);
  EXPECT_EQ(Do(Op::kReject), PSA_SUCCESS);
  EXPECT_EQ(Query(0).state, State::kRejected);
  EXPECT_EQ(Do(Op::kAccept), PSA_ERROR_BAD_STATE);
  EXPECT_FALSE(Confirmed(nv::kSecureSlotB));
}

TEST_F(Update, ACutWhileAccepting_IsReported) {
  Release(nv::kSecureSlotB, false);
  Release(nv::kNonSecureSlotA, true);
  sim::PowerOn();
  sim::CutPowerAt(0, 0);
  EXPECT_EQ(Do(Op::kAccept), PSA_ERROR_STORAGE_FAILURE);
  sim::PowerOn();
  EXPECT_EQ(Do(Op::kAccept), PSA_SUCCESS);
}

}  // namespace
}  // namespace cai::update
