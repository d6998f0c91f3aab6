#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A disk that is full: a small one in memory, which needs the right to mount."""
import os
import re
import subprocess
import unittest

import program

TRIALS = 1000000  # more than there is room for
MORE = 5


class FullDisk(program.ProgramTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("runs"))
        result = self.mount("size=1m")
        if result.returncode != 0:
            self.skipTest(f"a disk of its own needs the right to mount: {result.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", self.path("runs")], check=True)

    def mount(self, options):
        return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", self.path("runs")],
                              capture_output=True, text=True)

    def test_what_was_acknowledged_stays_and_more_room_is_all_it_needs(self):
        result = self.run_program("search", self.study(max_trials=TRIALS), code=1)
        lines = result.stderr.splitlines()
        full = f'dodona: cannot use "{self.path("runs/toy/study.db")}": the disk is full; ' \
               "free some space, or choose another directory"
        self.assertEqual(lines[-1], full)
        trials = self.trials()
        acknowledged = int(re.search(rf"\b(\d+)/{TRIALS} trials, ", lines[-2]).group(1))
        self.assertGreater(acknowledged, 20)
        self.assertGreaterEqual(sum(t["state"] == "completed" for t in trials), acknowledged)
        for number, score in re.findall(r"trial (\d+) completed: loss (\S+) ", result.stderr):
            trial = trials[int(number)]
            self.assertEqual((trial["state"], f"{trial['score']:.6g}"), ("completed", score))
        with self.unharmed():
            self.assertEqual(self.run_program("search", "study.json", "-q", code=1).stderr,
                             full + "\n")
        self.assertEqual(self.mount("remount,size=16m").returncode, 0)
        self.run_program("search", "study.json", "--set", f"max_trials={len(trials) + MORE}")
        now = self.trials()
        self.assertEqual([trial["state"] for trial in now], ["completed"] * (len(trials) + MORE))
        for before, after in zip(trials, now):
            self.assertEqual(after if before["state"] == "completed" else after["values"],
                             before if before["state"] == "completed" else before["values"])


if __name__ == "__main__":
    program.main()
