#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sandbox for tests that start daemons: processes, network, mounts and /run of its own.

The file of a test ends with `sandbox.main()`. This starts it again as the child of a first process,
in namespaces where this is possible. Temporary files lie in memory there, ports are free, and
whatever happens to the test, the kernel ends all processes with the first one. Where namespaces are
not possible (they need root), the first process adopts every orphan, so the tests of one machine
run all the same; `need_namespaces()` skips the others.

A test that leaves a process or a file behind fails, even if it passed.
"""
import collections
import contextlib
import ctypes
import getpass
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "e2e"))  # program.py

UNSHARE = ["unshare", "--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--kill-child",
           "--mount-proc"]
WHY_NOT = "DODONA_NO_NAMESPACES"  # in the environment of a test: empty, or why there are none
HANG_SECONDS = 30  # far more than any daemon takes
OWN_ADDRESS = "10.77.0.1"  # on the switch of a sandbox with namespaces
PR_SET_CHILD_SUBREAPER = 36
# Answers each line with itself at once.
ECHO = [sys.executable, "-S", "-c", "import sys\n"
        "for line in sys.stdin.buffer: sys.stdout.buffer.write(line); sys.stdout.flush()"]


def main():
    """Runs the tests of the file that was started. Exit code 77 where every test was skipped."""
    enter()
    import program
    program.main()


def enter():
    """Starts this program again in a sandbox, unless it is in one. Only a sandbox sees it return."""
    if WHY_NOT in os.environ:
        return
    # A daemon that is harmed may abort, and would leave its memory in the working directory.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    first = [sys.executable, "-B", os.path.abspath(__file__), *sys.argv]
    os.environ[WHY_NOT] = "left out on request" if "--no-namespaces" in sys.argv else refusal()
    if not os.environ[WHY_NOT]:
        first = UNSHARE + first
    os.execvp(first[0], first)


def refusal():
    """Why this user has no namespaces here; empty if there are."""
    try:
        result = subprocess.run([*UNSHARE, "ip", "link", "set", "lo", "up"], capture_output=True,
                                text=True)
    except OSError as error:
        return str(error)
    return result.stderr.strip() if result.returncode else ""


def need_namespaces():
    if os.environ[WHY_NOT]:
        raise unittest.SkipTest(f"no namespaces for {getpass.getuser()}: {os.environ[WHY_NOT]}")


def need_programs(**package_of):
    """Skips the tests unless each program is there; names are those of programs."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    for program, package in package_of.items():
        if shutil.which(program, path=path) is None:
            raise unittest.SkipTest(f"no {program} (Debian: {package})")


# ---- the first process ---------------------------------------------------------------------------


def first_process(command):
    """Runs a test and what it leaves to it; answers the exit code."""
    isolated = not os.environ[WHY_NOT]
    if isolated:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)
        make_network()
    else:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # A short path, as those of sockets have at most 107 characters.
    scratch = tempfile.mkdtemp(prefix="dodona-", dir="/run" if isolated else None)
    os.chmod(scratch, 0o755)  # the user munge walks through it
    command = [word for word in command if word != "--no-namespaces"]
    test = subprocess.Popen([sys.executable, "-B", *command], env={
        **os.environ, "TMPDIR": scratch, "DODONA_FIRST_PROCESS": str(os.getpid())})
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: test.kill())
    code = wait_and_reap(test.pid)
    left = [f"process {pid}: {text}" for pid, text in processes(os.getpid()).items()]
    left += [f"file {os.path.join(scratch, name)}" for name in os.listdir(scratch)]
    for line in left:
        print("left behind:", line, file=sys.stderr)
    while descendants(os.getpid()):
        for pid in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, 0)
    shutil.rmtree(scratch)
    return 1 if left and code in (0, 77) else code


def make_network():
    """The loopback and a switch. Slurm resolves no name where the loopback is all that there is."""
    # With an address of its own the switch takes nothing that a card outside it receives.
    for words in ("link set lo up",
                  "link add switch address 02:00:00:00:00:01 type bridge forward_delay 0",
                  f"addr add {OWN_ADDRESS}/24 dev switch", "link set switch up"):
        subprocess.run(["ip", *words.split()], check=True)


