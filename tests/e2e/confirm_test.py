#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The best trials under noise: run again before the study ends, or told by the oracle's model."""
import json
import os
import unittest

import program

LEADERS = 5


class Confirm(program.ProgramTest):
    def noisy(self, **keys):
        options = {"deep": True, **keys.pop("options", {})}
        return self.study(options=options, **{"max_trials": 12, "confirm": 3, **keys})

    def split(self, directory="runs/toy"):
        trials = self.trials(directory)
        return ([trial for trial in trials if trial["repeat_of"] is None],
                [trial for trial in trials if trial["repeat_of"] is not None])

    def test_runs_the_leaders_again(self):
        result = self.run_program("search", self.noisy())
        first, repeats = self.split()
        self.assertEqual(len(first), 12)
        leaders = sorted(first, key=lambda trial: trial["score"])[:LEADERS]
        runs = {trial["trial"]: [trial["score"]] for trial in leaders}
        for trial in repeats:
            runs[trial["repeat_of"]].append(trial["score"])
            # Some trials of the toy ask for more.
            self.assertLessEqual(first[trial["repeat_of"]]["values"].items(),
                                 trial["values"].items())
            self.assertNotEqual(trial["seed"], first[trial["repeat_of"]]["seed"])
        self.assertTrue(all(3 <= len(scores) <= 4 for scores in runs.values()), runs)
        means = {trial: sum(scores) / len(scores) for trial, scores in runs.items()}
        best = min(means, key=means.get)
        self.assertRegex(result.stdout.splitlines()[-1],
                         rf"^best loss {means[best]:.6g} "
                         rf"\(trial {best}, mean of {len(runs[best])} runs\)$")
        listed = json.loads(self.run_program("best", "runs/toy", "--json", "-n", "0").stdout)
        self.assertEqual([trial["trial"] for trial in listed["trials"]][:LEADERS],
                         sorted(means, key=means.get))
        self.assertEqual(len(listed["trials"]), 12)
        self.assertAlmostEqual(listed["trials"][0]["score"], means[best], 12)
        self.assertEqual(listed["trials"][0]["runs"], len(runs[best]))
        self.assertIn("runs", self.run_program("best", "runs/toy").stdout.splitlines()[0].split())
        replay = json.loads(self.run_program("replay", "runs/toy", "--json").stdout)
        self.assertEqual((replay["verified"], replay["passed_over"]), (12, len(repeats)))
        # The models of the leaders stay, whichever turns out to be the best.
        self.run_program("best", "runs/toy", "--export", self.path("model"))

    def test_is_the_same_for_any_number_of_workers_and_after_a_resume(self):
        found = []
        for name, workers in (("one", 1), ("three", 3)):
            keys = {"project_name": name, "schedule": {"lag": 4}, "parallel_trials": workers,
                    "oracle": "tpe"}
            self.run_program("search", self.noisy(max_trials=8, **keys))
            self.run_program("search", self.noisy(max_trials=14, **keys))
            self.run_program("replay", f"runs/{name}")
            found.append([(trial["values"], trial["score"], trial["repeat_of"])
                          for trial in self.trials(f"runs/{name}")])
            self.assertEqual(len(self.split(f"runs/{name}")[0]), 14)
        self.assertEqual(found[0], found[1])

    def test_goes_on_where_it_was_killed(self):
        marks = self.path("marks")
        study = self.noisy(options={"marks": marks})
        os.makedirs(marks)
        self.write("marks/14-1", "kill")  # the third repeat
        self.run_program("search", study, code=-9)
        self.assertLess(len(self.split()[1]), 10)
        self.run_program("search", study)
        killed = [(trial["values"], trial["score"]) for trial in self.trials()]
        self.run_program("search", self.noisy(project_name="whole"))
        self.assertEqual(killed, [(trial["values"], trial["score"])
                                  for trial in self.trials("runs/whole")])

    def test_is_refused_for_a_front(self):
        both = [{"name": "loss", "direction": "min"}, {"name": "size", "direction": "max"}]
        self.refused(2, ["search", self.noisy(objective=both)], "study.json:1:",
                     "confirm: is for one objective, and there are 2")


class Robust(program.ProgramTest):
    def test_is_the_order_of_what_a_model_expects(self):
        self.run_program("search", self.study(options={"deep": True}, oracle="bayesian",
                                              max_trials=30))
        result = self.run_program("best", "runs/toy", "--robust", "-n", "0")
        self.assertIn("the oracle's model expects", result.stderr)
        self.assertIn("expected", result.stdout.splitlines()[0].split())
        listed = json.loads(self.run_program("best", "runs/toy", "--robust", "--json",
                                             "-n", "0").stdout)["trials"]
        expected = [trial["expected"] for trial in listed]
        self.assertEqual(expected, sorted(expected))
        self.assertTrue(all(trial["deviation"] > 0 for trial in listed))
        self.assertEqual(len(listed), 30)

    def test_is_that_of_the_means_without_a_model(self):
        self.run_program("search", self.study(options={"deep": True}, max_trials=8, confirm=2))
        result = self.run_program("best", "runs/toy", "--robust", "-n", "0")
        self.assertIn("the oracle has no model", result.stderr)
        listed = json.loads(self.run_program("best", "runs/toy", "--robust", "--json",
                                             "-n", "0").stdout)["trials"]
        scores = [trial["score"] for trial in listed]
        self.assertEqual(scores, sorted(scores))


if __name__ == "__main__":
    program.main()
