# join() waits for one task_done() per put, not for emptiness; too many are a ValueError; items are not the queue's once they are out.
import queue, threading
q = queue.Queue()
q.join()
print("joined an empty queue", q.unfinished_tasks)
for x in range(3):
    q.put(x)
joined = threading.Event()
def joiner():
    q.join()
    joined.set()
t = threading.Thread(target=joiner)
t.start()
print([q.get() for _ in range(3)], q.empty(), q.unfinished_tasks)
print("joined while empty:", joined.wait(0.05))
q.task_done()
q.task_done()
print("two of three done:", joined.is_set(), q.unfinished_tasks)
q.task_done()
t.join()
print("all done:", joined.is_set(), q.unfinished_tasks)
try: q.task_done()
except ValueError as e: print("ValueError:", e)
q.put("again")
print("unfinished again:", q.unfinished_tasks)
results = []
def worker():
    while True:
        item = q.get()
        if item is None:
            q.task_done()
            return
        results.append(item)
        q.task_done()
workers = [threading.Thread(target=worker) for _ in range(3)]
for w in workers: w.start()
for x in "abcde": q.put(x)
q.join()
print(sorted(results), q.qsize())
for w in workers: q.put(None)
for w in workers: w.join()
q.join()
print("end", q.unfinished_tasks)
