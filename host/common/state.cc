#include "host/common/state.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace cai::host {
namespace {

// The port that could be bound, or 0.
std::uint16_t TryBind(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  // Safety: sockaddr_in is a sockaddr by the sockets API.
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  // listen() too: with SO_REUSEADDR two sockets may bind, but not both listen.
  const bool bound = bind(fd, plain, size) == 0 && listen(fd, 1) == 0 &&
                     getsockname(fd, plain, &size) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

fs::path Wanted(std::string_view flag) {
  if (!flag.empty()) return flag;
  const char* environment = std::getenv("CAI_STATE");
  if (environment != nullptr && *environment != '\0') return environment;
  return "build/demo/state";
}

}  // namespace

Outcome<State> State::Open(std::string_view flag) {
  const fs::path root = fs::absolute(Wanted(flag)).lexically_normal();
  CAI_TRY(MakeFolder(root));
  return State(root);
}

std::optional<std::uint16_t> State::SavedPort(const fs::path& folder) const {
  const auto text = ReadText(folder / "port", 16);
  if (!text.ok()) return std::nullopt;
  std::uint16_t port = 0;
  const auto end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, port);
  if (parsed.ec != std::errc() || port == 0) return std::nullopt;
  return port;
}

Finished State::SavePort(const fs::path& folder, std::uint16_t port) const {
  CAI_TRY(MakeFolder(folder));
  return WriteFile(folder / "port", std::to_string(port) + "\n", 0644);
}

Outcome<std::uint16_t> State::ChoosePort(const fs::path& folder,
                                         std::uint16_t wanted) const {
  if (wanted != 0 && !PortIsFree(wanted))
    return Problem(Error::kHostInUse, "port " + std::to_string(wanted),
                   "stop what listens there, or give another port");
  std::uint16_t port = wanted;
  if (const auto saved = SavedPort(folder); port == 0 && saved)
    port = PortIsFree(*saved) ? *saved : 0;
  if (port == 0) {
    CAI_TRY_ASSIGN(port, FreePort());
  }
  CAI_TRY(SavePort(folder, port));
  return port;
}

Outcome<std::uint16_t> FreePort() {
  const std::uint16_t port = TryBind(0);
  if (port == 0) return Problem(Error::kHostNetwork, "no free TCP port");
  return port;
}

bool PortIsFree(std::uint16_t port) {
  return port != 0 && TryBind(port) == port;
}

}  // namespace cai::host
