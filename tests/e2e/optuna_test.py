#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Debian's Optuna reads what the sink optuna_journal writes, and we read what Optuna writes."""
import datetime
import json
import os
import signal
import sqlite3
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

# Writes the same studies to a journal file and to a database of SQLite.
WRITER = r"""
import json, math, sys, warnings
warnings.simplefilter("ignore")
import optuna
from optuna.distributions import FloatDistribution, IntDistribution
optuna.logging.set_verbosity(optuna.logging.ERROR)

def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    trial.suggest_float("y", 1e-5, 1, log=True)
    trial.suggest_float("z", 0, 1, step=0.1)
    trial.suggest_int("n", 1, 10)
    trial.suggest_int("m", 1, 1024, log=True)
    if trial.suggest_categorical("c", ["adam", "sgd"]) == "sgd":
        trial.suggest_int("k", 0, 10, step=3)
    trial.suggest_categorical("any", [None, True, 2.5, "text"])
    trial.suggest_categorical("flag", [False, True])
    for step in range(3):
        trial.report(math.nan if step == 0 else x * step, step)
    trial.set_user_attr("size", trial.number)
    trial.set_user_attr("host", "here")
    if trial.number == 3:
        raise optuna.TrialPruned()
    if trial.number == 4:
        raise ValueError("no")
    return math.inf if trial.number == 5 else x

def front(trial):
    return trial.suggest_float("x", 0, 1), trial.suggest_int("n", 0, 3)

for storage in (optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(sys.argv[1])),
                "sqlite:///" + sys.argv[2]):
    study = optuna.create_study(storage=storage, study_name="single", direction="maximize",
                                sampler=optuna.samplers.RandomSampler(1),
                                pruner=optuna.pruners.NopPruner())
    study.enqueue_trial({"x": 0.5})
    study.optimize(objective, n_trials=8, catch=(ValueError,))
    study.ask()
    study.enqueue_trial({"x": 0.25, "any": None})
    several = optuna.create_study(
        storage=storage, study_name="several", directions=["minimize", "maximize"],
        sampler=optuna.samplers.NSGAIISampler(
            seed=1, constraints_func=lambda trial: (trial.params["x"] - 0.5,)))
    several.optimize(front, n_trials=4)
    several.add_trial(optuna.trial.create_trial(
        values=[1, 2], params={"x": 0.125, "n": 2},
        distributions={"x": FloatDistribution(0, 1), "n": IntDistribution(0, 3)}))
    json.dump([[{"state": trial.state.name, "values": trial.values, "params": trial.params,
                 "start": trial.datetime_start and trial.datetime_start.timestamp(),
                 "steps": {step: value for step, value in trial.intermediate_values.items()}}
                for trial in each.trials] for each in (study, several)], sys.stdout)
    print()
"""
STATES = {"completed": "COMPLETE", "stopped": "PRUNED", "failed": "FAIL", "invalid": "FAIL"}
SYSTEM_PYTHON = "/usr/bin/python3"


class OptunaTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        known = subprocess.run([SYSTEM_PYTHON, "-c", "import optuna"], capture_output=True,
                               check=False)
        if known.returncode != 0:
            self.skipTest("there is no Optuna (Debian: python3-optuna)")


class Journal(OptunaTest):
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


