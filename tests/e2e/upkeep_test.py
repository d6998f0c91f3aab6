#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`check STUDY.json`, `search --try` and `--retry-failed`, and `delete`."""
import json
import os
import unittest

import program


class Check(program.ProgramTest):
    def found(self, code=0, **keys):
        self.study(**keys)
        text = self.run_program("check", "study.json", code=code).stdout
        return text.splitlines()

    def test_a_sound_file_has_nothing_wrong(self):
        self.assertEqual(self.found(), ["study.json: nothing is wrong"])
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_all_mistakes_are_told_at_once(self):
        lines = self.found(code=2, max_trials=0, kep=3, parallel_trials="two",
                           oracle={"plugin": "randum"},
                           hypermodel={"plugin": "toy", "options": {"step": 5}})
        self.assertEqual(len(lines), 5, lines)
        for line, fragment in (("max_trials", "below the smallest value"), ("kep", "keep"),
                               ("parallel_trials", "is a string"), ("oracle", "random"),
                               ("options.step", "steps")):
            self.assertTrue(any(line in each and fragment in each for each in lines),
                            (line, lines))
        self.assertTrue(all(each.startswith("wrong: study.json:1:") for each in lines), lines)

    def test_what_is_odd_is_told_and_no_error(self):
        space = [{"name": "x", "type": "float", "min_value": 0, "max_value": 1, "step": 2},
                 {"name": "n", "type": "int", "min_value": 0, "max_value": 10, "step": 4},
                 {"name": "opt", "type": "choice", "values": ["a", "b"]},
                 {"name": "m", "type": "boolean", "when": {"opt": ["a"]}},
                 {"name": "k", "type": "boolean", "when": {"m": [True], "opt": ["b"]}}]
        lines = self.found(initial=[{}, {}, {}], max_trials=2, parallel_trials=4,
                           schedule={"lag": 2}, space=space)
        for fragment in ("initial: has 3 entries, of which only max_trials, 2, run",
                         "schedule.lag: of 2 lets only as many of the 4 parallel_trials",
                         "space[0]: has a step that is larger than its range",
                         "space[1]: has a step that misses max_value: the greatest value is 8",
                         "space[4].when: never holds"):
            self.assertTrue(any(fragment in each for each in lines), (fragment, lines))
        self.assertTrue(all(each.startswith("odd: study.json:1:") for each in lines), lines)
        document = json.loads(self.run_program("check", "study.json", "--json").stdout)
        self.assertEqual(len(document["findings"]), len(lines))

    def test_set_and_bad_files(self):
        self.study()
        self.assertIn("--set max_trials=0", self.run_program(
            "check", "study.json", "--set", "max_trials=0", code=2).stdout)
        self.write("bad.json", "{")
        self.assertIn("bad.json:1", self.run_program("check", "bad.json", code=2).stderr)
        self.assertIn("no such file", self.run_program("check", "nothere", code=2).stderr)


class Search(program.ProgramTest):
    def test_try_runs_one_short_trial_and_writes_nothing(self):
        before = sorted(os.listdir(self.directory))
        self.study(isolation="process", parallel_trials=3, sinks=[{"plugin": "jsonl"}],
                   trial_limits={"seconds": 60}, options={"steps": 5})
        text = self.run_program("search", "study.json", "--try").stdout
        self.assertRegex(text, r"one short trial on default values: loss \S+ in ")
        self.assertIn("nothing was written", text)
        self.assertEqual(sorted(os.listdir(self.directory)), sorted(before + ["study.json"]))
        document = json.loads(self.run_program("search", "study.json", "--try", "--json").stdout)
        self.assertEqual(len(document["trials"]), 1)
        space = json.loads(self.run_program("space", "study.json", "--json").stdout)["space"]
        for each in space:
            if "when" not in each:
                self.assertEqual(document["trials"][0]["values"][each["name"]], each["default"])

    def test_try_says_what_fails(self):
        self.study(space=[{"name": "nothere", "type": "float", "min_value": 0, "max_value": 1}])
        self.assertTrue(self.run_program("search", "study.json", "--try", code=2).stderr)


