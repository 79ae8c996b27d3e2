#include "lib/wire/package.h"

#include <functional>

#include "lib/cose/sign1.h"
#include "lib/wire/fixture.h"

namespace cai::wire {
namespace {

TestKey OwnerKey() { return TestKey("owner", "owner public"); }
TestKey KekKey() { return TestKey("scalar model-kek", "public model-kek"); }
cose::Cek ContentKey() {
  cose::Cek cek;
  CopyInto(cek.mutable_bytes(), World().bytes("cek"));
  return cek;
}
ModelManifest Manifest() {
  return {.name = "sine",
          .version = "2.0.0",
          .security_counter = 3,
          .target = "an521"};
}

std::vector<std::byte> Made(const ModelManifest& manifest, const TestKey& owner,
                            Bytes model = World().bytes("model_bytes")) {
  std::vector<std::byte> out(model.size() + kPackageOverhead);
  const auto made = MakePackage(manifest, model, owner.key.get(),
                                owner.public_key, ContentKey(), out);
  EXPECT_TRUE(made.ok());
  return {made->begin(), made->end()};
}

std::vector<std::byte> Granted(
    Bytes package, const crypto::P256Public& kek = KekKey().public_key,
    const Ueid& ueid = World().array<33>("ueid")) {
  const TestKey ephemeral("grant ephemeral", "owner public");
  std::vector<std::byte> out(kGrantSize);
  const auto made = MakeGrant(*ParsePackage(package), ContentKey(), kek, ueid,
                              ephemeral.key.get(), out);
  EXPECT_TRUE(made.ok());
  return {made->begin(), made->end()};
}

// The device: each step says how it went, and what it must not go on after.
class Device {
 public:
  Error Verify(Bytes package) {
    return ReasonOf(opener.Verify(package, owners, target));
  }
  Error Admit() { return ReasonOf(opener.Admit(floor)); }
  Error Unlock(Bytes grant) {
    return ReasonOf(opener.Unlock(
        grant, {World().array<33>("ueid"), kek.key.get(), kek.public_key}));
  }
  Error Decrypt() {
    out.resize(opener.manifest().length);
    const auto model = opener.Decrypt(out);
    if (model.ok()) opened.assign(model->begin(), model->end());
    return ReasonOf(model);
  }
  Error Install(Bytes package, Bytes grant) {
    for (const std::function<Error()>& step :
         {std::function<Error()>([&] { return Verify(package); }),
          {[&] { return Admit(); }},
          {[&] { return Unlock(grant); }},
          {[&] { return Decrypt(); }}})
      if (const Error reason = step(); reason != kInstalled) return reason;
    return kInstalled;
  }
  bool untouched() const {
    return std::ranges::all_of(out,
                               [](std::byte b) { return b == std::byte{}; });
  }

  static constexpr Error kInstalled{};
  PackageOpener opener;
  std::array<ByteArray<32>, 2> owners = {
      ByteArray<32>{}, crypto::Sha256::Of(OwnerKey().public_key.xy)};
  std::string target = "an521";
  std::uint32_t floor = 3;
  TestKey kek = KekKey();
  std::vector<std::byte> out, opened;

