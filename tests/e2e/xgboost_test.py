#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hypermodel xgboost in the whole program, by the sample of samples/xgboost."""
import json
import os
import subprocess
import sys
import unittest

import program

SAMPLE = os.path.join(os.environ["DODONA_SOURCE_DIR"], "samples", "xgboost")
PLUGIN = os.path.join(program.BUILD, "lib", "dodona", "plugins", "xgboost.so")


@unittest.skipUnless(os.path.exists(PLUGIN), "xgboost was not built (Debian: libxgboost-dev)")
class XGBoost(program.ProgramTest):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("runs"))
        subprocess.run([sys.executable, "-B", os.path.join(SAMPLE, "make_table.py"),
                        self.path("runs", "customers.csv")], check=True)

    def search(self, *sets, **more):
        words = [word for value in ("oracle=random", "sinks=[]", *sets) for word in ("--set", value)]
        return self.run_program("search", os.path.join(SAMPLE, "study.json"), *words, **more)

    def test_the_sample(self):
        result = self.search("max_trials=3")
        self.assertIn("3 trials: 3 completed", result.stdout)
        for trial in self.trials("runs/customers"):
            self.assertGreater(trial["metrics"]["val_auc"], 0.75)  # guessing gives 0.5; the worst of 30: 0.86
            folds = json.loads(trial["notes"]["folds"])["val_auc"]
            self.assertEqual(folds["round"], trial["best_step"])
            self.assertEqual(len(folds["scores"]), 5)
            self.assertAlmostEqual(sum(folds["scores"]) / 5, trial["score"], 12)

    def test_the_same_seed_finds_the_same(self):
        sets = ["max_trials=2", "threads_per_trial=1", "hypermodel.options.folds=2"]
        self.search(*sets, "project_name=a", "parallel_trials=1")
        self.search(*sets, "project_name=b", "parallel_trials=2")
        one, other = self.trials("runs/a"), self.trials("runs/b")
        self.assertEqual([trial["metrics"] for trial in one],
                         [trial["metrics"] for trial in other])

    def test_a_model_is_measured_and_predicts(self):
        self.search("max_trials=2", "threads_per_trial=1", "hypermodel.options.folds=3")
        best = json.loads(self.run_program("best", "runs/customers", "--json").stdout)["trials"][0]
        shown = self.run_program("evaluate", "runs/customers").stdout
        self.assertEqual({line.split()[0]: float(line.split()[1]) for line in shown.splitlines()},
                         {name: value for name, value in best["metrics"].items()
                          if name.startswith("val_")})
        lines = self.read("runs", "customers.csv").splitlines()
        turned = [",".join(reversed(line.split(",")[:-1])) for line in lines]  # no label, other order
        self.write("new.csv", "\n".join(turned) + "\n")
        rows = self.run_program("predict", "runs/customers", "new.csv").stdout.splitlines()
        self.assertEqual((rows[0], len(rows)), ("class,p_no,p_yes", len(lines)))
        right = sum(row.split(",")[0] == line.split(",")[-1]
                    for row, line in zip(rows[1:], lines[1:]))
        self.assertGreater(right / len(lines), 0.75)  # one class for all gives 0.58
        self.run_program("retrain", "runs/customers", "--quiet")
        anew = ["--model", "runs/customers/retrained"]
        self.run_program("predict", "runs/customers", "new.csv", *anew)
        self.run_program("evaluate", "runs/customers", "--data", "runs/customers.csv", *anew)
        self.refused(1, ["evaluate", "runs/customers", "--data", "new.csv"],
                     'the header has no label column "returns"')

    def test_a_table_of_words_and_holes(self):
        sample = os.path.join(SAMPLE, "..", "table")
        subprocess.run([sys.executable, "-B", os.path.join(sample, "make_table.py"),
                        self.path("runs", "trips.csv")], check=True)
        self.run_program("search", os.path.join(sample, "trees.json"), "--set", "max_trials=1",
                         "--set", "threads_per_trial=1")
        best = json.loads(self.run_program("best", "runs/trips_trees", "--json").stdout)["trials"][0]
        self.assertGreater(best["score"], 0.8)  # guessing gives 0.5; the worst of 12: 0.88
        shown = self.run_program("evaluate", "runs/trips_trees").stdout
        self.assertIn(f"val_auc {best['score']}\n", shown)
        # No label; words and holes that training had not; another line of the same words.
        self.write("new.csv", 'line,passengers,weather\n"7, express",80,snow\n22,,hail\n'
                              '"N2 ""night owl""",3,\n"7, express",80,snow\n')
        rows = self.run_program("predict", "runs/trips_trees", "new.csv").stdout.splitlines()
        self.assertEqual([row.split(",")[0] for row in rows], ["class", "yes", "no", "no", "yes"])
        self.assertEqual(rows[1], rows[4])
        # The model keeps its categories when the data have others.
        lines = self.read("runs", "trips.csv").splitlines()
        self.write("runs/trips.csv", "\n".join([*lines, "x,y,d1,1,aurora,1,yes", ""]))
        self.assertEqual(self.run_program("predict", "runs/trips_trees", "new.csv").stdout
                         .splitlines(), rows)
        self.run_program("retrain", "runs/trips_trees", "--quiet")
        self.run_program("evaluate", "runs/trips_trees", "--data", "runs/trips.csv",
                         "--model", "runs/trips_trees/retrained")

    def test_promoted_trials_go_on(self):
        self.search("oracle=hyperband", "max_steps=9", "max_trials=20",
                    "hypermodel.options.folds=2", "hypermodel.options.early_stopping_rounds=0")
        trials = self.trials("runs/customers")
        resumed = [trial for trial in trials if trial["resume_of"] is not None]
        self.assertTrue(resumed)
        self.assertEqual({trial["state"] for trial in trials}, {"completed"})
        for trial in resumed:
            parent = trials[trial["resume_of"]]
            self.assertEqual(trial["values"], parent["values"])

    def test_promoted_trials_whose_rounds_are_done_keep_their_score(self):
        self.search("oracle=hyperband", "max_steps=9", "max_trials=20", "hypermodel.options.folds=2",
                    'space=[{"name": "rounds", "type": "fixed", "value": 3}]')
        trials = self.trials("runs/customers")
        self.assertEqual({trial["state"] for trial in trials}, {"completed"})
        done = [trial for trial in trials if trial["resume_of"] is not None and trial["budget"] == 9]
        self.assertTrue(done)
        for trial in done:
            parent = trials[trial["resume_of"]]
            self.assertEqual((trial["score"], trial["metrics"]), (parent["score"], parent["metrics"]))

    def test_values_that_xgboost_does_not_take_end_the_search_before_a_trial(self):
        space = [{"name": "subsample", "type": "float", "min_value": 0.5, "max_value": 2}]
        sets = ["sinks=[]", "oracle=random", "space=" + json.dumps(space)]
        self.refused(2, ["search", os.path.join(SAMPLE, "study.json"),
                         *(word for one in sets for word in ("--set", one))],
                     'space[0]: "subsample" may be 2, which is refused: hypermodel "xgboost": '
                     'hyperparameter "subsample": 2 is above 1, the most that XGBoost takes')

    def test_a_wrong_file_ends_the_search_before_it_begins(self):
        self.write("runs/customers.csv", "age,returns\n30,yes\nold,no\n" + 10 * "40,yes\n")
        lines = self.refused(1, ["search", os.path.join(SAMPLE, "study.json"), "--set", "sinks=[]",
                                 "--set", "oracle=random"], "customers.csv", "line 3", "\"age\"")
        self.assertTrue(lines)


if __name__ == "__main__":
    program.main()
