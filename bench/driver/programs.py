"""The programs side by side: heddle, the peers that are there, and the hand-written limits."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
OTHERS = ROOT / "build" / "bench"  # what CMake does not build
PYTHON = "/usr/bin/python3"
REGISTRY = "/usr/share/cargo/registry"


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout.strip()


def package_version(package):
    return output("dpkg-query", "-W", "-f=${Version}", package).split(":")[-1].split("-")[0].split("+")[0]


class Program:
    """One program that has rows: its name, how to run it, what it is."""

    def __init__(self, name, command, title):
        self.name, self.command, self.title = name, [str(part) for part in command], title
        self.rows = {}
        for line in output(*self.command).splitlines():
            row, operations = line.split()
            self.rows[row] = int(operations)


def build_go():
    if not os.path.exists("/usr/bin/go"):
        return "golang-go is not there"
    OTHERS.mkdir(parents=True, exist_ok=True)
    output("/usr/bin/go", "build", "-o", OTHERS / "bench_go", ".", cwd=ROOT / "bench" / "go",
           env={**os.environ, "GOTOOLCHAIN": "local"})
    return None


def build_tokio():
    """With Debian's compiler and its packaged crates; nothing is downloaded."""
    if not os.path.exists("/usr/bin/cargo") or not list(pathlib.Path(REGISTRY).glob("tokio-1.*")):
        return "cargo or librust-tokio-dev is not there"
    output("/usr/bin/cargo", "build", "--release", "--offline", "--quiet",
           "--target-dir", OTHERS / "tokio",
           "--config", "source.crates-io.replace-with='debian'",
           "--config", f"source.debian.directory='{REGISTRY}'",
           cwd=ROOT / "bench" / "tokio",
           env={**os.environ, "RUSTC": "/usr/bin/rustc", "CARGO_HOME": str(OTHERS / "cargo")})
    return None


def compiler():
    return output("clang++-19", "--version").splitlines()[0]


def find():
    """All programs that are there, heddle first, the limits last; says which are not."""
    found = []

    def add(name, command, title, problem=None):
        if problem is None and not os.path.exists(command[0]):
            problem = f"{command[0]} is not there"
        try:
            if problem is None:
                found.append(Program(name, command, title()))
                return
        except (subprocess.CalledProcessError, OSError) as error:
            problem = getattr(error, "stderr", None) or str(error)
        print(f"without {name}: {problem.strip()}", file=sys.stderr)

    def built(build):
        try:
            return build()
        except (subprocess.CalledProcessError, OSError) as error:
            return f"it does not build: {getattr(error, 'stderr', None) or error}"

    in_build = lambda name: [BUILD / "bench" / f"bench_{name}"]
    add("heddle", in_build("heddle"), lambda: "heddle, " + compiler())
    add("asio", in_build("asio"), lambda: f"Asio {package_version('libasio-dev')}, clang 19")
    add("libuv", in_build("libuv"), lambda: f"libuv {package_version('libuv1-dev')}")
    add("tbb", in_build("tbb"), lambda: f"oneTBB {package_version('libtbb-dev')}")
    add("tokio", [OTHERS / "tokio" / "release" / "bench_tokio"],
        lambda: f"tokio {package_version('librust-tokio-dev')}, {output('/usr/bin/rustc', '--version').split(' (')[0]}",
        built(build_tokio))
    add("go", [OTHERS / "bench_go"], lambda: output("/usr/bin/go", "version").split()[2].replace("go", "Go "),
        built(build_go))
    python = [PYTHON, ROOT / "bench" / "cpython" / "rows.py"]
    add("cpython", python, lambda: "C" + output(PYTHON, "--version"))
    no_uvloop = None if subprocess.run([PYTHON, "-c", "import uvloop"], capture_output=True).returncode == 0 else \
        "python3-uvloop is not there"
    add("uvloop", [*python, "--uvloop"], lambda: f"uvloop {package_version('python3-uvloop')}", no_uvloop)
    add("std", in_build("std"), lambda: "the C++ standard library alone, clang 19")
    add("limit", in_build("limits"), lambda: "written by hand, clang 19")
    return found
