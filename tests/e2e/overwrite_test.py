#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dodona search --overwrite: the study that is there is lost only to one that has begun."""
import contextlib
import os
import signal
import unittest

import program


class Overwrite(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.run_program("search", self.study(sinks=["jsonl"]))
        self.write("runs/toy/mine.txt", "somebody's")

    def aside(self):
        return [name for name in os.listdir(self.path("runs")) if name != "toy"]

    @contextlib.contextmanager
    def kept(self):
        """What is done within leaves the study, its sink's file and all others as they were."""
        names, log = sorted(os.listdir(self.path("runs/toy"))), self.read("runs/toy/events.jsonl")
        with self.unharmed():
            yield
        self.assertEqual(sorted(os.listdir(self.path("runs/toy"))), names)
        # A search that goes on adds its end.
        self.assertTrue(self.read("runs/toy/events.jsonl").startswith(log))
        self.assertEqual(self.aside(), [])

    def test_every_start_that_fails_leaves_the_old_study_whole(self):
        toy = {"plugin": "toy", "options": {}}
        for way, code, said, keys in (
                ("plugin", 3, "did you mean", {"oracle": {"plugin": "randm"}}),
                ("option", 2, "did you mean", {"hypermodel": {**toy, "options": {"secnds": 1}}}),
                ("data", 2, "nowhere.csv", {"options": {"data": "nowhere.csv"}}),
                ("stopper", 2, "proposes", {"stopper": {"plugin": "random"}}),
                ("sink", 2, "leads out", {"sinks": [
                    "jsonl", {"plugin": "jsonl", "options": {"path": "../out.jsonl"}}]}),
                ("hypermodel", 3, "did you mean", {"hypermodel": {"plugin": "tay"}}),
                ("space", 2, "did you mean", {"space": [
                    {"name": "unit", "type": "fixed", "value": 64}]})):
            with self.subTest(way), self.kept():
                lines = self.refused(code, ["search", self.study(**keys), "--overwrite"], said)
                said = "the study from before is put back in runs/toy"
                began = way in ("data", "stopper", "sink", "space")  # else nothing was touched
                self.assertEqual(any(said in line for line in lines), began, lines)
        self.run_program("search", self.study(sinks=["jsonl"], max_trials=6))
        self.assertEqual(self.states(), ["completed"] * 6)
        self.events()

    def begin(self, **options):
        """A search that overwrites, killed when its first trial runs, which has not reported yet."""
        study = self.study(sinks=["jsonl"], options={"gate": self.path("gate"), **options}, seed=8)
        child = self.start("search", study, "--overwrite")
        self.until(lambda: "trial 0 started" in self.read("err"), "the first trial")
        return child

    def test_after_a_kill_the_next_start_puts_it_back(self):
        with self.kept():
            child = self.begin(steps=1)
            self.assertEqual(self.aside(), ["toy.before-overwrite"])
            child.kill()
            self.assertEqual(child.wait(program.HANG_SECONDS), -signal.SIGKILL)
            result = self.run_program("search", self.study(sinks=["jsonl"]))
            self.assertIn("the study from before was put back", result.stderr)

    def test_it_goes_when_a_trial_of_the_new_one_reports(self):
        child = self.begin(steps=2)
        self.until(lambda: not self.aside(), "the old study is deleted")
        child.kill()
        child.wait(program.HANG_SECONDS)
        self.write("gate", "")
        self.run_program("search", "study.json")
        self.assertEqual(self.read("runs/toy/mine.txt"), "somebody's")
        self.assertEqual(self.events()[0]["seed"], 8)

    def test_it_goes_when_a_trial_of_the_new_one_fails(self):
        self.run_program("search", self.study(options={"fail": [-1]}, max_trials=1), "--overwrite",
                         code=1)
        self.assertEqual((self.states(), self.aside()), (["failed"], []))
        self.assertFalse(os.path.exists(self.path("runs/toy/events.jsonl")))

    def test_ask_tell_keeps_it_until_the_first_tell(self):
        self.study(space=[{"name": "x", "type": "float", "min_value": 0, "max_value": 1}])
        with self.kept():
            self.run_program("ask-tell", "study.json", "--overwrite")


if __name__ == "__main__":
    program.main()
