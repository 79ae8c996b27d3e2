#include "host/device/unix_socket.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace cai::device {
namespace {

using host::Problem;

// sun_path holds 107 bytes; through the folder's descriptor any path fits.
sockaddr_un AddressOf(int folder, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path =
      "/proc/self/fd/" + std::to_string(folder) + "/" + name;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

}  // namespace

host::Outcome<UnixSocket> UnixSocket::Connect(const host::fs::path& path) {
  const int folder =
      open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Problem(Error::kHostNotFound, path.string());
  UnixSocket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = AddressOf(folder, path.filename().string());
  const bool good =
      socket.fd_ >= 0 &&
      connect(socket.fd_, reinterpret_cast<const sockaddr*>(&address),
              sizeof address) == 0;
  const int why = errno;
  close(folder);
  if (good) return socket;
  return Problem(Error::kHostNotFound,
                 path.string() + ": " + std::strerror(why));
}

UnixSocket::~UnixSocket() {
  if (fd_ >= 0) close(fd_);
}

host::Finished UnixSocket::Send(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t n = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Problem(Error::kHostIo, std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return kDone;
}

host::Outcome<std::string> UnixSocket::Receive(
    std::chrono::milliseconds wait) const {
  pollfd ready{.fd = fd_, .events = POLLIN, .revents = 0};
  const int n = poll(&ready, 1, static_cast<int>(wait.count()));
  if (n <= 0) return Problem(Error::kHostTimeout, "the device's socket");
  std::array<char, 4096> buffer;
  const ssize_t size = recv(fd_, buffer.data(), buffer.size(), 0);
  if (size < 0) return Problem(Error::kHostIo, std::strerror(errno));
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

}  // namespace cai::device
