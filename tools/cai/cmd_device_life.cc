// `cai device lifecycle | revoke`: the steps that no device takes back.
#include <cstdio>

#include "host/common/json.h"
#include "host/common/text.h"
#include "host/device/one_way.h"
#include "lib/crypto/hash.h"
#include "lib/image/image.h"
#include "tools/cai/commands.h"
#include "tools/cai/image_key.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

device::Device OpenDevice(const std::string& name) {
  return Or(device::Device::Open(
      Or(host::State::Open(common().StateDir().string())), name));
}

void Lifecycle(const std::string& name, const std::string& to) {
  const auto device = OpenDevice(name);
  if (!to.empty())
    Or(device::ChangeLifecycle(device, Or(device::FindLifecycle(to))));
  const std::string now(
      device::LifecycleName(Or(device::ReadLifecycle(device))));
  if (common().json)
    std::puts(boost::json::serialize(
                  boost::json::object{{"name", name}, {"lifecycle", now}})
                  .c_str());
  else
    std::printf("%s: %s\n", name.c_str(), now.c_str());
}

void Revoke(const std::string& name, const std::string& world,
            const std::string& key) {
  const auto device = OpenDevice(name);
  const auto hash =
      crypto::Sha256::Of(image::EncodePublicKey(ReadImageKey(key)));
  Or(device::RevokeKey(
      device, world == "secure" ? image::kSecureImage : image::kNonSecureImage,
      hash));
  if (common().json)
    std::puts(
        boost::json::serialize(
            boost::json::object{
                {"name", name}, {"world", world}, {"revoked", host::Hex(hash)}})
            .c_str());
  else
    std::printf("%s: no %s image of key %s starts any more\n", name.c_str(),
                world.c_str(), host::Hex(hash).c_str());
}

}  // namespace

void RegisterDeviceLife(CLI::App& group) {
  auto name = std::make_shared<std::string>();
  auto* command = group.add_subcommand(
      "lifecycle", "say, or change for good, where a device is in its life");
  command->add_option("name", *name, "the device's name")->required();
  auto to = std::make_shared<std::string>();
  command->add_option("--to", *to, "secured, decommissioned, ...");
  command->callback([=] { Lifecycle(*name, *to); });

  command = group.add_subcommand("revoke", "an image key counts no more, ever");
  command->add_option("name", *name, "the device's name")->required();
  auto world = std::make_shared<std::string>();
  command->add_option("--world", *world, "secure or nonsecure")
      ->required()
      ->check(CLI::IsMember({"secure", "nonsecure"}));
  auto key = std::make_shared<std::string>();
  command->add_option("--key", *key, "the key (PEM, either half)")->required();
  command->callback([=] { Revoke(*name, *world, *key); });
}

}  // namespace cai::cli
