// A stream socket in a device's folder, as client.
#pragma once

#include <chrono>
#include <string>

#include "host/common/file.h"

namespace cai::device {

class UnixSocket {
 public:
  // kHostNotFound if nobody listens. The path may be of any length.
  static host::Outcome<UnixSocket> Connect(const host::fs::path& path);
  UnixSocket(UnixSocket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UnixSocket& operator=(UnixSocket&&) = delete;
  ~UnixSocket();

  int fd() const { return fd_; }
  host::Finished Send(std::string_view text) const;
  // Some bytes, or "" at the end of the stream; kHostTimeout.
  host::Outcome<std::string> Receive(std::chrono::milliseconds wait) const;

 private:
  explicit UnixSocket(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace cai::device
