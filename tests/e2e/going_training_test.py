#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Going on within the training of built-in models: the same bits after kill -9."""
import os
import random
import shutil
import signal
import unittest

import program
from going_test import GoingTest

TRIES = 5


class KilledTraining(GoingTest):
    """Models that are trained: the search is killed somewhere after a report."""

    def check(self, step, **keys):
        document = {"max_trials": 2, "sinks": ["jsonl"], "checkpoint": {"steps": 3},
                    "threads_per_trial": 1, **keys}
        self.run_program("search", self.study(name="whole.json", project_name="whole", **document))
        study = self.study(name="toy.json", **document)
        for _ in range(TRIES):  # a slow test may come too late
            shutil.rmtree(self.path("runs/toy"), ignore_errors=True)
            child = self.start("search", study)
            self.until(lambda: os.path.exists(self.path("runs/toy/events.jsonl")) and any(
                event["type"] == "reported" and event["trial"] == 1 and event["step"] >= step
                for event in self.events()), "a report of the second trial")
            child.send_signal(signal.SIGKILL)
            if child.wait(program.HANG_SECONDS) == -9 and self.states()[1] == "waiting":
                break
        self.run_program("search", study)
        self.check_same()
        self.assertGreaterEqual(self.starts(1)[-1], step - 3)

    def table(self):
        """Rows of two classes that take a while to tell apart."""
        random.seed(7)
        rows = ["a,b,c,label"]
        for _ in range(600):
            a, b, c = (random.gauss(0, 1) for _ in range(3))
            rows.append(f"{a},{b},{c},{'yes' if a * b + random.gauss(0, 0.5) > 0 else 'no'}")
        return self.write("table.csv", "\n".join(rows) + "\n")

    @unittest.skipUnless(os.path.exists(program.built_plugin("xgboost")), "xgboost was not built")
    def test_xgboost_goes_on_with_the_same_bits(self):
        self.check(20, objective={"name": "val_loss", "direction": "min"},
                   space=[{"name": "rounds", "type": "fixed", "value": 300}],
                   hypermodel={"plugin": "xgboost", "options": {
                       "data": self.table(), "folds": 2, "early_stopping_rounds": 0}})

    @unittest.skipUnless(os.path.exists(program.built_plugin("torch_mlp")), "it needs LibTorch")
    def test_a_network_goes_on_with_the_same_bits(self):
        self.check(10, objective={"name": "val_loss", "direction": "min"}, max_steps=250,
                   hypermodel={"plugin": "torch_mlp", "options": {
                       "data": self.table(), "label": "label", "patience": 0}})


if __name__ == "__main__":
    program.main()
