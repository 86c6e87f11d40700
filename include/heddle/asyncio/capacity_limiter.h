// CapacityLimiter: lets so many borrowers through at a time, and says who they are.
//
//     asyncio::CapacityLimiter connections(20);
//     auto token = co_await connections.hold("crawler");   // given back at the end of the scope
//     for (const auto& owner : connections.statistics().borrowers) ...
//
// As a Semaphore, but each token has an owner, an owner holds one token at most, and the number of
// tokens may change. First come, first served. One loop only. Source: anyio.CapacityLimiter,
// https://anyio.readthedocs.io/en/stable/synchronization.html#capacity-limiters
#pragma once

#include <heddle/asyncio/coroutine.h>
#include <heddle/asyncio/wait_list.h>
#include <heddle/core/error.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace heddle::asyncio {

// acquire_nowait() when no token is free.
class WouldBlock : public Error {
 public:
  WouldBlock() : Error("no token is free: acquire() waits for one") {}
};

class CapacityLimiter {
 public:
  // Who holds and who waits.
  class Statistics {
   public:
    std::size_t borrowed_tokens = 0;
    std::size_t total_tokens = 0;
    std::vector<std::string> borrowers;
    std::size_t tasks_waiting = 0;
  };

  // One token, given back by the destructor. Must not outlive its limiter.
  class [[nodiscard("the token is given back when this object dies")]] Token {
   public:
    Token(CapacityLimiter& limiter, std::string owner)
        : limiter_(&limiter), owner_(std::move(owner)) {}
    Token(Token&& other) noexcept
        : limiter_(std::exchange(other.limiter_, nullptr)), owner_(std::move(other.owner_)) {}
    Token& operator=(Token other) noexcept {
      std::swap(limiter_, other.limiter_);
      std::swap(owner_, other.owner_);
      return *this;
    }
    ~Token() {
      if (limiter_ != nullptr && limiter_->borrows(owner_)) limiter_->release(owner_);
    }

   private:
    CapacityLimiter* limiter_;
    std::string owner_;
  };

  // Throws ValueError "total_tokens must be >= 1".
  explicit CapacityLimiter(std::ptrdiff_t total_tokens);
  CapacityLimiter(const CapacityLimiter&) = delete;  // parked tasks point at it
  CapacityLimiter& operator=(const CapacityLimiter&) = delete;

  std::size_t total_tokens() const noexcept { return total_; }
  // More tokens let waiting tasks through; with fewer, those that are out come back first. Throws
  // as the constructor.
  void set_total_tokens(std::ptrdiff_t total_tokens);
  std::size_t borrowed_tokens() const noexcept { return owners_.size(); }
  std::ptrdiff_t available_tokens() const noexcept {
    return static_cast<std::ptrdiff_t>(total_) - static_cast<std::ptrdiff_t>(owners_.size());
  }
  Statistics statistics() const;

  // Takes a token for `owner`, waiting for a free one; the name of the current task when it is not
  // given. Throws RuntimeError "this borrower is already holding one of this CapacityLimiter's
  // tokens". Cancelled: holds none.
  Coro<void> acquire(std::string owner);
  Coro<void> acquire() { return acquire(task_name()); }
  // Throws WouldBlock when none is free; RuntimeError as acquire().
  void acquire_nowait(std::string owner);
  void acquire_nowait() { acquire_nowait(task_name()); }
  // As acquire(); gives an object that gives the token back when it dies.
  Coro<Token> hold(std::string owner);
  Coro<Token> hold() { return hold(task_name()); }
  // Gives the token back. Throws RuntimeError "this borrower isn't holding any of this
  // CapacityLimiter's tokens".
  void release(const std::string& owner);
  void release() { release(task_name()); }

  // For with(), for the current task.
  Coro<void> aenter() { return acquire(); }
  Coro<bool> aexit(std::exception_ptr failure);

 private:
  class Turn;

  static std::string task_name();
  bool borrows(const std::string& owner) const noexcept;
  bool may_take() const noexcept { return woken_ + owners_.size() < total_ && waiters_.empty(); }
  void require_new(const std::string& owner) const;
  void wake_next();

  std::size_t total_;
  std::size_t woken_ = 0;            // tasks that were woken for a token and have not run yet
  std::size_t waiting_ = 0;          // tasks inside acquire()
  std::vector<std::string> owners_;  // few: a limiter limits
  WaitList waiters_;
};

}  // namespace heddle::asyncio
