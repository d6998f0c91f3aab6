#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trials that fail, and studies that are gone on with under other options."""
import json
import math
import os
import re
import shutil
import sqlite3
import statistics
import struct
import unittest

import program


class Failures(program.ProgramTest):
    def test_a_trial_is_tried_again_with_the_same_values_and_another_seed(self):
        self.run_program("search", self.study(options={"fail": [1]}, max_trials=3, sinks=["jsonl"],
                                              retry={"max_retries_per_trial": 2}))
        trials = self.trials()
        self.assertEqual(self.states(), ["completed", "failed", "completed"])
        self.assertEqual([trial["attempt"] for trial in trials], [0, 2, 0])
        self.assertEqual(trials[1]["message"], "the toy broke in trial 1")
        events = [event for event in self.events() if event.get("trial") == 1]
        self.assertEqual([e["attempt"] for e in events if e["type"] == "started"], [0, 1, 2])
        self.assertEqual(sum(e["type"] == "proposed" for e in events), 1)
        self.assertEqual(sum(e["type"] == "finished" for e in events), 1)

    def test_a_search_ends_after_so_many_failed_trials_in_a_row_and_all_is_saved(self):
        study = self.study(options={"fail": [1, 3, 4, 5]}, max_trials=9,
                           retry={"max_consecutive_failed_trials": 3})
        result = self.run_program("search", study, code=1)
        self.assertIn("6 trials: 2 completed, 4 failed; too many trials failed one after another",
                      result.stdout)
        self.assertEqual(self.states(), ["completed", "failed", "completed"] + ["failed"] * 3)
        study = self.study(options={"fail": []}, max_trials=9,
                           retry={"max_consecutive_failed_trials": None})
        self.run_program("search", study, "--accept-changes")
        self.assertEqual(self.states()[6:], ["completed"] * 3)


