// Starting a fresh copy of this program that will work for this process.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace heddle::multiprocessing {

// Closes itself; -1 is none.
class OwnedFd {
 public:
  OwnedFd() = default;
  explicit OwnedFd(int fd) noexcept : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(other.release()) {}
  OwnedFd& operator=(OwnedFd other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedFd();
  int get() const noexcept { return fd_; }
  int release() noexcept {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }

 private:
  int fd_ = -1;
};

// A child: its pid, a descriptor of it that is readable once it has ended, and a stream to it.
struct Spawned {
  int pid = 0;
  OwnedFd pidfd;
  OwnedFd socket;
};

// Starts the copy. Throws RuntimeError when init() was not called, std::system_error when the
// system refuses.
Spawned spawn_self();

// How a child ended: its exit code, or -N for signal N.
int reap(const OwnedFd& pidfd);
// Waits for the end of the child; false when `milliseconds` passed before (negative: without
// limit).
bool wait_for_end(const OwnedFd& pidfd, int milliseconds);

// Frames on the stream: a length, a type, the bytes.
enum class FrameType : std::uint32_t { run_process = 1, serve_pool, ready, call, result, failure };
struct FrameHeader {
  std::uint64_t size = 0;
  FrameType type{};
  std::uint32_t magic = 0;
};
inline constexpr std::uint32_t frame_magic = 0x68656464;
inline constexpr std::uint64_t frame_size_max = std::uint64_t{1} << 40;

FrameHeader make_header(FrameType type, std::size_t size) noexcept;
// Blocking. send_frame: false when the other end is gone. receive_frame: false at the end of the
// stream or on bytes that are no frame.
bool send_frame(int socket, FrameType type, std::string_view payload);
bool receive_frame(int socket, FrameType& type, std::string& payload);

// The worker's side: called by init() in a child; serves calls until the stream ends.
[[noreturn]] void serve_pool(int socket);
// Ends this process as soon as the other end of the stream is closed.
void die_with_parent(int socket);

}  // namespace heddle::multiprocessing
