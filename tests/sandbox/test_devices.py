"""The sandbox of a submission that may use a GPU, tested without a GPU."""

import functools
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from grader.sandbox import gpu_access, landlock, syscalls

ROOT = Path(__file__).parents[2]
LAUNCH = ROOT / "tests" / "hostile" / "launch.py"
# Starts like the examiner's process, and one learner process for each kind of device, on the CPU.
DRIVER = """
import json, sys, time
from grader.sandbox import filesystem, fork_server as server
paths = filesystem.readable()
# As if pip removed a package just then.
filesystem.readable = lambda: [*paths, "/usr/lib/removed", "/opt/removed/package"]
control, readable = server.start(sandboxed=True, gpu=True)
from grader.sandbox import values, wire
from grader.examiner.forked import ForkServer
from grader.examiner.process import Deadline, Output
forks, seen = ForkServer(control, readable), {}
for gpu in (False, True):
    process = forks.start(wire.Spawn([], False, gpu), Output(9999))
    deadline = Deadline(time.monotonic() + 30)
    load = wire.Load("tries", "tries.py", sys.argv[1].encode(), {}, [], 256 << 20, 10, 1)
    isolation = process.ask(load, deadline).isolation
    loaded = process.receive(deadline)
    tried = values.decode(process.ask(wire.Call(1, "tries", [], {}), deadline).value)
    process.end()
    name = "gpu" if gpu else "cpu"
    seen[name] = {"isolation": isolation, "loaded": type(loaded).__name__, "tried": tried}
print(json.dumps(seen))
"""
TRIES = """
import ctypes, mmap, os, resource, socket, threading

def write(path, flags=os.O_WRONLY):
    os.close(os.open(path, flags))

def named():
    with open(f"/proc/self/task/{threading.get_native_id()}/comm", "r+") as file:
        file.write("a name")

def local():
    one = socket.socket(socket.AF_UNIX)
    one.bind(chr(0) + f"mine-{os.getpid()}")
    one.listen()

def raise_limit():
    resource.setrlimit(resource.RLIMIT_DATA, (-1, -1))
    bytearray(1 << 30)

WAYS = {
    "shared memory": lambda: os.close(os.memfd_create("mine")),
    "a local socket": local,
    "a pair of sockets": lambda: socket.socketpair(),
    "the name of a thread": named,
    "its own maps": lambda: open("/proc/self/maps").read(),
    "an internet socket": lambda: socket.socket(),
    "a netlink socket": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "a fork": os.fork,
    "a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "a signal": lambda: os.kill(os.getppid(), 0),
    "passwords": lambda: open("/etc/passwd").read(),
    "another folder": lambda: os.listdir("/srv"),
    "another process": lambda: open(f"/proc/{os.getppid()}/environ", "rb").read(),
    "a write to /sys": lambda: write("/sys/kernel/mm/transparent_hugepage/enabled"),
    "a file in /dev": lambda: write("/dev/mine", os.O_WRONLY | os.O_CREAT),
    "the console": lambda: write("/dev/console"),
    "a disk": lambda: open("/dev/vda", "rb"),
    "the kernel's settings": lambda: write("/proc/sys/vm/overcommit_memory"),
    "a namespace": lambda: ctypes.CDLL(None).unshare(0x10000000) and int("refused"),
    "a gigabyte": lambda: bytearray(1 << 30),
    "its limit raised": raise_limit,
}

def tries():
    held = {}
    for name, way in WAYS.items():
        try:
            way()
            held[name] = "done"
        except BaseException as error:
            held[name] = type(error).__name__
    return held
"""
ENVIRONMENTS = ("as-is", "user+no-namespaces")
OPENED = {"shared memory", "a local socket", "a pair of sockets", "the name of a thread"}
"""What the sandbox allows on a GPU and not on the CPU."""


