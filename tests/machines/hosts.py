#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other hosts, made of namespaces: each has processes, mounts, a name and a network card of its own.

    with hosts.Hosts("h1", "h2", hide=[directory]) as network:
        subprocess.run([*network.ssh("h1"), "hostname"])
        network["h1"].cut()

The cards are plugged into the switch of the sandbox. Files are shared by all, but for what `hide` names: there a host has an empty directory of its own. The user's home is
`home`, a directory of the test, everywhere; so ssh finds its configuration by itself, and no file of
whoever runs the tests counts. Needs a sandbox with namespaces. A host with its sshd takes 0.15 s.
"""
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile

import sandbox

SSH_PORT = 22
ENTER = ["--net", "--pid", "--mount", "--uts"]


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def cards():
    """The network cards of this side."""
    lines = subprocess.run(["ip", "-o", "link"], check=True, capture_output=True, text=True).stdout
    return [line.split()[1].rstrip(":").split("@")[0] for line in lines.splitlines()]


class Host:
    """Started, reachable and with its sshd running once it was made."""

    def __init__(self, name, number, directory, hide):
        self.name, self.address, self.directory = name, f"10.77.0.{number + 2}", directory
        self.card, self.card_address = f"card-{number}", f"02:00:00:00:01:{number:02x}"
        self.hide = hide
        self.scratch = os.path.join(directory, name + ".tmp")  # TMPDIR of what ssh starts there
        self.daemons = []
        self.start()

    def start(self):
        """Boots it, also after a crash."""
        self.first = sandbox.Daemon(
            [sys.executable, "-B", os.path.abspath(__file__), self.name, *self.hide],
            os.path.join(self.directory, self.name + ".log"),
            wrapper=["unshare", *ENTER, "--fork", "--kill-child", "--mount-proc"])
        sandbox.until(lambda: f"{self.name} is up" in self.first.said(), f"boot of {self.name}",
                      why=self.first.said)
        self.pid = self.first.pid
        # The same address after a crash: others remember it.
        ip("link", "add", self.card, "type", "veth", "peer", "name", "eth0",
           "address", self.card_address, "netns", str(self.pid))
        for words in (["addr", "add", self.address + "/24", "dev", "eth0"],
                      ["link", "set", "eth0", "up"], ["link", "set", "lo", "up"],
                      ["route", "add", "default", "via", sandbox.OWN_ADDRESS]):
            subprocess.run([*self.inside(), "ip", *words], check=True)
        ip("link", "set", self.card, "up")
        self.heal()
        self.start_daemon("sshd", "/usr/sbin/sshd", "-D", "-e", "-f",
                          os.path.join(self.directory, self.name + ".sshd.conf"))
        sandbox.until(self.answers, f"sshd of {self.name}", why=self.daemons[-1].said)

    def answers(self):
        with contextlib.suppress(OSError):
            with socket.create_connection((self.address, SSH_PORT), 1) as connection:
                return connection.recv(4) == b"SSH-"
        return False

    def inside(self):
        """The words before a command that run it on this host."""
        return ["nsenter", "--target", str(self.pid), *ENTER]

    def run(self, *command):
        return subprocess.run([*self.inside(), *command], check=True, capture_output=True,
                              text=True).stdout

    def start_daemon(self, name, *command, environment=None):
        daemon = sandbox.Daemon(command, os.path.join(self.directory, f"{self.name}.{name}.log"),
                                environment, wrapper=self.inside())
        self.daemons.append(daemon)
        return daemon

    def cut(self):
        """Unplugs the network: packets vanish both ways, and nobody is told."""
        ip("link", "set", self.card, "nomaster")

    def heal(self):
        ip("link", "set", self.card, "master", "switch")

    def crash(self):
        """The power fails: no process ends in order, and no packet says so."""
        self.cut()
        self.stop()

    def stop(self):
        self.first.kill()  # all its processes die with the first one
        for daemon in self.daemons:
            daemon.child.wait(sandbox.HANG_SECONDS)
        self.daemons = []
        # Connections that were cut keep the card for minutes.
        subprocess.run(["ip", "link", "del", self.card], check=False, capture_output=True)


class Hosts:
    """Hosts on the switch of the sandbox, by name; one network at a time.

    Everything is gone after the with statement. `hide` names directories, for all hosts or by host.
    """

    def __init__(self, *names, hide=()):
        self.names, self.hide = names, {name: () for name in names}
        self.hide.update(hide if isinstance(hide, dict) else {name: hide for name in names})

    def __enter__(self):
        sandbox.need_namespaces()
        sandbox.need_programs(sshd="openssh-server", ssh="openssh-client", ip="iproute2")
        with contextlib.ExitStack() as stack:
            self.directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="hosts-"))
            self.home = os.path.join(self.directory, "home")
            os.makedirs(os.path.join(self.home, ".ssh"), mode=0o700)
            self.write_files()
            # The home that ssh and sshd know is that of the list of users.
            subprocess.run(["mount", "--bind", self.path("passwd"), "/etc/passwd"], check=True)
            stack.callback(subprocess.run, ["umount", "/etc/passwd"], check=True)
            self.hosts = {}
            for number, name in enumerate(self.names):
                host = Host(name, number, self.directory, self.hide[name])
                stack.callback(host.stop)
                self.hosts[name] = host
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        self.stack.close()

    def __getitem__(self, name):
        return self.hosts[name]

    def path(self, name):
        return os.path.join(self.directory, name)

    def write_files(self):
        """Keys, the configurations of sshd and ssh, and a list of users."""
        for key in ("host_key", "key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path(key)],
                           check=True)
        os.makedirs("/run/sshd", exist_ok=True)  # sshd demands it; /run is the sandbox's own
        with open(self.path("host_key.pub"), encoding="utf-8") as file:
            host_key = " ".join(file.read().split()[:2])
        with open(self.path("known_hosts"), "w", encoding="utf-8") as file:
            file.write(f"* {host_key}\n")
        for name in self.names:
            os.mkdir(self.path(name + ".tmp"))
            with open(self.path(name + ".sshd.conf"), "w", encoding="utf-8") as file:
                file.write(f"Port {SSH_PORT}\nHostKey {self.path('host_key')}\n"
                           f"AuthorizedKeysFile {self.path('key.pub')}\nPidFile none\n"
                           "StrictModes no\nUsePAM no\nPasswordAuthentication no\n"
                           "PermitRootLogin prohibit-password\nMaxStartups 100:30:200\n"
                           f"SetEnv TMPDIR={self.path(name + '.tmp')}\n")
        with open("/etc/passwd", encoding="utf-8") as file:
            users = [line.split(":") for line in file.read().splitlines()]
        with open(self.path("passwd"), "w", encoding="utf-8") as file:
            for user in users:
                if user[2] == "0":
                    user[5] = self.home
                file.write(":".join(user) + "\n")
        with open(os.path.join(self.home, ".ssh", "config"), "w", encoding="utf-8") as file:
            for number, name in enumerate(self.names):
                file.write(f"Host {name}\n  HostName 10.77.0.{number + 2}\n")
            file.write(f"Host *\n  Port {SSH_PORT}\n  User root\n  IdentityFile {self.path('key')}\n"
                       "  IdentitiesOnly yes\n  BatchMode yes\n  ConnectTimeout 5\n"
                       f"  UserKnownHostsFile {self.path('known_hosts')}\n"
                       "  GlobalKnownHostsFile none\n  LogLevel ERROR\n")

    def ssh(self, name):
        """The words before a command of a shell on that host."""
        return ["ssh", "-T", name]


def first_process(name, *hidden):
    """What a host runs first: it adopts and reaps orphans, until it is killed."""
    socket.sethostname(name)
    for directory in hidden:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", directory], check=True)
    print(f"{name} is up", flush=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    while True:
        signal.sigwait({signal.SIGCHLD})
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


if __name__ == "__main__":
    first_process(*sys.argv[1:])
