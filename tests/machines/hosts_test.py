#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hosts that other tests use: reachable by ssh, cut off and healed, apart from this machine."""
import os
import shlex
import subprocess
import time

import hosts
import sandbox

ECHO = "exec " + shlex.join(sandbox.ECHO)


class HostsTest(sandbox.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = sandbox.directory(cls)
        cls.secret = sandbox.directory(cls)
        with open(os.path.join(cls.secret, "file"), "w", encoding="utf-8") as file:
            file.write("here")
        cls.network = cls.enterClassContext(
            hosts.Hosts("h1", "h2", hide={"h2": [cls.secret]}))

    def start(self, name, *words):
        return self.client(*self.network.ssh(name), *words)

    def ask(self, name, *words):
        return subprocess.run([*self.network.ssh(name), *words], capture_output=True, text=True,
                              check=True, timeout=sandbox.HANG_SECONDS).stdout

    def test_a_host_has_a_name_processes_and_files_of_its_own(self):
        with sandbox.nothing_left():
            self.assertEqual(self.ask("h1", "hostname && pwd"), f"h1\n{self.network.home}\n")
            self.assertNotIn("hosts_test", self.ask("h2", "ps -e -o args="))
            self.assertEqual(self.ask("h1", f"cat {self.secret}/file"), "here")
            self.assertEqual(self.ask("h2", f"ls {self.secret}"), "")
            self.assertEqual(self.ask("h2", "mktemp -u").rpartition("/")[0], self.network["h2"].scratch)
            self.ask("h2", f"touch {self.shared}/seen")
            self.assertTrue(os.path.exists(os.path.join(self.shared, "seen")))

    def test_the_stream_of_ssh_is_exact_to_the_byte(self):
        lines = sandbox.random_lines(1, 1024, 1025, 1_000_000)
        out, err = self.start("h1", ECHO).communicate(lines, sandbox.HANG_SECONDS)
        self.assertEqual((out, err), (lines, b""))

    def test_a_host_that_was_cut_off_loses_nothing(self):
        client = self.start("h1", ECHO)
        self.exchange(client)
        self.network["h1"].cut()
        client.stdin.write(b"while it was away\n")
        client.stdin.flush()
        time.sleep(4)
        self.assertFalse(self.network["h1"].answers())
        self.network["h1"].heal()
        self.assertEqual(client.stdout.readline(), b"while it was away\n")
        self.exchange(client)

    def test_a_host_that_crashed_says_nothing_and_boots_again(self):
        client = self.start("h2", ECHO)
        self.exchange(client)
        self.network["h2"].crash()
        time.sleep(0.5)
        self.assertIsNone(client.poll())
        client.kill()
        self.network["h2"].start()
        self.exchange(self.start("h2", ECHO))


class Ends(sandbox.TestCase):
    def test_nothing_is_left_after_an_error(self):
        before = hosts.cards()
        with sandbox.nothing_left(), self.assertRaisesRegex(RuntimeError, "on purpose"):
            with hosts.Hosts("h3") as network:
                client = subprocess.Popen([*network.ssh("h3"), "sleep 1000 & exec sleep 1000"],
                                          stderr=subprocess.DEVNULL)
                sandbox.until(lambda: "sleep" in network["h3"].run("ps", "-e"), "a sleep on h3")
                directory = network.directory
                raise RuntimeError("on purpose")
        self.assertEqual(client.wait(sandbox.HANG_SECONDS), 255)
        self.assertEqual(hosts.cards(), before)
        self.assertFalse(os.path.exists(directory))


if __name__ == "__main__":
    sandbox.main()
