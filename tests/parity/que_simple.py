# SimpleQueue: FIFO, timeouts, put from a destructor, many threads; put ignores block and timeout.
import queue, threading
q = queue.SimpleQueue()
print(q.empty(), q.qsize())
for x in "abc": q.put(x)
q.put_nowait("d")
print(q.qsize(), [q.get() for _ in range(4)], q.empty())
for label, op in (("get_nowait", q.get_nowait), ("get(False)", lambda: q.get(False)), ("get(False, -1)", lambda: q.get(False, -1)),
                  ("get timeout", lambda: q.get(timeout=0.02)), ("get(timeout=0)", lambda: q.get(timeout=0)), ("negative", lambda: q.get(timeout=-1))):
    try: op()
    except queue.Empty: print(label, "Empty")
    except ValueError as e: print(label, "ValueError:", e)
class Chatty:
    def __init__(self, depth): self.depth = depth
    def __del__(self):
        if self.depth > 0: q.put(Chatty(self.depth - 1))
q.put(Chatty(3))
depths = []
for _ in range(4):
    item = q.get()
    depths.append(item.depth)
    del item
print("put by destructors:", depths, q.empty())
total = []
def consume():
    while True:
        item = q.get()
        if item == 0: return
        total.append(item)
threads = [threading.Thread(target=consume) for _ in range(2)]
for t in threads: t.start()
for x in range(1, 101): q.put(x)
for t in threads: q.put(0)
for t in threads: t.join()
print(sum(total), len(total), q.qsize())
