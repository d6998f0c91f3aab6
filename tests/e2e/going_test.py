#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Going on within a trial: kill -9 and Ctrl-C in its midst, and the same curve afterwards."""
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

import event_files
import program

STEPS = 9
TRIALS = 10


class GoingTest(program.ProgramTest):
    def reports(self, directory):
        said = json.loads(self.run_program("trials", directory, "--steps", "--json").stdout)
        return said["reports"]

    def starts(self, trial):
        return [event.get("start_step", 0) for event in self.events()
                if event["type"] == "started" and event["trial"] == trial]

    def killed(self, study, marks):
        """Runs it until one mark after the other has killed it, and then to its end."""
        os.makedirs(self.path("marks"), exist_ok=True)
        for mark in marks:
            self.write(os.path.join("marks", mark), "kill")
            self.run_program("search", study, code=-9)
            self.assertEqual(os.listdir(self.path("marks")), [])
        self.run_program("search", study)

    def check_same(self, whole="runs/whole"):
        self.assertEqual(self.reports("runs/toy"), self.reports(whole))
        self.assertEqual(self.trials(), self.trials(whole))
        left = [os.path.join(root, name) for root, names, files in os.walk(self.path("runs/toy"))
                for name in names + files if name == "going"]
        self.assertEqual(left, [], "removed at the end of its trial")
        said = json.loads(self.run_program("replay", "runs/toy", "--json").stdout)
        self.assertIsNone(said["difference"])


class KilledToy(GoingTest):
    """A toy that can be saved, and kills the program in the step that a mark names, counted from
    where the trial goes on."""

    def toy(self, name, gate="", gate_from=0, **keys):
        options = {"deep": True, "steps": STEPS, "marks": self.path("marks"), "gate": gate,
                   "gate_from": gate_from}
        return self.study(name=name + ".json", **{
            "project_name": name, "options": options, "max_trials": TRIALS, "sinks": ["jsonl"],
            "checkpoint": {"steps": 2}, **keys})

    def check(self, marks, **keys):
        self.run_program("search", self.toy("whole", **keys))
        self.killed(self.toy("toy", **keys), marks)
        self.check_same()

    def test_goes_on_between_two_checkpoints(self):
        self.check(["3-6", "4-1"], sinks=["jsonl", "tensorboard"])
        self.assertEqual(self.starts(3), [0, 4])
        self.assertEqual(self.starts(4)[-1], 0)
        if event_files.PROTOC:
            toy, whole = [
                {run: found.scalars for run, found in
                 event_files.runs(self.path("runs", name, "tensorboard")).items()}
                for name in ("toy", "whole")]
            self.assertEqual(toy, whole)

    def test_goes_on_again_and_again(self):
        self.check(["3-5", "3-3"])
        self.assertEqual(self.starts(3), [0, 4, 6])

    def test_goes_on_with_a_stopper(self):
        for stopper, options, marks in (
                ("median", {"startup_trials": 2}, ["1-5", "2-4", "6-4"]),
                ("asha", {"factor": 2}, ["1-5", "5-4", "6-7"]),
                ("patient", {"patience": 2}, ["0-4", "0-2"])):
            with self.subTest(stopper):
                shutil.rmtree(self.path("runs"), ignore_errors=True)
                self.check(marks, stopper={"plugin": stopper, "options": options},
                           checkpoint={"steps": 1})
                self.assertIn("stopped", self.states())

    def test_goes_on_within_hyperband(self):
        self.check(["1-1", "12-2", "16-4"], max_trials=None, oracle={
            "plugin": "hyperband", "options": {"max_epochs": STEPS}})
        self.assertTrue(any(trial["resume_of"] is not None for trial in self.trials()))

    def test_goes_on_with_a_lag_on_many_workers(self):
        self.check(["3-6", "6-5"], schedule={"lag": 3}, parallel_trials=3,
                   threads_per_trial=1, stopper={"plugin": "median",
                                                 "options": {"startup_trials": 2}})

    def test_lets_earlier_executions_stand(self):
        self.check(["3-6"], executions_per_trial=3)

    def test_begins_anew_without_checkpoints(self):
        self.check(["3-6"], checkpoint=None)
        self.assertEqual(self.starts(3)[-1], 0)

    def test_goes_on_after_an_interruption(self):
        self.run_program("search", self.toy("whole"))
        child = self.start("search", self.toy("toy", gate=self.path("gate"), gate_from=3))
        # The gate holds the trial in its last step.
        self.until(lambda: os.path.exists(self.path("runs/toy/events.jsonl")) and any(
            event["type"] == "reported" and (event["trial"], event["step"]) == (3, STEPS - 1)
            for event in self.events()), "the report before the last one")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130)
        self.write("gate", "")
        self.run_program("search", "toy.json")
        self.check_same()
        self.assertEqual(self.starts(3), [0, STEPS - 1])

    def test_does_not_go_on_in_memory(self):
        self.refused(2, ["search", self.toy("toy", store="memory", sinks=[])],
                     "checkpoint: the store is memory, which writes nothing")
        self.run_program("search", self.toy("toy", store="memory", sinks=[], checkpoint=None))