 private:
  template <typename T>
  static Error ReasonOf(const Result<T>& result) {
    return result.ok() ? kInstalled : result.error();
  }
};
constexpr Error kInstalled = Device::kInstalled;

TEST(Package, Make_MatchesTheVectors) {
  const auto package = Made(Manifest(), OwnerKey());
  EXPECT_EQ(Hex(package), World().text("package"));
  EXPECT_EQ(Hex(ParsePackage(package)->id), World().text("package id"));
  EXPECT_EQ(Hex(Granted(package)), World().text("grant"));
  EXPECT_EQ(World().bytes("grant").size(), kGrantSize);
}

TEST(Package, Opener_OpensTheVectors) {
  Device device;
  EXPECT_EQ(device.Install(World().bytes("package"), World().bytes("grant")),
            kInstalled);
  EXPECT_EQ(Hex(device.opened), World().text("model_bytes"));
  const auto package = World().bytes("package");
  ASSERT_EQ(device.Verify(package), kInstalled);
  EXPECT_EQ(device.opener.manifest().name, "sine");
  EXPECT_EQ(device.opener.manifest().version, "2.0.0");
  EXPECT_EQ(device.opener.manifest().security_counter, 3u);
}

TEST(Package, Encode_GivesTheSameBytes) {
  const auto package = World().bytes("package");
  std::vector<std::byte> out(package.size());
  EXPECT_EQ(Hex(*EncodePackage(*ParsePackage(package), out)),
            World().text("package"));
}

TEST(Package, Overhead_HoldsTheLargest) {
  const std::string text(ModelManifest::kMaxName, 'm');
  const std::string target(ModelManifest::kMaxTarget, 't');
  const ModelManifest manifest{
      .name = text, .version = text, .security_counter = ~0u, .target = target};
  const std::vector<std::byte> model(ModelManifest::kMaxLength);
  EXPECT_EQ(Made(manifest, OwnerKey(), model).size(),
            model.size() + kPackageOverhead);
}

TEST(Package, Make_RefusesWhatCannotBe) {
  const TestKey owner = OwnerKey();
  std::vector<std::byte> out(2048);
  const auto make = [&](const ModelManifest& manifest, Bytes model,
                        std::size_t room) {
    return MakePackage(manifest, model, owner.key.get(), owner.public_key,
                       ContentKey(), MutableBytes(out).first(room));
  };
  const std::vector<std::byte> model(20);
  const std::string longer(ModelManifest::kMaxName + 1, 'm');
  const auto with = [&](auto change) {
    ModelManifest manifest = Manifest();
    change(manifest);
    return make(manifest, model, out.size());
  };
  EXPECT_REFUSED(with([](auto& m) { m.name = {}; }), WireMalformed);
  EXPECT_REFUSED(with([](auto& m) { m.version = {}; }), WireMalformed);
  EXPECT_REFUSED(with([](auto& m) { m.target = {}; }), WireMalformed);
  EXPECT_REFUSED(with([&](auto& m) { m.name = longer; }), WireMalformed);
  EXPECT_REFUSED(with([&](auto& m) { m.version = longer; }), WireMalformed);
  EXPECT_REFUSED(with([&](auto& m) { m.target = longer; }), WireMalformed);
  EXPECT_REFUSED(make(Manifest(), {}, out.size()), WireTooLarge);
  EXPECT_REFUSED(
      make(Manifest(), std::vector<std::byte>(ModelManifest::kMaxLength + 1),
           out.size()),
      WireTooLarge);
  const std::size_t size = make(Manifest(), model, out.size())->size();
  for (std::size_t room = 0; room < size; ++room)
    EXPECT_REFUSED(make(Manifest(), model, room), CborNoRoom);
}

TEST(Package, Grant_IsNotMadeForAPointOffTheCurve) {
  crypto::P256Public off = KekKey().public_key;
  off.xy[0] ^= std::byte{1};
  const TestKey owner = OwnerKey();
  const auto package = World().bytes("package");
  std::array<std::byte, kGrantSize> out;
  EXPECT_REFUSED(MakeGrant(*ParsePackage(package), ContentKey(), off,
                           World().array<33>("ueid"), owner.key.get(), out),
                 CryptoBadPoint);
}

TEST(Package, Verify_RefusesTruncationsTrailersAndFlippedBits) {
  const auto package = World().bytes("package");
  Device device;
  for (std::size_t size = 0; size < package.size(); ++size)
    EXPECT_NE(device.Verify(Bytes(package).first(size)), kInstalled) << size;
  auto longer = package;
  longer.push_back(std::byte{0});
  EXPECT_EQ(device.Verify(longer), Error::kCborTrailing);
  for (std::size_t i = 0; i < package.size(); ++i) {
    auto changed = package;
    changed[i] ^= std::byte{4};
    EXPECT_NE(device.Verify(changed), kInstalled) << i;
    EXPECT_EQ(device.Admit(), Error::kWireOutOfOrder);
  }
}

// ---- Attack 45 --------------------------------------------------------------

TEST(Package, Attack45_ALowerCounter) {
  Device device;
  device.floor = 4;
  EXPECT_EQ(device.Install(World().bytes("package"), World().bytes("grant")),
            Error::kWireOldModel);
  EXPECT_EQ(device.Unlock(World().bytes("grant")), Error::kWireOutOfOrder);
  EXPECT_TRUE(device.opened.empty());
  // An old model is released again under a higher counter.
  ModelManifest again = Manifest();
  again.security_counter = 4;
  const auto package = Made(again, OwnerKey());
  EXPECT_EQ(device.Install(package, Granted(package)), kInstalled);
}

// The package is taken apart and signed by somebody else.
TEST(Package, Attack45_StrippedAndSignedByAnotherOwner) {
  const TestKey mallory = SignKey();
  const auto package = World().bytes("package");
  Package parts = *ParsePackage(package);
  Device device;
  std::vector<std::byte> out(2048);
  const auto framed = [&](const crypto::P256Public& owner, Bytes manifest) {
    Package forged = parts;
    forged.owner = owner;
    forged.manifest_message = manifest;
    const auto made = EncodePackage(forged, out);
    return std::vector<std::byte>(made->begin(), made->end());
  };
  // Under his own name: not an owner of this image.
  const auto own = Made(Manifest(), mallory);
  EXPECT_EQ(device.Install(own, Granted(own)), Error::kWireWrongOwner);
  // Under the owner's name: not the owner's signature.
  std::array<std::byte, 512> room;
  const auto resigned =
      cose::MakeSign1(parts.protected_header, crypto::Sha256::Of(parts.body),
                      mallory.key.get(), room);
  EXPECT_EQ(device.Verify(framed(parts.owner, *resigned)),
            Error::kCoseBadSignature);
  // His key in front of the owner's manifest.
  EXPECT_EQ(device.Verify(framed(mallory.public_key, parts.manifest_message)),
            Error::kCoseWrongKeyId);
  // Two owners in the image: one's grant does not serve the other's package.
  device.owners[0] = crypto::Sha256::Of(mallory.public_key.xy);
  EXPECT_EQ(device.Install(own, World().bytes("grant")), Error::kCryptoBadTag);
  EXPECT_EQ(device.Install(own, Granted(own)), kInstalled);
}

TEST(Package, Attack45_AGrantForAnotherDevice) {
  const auto package = World().bytes("package");
  Ueid other = World().array<33>("ueid");
  other[32] ^= std::byte{1};
  Device device;
  // Its key, and its name: a device that was removed, or never a member, holds
  // no grant that works.
  EXPECT_EQ(device.Install(package, Granted(package, IakKey().public_key)),
            Error::kCoseNoRecipient);
  EXPECT_EQ(
      device.Install(package, Granted(package, KekKey().public_key, other)),
      Error::kCryptoBadTag);
  EXPECT_EQ(device.Decrypt(), Error::kWireOutOfOrder);
  EXPECT_TRUE(device.opened.empty());
}

TEST(Package, Attack45_ARemovedMemberHasNoGrantForTheNextPackage) {
  ModelManifest next = Manifest();
  next.security_counter = 4;
  Device device;
  EXPECT_EQ(device.Install(Made(next, OwnerKey()), World().bytes("grant")),
            Error::kCryptoBadTag);
}

TEST(Package, Attack45_AnotherPlaintextThanTheOwnerSigned) {
  // The owner signs one model's hash over another's body, as a key holder who
  // makes tags collide could.
  const TestKey owner = OwnerKey();
  const auto package = World().bytes("package");
  auto model = World().bytes("model_bytes");
  model[7] ^= std::byte{1};
  const auto other = Made(Manifest(), owner, model);
  const Package signed_one = *ParsePackage(package),
                carried = *ParsePackage(other);
  Device device;
  std::vector<std::byte> out(2048);
  // Another body than the signed one.
  Package spliced = signed_one;
  spliced.body = carried.body;
  EXPECT_EQ(device.Verify(*EncodePackage(spliced, out)),
            Error::kWireWrongModel);
  // Signed anew over that body, with the first model's hash.
  std::array<std::byte, 512> room;
  const auto resigned =
      cose::MakeSign1(signed_one.protected_header,
                      crypto::Sha256::Of(carried.body), owner.key.get(), room);
  spliced.manifest_message = *resigned;
  const auto forged = *EncodePackage(spliced, out);
  EXPECT_EQ(device.Install(forged, Granted(forged)), Error::kWireWrongModel);
  EXPECT_TRUE(device.untouched());
}

TEST(Package, Attack45_AnotherBoardsModel) {
  Device device;
  device.target = "an547";
  EXPECT_EQ(device.Verify(World().bytes("package")), Error::kWireWrongTarget);
  EXPECT_EQ(device.Admit(), Error::kWireOutOfOrder);
}

TEST(Package, Steps_HaveOneOrder) {
  const auto package = World().bytes("package"), grant = World().bytes("grant");
  Device device;
  EXPECT_EQ(device.Admit(), Error::kWireOutOfOrder);
  EXPECT_EQ(device.Unlock(grant), Error::kWireOutOfOrder);
  ASSERT_EQ(device.Verify(package), kInstalled);
  EXPECT_EQ(device.Unlock(grant), Error::kWireOutOfOrder);
  EXPECT_EQ(device.Admit(), Error::kWireOutOfOrder);  // it ended there
  ASSERT_EQ(device.Verify(package), kInstalled);
  ASSERT_EQ(device.Admit(), kInstalled);
  EXPECT_EQ(device.Decrypt(), Error::kWireOutOfOrder);
  ASSERT_EQ(device.Install(package, grant), kInstalled);
  EXPECT_EQ(device.Decrypt(), Error::kWireOutOfOrder);  // once
}

TEST(Package, Decrypt_RefusesEveryBufferTooShort) {
  const auto package = World().bytes("package"), grant = World().bytes("grant");
  Device device;
  for (std::size_t room = 0; room < 300; room += 23) {
    ASSERT_EQ(device.Verify(package), kInstalled);
    ASSERT_EQ(device.Admit(), kInstalled);
    ASSERT_EQ(device.Unlock(grant), kInstalled);
    std::vector<std::byte> out(room);
    EXPECT_REFUSED(device.opener.Decrypt(out), CborNoRoom);
  }
}

// The content key is gone once it was used, and after a failure.
TEST(Package, Opener_KeepsNoContentKey) {
  const auto package = World().bytes("package"), grant = World().bytes("grant");
  const auto cek = World().bytes("cek");
  Device device;
  const auto holds = [&] {
    // Safety: the test looks at the object as at a memory dump.
    const Bytes dump(reinterpret_cast<const std::byte*>(&device.opener),
                     sizeof device.opener);
    return !std::ranges::search(dump, cek).empty();
  };
  ASSERT_EQ(device.Verify(package), kInstalled);
  ASSERT_EQ(device.Admit(), kInstalled);
  ASSERT_EQ(device.Unlock(grant), kInstalled);
  EXPECT_TRUE(holds());
  EXPECT_EQ(device.Unlock(grant), Error::kWireOutOfOrder);
  EXPECT_FALSE(holds());
  ASSERT_EQ(device.Install(package, grant), kInstalled);
  EXPECT_FALSE(holds());
}

TEST(Grant, Parse_RefusesWhatIsNone) {
  const auto grant = World().bytes("grant");
  for (std::size_t size = 0; size < grant.size(); ++size)
    EXPECT_FALSE(ParseGrant(Bytes(grant).first(size)).ok()) << size;
  auto longer = grant;
  longer.push_back(std::byte{0});
  EXPECT_REFUSED(ParseGrant(longer), CborTrailing);
}

}  // namespace
}  // namespace cai::wire
