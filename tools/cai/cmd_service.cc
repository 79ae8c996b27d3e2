// cai service: the keys that devices seal to.
#include <cstdio>

#include "host/ca/service.h"
#include "tools/cai/commands.h"
#include "tools/cai/problem.h"

namespace cai::cli {
namespace {

using ca::Service;

host::State OpenState() {
  return Or(host::State::Open(common().StateDir().string()));
}

void PrintJson(const Service& service) {
  std::printf("{\"svc\":\"%s\",\"root_sha256\":\"%s\",\"min_generation\":%llu,",
              host::Hex(service.svc).c_str(),
              host::Hex(service.RootHash()).c_str(),
              static_cast<unsigned long long>(service.min_generation));
  std::printf("\"generations\":[");
  const char* comma = "";
  for (const ca::Generation& generation : service.generations) {
    std::printf("%s{\"number\":%llu,\"published\":\"%s\",\"live\":%s}", comma,
                static_cast<unsigned long long>(generation.number),
                host::UtcText(generation.published).c_str(),
                generation.live ? "true" : "false");
    comma = ",";
  }
  std::printf("]}\n");
}

void Print(const Service& service) {
  if (common().json) return PrintJson(service);
  std::printf("svc            %s\nroot           sha256 %s\n",
              host::Hex(service.svc).c_str(),
              host::Hex(service.RootHash()).c_str());
  for (const ca::Generation& generation : service.generations)
    std::printf("generation %-3llu published %s  %s\n",
                static_cast<unsigned long long>(generation.number),
                host::UtcText(generation.published).c_str(),
                !generation.live                             ? "key destroyed"
                : generation.number < service.min_generation ? "revoked"
                                                             : "live");
}

}  // namespace

void RegisterService(CLI::App& app) {
  auto* group = app.add_subcommand("service", "the keys that devices seal to");
  group->require_subcommand(1);
  group
      ->add_subcommand("init",
                       "make root, signing key and generation 1; keeps what is "
                       "there")
      ->callback([] {
        const host::State state = OpenState();
        Or(Service::Init(state, host::NowSeconds()));
        Print(Or(Service::Open(state)));
      });
  group->add_subcommand("show", "show the generations")->callback([] {
    Print(Or(Service::Open(OpenState())));
  });
  static bool revoke = false;
  auto* rotate = group->add_subcommand(
      "rotate", "publish the next generation; destroy keys whose time is over");
  rotate->add_flag("--revoke-older", revoke,
                   "a key leaked: end older sessions now, destroy their keys");
  rotate->callback([] {
    Print(Or(Service::Rotate(OpenState(), host::NowSeconds(), revoke)));
  });
}

}  // namespace cai::cli