class Import(OptunaTest):
    def written(self):
        result = subprocess.run([SYSTEM_PYTHON, "-c", WRITER, self.path("o.log"), self.path("o.db")],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()]

    def import_it(self, file, study, *words):
        return self.run_program("import-optuna", file, "--study", study, "--directory", "runs",
                                "--project-name", study + file[1:], *words)

    def check_single(self, directory, theirs):
        ours = self.timed_trials(directory)
        states = ["completed"] * 3 + ["stopped", "failed", "invalid"] + ["completed"] * 2
        self.assertEqual([trial["state"] for trial in ours], states + ["waiting"])
        for mine, other in zip(ours[:8], theirs):
            expected = {**other["params"], "any": json.dumps(other["params"]["any"]).strip('"')}
            expected["z"] = round(expected["z"], 9)  # a value of the grid, for us
            self.assertEqual(mine["values"], expected)
            scored = mine["state"] in ("completed", "stopped")
            self.assertEqual(mine["score"], other["values"][0] if scored else None)
            self.assertEqual(mine["metrics"]["size"], mine["trial"])
            self.assertEqual(mine["notes"], {"host": "here"})
            self.assertAlmostEqual(datetime.datetime.fromisoformat(
                mine["started"].replace("Z", "+00:00")).timestamp(), other["start"], places=2)
        reports = json.loads(
            self.run_program("trials", directory, "--steps", "--json").stdout)["reports"]
        self.assertEqual([(r["step"], r["metrics"]["value"]) for r in reports[:3]],
                         [(0, "NaN"), (1, 0.5), (2, 1.0)])
        space = json.loads(self.run_program("space", directory, "--json").stdout)["space"]
        self.assertEqual({each["name"]: each["type"] for each in space}, {
            "x": "float", "y": "float", "z": "float", "n": "int", "m": "int", "c": "choice",
            "k": "int", "any": "choice", "flag": "boolean"})
        self.assertEqual([each.get("when") for each in space if each["name"] == "k"],
                         [{"c": ["sgd"]}])

    def go_on(self):
        """A search with another space: Optuna's trials have not all of it."""
        study = json.loads(self.read(self.study(
            max_trials=7, options={"tells_size": True}, limits=[{"metric": "size", "min": 0}],
            objective=[{"name": "loss", "direction": "min"}, {"name": "size", "direction": "max"}])))
        del study["seed"]  # it has that of the import
        self.write("study.json", json.dumps(study))
        self.run_program("search", "study.json", "--accept-changes")
        self.assertEqual(self.states(), ["completed"] * 7)

    def test_both_storages_of_optuna_are_read(self):
        for file, (single, several) in zip(("o.log", "o.db"), self.written()):
            with self.subTest(file):
                said = self.import_it(file, "single")
                self.assertIn("9 trials, 1 of them to be run again, 9 hyperparameters, objective "
                              "max value\nimported into runs/single", said.stdout)
                self.assertIn("the values of 1 trial that waits are enqueued", said.stderr)
                self.check_single("runs/single" + file[1:], single)
                self.import_it(file, "several", "--objective", "loss", "--objective", "acc")
                trials = self.trials("runs/several" + file[1:])
                self.assertEqual([list(trial["scores"].values()) for trial in trials],
                                 [trial["values"] for trial in several])
                self.assertEqual(trials[0]["metrics"]["constraint_0"],
                                 several[0]["params"]["x"] - 0.5)
        self.run_program("import-optuna", "o.log", "--study", "several", "--directory", "runs",
                         "--project-name", "toy", "--objective", "loss", "--objective", "size")
        self.go_on()
        self.refused(2, ["import-optuna", "o.db"], "o.db: there are 2 studies",
                     "--study: single or several")
        self.refused(2, ["import-optuna", "o.log", "--study", "singel"], "o.log: there is no study "
                     '"singel" (did you mean "single"?)')

    def test_a_database_that_is_none_is_refused(self):
        database = sqlite3.connect(self.path("other.db"))
        database.execute("CREATE TABLE studies (a)")
        database.commit()
        self.refused(2, ["import-optuna", "other.db"], "other.db: is no database of Optuna")
        for table in ("trials", "trial_params", "version_info"):
            database.execute(f"CREATE TABLE {table} (a)")
        database.execute("CREATE TABLE alembic_version (version_num)")
        database.execute("INSERT INTO alembic_version VALUES ('v2.6.0.a')")
        database.commit()
        database.close()
        self.refused(2, ["import-optuna", "other.db"], "of an Optuna before 3.0 (v2.6.0.a)",
                     "optuna storage upgrade")
        self.write("text.log", "hello\n")
        self.refused(2, ["import-optuna", "text.log"], "text.log:1:1: ")
        self.refused(1, ["import-optuna", "none.log"], "none.log")

    def test_a_study_of_ours_comes_back_as_it_was(self):
        self.run_program("search", self.study(
            max_trials=20, sinks=["optuna_journal"], stopper="median",
            options={"deep": True, "steps": 4, "fail": [3], "luckless": 0.1}))
        self.run_program("import-optuna", "runs/toy/optuna.log", "--directory", "back")
        same = ("state", "values", "score", "metrics", "message", "notes", "best_step")
        for mine, back in zip(self.trials(), self.trials("back/toy")):
            # Optuna keeps values that were proposed and that the trial did not ask for.
            back["values"] = {name: back["values"][name] for name in mine["values"]}
            self.assertEqual({key: back[key] for key in same}, {key: mine[key] for key in same})
        best = [json.loads(self.run_program("best", directory, "--json").stdout)["trials"][0]
                for directory in ("runs/toy", "back/toy")]
        self.assertEqual(best[0]["trial"], best[1]["trial"])


if __name__ == "__main__":
    program.main()
