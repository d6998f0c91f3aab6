#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Debian's Optuna reads what the sink optuna_journal writes."""
import json
import os
import signal
import subprocess

import program

# Answers what Optuna sees of a journal.
READER = r"""
import json, sys, warnings
warnings.simplefilter("error")
import optuna
warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
storage = optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(sys.argv[1]))
[summary] = optuna.get_all_study_summaries(storage)
study = optuna.load_study(study_name=summary.study_name, storage=storage)
single = len(study.directions) == 1
json.dump({
    "name": study.study_name, "directions": [each.name.lower() for each in study.directions],
    "names": study._storage.get_study_system_attrs(study._study_id)["study:metric_names"],
    "best": study.best_trial.number if single else [each.number for each in study.best_trials],
    "trials": [{"number": trial.number, "state": trial.state.name, "values": trial.values,
                "params": trial.params, "user": trial.user_attrs, "system": trial.system_attrs,
                "steps": {int(step): value for step, value in trial.intermediate_values.items()},
                "ordered": trial.datetime_complete is None
                           or trial.datetime_start <= trial.datetime_complete,
                "ranges": {name: str(each) for name, each in trial.distributions.items()}}
               for trial in study.trials]}, sys.stdout)
"""
STATES = {"completed": "COMPLETE", "stopped": "PRUNED", "failed": "FAIL", "invalid": "FAIL"}
SYSTEM_PYTHON = "/usr/bin/python3"


class Journal(program.ProgramTest):
    def setUp(self):
        super().setUp()
        known = subprocess.run([SYSTEM_PYTHON, "-c", "import optuna"], capture_output=True,
                               check=False)
        if known.returncode != 0:
            self.skipTest("there is no Optuna (Debian: python3-optuna)")

    def read_by_optuna(self, path="runs/toy/optuna.log"):
        result = subprocess.run([SYSTEM_PYTHON, "-c", READER, self.path(path)],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout)

    def test_a_study_is_read_as_it_is(self):
        self.run_program("search", self.study(
            max_trials=30, sinks=["optuna_journal"], stopper="median",
            options={"deep": True, "steps": 6, "fail": [3, 7], "luckless": 0.1}))
        seen, ours = self.read_by_optuna(), self.trials()
        self.assertEqual((seen["name"], seen["directions"], seen["names"]),
                         ("toy", ["minimize"], ["loss"]))
        self.assertEqual(seen["best"], self.best()["trial"])
        self.assertEqual(len(seen["trials"]), len(ours))
        for mine, theirs in zip(ours, seen["trials"]):
            self.assertEqual(theirs["state"], STATES[mine["state"]])
            self.assertTrue(theirs["ordered"])
            # Optuna keeps values that were proposed and that the trial did not ask for.
            asked = {name: theirs["params"][name] for name in mine["values"]}
            self.assertEqual(asked, mine["values"])
            self.assertEqual(theirs["values"], mine["score"] and [mine["score"]])
            for name, value in mine["metrics"].items():
                self.assertEqual(theirs["user"][name], value)
            if mine["state"] == "failed":
                self.assertEqual(theirs["user"]["message"], mine["message"])
        self.assertIn("PRUNED", [trial["state"] for trial in seen["trials"]])
        self.assertEqual(sorted(map(int, seen["trials"][0]["steps"])), [1, 2, 3, 4, 5, 6])

    def best(self):
        return json.loads(self.run_program("best", "runs/toy", "--json").stdout)["trials"][0]

    def test_it_is_read_while_it_is_written_and_after_a_kill(self):
        child = self.start("search", self.study(
            max_trials=40, sinks=["optuna_journal"], options={"steps": 3, "seconds": 0.02}))

        def there():
            path = self.path("runs/toy/optuna.log")
            return os.path.exists(path) and len(self.read("runs/toy/optuna.log").splitlines()) > 40
        self.until(there, "some trials")
        self.assertGreater(len(self.read_by_optuna()["trials"]), 1)
        child.send_signal(signal.SIGKILL)
        child.wait()
        self.run_program("search", "study.json")
        seen = self.read_by_optuna()
        self.assertEqual([trial["state"] for trial in seen["trials"]], ["COMPLETE"] * 40)
        # The file is as that of a search that nobody killed, but for times and the log's numbers.
        self.assertEqual([trial["values"] for trial in seen["trials"]],
                         [[trial["score"]] for trial in self.trials()])

    def test_a_front_is_the_same_one(self):
        self.run_program("search", self.study(
            max_trials=20, sinks=["optuna_journal"], options={"tells_size": True},
            objective=[{"name": "loss", "direction": "min"}, {"name": "size", "direction": "max"}]))
        seen = self.read_by_optuna()
        self.assertEqual((seen["directions"], seen["names"]),
                         (["minimize", "maximize"], ["loss", "size"]))
        self.assertEqual(sorted(seen["best"]),
                         [trial["trial"] for trial in self.trials() if trial["front"]])

    def test_a_limit_is_a_constraint(self):
        self.run_program("search", self.study(
            max_trials=20, sinks=["optuna_journal"], options={"tells_size": True},
            limits=[{"metric": "size", "max": 200}]))
        for mine, theirs in zip(self.trials(), self.read_by_optuna()["trials"]):
            [excess] = theirs["system"]["constraints"]
            self.assertEqual(excess <= 0, mine["metrics"]["size"] <= 200)


if __name__ == "__main__":
    program.main()
