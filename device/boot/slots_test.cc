#include "device/boot/slots.h"

#include <gtest/gtest.h>

namespace cai::boot {
namespace {

using image::Version;

Candidate Of(std::uint8_t major) { return {Version{.major = major}, {}, 0}; }
Candidate Needs(std::uint8_t major, std::uint8_t image, std::uint8_t least) {
  Candidate candidate = Of(major);
  candidate.dependency_list[0] = {image, Version{.major = least}};
  candidate.dependency_count = 1;
  return candidate;
}

TEST(BestPair, NothingWithoutBoth) {
  EXPECT_FALSE(BestPair({}));
  EXPECT_FALSE(BestPair({{{Of(1), Of(2)}, {}}}));
  EXPECT_FALSE(BestPair({{{}, {Of(1), Of(2)}}}));
}

TEST(BestPair, TakesTheHighestOfEach) {
  EXPECT_EQ(BestPair({{{Of(1), Of(2)}, {Of(4), Of(3)}}}), (Pair{1, 0}));
  EXPECT_EQ(BestPair({{{Of(2), Of(1)}, {Of(3), Of(4)}}}), (Pair{0, 1}));
}

TEST(BestPair, TakesTheFirstSlotOfEquals) {
  EXPECT_EQ(BestPair({{{Of(1), Of(1)}, {Of(1), Of(1)}}}), (Pair{0, 0}));
}

TEST(BestPair, TakesTheBestThatFits) {
  const auto s2_n2 = Needs(2, image::kNonSecureImage, 2);
  EXPECT_EQ(BestPair({{{Of(1), s2_n2}, {Of(1), Of(2)}}}), (Pair{1, 1}));
  EXPECT_EQ(BestPair({{{Of(1), s2_n2}, {Of(1), std::nullopt}}}), (Pair{0, 0}));
  // The newest NS image wants a secure one that is not there.
  const auto n9_s3 = Needs(9, image::kSecureImage, 3);
  EXPECT_EQ(BestPair({{{Of(1), Of(2)}, {Of(1), n9_s3}}}), (Pair{1, 0}));
  // Only crosswise: S 1 with N 9, S 2 with N 1.
  const auto s1_n9 = Needs(1, image::kNonSecureImage, 9);
  const auto n1_s2 = Needs(1, image::kSecureImage, 2);
  EXPECT_EQ(BestPair({{{s1_n9, Of(2)}, {n1_s2, n9_s3}}}), (Pair{1, 0}));
  EXPECT_FALSE(BestPair({{{s1_n9, std::nullopt}, {n1_s2, n9_s3}}}));
}

TEST(Satisfied, EveryDependencyCounts) {
  const image::Dependency both[] = {
      {image::kSecureImage, Version{1, 2, 3, 4}},
      {image::kNonSecureImage, Version{5, 0, 0, 0}}};
  EXPECT_TRUE(Satisfied(both, {1, 2, 3, 4}, {5, 0, 0, 0}));
  EXPECT_FALSE(Satisfied(both, {1, 2, 3, 3}, {5, 0, 0, 0}));
  EXPECT_FALSE(Satisfied(both, {1, 2, 3, 4}, {4, 255, 0, 0}));
  EXPECT_TRUE(Satisfied({}, {}, {}));
}

}  // namespace
}  // namespace cai::boot
