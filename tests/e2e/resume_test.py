#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and kill -9 in the midst of a search, going on afterwards, and reading meanwhile.

The gate of the toy holds trials in their last step, so that each moment is certain: trial 0 is
done, and trials 1 and 2 run and have reported once.
"""
import os
import signal
import unittest

import program

TRIALS = 6
RUNNING = [1, 2]


class Interrupted(program.ProgramTest):
    def setUp(self):
        super().setUp()
        # The result without an interruption.
        self.run_program("search", self.held(project_name="whole", options={}))
        self.whole = self.trials("runs/whole")

    def held(self, options=None, **keys):
        gate = {"gate": self.path("gate"), "gate_from": RUNNING[0]} if options is None else options
        return self.study(**{"options": gate, "max_trials": TRIALS, "parallel_trials": 2,
                             "sinks": ["jsonl"], **keys})

    def run_until_held(self, *words, **options):
        study = self.held() if not options else self.held(options={
            "gate": self.path("gate"), "gate_from": RUNNING[0], **options})
        child = self.start("search", study, *words)
        self.until(lambda: os.path.exists(self.path("runs/toy/events.jsonl")) and all(
            self.count(self.events(), trial, "reported") for trial in RUNNING),
                   "reports of the trials that are held")
        self.assertIsNone(child.poll())
        return child

    def count(self, events, trial, kind):
        return sum(e.get("trial") == trial and e["type"] == kind for e in events)

    def check_held(self, state="waiting"):
        """Nothing is lost: the finished trial, and the values of those that ran."""
        trials = self.trials()
        self.assertEqual(trials[0], self.whole[0])
        self.assertEqual([trial["state"] for trial in trials], ["completed", state, state])
        for trial in RUNNING:
            self.assertEqual(trials[trial]["values"], self.whole[trial]["values"])

    def go_on(self):
        """The same command finishes what is missing, as if nothing had happened."""
        self.write("gate", "")
        result = self.run_program("search", "study.json")
        self.assertIn("going on with a study of 1 finished trial\n", result.stderr)
        self.assertIn(f"{TRIALS} trials: {TRIALS} completed;", result.stdout)
        self.assertEqual(self.trials(), self.whole)
        events = self.events()
        for trial in range(TRIALS):
            runs = 2 if trial in RUNNING else 1
            self.assertEqual(self.count(events, trial, "proposed"), 1)
            self.assertEqual(self.count(events, trial, "started"), runs)
            self.assertEqual(self.count(events, trial, "finished"), 1)

    def test_ctrl_c_saves_and_the_message_says_how_to_go_on(self):
        child = self.run_until_held("--set", "max_seconds=9e5", "--overwrite")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130)
        self.assertIn("\n3 trials: 1 completed, 2 unfinished; interrupted after ", self.read("out"))
        lines = self.read("err").splitlines()
        self.assertIn("stopping: waiting for running trials' next report "
                      "(Ctrl-C again to leave at once)", lines)
        # Without --overwrite, which would delete what there is to go on with.
        self.assertEqual(lines[-1], f"dodona: interrupted; to go on: {program.PROGRAM} search "
                                    "study.json --set max_seconds=9e5")
        self.check_held()
        self.go_on()

    def test_sigterm_does_the_same(self):
        child = self.run_until_held()
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130)
        self.check_held()
        self.go_on()

    def test_a_second_ctrl_c_leaves_at_once(self):
        child = self.run_until_held(deaf=True)
        child.send_signal(signal.SIGINT)
        self.until(lambda: "stopping: waiting" in self.read("err"), "the notice of the first one")
        self.assertIsNone(child.poll())
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130)
        self.check_held()
        self.go_on()

    def test_kill_9_loses_nothing(self):
        child = self.run_until_held()
        child.kill()
        self.assertEqual(child.wait(program.HANG_SECONDS), -signal.SIGKILL)
        self.check_held()
        self.go_on()

    def test_anybody_may_read_while_it_runs_but_nobody_may_write(self):
        child = self.run_until_held()
        self.check_held("running")
        best = self.run_program("best", "runs/toy", "-n", "1").stdout.splitlines()
        self.assertRegex(best[1], r"^ +0  completed ")
        self.assertIn("momentum", self.run_program("space", "runs/toy").stdout)
        for words in (["search", "study.json"], ["search", "study.json", "--overwrite"]):
            self.refused(1, words, "runs/toy/study.lock", "is locked by process "
                         f"{child.pid} on host {os.uname().nodename}", "choose another directory")
        self.check_held("running")
        self.write("gate", "")
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        self.assertEqual(self.trials(), self.whole)


if __name__ == "__main__":
    program.main()