class RetryFailed(program.ProgramTest):
    SPACE = [{"name": "x", "type": "float", "min_value": 0, "max_value": 1}]

    def test_values_of_failed_trials_run_again(self):
        # The command fails until the file `mended` is there.
        self.write("train.sh", f"[ -e {self.path('mended')} ] || [ $DODONA_TRIAL -lt 2 ] || exit 3\n"
                               "printf '{\"loss\": %s}\\n' $1\n")
        self.write("study.json", json.dumps({
            "project_name": "toy", "directory": "runs", "seed": 7, "max_trials": 4,
            "objective": {"name": "loss", "direction": "min"}, "oracle": "random",
            "retry": {"max_consecutive_failed_trials": None}, "space": self.SPACE,
            "hypermodel": {"plugin": "command", "options": {
                "command": ["sh", self.path("train.sh"), "{x}"]}}}))
        self.run_program("search", "study.json")
        rows = self.trials()
        if [row["state"] for row in rows] != ["completed"] * 2 + ["failed"] * 2:
            self.skipTest(f"the command did not run as planned: {rows}")
        self.write("mended", "")
        said = self.run_program("search", "study.json", "--retry-failed").stderr
        self.assertIn("the values of 2 failed trials run again", said)
        rows = self.trials()
        self.assertEqual([row["state"] for row in rows[4:]], ["completed"] * 2)
        self.assertEqual([row["values"] for row in rows[4:]], [row["values"] for row in rows[2:4]])
        said = self.run_program("search", "study.json", "--retry-failed").stderr
        self.assertIn("no failed trial to be run again", said)
        self.assertEqual(len(self.trials()), 6)

    def trials(self):
        return json.loads(self.run_program("trials", "runs/toy", "--json").stdout)["trials"]

    def test_there_must_be_a_study(self):
        self.study()
        self.assertIn("there is no study in runs/toy", self.run_program(
            "search", "study.json", "--retry-failed", code=2).stderr)


class Delete(program.ProgramTest):
    def test_a_study_goes_when_it_is_meant(self):
        self.run_program("search", self.study(max_trials=2, sinks=[{"plugin": "jsonl"}]))
        refused = self.run_program("delete", "runs/toy", code=2)
        self.assertIn("delete the study in runs/toy, with 2 trials?", refused.stderr)
        self.assertIn("--yes", refused.stderr)
        self.assertTrue(os.path.exists(self.path("runs", "toy", "study.db")))
        self.assertIn("deleted runs/toy", self.run_program("delete", "runs/toy", "--yes").stdout)
        self.assertFalse(os.path.exists(self.path("runs", "toy")))
        self.assertIn("does not exist", self.run_program("delete", "runs/toy", "--yes",
                                                         code=1).stderr)

    def test_what_is_not_the_study_s_stays(self):
        self.run_program("search", self.study(max_trials=1))
        self.write("runs/toy/notes.txt", "mine")
        self.assertIn("there is still notes.txt",
                      self.run_program("delete", "runs/toy", "--yes").stdout)
        self.assertEqual(self.read("runs", "toy", "notes.txt"), "mine")
        self.assertEqual(os.listdir(self.path("runs", "toy")), ["notes.txt"])

    def test_a_study_that_is_searched_stays(self):
        self.study()
        document = json.loads(self.read("study.json"))
        document["space"] = [{"name": "x", "type": "float", "min_value": 0, "max_value": 1}]
        self.write("study.json", json.dumps(document))
        with program.subprocess.Popen(
                [program.PROGRAM, "ask-tell", "study.json"], cwd=self.directory,
                env=self.environment, stdin=program.subprocess.PIPE,
                stdout=program.subprocess.PIPE, text=True) as owner:
            owner.stdin.write('{"ask": 1}\n')
            owner.stdin.flush()
            owner.stdout.readline()
            self.assertIn("is locked by", self.run_program("delete", "runs/toy", "--yes", code=1).stderr)
            self.assertTrue(os.path.exists(self.path("runs", "toy", "study.db")))
            owner.communicate()

    def test_a_trial_s_files_are_freed_and_its_events_stay(self):
        self.run_program("search", self.study(max_trials=2))
        os.makedirs(self.path("runs", "toy", "trials", "1", "0", "best"))
        self.write("runs/toy/trials/1/0/best/model", "x" * 1000)
        self.run_program("delete", "runs/toy", "1", "--yes")
        self.assertFalse(os.path.exists(self.path("runs", "toy", "trials", "1")))
        rows = json.loads(self.run_program("trials", "runs/toy", "--json").stdout)["trials"]
        self.assertEqual(len(rows), 2)
        self.run_program("delete", "runs/toy", "7", "--yes", code=2)


if __name__ == "__main__":
    unittest.main()