@functools.cache
def tried(environment: str) -> dict:
    """Return what a submission could do in both sandboxes, in an environment of ``launch.py``."""
    done = subprocess.run(
        [sys.executable, LAUNCH, environment, sys.executable, "-W", "ignore", "-c", DRIVER, TRIES],
        cwd="/",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "environment",
    [ENVIRONMENTS[0], *(pytest.param(name, marks=pytest.mark.slow) for name in ENVIRONMENTS[1:])],
)
def test_sandbox_allows_only_what_cuda_needs(environment):
    """On a GPU, a submission can share memory, use local sockets and name threads; no more."""
    seen = tried(environment)
    cpu, gpu = seen["cpu"]["tried"], seen["gpu"]["tried"]
    allowed = {name for name in gpu if gpu[name] == "done"} - {
        name for name in cpu if cpu[name] == "done"
    }
    # With a root of its own, a process can read its own /proc on the CPU too.
    assert allowed - {"its own maps"} == OPENED, (cpu, gpu)
    assert {name for name in cpu if cpu[name] == "done"} <= {"its own maps"}, cpu
    assert gpu["its own maps"] == "done"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_missing_layers_are_reported(environment):
    """On a GPU, *resources* is missing, and without a network namespace also *network*."""
    seen = tried(environment)
    missing = {
        name: {layer for layer, by in seen[name]["isolation"].items() if by is None}
        for name in seen
    }
    assert missing["cpu"] == set()
    assert missing["gpu"] == {"resources"} | (
        {"network"} if "no-namespaces" in environment else set()
    )


def test_filter_adds_only_memory_and_local_sockets():
    """The filter for a GPU adds memfd_create and the calls for sockets; only local ones."""
    here = {"pid": 77, "subprocesses": False}
    for attributes in (True, False):
        cpu = syscalls.program(**here, attributes=attributes)
        gpu = syscalls.program(**here, attributes=attributes, gpu=True)
        more = {
            (number, first)
            for number in range(600)
            for first in (0, 1, 2, 10, 16, 17, 77)
            if decide(cpu, number, first) != decide(gpu, number, first)
        }
        free = set(syscalls._table(f"{syscalls._SOCKETS},{syscalls._GPU}").values())
        by_argument = syscalls._table(syscalls._BY_ARGUMENT)
        by_family = {by_argument["socket"], by_argument["socketpair"]}
        assert {number for number, _ in more} == free | by_family
        assert {first for number, first in more if number in by_family} == {syscalls._AF_UNIX}


def decide(program: bytes, number: int, first: int) -> int:
    """Return the answer of a filter to a call; its other arguments are 0 (linux/bpf_common.h)."""
    data = struct.pack(
        "=IIQ6Q", number, syscalls._ARCHITECTURES[os.uname().machine][1], 0, first, 0, 0, 0, 0, 0
    )
    instructions = list(struct.iter_unpack("=HBBI", program))
    loaded, at = 0, 0
    while True:
        code, yes, no, value = instructions[at]
        at += 1
        if code == syscalls._RETURN:
            return value
        if code == syscalls._LOAD:
            loaded = struct.unpack_from("=I", data, value)[0]
            continue
        met = {
            syscalls._JUMP_EQUAL: loaded == value,
            syscalls._JUMP_GREATER: loaded > value,
            syscalls._JUMP_GREATER_EQUAL: loaded >= value,
            syscalls._JUMP_ANY_BIT: bool(loaded & value),
        }[code]
        at += yes if met else no


def test_only_device_files_for_computing(tmp_path):
    """The sandbox opens NVIDIA's device files for computing, not for displays or partitions."""
    for name in (
        "nvidia0",
        "nvidia12",
        "nvidiactl",
        "nvidia-uvm",
        "nvidia-uvm-tools",
        "nvidia-modeset",
        "nvme0",
        "null",
    ):
        (tmp_path / name).touch()
    (tmp_path / "nvidia-caps").mkdir()
    assert [Path(node).name for node in gpu_access.nodes(str(tmp_path))] == [
        "nvidia-uvm",
        "nvidia0",
        "nvidia12",
        "nvidiactl",
    ]


def test_few_rights_to_write():
    """A process can write only to device files and its own tasks, and execute nothing."""
    rights = gpu_access.rights()
    writable = {path for path, right in rights.items() if right & ~landlock.READ}
    assert writable == {"/proc/self/task", *gpu_access.nodes()}
    assert not any(right & landlock.EXECUTE for right in rights.values())


def test_make_deterministic_touches_no_device():
    """Deterministic mode initializes no device, and only warns about other operators."""
    code = (
        "import torch; from grader.sandbox import devices; devices.make_deterministic(); "
        "print(torch.cuda.is_initialized(), torch.backends.cuda.matmul.allow_tf32, "
        "torch.backends.cudnn.allow_tf32, torch.are_deterministic_algorithms_enabled(), "
        "torch.is_deterministic_algorithms_warn_only_enabled())"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False", "False", "True", "True"]
