#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A search for a front: several objectives, from the study file to the models that are kept."""
import csv
import io
import json
import os
import unittest

import program

BOTH = [{"name": "loss", "direction": "min"}, {"name": "size", "direction": "max"}]


def dominates(a, b):
    """By the definition; losses are better small, sizes large."""
    a, b = (a["loss"], -a["size"]), (b["loss"], -b["size"])
    return all(x <= y for x, y in zip(a, b)) and a != b


def ranks(trials):
    left, out, rank = dict(enumerate(trials)), {}, 0
    while left:
        front = [i for i, one in left.items()
                 if not any(dominates(other["scores"], one["scores"]) for other in left.values())]
        for i in front:
            out[i] = rank
            del left[i]
        rank += 1
    return [out[i] for i in range(len(trials))]


class Front(program.ProgramTest):
    def objectives(self, **keys):
        options = {"tells_size": True, **keys.pop("options", {})}
        return self.study(options=options, **{"objective": BOTH, "max_trials": 20, **keys})

    def test_is_what_no_other_trial_beats(self):
        result = self.run_program("search", self.objectives(sinks=["jsonl"]))
        self.assertIn("searching for the best loss (min) and size (max) of toy", result.stderr)
        trials = self.trials()
        self.assertEqual([trial["rank"] for trial in trials], ranks(trials))
        self.assertEqual([trial["front"] for trial in trials],
                         [trial["rank"] == 0 for trial in trials])
        for trial in trials:
            self.assertEqual(trial["scores"], {name: trial["metrics"][name]
                                               for name in ("loss", "size")})
            self.assertEqual((trial["score"], trial["outcome"]), (trial["scores"]["loss"], "ok"))
        size = sum(trial["front"] for trial in trials)
        best = min(trials, key=lambda trial: trial["score"])
        self.assertRegex(result.stdout.splitlines()[-1],
                         rf"^best loss .* \(trial {best['trial']}\); "
                         rf"{size} trials on the front of loss and size$")
        listed = json.loads(self.run_program("best", "runs/toy", "--json", "-n", "0").stdout)
        order = [trial["rank"] for trial in listed["trials"]]
        self.assertEqual(order, sorted(order))
        self.assertEqual(len(order), 20)
        table = self.run_program("best", "runs/toy", "-n", "3").stdout.splitlines()
        self.assertEqual(table[0].split()[:6], ["trial", "state", "rank", "loss", "size",
                                                "best_step"])
        rows = list(csv.DictReader(io.StringIO(
            self.run_program("trials", "runs/toy", "--csv").stdout)))
        self.assertEqual([int(row["rank"]) for row in rows], ranks(trials))
        self.assertEqual([float(row["size"]) for row in rows],
                         [trial["scores"]["size"] for trial in trials])
        ends = [event for event in self.events() if event["type"] == "finished"]
        self.assertEqual([end["scores"] for end in ends], [trial["scores"] for trial in trials])
        self.run_program("replay", "runs/toy")

    def test_is_the_same_for_any_number_of_workers_and_after_a_resume(self):
        found = []
        for name, workers in (("one", 1), ("three", 3)):
            keys = {"project_name": name, "schedule": {"lag": 4}, "parallel_trials": workers}
            self.run_program("search", self.objectives(max_trials=7, **keys))
            self.run_program("search", self.objectives(max_trials=12, **keys))
            found.append([(trial["values"], trial["scores"], trial["rank"])
                          for trial in self.trials(f"runs/{name}")])
        self.assertEqual(found[0], found[1])

    def test_is_found_by_each_oracle_that_takes_several(self):
        for oracle in ("auto", "hyperband", "nsga2", "tpe"):
            self.run_program("search", self.objectives(
                oracle=oracle, max_trials=24, max_steps=4, parallel_trials=2, project_name=oracle,
                schedule={"lag": 2}))
            trials = self.trials(f"runs/{oracle}")
            self.assertGreaterEqual(len(trials), 10)
            self.assertEqual([trial["rank"] for trial in trials], ranks(trials))
            self.run_program("replay", f"runs/{oracle}")

    def test_keeps_its_models(self):
        self.run_program("search", self.objectives(options={"deep": True}, keep=2))
        kept = {int(trial) for trial in os.listdir(self.path("runs/toy/trials"))
                if os.path.isdir(self.path(f"runs/toy/trials/{trial}/best"))}
        front = {trial["trial"] for trial in self.trials() if trial["front"]}
        self.assertEqual(len(kept), 2)
        self.assertGreaterEqual(len(front), 2)
        self.assertLessEqual(kept, front)

    def test_is_of_the_objectives_that_the_study_has_now(self):
        study = self.study(options={"tells_size": True}, max_trials=6)
        self.run_program("search", study)
        self.assertNotIn("scores", self.trials()[0])
        self.refused(2, ["search", self.objectives(max_trials=8)], "has the objective min loss, not "
                     "min loss, max size", "--accept-changes")
        self.run_program("search", self.objectives(max_trials=8), "--accept-changes")
        trials = self.trials()
        self.assertEqual([trial["rank"] for trial in trials], ranks(trials))
        self.run_program("replay", "runs/toy")

    def test_is_refused_where_it_cannot_be_found(self):
        self.refused(2, ["search", self.objectives(oracle="throws_in_propose"), "--plugin-path",
                         program.BAD_PLUGINS], "study.json:1:",
                     'the oracle "throws_in_propose" takes one objective; several are taken by auto, '
                     "bayesian, grid, hyperband, nsga2, random, sobol or tpe")
        self.refused(2, ["search", self.objectives(objective=["val_loss", "val_loss"])],
                     "objective[1]", '"val_loss" stands twice')
        self.refused(2, ["search", self.objectives(objective=["loss", "size"])], "objective[1]",
                     "direction")
        result = self.run_program("search", self.study(objective=BOTH, max_trials=3), code=1)
        self.assertIn('the model never said the objectives "loss" and "size" as a whole; it said '
                      '"loss"', result.stdout + result.stderr)

    def test_is_asked_for_and_told(self):
        self.study(objective=BOTH, max_trials=4,
                   space=[{"name": "x", "type": "float", "min_value": 0, "max_value": 1}])
        answers = self.talk(
            {"ask": 2},
            {"tell": 0, "metrics": {"loss": 1}},
            {"tell": 0, "metrics": {"loss": 1, "size": 5}},
            {"tell": 1, "metrics": {"loss": 2, "size": 1}},
            {"best": 2})
        self.assertIn('the objectives "loss" and "size"', answers[1]["error"])
        self.assertEqual(answers[2:4], [{"ok": True}] * 2)
        self.assertEqual([(trial["trial"], trial["front"], trial["scores"])
                          for trial in answers[4]["trials"]],
                         [(0, True, {"loss": 1.0, "size": 5.0}),
                          (1, False, {"loss": 2.0, "size": 1.0})])


if __name__ == "__main__":
    program.main()