class Changes(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.run_program("search", self.study(max_trials=3))

    def refuses(self, *fragments, words=(), **keys):
        with self.unharmed():
            self.refused(2, ["search", self.study(**{"max_trials": 6, **keys}), *words], "runs/toy",
                         "overwrite", *fragments)

    def test_max_trials_may_be_raised(self):
        first = self.trials()
        self.run_program("search", self.study(max_trials=6))
        self.assertEqual(self.trials()[:3], first)
        self.assertEqual(self.states(), ["completed"] * 6)

    def test_other_options_are_refused_with_both_and_gone_on_with_when_accepted(self):
        changes = {"oracle": {"oracle": "grid"}, "hypermodel": {"options": {"steps": 3}},
                   "stopper": {"stopper": "median"}}
        for key, change in changes.items():
            with self.subTest(key):
                self.refuses(f" with {key} ", "--accept-changes", **change)
        first = self.trials()
        self.run_program("search", self.study(max_trials=6, oracle="grid"), "--accept-changes")
        self.assertEqual(self.trials()[:3], first)
        self.assertEqual(self.states(), ["completed"] * 6)
        # The accepted changes are now a part of the study.
        self.run_program("search", self.study(max_trials=7, oracle="grid"))
        self.refuses(' with oracle {"plugin": "grid"', max_trials=8)

    def test_what_the_log_was_made_of_cannot_change(self):
        for words in ([], ["--accept-changes"]):
            self.refuses("seed 7, not 8", seed=8, words=words)
            self.refuses('schedule {"lag": null}, not {"lag": 2}', words=words,
                         schedule={"lag": 2})


    def test_scores_are_made_anew_where_another_objective_is_accepted(self):
        self.refuses("min loss, not max loss", "--accept-changes",
                     objective={"name": "loss", "direction": "max"})
        self.refuses("min loss, not sum of min loss, max acc", "--accept-changes",
                     objective={"sum": ["loss", "acc"]})
        before = self.trials()
        study = self.study(max_trials=6, objective={"name": "loss", "direction": "max"})
        self.run_program("search", study, "--accept-changes")
        for trial, old in zip(self.trials(), before):
            self.assertEqual((old["best_step"], trial["best_step"]), (2, 1))
            self.assertTrue(math.isclose(trial["score"], old["score"] + 0.5))
        best = json.loads(self.run_program("best", "runs/toy", "--json").stdout)["trials"]
        self.assertEqual(len(best), 6)
        self.assertEqual(best[0]["score"], max(trial["score"] for trial in self.trials()))
        self.assertIn("6 proposals verified", self.run_program("replay", "runs/toy").stdout)
        self.run_program("search", study)  # accepted once
        study = self.study(max_trials=6, objective={"name": "acc", "direction": "max"})
        result = self.run_program("search", study, "--accept-changes", code=1)
        self.assertIn("objective max acc: 0 trials have one, 6 lack its metrics", result.stderr)
        self.assertIn("dodona: no trial has a score", result.stderr)
        self.assertEqual([trial["score"] for trial in self.trials()], [None] * 6)


class OtherBuilds(program.ProgramTest):
    """Studies that go on with plugins that are not the ones that they were made with."""

    def install(self, source, name, old, new):
        """Puts a plugin with other bytes into a directory that comes before all others."""
        os.makedirs(self.path("other"), exist_ok=True)
        with open(os.path.join(source, name + ".json"), encoding="utf-8") as file:
            manifest = file.read()
        self.write(os.path.join("other", name + ".json"), manifest.replace(old, new))
        as_bytes = bytes.fromhex if re.fullmatch("[0-9a-f]{40}", old) else str.encode
        with open(os.path.join(source, name + ".so"), "rb") as file:
            library = file.read()
        self.assertIn(as_bytes(old), library)
        with open(self.path("other", name + ".so"), "wb") as file:
            file.write(library.replace(as_bytes(old), as_bytes(new)))
        for entry, mode in (("", 0o755), (name + ".json", 0o644), (name + ".so", 0o644)):
            os.chmod(self.path("other", entry), mode)  # whatever the umask: others may not write
        self.environment["DODONA_PLUGIN_PATH"] = f"{self.path('other')}:{program.PLUGINS}"

    def install_another_build_of_random(self):
        builtin = os.path.dirname(program.built_plugin("random"))
        with open(os.path.join(builtin, "random.json"), encoding="utf-8") as file:
            build = json.load(file)["build_id"]
        self.install(builtin, "random", build, build[:-2] + ("00" if build[-2:] != "00" else "01"))

    def warnings(self, trials, *words):
        result = self.run_program("search", self.study(max_trials=trials, sinks=["jsonl"]), *words)
        return [line for line in result.stderr.splitlines() if " warning: " in line]

    def replayed(self, code=0):
        return self.run_program("replay", "runs/toy", code=code).stdout

    def test_another_build_is_told_once_and_verified_apart(self):
        self.assertEqual(self.warnings(3), [])
        before = self.environment["DODONA_PLUGIN_PATH"]
        self.install_another_build_of_random()
        said = self.warnings(6)
        self.assertEqual(len(said), 1, said)
        self.assertIn("org.dodona.random 0.1.0 (another build)", said[0])
        self.assertEqual(self.warnings(7), [])
        self.assertEqual(self.replayed(), "4 proposals verified, made by another build: 3\n")
        configured = [event for event in self.events() if event["type"] == "configured"]
        self.assertEqual(len(configured), 3)  # for the build, and for each max_trials
        self.environment["DODONA_PLUGIN_PATH"] = before
        self.assertEqual(self.replayed(), "3 proposals verified, made by another build: 4\n")
        said = json.loads(self.run_program("replay", "runs/toy", "--json").stdout)
        self.assertEqual((said["other_build"], said["difference"]), (4, None))

    def test_a_difference_is_told_of_the_same_build_alone(self):
        self.warnings(3)
        x = self.trials()[1]["values"]["x"]
        database = sqlite3.connect(self.path("runs/toy/study.db"))
        for row, log in database.execute("SELECT first, events FROM log").fetchall():
            log = log.replace(struct.pack("<d", x), struct.pack("<d", 0.5))
            database.execute("UPDATE log SET events = ?, crc = NULL WHERE first = ?", (log, row))
        database.commit()
        database.close()
        self.assertIn("trial 1 comes out otherwise: x is 0.5 in the log", self.replayed(code=1))
        self.install_another_build_of_random()
        self.assertEqual(self.replayed(), "0 proposals verified, made by another build: 3\n")

    def test_another_plugin_of_the_same_name_is_refused_unless_it_is_accepted(self):
        self.warnings(3)
        self.install(program.PLUGINS, "toy", "org.example.toy", "com.strange.toy")
        self.environment["DODONA_PLUGIN_PATH"] = self.path("other")
        with self.unharmed():
            self.refused(2, ["search", self.study(max_trials=6, sinks=["jsonl"])],
                         "(org.example.toy), not ", "(com.strange.toy)", "--accept-changes")
        self.warnings(6, "--accept-changes")
        self.assertEqual(self.states(), ["completed"] * 6)
        self.assertEqual(self.warnings(7), [])


class Starts(program.ProgramTest):
    def test_another_studys_results_come_before_the_first_trial_and_are_none(self):
        self.run_program("search", self.study(project_name="first", max_trials=20))
        study = self.study(warm_start="runs/first", oracle="tpe", sinks=["jsonl"])
        self.run_program("search", study)
        self.assertEqual(self.states(), ["completed"] * 5)
        events = [event["type"] for event in self.events()]
        self.assertEqual(events.count("imported"), 20)
        self.assertLess(events.index("imported"), events.index("proposed"))
        self.assertIn("5 proposals verified", self.run_program("replay", "runs/toy").stdout)
        shutil.rmtree(self.path("runs/first"))
        self.run_program("search", study, "--set", "max_trials=7")
        self.assertEqual([event["type"] for event in self.events()].count("imported"), 20)
        self.refused(1, ["search", self.study(warm_start="runs/none", project_name="second")],
                     "warm_start: ", "runs/none")

    def test_what_the_space_does_not_name_is_refused_or_kept_at_its_default(self):
        space = [{"name": "x", "type": "float", "min_value": 0, "max_value": 0.5}]
        self.refused(2, ["search", self.study(allow_new_entries=False)],
                     "study.json:1:", "allow_new_entries", "without `space`")
        self.refused(2, ["search", self.study(allow_new_entries=False, space=space)],
                     'asks for "units", "bias", "optimizer", "momentum", which')
        self.run_program("search", self.study(tune_new_entries=False, space=space))
        for trial in self.trials():
            self.assertEqual({**trial["values"], "x": 0},
                             {"x": 0, "units": 32, "bias": False, "optimizer": "adam"})


class Objectives(program.ProgramTest):
    def test_the_sum_of_metrics_decides_where_all_are_reported(self):
        self.run_program("search", self.study(objective={"sum": ["loss"]}))
        for trial in self.trials():
            self.assertEqual(trial["score"], trial["metrics"]["loss"])
        result = self.run_program("search", self.study(
            objective={"sum": ["loss", {"name": "size", "direction": "max"}]}, max_trials=3,
            project_name="two"), code=1)
        self.assertIn("searching for the best loss - size (min) of toy", result.stderr)
        self.assertIn('the model never said the objective "loss" - "size" as a whole; it said '
                      '"loss"', result.stdout + result.stderr)

    def test_several_executions_are_kept_each_with_mean_and_spread(self):
        self.run_program("search", self.study(executions_per_trial=3, max_trials=2))
        for trial in self.trials():
            scores = trial["execution_scores"]
            self.assertEqual(len(scores), 3)
            self.assertTrue(math.isclose(trial["score"], statistics.mean(scores)))
            self.assertTrue(math.isclose(trial["spread"], statistics.stdev(scores), abs_tol=1e-12))
        self.run_program("search", self.study(project_name="one"))
        for trial in self.trials("runs/one"):
            self.assertEqual((trial["execution_scores"], trial["spread"]), ([], None))


if __name__ == "__main__":
    program.main()
