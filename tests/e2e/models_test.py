#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The model that was kept of the best trial, and one that is trained anew."""
import json
import os
import shutil
import subprocess
import unittest

import program


class Models(program.ProgramTest):
    def searched(self, **keys):
        study = self.study(hypermodel={"plugin": "keeper"}, **keys)
        self.run_program("search", study)
        return json.loads(self.run_program("best", "runs/toy", "--json").stdout)["trials"]

    def test_the_best_model_is_exported_with_its_values(self):
        best = self.searched()[0]
        shown = self.run_program("best", "runs/toy", "-n", "1", "--export", "model").stdout
        self.assertEqual(shown.splitlines()[-1], "the model of trial "
                         f"{best['trial']} is in model")
        x, step = self.read("model", "state").split()
        self.assertAlmostEqual(float(x), best["values"]["x"], places=5)
        self.assertEqual(step, "3")
        self.assertEqual(json.loads(self.read("model", "trial.json")), best)
        self.write("mine", "")
        lines = self.refused(1, ["best", "runs/toy", "--json", "--export", "mine"])
        self.assertIn('"mine" exists and is no exported model', lines[-1])

    def test_as_many_models_stay_as_are_to_be_kept(self):
        best = self.searched(keep=2)
        kept = {int(name) for name in os.listdir(self.path("runs", "toy", "trials"))}
        self.assertEqual(kept, {best[0]["trial"], best[1]["trial"]})
        self.run_program("search", "study.json", "--set", "keep=0", "--set", "max_trials=6")
        self.assertEqual(os.listdir(self.path("runs", "toy", "trials")), [])
        self.refused(1, ["best", "runs/toy", "--json", "--export", "model"],
                     "was kept", "`keep`", "retrain")

    def test_the_best_trial_is_trained_anew_on_all_data(self):
        best = self.searched()[0]
        shown = self.run_program("retrain", "runs/toy").stdout.splitlines()
        self.assertEqual(len(shown), 5)
        self.assertTrue(shown[0].startswith("step 1 train_loss "))
        self.assertIn(f"trained trial {best['trial']} anew for 3 steps: train_loss ", shown[3])
        self.assertEqual(shown[4], "the model is in runs/toy/retrained")
        self.assertEqual(self.read("runs", "toy", "retrained", "state").split()[1], "3")
        shown = self.run_program("retrain", "runs/toy", "--trial", "2", "--steps", "4",
                                 "--validate", "--export", "again", "--quiet").stdout
        self.assertIn("trained trial 2 anew for 4 steps: train_loss ", shown)
        self.assertIn(" loss ", shown)
        about = json.loads(self.read("again", "trial.json"))
        again = about.pop("retrained")
        self.assertEqual(about, self.timed_trials()[2])
        self.assertEqual((again["steps"], again["all_data"]), (4, False))
        self.assertEqual(again["score"], again["metrics"]["loss"])
        self.assertNotEqual(again["metrics"], about["metrics"])
        self.assertEqual(len(self.trials()), 5)

    def lonely_program(self):
        """An installation with the hypermodel as its only plugin."""
        plugins = self.path("tree/lib/dodona/plugins")
        os.makedirs(plugins)
        os.mkdir(self.path("tree/bin"))
        for name in ("keeper.so", "keeper.json"):
            shutil.copy(os.path.join(program.PLUGINS, name), plugins)
        libraries = os.path.join(program.BUILD, "lib")
        for name in os.listdir(libraries):
            if name.startswith("libdodona"):
                shutil.copy(os.path.join(libraries, name), self.path("tree/lib", name))
        return shutil.copy(program.PROGRAM, self.path("tree/bin"))

    def test_a_plugin_that_is_not_used_need_not_be_there(self):
        self.searched(sinks=["jsonl"])
        alone = self.lonely_program()
        del self.environment["DODONA_PLUGIN_PATH"]
        for words, code in ((["search", "study.json"], 3), (["retrain", "runs/toy"], 0),
                            (["best", "runs/toy", "--export", "model"], 0)):
            result = subprocess.run([alone, *words], cwd=self.directory, env=self.environment,
                                    capture_output=True, text=True, timeout=program.HANG_SECONDS)
            self.assertEqual(result.returncode, code, result.stderr)

    def test_a_model_tells_its_layers(self):
        self.searched()
        lines = self.run_program("summary", "runs/toy").stdout.splitlines()
        self.assertRegex(lines[0], "^model of keeper, trial [0-9]$")
        self.assertEqual([line.split() for line in lines[1:]], [
            ["layer", "kind", "output", "shape", "parameters"],
            ["input", "input", "2", "x", "3", "0"], ["x", "-", "1", "2"],
            ["parameters", "2"], ["trainable", "1"], ["not", "trainable", "1"]])
        about = json.loads(self.run_program("summary", "runs/toy", "--trial", "1", "--json").stdout)
        self.assertEqual((about["hypermodel"], about["trial"]), ("keeper", 1))
        self.assertEqual(about["layers"][0], {"name": "input", "kind": "input", "shape": [2, 3],
                                              "parameters": 0, "trainable": 0})
        self.refused(2, ["summary", "runs/toy", "--trial", "9"], "there is no trial 9")

    def test_a_study_file_tells_its_layers_before_any_search(self):
        study = self.study(hypermodel={"plugin": "keeper"})
        lines = self.run_program("summary", study).stdout.splitlines()
        self.assertEqual(lines[0], "model of keeper")
        self.run_program("summary", study, "--set", 'initial=[{"x": 0.25}]')
        self.refused(2, ["summary", study, "--set", 'initial=[{"y": 1}]'], "initial[0]",
                     'does not ask for "y"')
        self.refused(2, ["summary", study, "--set", 'initial=[{"x": 2}]'], "initial[0]",
                     "2 is not a value of")
        self.refused(2, ["summary", study, "--trial", "1"], "study.json is a study file")
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_a_model_is_measured_as_in_the_search_and_on_other_data(self):
        best = self.searched()[0]
        shown = self.run_program("evaluate", "runs/toy").stdout
        self.assertEqual(shown, f"loss {best['score']!r}\n")
        self.write("data", "1 2 3")
        lines = self.run_program("evaluate", "runs/toy", "--data", "data").stdout.splitlines()
        self.assertAlmostEqual(float(lines[0].split()[1]), best["values"]["x"] + 2, 5)
        self.assertEqual([line.split() for line in lines[1:]],
                         [[], ["numbers"], ["name", "number"], ["one", "1"], ["one", "2"],
                          ["one", "3"]])
        about = json.loads(self.run_program("evaluate", "runs/toy", "--data", "data",
                                            "--json").stdout)
        self.assertEqual(about["trial"], best["trial"])
        self.assertEqual(about["tables"]["numbers"][2], {"name": "one", "number": 3})
        self.refused(1, ["evaluate", "runs/toy", "--data", "none"], "none is not there")

    def test_the_walk_of_the_guide(self):
        self.searched()
        self.run_program("retrain", "runs/toy", "--steps", "4", "--quiet")
        shown = self.run_program("evaluate", "runs/toy", "--model", "runs/toy/retrained").stdout
        about = json.loads(self.read("runs", "toy", "retrained", "trial.json"))
        self.assertAlmostEqual(float(shown.split()[1]), about["values"]["x"] + 0.1, 5)
        self.write("data", "1")
        self.run_program("predict", "runs/toy", "data", "--model", "runs/toy/retrained")
        self.refused(1, ["evaluate", "runs/toy", "--model", "runs/toy"],
                     '"runs/toy" is no exported model')

    def test_predictions_are_rows_of_csv_or_json(self):
        x = self.searched()[0]["values"]["x"]
        self.write("data", "1 -2")
        lines = self.run_program("predict", "runs/toy", "data").stdout.splitlines()
        self.assertEqual(lines[0], 'value,"at, once",none')
        self.assertAlmostEqual(float(lines[1].split(",")[0]), 1 + x, 5)
        self.assertTrue(lines[2].endswith(',"""-2",'))
        shown = self.run_program("predict", "runs/toy", "data", "-o", "p.jsonl").stdout
        self.assertRegex(shown, "^2 predictions by trial [0-9] in p.jsonl\n$")
        rows = [json.loads(line) for line in self.read("p.jsonl").splitlines()]
        self.assertEqual([row["at, once"] for row in rows], ['"1', '"-2'])
        self.assertIsNone(rows[0]["none"])
        self.run_program("predict", "runs/toy", "data", "-o", "p.csv")
        self.assertEqual(self.read("p.csv").splitlines(), lines)
        self.assertEqual(self.run_program("predict", "runs/toy", "data", "--json").stdout,
                         self.read("p.jsonl"))
        self.refused(2, ["predict", "runs/toy", "data", "-o", "p.txt"],
                     "neither in .csv nor in .jsonl")
        self.refused(1, ["predict", "runs/toy", "none", "-o", "q.csv"], "none is not there")
        self.refused(1, ["predict", "runs/toy", "data", "-o", "no/q.csv"], '"no/q.csv" cannot be')
        self.assertFalse([name for name in os.listdir(self.directory) if name.startswith("q.")])

    def test_what_a_model_does_not_offer_is_named(self):
        self.run_program("search", self.study())
        self.refused(1, ["summary", "runs/toy"], "cannot tell its layers", "dodona.summary/1")

    def test_what_cannot_be_trained_anew_says_why(self):
        self.run_program("search", self.study())
        self.refused(1, ["retrain", "runs/toy", "--quiet"], "the hypermodel cannot be saved")
        self.assertFalse(os.path.exists(self.path("runs", "toy", "retrained")))
        self.refused(2, ["retrain", "runs/toy", "--trial", "9"], "there is no trial 9", "has 5")


if __name__ == "__main__":
    program.main()
