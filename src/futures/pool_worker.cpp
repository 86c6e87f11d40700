#include <fcntl.h>
#include <heddle/multiprocessing/codec.h>
#include <heddle/multiprocessing/process.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include <cerrno>
#include <cstring>

#include "core/kernel.h"
#include "futures/process_pool.h"
#include "multiprocessing/child_start.h"

namespace heddle::futures {

using core::Kernel;
using multiprocessing::FrameHeader;
using multiprocessing::FrameType;

PoolWorker::PoolWorker(const std::string& name) : child_(multiprocessing::spawn_self()) {
  Kernel::fcntl(socket(), F_SETFL, O_NONBLOCK);
  int large = 1 << 20;  // results of a megabyte cross in one go
  Kernel::setsockopt(socket(), SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  multiprocessing::ProcessInfo me = multiprocessing::current_process();
  std::string start =
      multiprocessing::encode(multiprocessing::ChildStart{name, true, me.name, me.pid, {}});
  FrameHeader header = multiprocessing::make_header(FrameType::serve_pool, start.size());
  outgoing_.assign(reinterpret_cast<const char*>(&header), sizeof header);
  outgoing_ += start;
  flush();
}

void PoolWorker::send(RemoteJobRef job) {
  std::string call = job->encoded_call();
  FrameHeader header = multiprocessing::make_header(FrameType::call, call.size());
  outgoing_.append(reinterpret_cast<const char*>(&header), sizeof header);
  outgoing_ += call;
  job_ = std::move(job);
  flush();  // a worker that is gone is noticed by its pidfd
}

// Sends what the stream takes. False when the other end is gone.
bool PoolWorker::flush() {
  while (wants_to_write()) {
    iovec part{outgoing_.data() + sent_, outgoing_.size() - sent_};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ssize_t sent = Kernel::sendmsg(socket(), &message, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    sent_ += static_cast<std::size_t>(sent);
  }
  outgoing_.clear();
  sent_ = 0;
  return true;
}

PoolWorker::News PoolWorker::exchange(short ready) {
  if ((ready & POLLOUT) != 0 && !flush()) return News::lost;
  if ((ready & (POLLIN | POLLHUP | POLLERR)) == 0) return News::none;
  return receive();
}

PoolWorker::News PoolWorker::receive() {
  constexpr std::size_t step = 256 * 1024;
  while (true) {
    std::size_t have = incoming_.size();
    std::size_t room = step;
    if (have >= sizeof(FrameHeader)) {
      FrameHeader header;
      std::memcpy(&header, incoming_.data(), sizeof header);
      if (header.magic != multiprocessing::frame_magic ||
          header.size > multiprocessing::frame_size_max)
        return News::lost;
      // Room for the whole frame, but never much more than what has arrived so far.
      std::size_t missing = static_cast<std::size_t>(header.size) + sizeof header - have;
      room = std::clamp<std::size_t>(missing, 1, std::max(step, have));
    } else {
      room = sizeof(FrameHeader) - have;
    }
    incoming_.resize(have + room);
    ssize_t got = Kernel::read(socket(), incoming_.data() + have, room);
    int error = errno;
    incoming_.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && error == EINTR) continue;
    if (got < 0) return error == EAGAIN || error == EWOULDBLOCK ? News::none : News::lost;
    if (got == 0) return News::lost;
    News news = take_frame();
    if (news != News::none) return news;
  }
}

// Acts on the frame in incoming_ once it is complete; one is never followed by another before the
// next call is sent.
PoolWorker::News PoolWorker::take_frame() {
  if (incoming_.size() < sizeof(FrameHeader)) return News::none;
  FrameHeader header;
  std::memcpy(&header, incoming_.data(), sizeof header);
  if (header.magic != multiprocessing::frame_magic) return News::lost;
  if (incoming_.size() < sizeof header + header.size) return News::none;
  std::string_view payload(incoming_.data() + sizeof header, static_cast<std::size_t>(header.size));
  if (header.type == FrameType::ready) {
    incoming_.clear();
    ready_ = true;
    return News::ready;
  }
  RemoteJobRef job = take_job();
  if (job == nullptr) return News::lost;
  if (header.type == FrameType::result) {
    job->succeed(payload);
  } else if (header.type == FrameType::failure) {
    job->fail(multiprocessing::decode_exception(payload));
  } else {
    job->fail(std::make_exception_ptr(
        BrokenProcessPool("a worker answered with bytes that are no result")));
    return News::lost;
  }
  incoming_ = std::string();
  return News::finished;
}

void PoolWorker::kill() noexcept { Kernel::pidfd_send_signal(pidfd(), SIGKILL); }

std::string PoolWorker::bury() {
  child_.socket = multiprocessing::OwnedFd();
  multiprocessing::wait_for_end(child_.pidfd, -1);
  int code = multiprocessing::reap(child_.pidfd);
  std::string who = "worker process " + std::to_string(child_.pid);
  if (code >= 0) return who + " ended with exit code " + std::to_string(code);
  const char* name = ::sigabbrev_np(-code);
  return who + " was killed by signal " + std::to_string(-code) +
         (name != nullptr ? std::string(" (SIG") + name + ")" : "");
}

}  // namespace heddle::futures
