#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Studies that 0.1 made are read, shown, replayed, exported, resumed and used as warm start."""
import json
import os
import shutil
import subprocess
import unittest

import program

STUDIES = os.path.join(os.environ["DODONA_SOURCE_DIR"], "tests", "data", "studies")
# By kind: how many proposals 0.1 verified, or None where their bits are this processor's.
VERIFIED = {"plain": 7, "bayesian": None, "hyperband": 10, "stopper": 10, "lag": 9,
            "warm_start": None, "changed": 7, "ask_tell": 4, "function": 7}
RESUMED = ["plain", "bayesian", "hyperband", "stopper", "lag", "warm_start", "changed"]
MORE = 3  # trials


class StudiesOf01(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment.pop("DODONA_PLUGIN_PATH")
        for kind in os.listdir(STUDIES):
            if os.path.isdir(os.path.join(STUDIES, kind)):
                shutil.copytree(os.path.join(STUDIES, kind), self.path(kind))

    def shown_by_0_1(self, kind):
        return json.loads(self.read(kind, "trials.json"))["trials"]

    def bytes_of(self, kind):
        files = {}
        for folder, _, names in os.walk(self.path(kind)):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    files[os.path.join(folder, name)] = file.read()
        return files

    def assert_shows(self, kind, shown):
        """The first trials are those that 0.1 showed, in all that 0.1 told of them."""
        before = self.shown_by_0_1(kind)
        for old, new in zip(before, shown):
            # 0.1 wrote seeds as numbers; texts are exact in every language.
            self.assertEqual(str(old.pop("seed")), str(new["seed"]))
            if new["best_step"] is None:  # 0.1 wrote 0 where no step was reported
                self.assertEqual(old.pop("best_step"), 0)
            self.assertEqual(old, {key: new.get(key) for key in old})
        self.assertGreaterEqual(len(shown), len(before))

    def search(self, kind, *words):
        trials = len(self.shown_by_0_1(kind)) + MORE
        return self.run_program("search", os.path.join(kind, "study.json"), "--set",
                                f"max_trials={trials}", *words)

    def test_are_shown_as_0_1_showed_them_and_not_written_to(self):
        for kind in os.listdir(STUDIES):
            if not os.path.isdir(os.path.join(STUDIES, kind)):
                continue
            with self.subTest(kind):
                before = self.bytes_of(kind)
                shown = self.trials(kind)
                self.assert_shows(kind, shown)
                self.assertEqual(len(shown), len(self.shown_by_0_1(kind)))
                for words in (["best", kind, "--json"], ["trials", kind, "--csv"],
                              ["trials", kind, "--steps"], ["trials", kind, "--explain"],
                              ["space", kind]):
                    self.assertNotEqual(self.run_program(*words).stdout, "")
                self.assertEqual(self.bytes_of(kind), before)

    def test_are_replayed(self):
        for kind, verified in VERIFIED.items():
            with self.subTest(kind):
                before = self.bytes_of(kind)
                result = subprocess.run(
                    [program.PROGRAM, "replay", kind, "--json"], cwd=self.directory,
                    env=self.environment, capture_output=True, text=True, check=False)
                self.assertIn(result.returncode, (0, 1), result.stderr)
                said = json.loads(result.stdout)
                if verified is not None:
                    self.assertEqual((said["verified"], said["difference"]), (verified, None))
                self.assertEqual(self.bytes_of(kind), before)

    def test_are_resumed(self):
        for kind in RESUMED:
            with self.subTest(kind):
                before = len(self.shown_by_0_1(kind))
                said = self.search(kind, "-v").stderr
                self.assertRegex(said, "info: .*the first [0-9]+ events have no checksum, as "
                                 "dodona 0.1 wrote none")
                shown = self.trials(kind)
                self.assert_shows(kind, shown)
                self.assertEqual(len(shown), before + MORE)
                self.assertTrue(all(trial["state"] in ("completed", "stopped")
                                    for trial in shown[before:]), shown[before:])
                if VERIFIED[kind] is not None:
                    said = json.loads(self.run_program("replay", kind, "--json").stdout)
                    self.assertEqual((said["verified"], said["difference"]),
                                     (VERIFIED[kind] + MORE, None))

    def test_a_promoted_trial_goes_on_from_a_checkpoint_of_0_1(self):
        self.search("hyperband")
        trial = self.trials("hyperband")[10]
        self.assertLess(trial["resume_of"], 10)
        first = self.read("hyperband", "trials", "10", "0", "stdout.txt").splitlines()[0]
        self.assertEqual(json.loads(first)["step"], 2)

    def test_asked_trials_that_were_not_told_come_first(self):
        result = self.run_ask_tell("ask_tell/study.json", '{"ask": 1}\n')
        self.assertEqual(json.loads(result)["trials"][0]["trial"], 2)

    def run_ask_tell(self, study, lines):
        return subprocess.run([program.PROGRAM, "ask-tell", study], cwd=self.directory, check=True,
                              env=self.environment, input=lines, capture_output=True, text=True,
                              timeout=program.HANG_SECONDS).stdout

    def test_an_imported_study_goes_on(self):
        space = json.loads(self.run_program("space", "keras_tuner", "--json").stdout)
        self.write("keras.json", json.dumps({
            "project_name": "keras_tuner", "directory": ".", "objective": "val_accuracy",
            "oracle": "random", "space": space["space"]}))
        answer = json.loads(self.run_ask_tell("keras.json", '{"ask": 1}\n'))
        unfinished = [trial["trial"] for trial in self.shown_by_0_1("keras_tuner")
                      if trial["state"] == "waiting"]
        self.assertEqual(answer["trials"][0]["trial"], unfinished[0])

    def test_are_warm_starts(self):
        for kind in ("bayesian", "warm_start"):
            with self.subTest(kind):
                study = json.loads(self.read("bayesian", "study.json"))
                study.update(project_name="warm_" + kind, warm_start=kind, max_trials=2)
                said = self.run_program("search", self.write("warm.json", json.dumps(study)),
                                        "-v").stderr
                count = len(self.shown_by_0_1(kind))
                self.assertIn(f"{count} trials of {self.path(kind)} handed to the oracle", said)

    def test_models_are_exported(self):
        self.run_program("best", "hyperband", "--export", "model")
        self.assertEqual(self.read("model", "step"), "3\n")


if __name__ == "__main__":
    program.main()
