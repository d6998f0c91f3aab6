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
        library = os.path.join(program.BUILD, "lib", "libdodona.so")
        for name in os.listdir(os.path.dirname(library)):
            if name.startswith("libdodona.so."):
                shutil.copy(library, self.path("tree/lib", name))
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

    def test_what_cannot_be_trained_anew_says_why(self):
        self.run_program("search", self.study())
        self.refused(1, ["retrain", "runs/toy", "--quiet"], "the hypermodel cannot be saved")
        self.assertFalse(os.path.exists(self.path("runs", "toy", "retrained")))
        self.refused(2, ["retrain", "runs/toy", "--trial", "9"], "there is no trial 9", "has 5")


if __name__ == "__main__":
    program.main()