def wait_and_reap(child):
    """Waits for a child and takes up orphans meanwhile; the child's exit code, or 128 + its signal."""
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


# ---- processes -----------------------------------------------------------------------------------


def parents():
    """The parent of every process but zombies."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                state, parent = file.read().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(pid)] = int(parent)
    return found


def descendants(pid):
    parent_of = parents()
    family = {pid}
    while True:
        grown = family | {child for child, parent in parent_of.items() if parent in family}
        if grown == family:
            return sorted(family - {pid})
        family = grown


def text_of(pid):
    """The command line of a process, or its name without one; empty if it is gone."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            words = file.read().rstrip("\0").split("\0")
        return " ".join(words)[:200] or name_of(pid)
    return ""


def name_of(pid):
    """The name of the program of a process; empty if it is gone."""
    with contextlib.suppress(OSError):
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    return ""


def processes(of=None):
    """The command lines by pid of all processes of the sandbox but the first one and this one."""
    first = int(os.environ["DODONA_FIRST_PROCESS"]) if of is None else of
    texts = {pid: text_of(pid) for pid in descendants(first) if pid != os.getpid()}
    return {pid: text for pid, text in texts.items() if text}


@contextlib.contextmanager
def nothing_left(seconds=5):
    """Expects that the code inside leaves no more processes of each name than there were before."""
    def count():
        return collections.Counter(map(name_of, processes()))

    before = count()
    yield
    until(lambda: not count() - before, "the end of all processes that began", seconds,
          lambda: f"there are {processes()}")


def until(condition, what, seconds=HANG_SECONDS, why=lambda: ""):
    """Waits until the condition holds, and answers what it answered."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(f"never came: {what}; {why()}")
        time.sleep(0.01)


class TestCase(unittest.TestCase):
    """A test that hangs fails."""
    seconds_max = 60

    def client(self, *command, environment=None):
        """Starts a command with pipes, for the time of the test."""
        child = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)

        def end():
            child.kill()
            child.wait()
            for pipe in (child.stdout, child.stderr):
                pipe.close()
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()

        self.addCleanup(end)
        return child

    def exchange(self, client, line=b"a word\n"):
        """Expects that the client answers a line with the same line."""
        client.stdin.write(line)
        client.stdin.flush()
        self.assertEqual(client.stdout.readline(), line)

    def run(self, result=None):
        def hangs(*_):
            raise AssertionError(f"the test has taken {self.seconds_max} s; there are {processes()}")

        signal.signal(signal.SIGALRM, hangs)
        signal.alarm(self.seconds_max)
        try:
            return super().run(result)
        finally:
            signal.alarm(0)


def random_lines(*sizes):
    """Lines of so many random bytes, NUL among them."""
    return b"".join(os.urandom(size).replace(b"\n", b"\0") + b"\n" for size in sizes)


def directory(test):
    """A directory that the class or the test has until its end."""
    if isinstance(test, type):
        return test.enterClassContext(tempfile.TemporaryDirectory())
    return test.enterContext(tempfile.TemporaryDirectory())


class Daemon:
    """A process in the foreground that logs to a file; `wrapper` is a command that runs it elsewhere.

    It ends with the test: it is killed if the test dies, unless the wrapper sees to that.
    """

    def __init__(self, command, log, environment=None, wrapper=()):
        self.command = [*wrapper, *command]
        self.log, self.environment, self.wrapped = log, environment, bool(wrapper)
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *self.command],
                                          stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                          env=self.environment)

    @property
    def pid(self):
        """The process itself, also behind a wrapper that forks."""
        if not self.wrapped:
            return self.child.pid
        return until(lambda: descendants(self.child.pid), f"start of {self.command}")[0]

    def running(self):
        return self.child.poll() is None

    def signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        """Ends it at once, and waits for that."""
        if self.running():
            with contextlib.suppress(ProcessLookupError):
                self.signal(signal.SIGKILL)
            self.child.wait(HANG_SECONDS)

    def said(self):
        """The end of its log."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]


if __name__ == "__main__":
    sys.exit(first_process(sys.argv[1:]))
