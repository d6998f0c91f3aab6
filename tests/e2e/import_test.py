#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A KerasTuner project becomes a study: what is shown of it, that a search goes on, and exports.

keras_tuner_by_hand is written by hand after KerasTuner's format, NaN and Infinity included.
"""
import csv
import datetime
import json
import math
import os
import shutil
import subprocess

import program

PROJECT = os.path.join(os.environ["DODONA_SOURCE_DIR"], "tests/e2e/keras_tuner_by_hand")


def definition(kind, name, **config):
    return {"class_name": kind, "config": {"name": name, **config}}


class Import(program.ProgramTest):
    def setUp(self):
        super().setUp()
        shutil.copytree(PROJECT, self.path("kt/hello"))

    def import_it(self, *words):
        return self.run_program("import-keras-tuner", "kt/hello", "--directory", "runs", *words)

    def test_says_what_came_and_shows_it(self):
        result = self.import_it()
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.stdout.splitlines(), [
            "5 trials, 2 of them to be run again, 6 hyperparameters, objective max val_accuracy",
            "imported into runs/hello"])
        trials = self.trials("runs/hello")
        self.assertEqual([(t["state"], t["score"], t["best_step"]) for t in trials],
                         [("completed", 0.8, 1), ("completed", 0.625, 2), ("failed", None, None),
                          ("waiting", None, None), ("waiting", None, None)])
        self.assertEqual(trials[0]["metrics"], {"val_accuracy": 0.8, "loss": 0.75})
        self.assertEqual(trials[1]["values"], {"lr": 0.01, "units": 96, "optimizer": "sgd",
                                               "momentum": 0.3, "bias": False, "batch": 64})
        self.assertNotIn("momentum", trials[0]["values"])
        self.assertIn('ValueError: NaN, or "Infinity"\n', trials[2]["message"])
        best = json.loads(self.run_program("best", "runs/hello", "--json").stdout)["trials"]
        self.assertEqual([t["trial"] for t in best], [0, 1])
        space = json.loads(self.run_program("space", "runs/hello", "--json").stdout)["space"]
        self.assertEqual([(h["name"], h["type"]) for h in space], [
            ("lr", "float"), ("units", "int"), ("optimizer", "choice"), ("momentum", "float"),
            ("bias", "boolean"), ("batch", "fixed")])
        self.assertEqual(space[3]["when"], {"optimizer": ["sgd"]})
        self.assertEqual((space[0]["sampling"], space[0]["default"], space[1]["step"]),
                         ("log", 0.0001, 32))

    def test_takes_a_name_and_refuses_a_second_time(self):
        self.import_it("--project-name", "moved")
        with self.unharmed("runs/moved"):
            self.refused(1, ["import-keras-tuner", "kt/hello", "--directory", "runs",
                             "--project-name", "moved"],
                         "there is a study in runs/moved already", "another project_name")

    def test_names_what_is_wrong(self):
        for words, *fragments in (
                (["kt"], "kt has no oracle.json", "directory/project_name"),
                (["kt/hello", "--objective", "val_accurcy"], 'no trial has the metric "val_accurcy"',
                 'did you mean "val_accuracy"?'),
                (["kt/hello", "--project-name", "a/b"], "project_name: ")):
            with self.subTest(words):
                self.refused(2, ["import-keras-tuner", *words, "--directory", "runs"], *fragments)
        path = self.path("kt/hello/trial_03/trial.json")
        with open(path, "a", encoding="utf-8") as file:
            file.write("\n]")
        self.refused(2, ["import-keras-tuner", "kt/hello", "--directory", "runs"],
                     "kt/hello/trial_03/trial.json:2:1: ", 'found "]"')
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_killed_half_way_it_leaves_no_study(self):
        count = 3000
        trial = json.loads(self.read("kt/hello/trial_00/trial.json"))
        oracle = json.loads(self.read("kt/hello/oracle.json"))
        names = [f"{number:05}" for number in range(count)]
        self.write("kt/hello/oracle.json", json.dumps({**oracle, "start_order": names}))
        for name in names:
            os.mkdir(self.path("kt/hello/trial_" + name))
            self.write(f"kt/hello/trial_{name}/trial.json", json.dumps({**trial, "trial_id": name}))
        for word in ("study.new", "study.db"):  # as soon as there is anything, and the whole
            child = self.start("import-keras-tuner", "kt/hello", "--directory", "runs")
            self.until(lambda: os.path.exists(self.path("runs/hello", word)), word)
            child.kill()
            child.wait(program.HANG_SECONDS)
            if not os.path.exists(self.path("runs/hello/study.db")):
                self.refused(1, ["trials", "runs/hello"], "no study in")
        self.assertGreaterEqual(len(self.trials("runs/hello")), count)

    def test_a_search_goes_on_with_it(self):
        space = [
            definition("Float", "x", min_value=0.0, max_value=1.0),
            definition("Int", "units", min_value=32, max_value=512, step=32),
            definition("Boolean", "bias", default=False),
            definition("Choice", "optimizer", values=["adam", "sgd"]),
            definition("Float", "momentum", min_value=0.0, max_value=0.9, conditions=[
                {"class_name": "Parent", "config": {"name": "optimizer", "values": ["sgd"]}}])]
        values = {"x": 0.25, "units": 64, "bias": True, "optimizer": "sgd", "momentum": 0.5}
        shutil.rmtree(self.path("kt/hello"))
        os.makedirs(self.path("kt/toy/trial_0"))
        os.makedirs(self.path("kt/toy/trial_1"))
        self.write("kt/toy/oracle.json", json.dumps(
            {"hyperparameters": {"space": space}, "seed": 7, "start_order": ["0", "1"]}))
        trial = {"trial_id": "0", "status": "COMPLETED", "score": 9.0, "message": None,
                 "hyperparameters": {"space": space, "values": values},
                 "metrics": {"metrics": {"loss": {"direction": "min", "observations": [
                     {"value": [9.0], "step": 0}]}}}}
        self.write("kt/toy/trial_0/trial.json", json.dumps(trial))
        trial.update(trial_id="1", status="RUNNING", score=None)
        self.write("kt/toy/trial_1/trial.json", json.dumps(trial))
        self.run_program("import-keras-tuner", "kt/toy", "--directory", "runs")
        self.run_program("search", self.study(max_trials=3))
        trials = self.trials()
        self.assertEqual([t["state"] for t in trials], ["completed"] * 3)
        self.assertEqual([t["values"] for t in trials[:2]], [values, values])
        self.assertEqual(trials[0]["score"], 9.0)
        self.assertLess(trials[1]["score"], 9.0)


class Export(program.ProgramTest):
    def rows(self, *words):
        """The output of `dodona WORDS --csv`, read by Python."""
        with open(self.path("out.csv"), "w", encoding="utf-8") as out:
            subprocess.run([program.PROGRAM, *words, "--csv"], cwd=self.directory, stdout=out,
                           env=self.environment, check=True, timeout=program.HANG_SECONDS)
        with open(self.path("out.csv"), encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, strict=True))

    def check_metrics(self, row, metrics):
        for name, value in metrics.items():
            said = float("nan" if value == "NaN" else value)
            self.assertTrue(float(row[name]) == said or math.isnan(said) and row[name] == "NaN")

    def check_trials(self, rows, trials):
        self.assertEqual(len(rows), len(trials))
        for row, trial in zip(rows, trials):
            self.assertEqual(list(row)[:6], ["trial", "state", "outcome", "score", "best_step",
                                             "spread"])
            self.assertEqual(list(row)[-8:], ["message", "seed", "budget", "resume_of", "repeat_of",
                                              "attempt", "started", "finished"])
            for key in ("trial", "state", "score", "best_step", "message", "seed", "budget",
                        "attempt"):
                said = trial[key]
                self.assertEqual(row[key], "" if said is None else str(said))
            self.assertEqual(row["spread"], "" if trial["spread"] is None else str(trial["spread"]))
            for i, score in enumerate(trial["execution_scores"]):
                self.assertEqual(row[f"score_{i}"], "" if score is None else str(score))
            for key, note in trial["notes"].items():
                self.assertEqual(row[key], note)
            for name in ("lr", "units", "optimizer", "momentum", "bias", "batch"):
                said = trial["values"].get(name, "")
                self.assertEqual(row[name], said if isinstance(said, str) else json.dumps(said))
            self.check_metrics(row, trial["metrics"])
            self.assertEqual(row["finished"] != "", trial["state"] not in ("waiting", "running"))
            for moment in filter(None, (row["started"], row["finished"])):
                self.assertTrue(moment.endswith("Z"))
                datetime.datetime.fromisoformat(moment[:-1])

    def test_csv_says_what_json_says(self):
        self.run_program("import-keras-tuner", PROJECT, "--project-name", "toy", "--directory",
                         "runs")
        self.check_trials(self.rows("trials", "runs/toy"), self.trials())
        best = json.loads(self.run_program("best", "runs/toy", "--json").stdout)["trials"]
        self.check_trials(self.rows("best", "runs/toy"), best)
        self.assertEqual(len(self.rows("best", "runs/toy", "-n", "1")), 1)
        reports = json.loads(
            self.run_program("trials", "runs/toy", "--steps", "--json").stdout)["reports"]
        self.assertEqual([(r["trial"], r["execution"], r["step"]) for r in reports],
                         [(t, e, s) for t in (0, 1) for e in (0, 1) for s in (0, 1, 2)]
                         + [(3, 0, 0)])
        self.assertEqual(reports[0]["metrics"], {"val_accuracy": 0.5, "loss": "Infinity"})
        rows = self.rows("trials", "runs/toy", "--steps")
        self.assertEqual(len(rows), len(reports))
        for row, report in zip(rows, reports):
            for key in ("trial", "execution", "attempt", "step", "verdict"):
                self.assertEqual(row[key], str(report[key]))
            self.check_metrics(row, report["metrics"])
        table = self.run_program("trials", "runs/toy", "--steps").stdout.splitlines()
        self.assertEqual(table[0].split(), list(rows[0]))
        self.assertEqual(len(table), 1 + len(rows))

    def test_steps_are_those_of_the_last_run_of_each_attempt(self):
        self.run_program("search", self.study(
            options={"fail": [0], "steps": 2}, max_trials=1,
            retry={"max_retries_per_trial": 1, "max_consecutive_failed_trials": 3}), code=1)
        self.assertEqual([(r["attempt"], r["step"], r["verdict"])
                          for r in self.rows("trials", "runs/toy", "--steps")],
                         [("0", "1", "continue"), ("1", "1", "continue")])

    def test_one_form_at_a_time(self):
        for command in ("trials", "best"):
            self.refused(2, [command, "runs/toy", "--csv", "--json"], "excludes --")


class ExportToSink(program.ProgramTest):
    def search(self, **keys):
        self.run_program("search", self.study(
            max_trials=12, options={"deep": True, "steps": 3, "fail": [3]}, **keys))

    def test_a_sink_gets_what_it_would_have_got_during_the_search(self):
        self.search(sinks=["jsonl", "optuna_journal"])
        log = self.path("runs/toy/study.db")
        before = os.stat(log).st_mtime_ns, sorted(os.listdir(self.path("runs/toy")))
        for sink, file in (("jsonl", "events.jsonl"), ("optuna_journal", "optuna.log")):
            said = self.run_program("export", "runs/toy", "--sink", sink).stdout
            self.assertEqual(said, f"{len(self.events())} events exported to export/toy\n")
            self.assertEqual(self.read("export/toy", file), self.read("runs/toy", file))
        self.run_program("export", "runs/toy", "--sink", "tensorboard", "-o", "boards")
        self.assertTrue(os.listdir(self.path("boards/tensorboard")))
        elsewhere = {"plugin": "jsonl", "options": {"path": self.path("mine.jsonl")}}
        said = self.run_program("export", "runs/toy", "--sink", json.dumps(elsewhere), "-o", "none")
        self.assertEqual(said.stdout, f"{len(self.events())} events exported\n")
        self.assertEqual(self.read("mine.jsonl"), self.read("runs/toy/events.jsonl"))
        self.assertFalse(os.path.exists(self.path("none")))
        self.assertEqual((os.stat(log).st_mtime_ns, sorted(os.listdir(self.path("runs/toy")))),
                         before)

    def test_a_running_study_is_exported_so_far_and_then_the_rest(self):
        child = self.start("search", self.study(
            max_trials=10, sinks=["jsonl"], options={"steps": 2, "seconds": 0.02}))
        self.until(lambda: os.path.exists(self.path("runs/toy/events.jsonl"))
                   and len(self.read("runs/toy/events.jsonl").splitlines()) > 8, "some events")
        self.run_program("export", "runs/toy", "--sink", "jsonl")
        some = self.read("export/toy/events.jsonl")
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        self.assertTrue(self.read("runs/toy/events.jsonl").startswith(some))
        self.run_program("export", "runs/toy", "--sink", "jsonl")
        self.assertEqual(self.read("export/toy/events.jsonl"),
                         self.read("runs/toy/events.jsonl"))

    def test_names_what_is_wrong(self):
        self.search()
        for sink, *fragments in (
                ("tensorbord", '"tensorbord"', 'did you mean "tensorboard"?'),
                ('{"plugin": "jsonl", "options": {"pth": "x"}}', "--sink", "sinks[0].options",
                 "pth", 'did you mean "path"?'),
                ('{"plugin": "jsonl"', "--sink:1:19", '"}" should close')):
            with self.subTest(sink):
                self.refused(3 if sink == "tensorbord" else 2,
                                      ["export", "runs/toy", "--sink", sink], *fragments)
        self.refused(1, ["export", "runs/nothing", "--sink", "jsonl"], "runs/nothing")
        self.refused(2, ["export", "runs/toy"], "--sink")
        self.assertFalse(os.path.exists(self.path("export")))


if __name__ == "__main__":
    program.main()
