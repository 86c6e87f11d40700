# excepthook: called for what leaves run(), SystemExit too; join() does not raise; the exit code stays.
import threading
seen = []
def hook(args):
    seen.append((args.thread.name, args.exc_type.__name__, str(args.exc_value)))
default, threading.excepthook = threading.excepthook, hook

def run(name, fn):
    t = threading.Thread(target=fn, name=name)
    t.start(); t.join()
    print(name, "alive:", t.is_alive())

def fails(): raise ValueError("boom")
def exits(): raise SystemExit(3)
run("a", fails)
run("b", exits)
run("c", lambda: None)
for s in seen: print(*s)

class Sub(threading.Thread):
    def run(self): raise KeyError("in run")
s = Sub(name="sub"); s.start(); s.join()
print(*seen[-1])
print(default is threading.__excepthook__)
threading.excepthook = default
run("d", exits)   # the default one says nothing about it