# A walk whose every step depends on all before it, and a state that has nothing else in it. The mark
# makes it kill the search, once.
WALK = """
import json, os, random, signal, sys
state = {"seed": int(os.environ["DODONA_SEED"]), "x": float(sys.argv[1])}
first = int(os.environ["DODONA_START_STEP"]) + 1
if "DODONA_RESUME_DIR" in os.environ:
    with open(os.environ["DODONA_RESUME_DIR"] + "/state") as file:
        state = json.load(file)
for step in range(first, 10):
    mark = "marks/%s-%d" % (os.environ["DODONA_TRIAL"], step)
    if os.path.exists(mark):
        os.remove(mark)
        os.kill(int(open("pid").read()), signal.SIGKILL)
    state["x"] += random.Random(state["seed"] * step).gauss(0, 1) * state["x"]
    with open(os.environ["DODONA_CHECKPOINT_DIR"] + "/state", "w") as file:
        json.dump(state, file)
    print(json.dumps({"step": step, "loss": abs(state["x"])}), flush=True)
    sys.stdin.readline()  # the state has been copied
"""


class KilledCommand(GoingTest):
    def walk(self, name, **keys):
        self.write("program.py", WALK)
        return self.study(name=name + ".json", **{
            "project_name": name, "max_trials": 4, "sinks": ["jsonl"], "checkpoint": {"steps": 2},
            "space": [{"name": "x", "type": "float", "min_value": 0.1, "max_value": 1}],
            "hypermodel": {"plugin": "command", "options": {
                "command": [sys.executable, self.path("program.py"), "{x}"]}}, **keys})

    def kill(self, study):
        child = self.start("search", study)
        self.write("pid", str(child.pid))
        self.assertEqual(child.wait(program.HANG_SECONDS), -9)

    def setUp(self):
        super().setUp()
        self.environment["DODONA_PLUGIN_PATH"] = os.path.dirname(program.built_plugin("command"))

    def test_goes_on_as_if_it_had_never_been_killed(self):
        os.mkdir(self.path("marks"))
        self.run_program("search", self.walk("whole"))
        self.write("marks/2-8", "")
        self.kill(self.walk("toy"))
        self.assertTrue(os.path.exists(self.path("runs/toy/trials/2/0/going/point")))
        self.run_program("search", "toy.json")
        self.check_same()
        # The copy of a step is complete at the report of the next one.
        self.assertIn(self.starts(2), ([0, 4], [0, 6]))
        for name in ("toy", "whole"):
            printed = self.read(f"runs/{name}/trials/2/0/stdout.txt").splitlines()
            self.assertEqual({json.loads(line)["step"] for line in printed}, set(range(1, 10)))


class FullDisk(GoingTest):
    def setUp(self):
        super().setUp()
        small = self.path("runs/toy/trials")
        os.makedirs(small)
        result = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small],
                                capture_output=True, text=True)
        if result.returncode != 0:
            self.skipTest(f"a disk of its own needs the right to mount: {result.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", small], check=True)

    # A state that is larger than the disk, which costs the checkpoint and not the trial.
    HEAVY = """
import json, os, sys
for step in range(1, 7):
    with open(os.environ["DODONA_CHECKPOINT_DIR"] + "/state", "wb") as file:
        file.write(bytes(600000))
    print(json.dumps({"step": step, "loss": 1 / step}), flush=True)
    sys.stdin.readline()
"""

    def test_costs_the_checkpoint(self):
        self.write("program.py", self.HEAVY)
        self.environment["DODONA_PLUGIN_PATH"] = os.path.dirname(program.built_plugin("command"))
        result = self.run_program("search", self.study(
            max_trials=1, keep=0, checkpoint={"steps": 1},
            space=[{"name": "x", "type": "float", "min_value": 0, "max_value": 1}],
            hypermodel={"plugin": "command", "options": {
                "command": [sys.executable, self.path("program.py")]}}))
        self.assertEqual(self.states(), ["completed"], result.stderr)
        self.assertEqual(result.stderr.count("of step 1 could not be kept: "), 1)
        self.assertNotIn("of step 2", result.stderr)


if __name__ == "__main__":
    program.main()
