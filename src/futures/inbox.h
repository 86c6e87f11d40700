// Inbox: where any number of threads put nodes, and one at a time takes all of them.
//
// A node has a plain member `next`. Atomic is std::atomic, or what a model checker puts in its
// place.
#pragma once

#include <atomic>

namespace heddle::futures {

// Lock-free. Nodes come out in the order in which they went in.
template <class Node, template <class> class Atomic = std::atomic>
class Inbox {
 public:
  Inbox() noexcept = default;

  void push(Node& node) noexcept {
    Node* newest = newest_.load(std::memory_order_relaxed);
    do {
      node.next = newest;
      // Success is a release: who takes the node sees what the pusher wrote, also `next`. It is
      // seq_cst because after it the pusher asks whether anybody sleeps, and a sleeper announces
      // itself before it asks whether this is empty: of two such pairs one must see the other. No
      // ABA: `newest` is only compared and stored, never followed, and nodes leave all at once.
    } while (!newest_.compare_exchange_weak(newest, &node, std::memory_order_seq_cst,
                                            std::memory_order_relaxed));
  }

  // Takes everything; the oldest, whose `next` lead to the others, or null.
  Node* take_all() noexcept {
    if (newest_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    // acquire: the other half of push(). One exchange reads the last push, and the pushes before it
    // belong to the same release sequence, so all nodes are seen whole.
    Node* node = newest_.exchange(nullptr, std::memory_order_seq_cst);
    Node* oldest = nullptr;
    while (node != nullptr) {
      Node* older = node->next;
      node->next = oldest;
      oldest = node;
      node = older;
    }
    return oldest;
  }

  // seq_cst: see push().
  bool empty() const noexcept { return newest_.load(std::memory_order_seq_cst) == nullptr; }

 private:
  Atomic<Node*> newest_{nullptr};
};

}  // namespace heddle::futures
