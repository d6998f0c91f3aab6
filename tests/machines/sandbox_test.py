#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sandbox itself: tests in it leave nothing, and those that cannot run say why."""
import os
import signal
import subprocess
import sys
import tempfile
import unittest

import sandbox
import program

TEST = """\
import os, subprocess, tempfile, time
import hosts, sandbox

class Test(sandbox.TestCase):
    def test(self):
        {body}

sandbox.main()
"""
HERE = os.path.dirname(os.path.abspath(__file__))
MARK = "987.654"  # seconds of a sleep that no other process has


def sleepers():
    return [pid for pid in sandbox.parents() if sandbox.text_of(pid) == f"sleep {MARK}"]


class SandboxTest(unittest.TestCase):
    def setUp(self):
        self.directory = self.enterContext(tempfile.TemporaryDirectory())

    def start(self, body, *options):
        path = os.path.join(self.directory, "inner_test.py")
        with open(path, "w", encoding="utf-8") as file:
            file.write(TEST.format(body=body))
        environment = {**os.environ, "PYTHONPATH": HERE, "TMPDIR": self.directory}
        child = subprocess.Popen([sys.executable, "-B", path, *options], env=environment,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        self.addCleanup(child.stdout.close)
        return child

    def check(self, body, code, *said):
        for options in ([], ["--no-namespaces"]):
            with self.subTest(options):
                child = self.start(body, *options)
                out = child.communicate(timeout=sandbox.HANG_SECONDS)[0]
                self.assertEqual(child.returncode, code, out)
                for text in said:
                    self.assertIn(text, out)
                self.assertEqual(sleepers(), [])
                self.assertEqual(os.listdir(self.directory), ["inner_test.py"])

    def test_a_test_that_leaves_a_process_fails(self):
        self.check(f'subprocess.Popen("sleep {MARK} & exit", shell=True).wait()', 1,
                   "OK", "left behind: process", f"sleep {MARK}")

    def test_a_test_that_leaves_a_file_fails(self):
        self.check('open(tempfile.mkstemp()[1]).close()', 1, "OK", "left behind: file")

    def test_a_test_that_hangs_fails(self):
        self.check("time.sleep(9)\n    seconds_max = 1", 1, "the test has taken 1 s")

    def test_nothing_survives_a_sandbox_that_is_killed(self):
        if sandbox.refusal():
            self.skipTest(f"no namespaces: {sandbox.refusal()}")
        child = self.start(f'subprocess.run(["sleep", "{MARK}"])')
        sandbox.until(sleepers, "the sleep of the test")
        child.send_signal(signal.SIGKILL)
        sandbox.until(lambda: not sleepers(), "the end of the sleep")

    def test_a_test_that_cannot_run_is_skipped_and_says_why(self):
        child = self.start('hosts.Hosts("h1").__enter__()', "--no-namespaces")
        out = child.communicate(timeout=sandbox.HANG_SECONDS)[0]
        self.assertEqual(child.returncode, 77, out)
        self.assertRegex(out, "skipped 'no namespaces for .*: left out on request'")
        needs = 'sandbox.need_programs(engine_x="engine-package")'
        of_a_class = f"pass\n    @classmethod\n    def setUpClass(cls): {needs}"
        for body in (needs, of_a_class):
            self.check(body, 77, "skipped 'no engine_x (Debian: engine-package)'")


if __name__ == "__main__":
    program.main()
