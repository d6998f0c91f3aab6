#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bounds of what is measured, and the metric by which steps are compared."""
import csv
import io
import json
import unittest

import program

LIMIT = [{"metric": "size", "max": 256}]


def excess(trial):
    return trial["metrics"]["size"] / 256 - 1


class Limits(program.ProgramTest):
    def limited(self, **keys):
        options = {"tells_size": True, **keys.pop("options", {})}
        return self.study(options=options, **{"limits": LIMIT, "max_trials": 12, **keys})

    def test_put_trials_that_keep_them_first(self):
        result = self.run_program("search", self.limited(sinks=["jsonl"]))
        trials = self.trials()
        for trial in trials:
            self.assertAlmostEqual(trial["excess"]["size"], excess(trial), 12)
        kept = [trial for trial in trials if excess(trial) <= 0]
        self.assertTrue(0 < len(kept) < 12, "the seed gives both")
        best = min(kept, key=lambda trial: trial["score"])
        self.assertIn(f"(trial {best['trial']})", result.stdout.splitlines()[-1])
        listed = json.loads(self.run_program("best", "runs/toy", "--json", "-n", "0").stdout)
        order = [(max(0, excess(trial)), trial["score"]) for trial in listed["trials"]]
        self.assertEqual(order, sorted(order))
        table = self.run_program("best", "runs/toy", "-n", "0").stdout.splitlines()
        self.assertEqual(table[0].split()[:5], ["trial", "state", "score", "limits", "best_step"])
        self.assertIn(" kept ", table[1])
        self.assertIn(f" size +{100 * order[-1][0]:.3g} % ", table[-1])
        rows = list(csv.DictReader(io.StringIO(
            self.run_program("trials", "runs/toy", "--csv").stdout)))
        self.assertEqual([float(row["excess.size"]) for row in rows],
                         [trial["excess"]["size"] for trial in trials])
        ends = [event for event in self.events() if event["type"] == "finished"]
        self.assertEqual([end["excess"] for end in ends], [trial["excess"] for trial in trials])
        self.run_program("replay", "runs/toy")

    def test_say_that_no_trial_keeps_them(self):
        result = self.run_program("search", self.limited(limits=[{"metric": "size", "max": 8}]))
        best = min(self.trials(), key=lambda trial: (trial["excess"]["size"], trial["score"]))
        self.assertRegex(result.stdout.splitlines()[-1],
                         rf"^best loss .* \(trial {best['trial']}\); no trial keeps the limits: "
                         r"size \+\S+ %$")

    def test_rank_the_front_of_those_that_keep_them(self):
        both = [{"name": "loss", "direction": "min"}, {"name": "size", "direction": "max"}]
        self.run_program("search", self.limited(objective=both))
        trials = self.trials()
        kept = [trial for trial in trials if excess(trial) <= 0]
        worst = max(trial["rank"] for trial in kept)
        self.assertTrue(all(trial["rank"] > worst for trial in trials if excess(trial) > 0))

    def test_are_the_same_for_any_number_of_workers_and_after_a_resume(self):
        found = []
        for name, workers in (("one", 1), ("three", 3)):
            keys = {"project_name": name, "schedule": {"lag": 4}, "parallel_trials": workers,
                    "oracle": "tpe", "options": {"deep": True, "luckless": 0.2},
                    "retry": {"max_consecutive_failed_trials": None}}
            self.run_program("search", self.limited(**keys, max_trials=15))
            self.run_program("search", self.limited(**keys, max_trials=30))
            self.run_program("replay", f"runs/{name}")
            found.append([(trial["values"], trial["score"], trial["excess"])
                          for trial in self.trials(f"runs/{name}")])
        self.assertEqual(found[0], found[1])

    def test_are_those_that_the_study_has_now(self):
        self.run_program("search", self.limited(limits=[], max_trials=6))
        self.assertNotIn("excess", self.trials()[0])
        self.refused(2, ["search", self.limited(max_trials=8)],
                     "has the objective min loss, not min loss within size <= 256",
                     "--accept-changes")
        self.run_program("search", self.limited(max_trials=8), "--accept-changes")
        for trial in self.trials():
            self.assertAlmostEqual(trial["excess"]["size"], excess(trial), 12)
        self.run_program("replay", "runs/toy")

    def test_are_refused_where_they_can_never_be_kept(self):
        self.refused(2, ["search", self.limited(limits=[{"metric": "size"}])], "study.json:1:",
                     "limits[0]: has no bound; give min or max")
        result = self.run_program("search", self.limited(
            limits=[{"metric": "megabytes", "max": 1}], max_trials=3), code=1)
        self.assertIn('the model never said "megabytes", which has a limit; it said "loss", '
                      '"size"', result.stdout + result.stderr)

    def test_are_told_by_who_asks(self):
        self.study(limits=LIMIT, max_trials=4,
                   space=[{"name": "x", "type": "float", "min_value": 0, "max_value": 1}])
        answers = self.talk(
            {"ask": 2},
            {"tell": 0, "metrics": {"loss": 1}},
            {"tell": 0, "metrics": {"loss": 1, "size": 512}},
            {"tell": 1, "metrics": {"loss": 2, "size": 64}},
            {"best": 2})
        self.assertIn('"size", which has a limit', answers[1]["error"])
        self.assertEqual([(trial["trial"], trial["excess"]) for trial in answers[4]["trials"]],
                         [(1, {"size": -0.75}), (0, {"size": 1.0})])

    def test_are_known_to_a_warm_start(self):
        self.run_program("search", self.limited(limits=[], project_name="before"))
        self.run_program("search", self.limited(warm_start="runs/before", sinks=["jsonl"],
                                                max_trials=3))
        imported = [event for event in self.events() if event["type"] == "imported"]
        self.assertEqual(len(imported), 12)
        for event in imported:
            self.assertAlmostEqual(event["excess"]["size"], excess(event), 12)


class StopOn(program.ProgramTest):
    # The loss falls with every step, and the size stays.
    def test_is_the_metric_of_stoppers_and_best_steps(self):
        keys = {"options": {"tells_size": True, "steps": 6}, "max_trials": 3,
                "stopper": {"plugin": "patient", "options": {"patience": 2}}}
        self.run_program("search", self.study(project_name="by_loss", **keys))
        self.assertEqual({(trial["state"], trial["best_step"])
                          for trial in self.trials("runs/by_loss")}, {("completed", 6)})
        self.run_program("search", self.study(
            project_name="by_size", stop_on={"name": "size", "direction": "min"}, **keys))
        self.assertEqual({(trial["state"], trial["best_step"])
                          for trial in self.trials("runs/by_size")}, {("stopped", 1)})

    def test_is_refused_where_it_is_not_known(self):
        self.refused(2, ["search", self.study(stop_on="goodness")], "stop_on", "direction")
        result = self.run_program("search", self.study(
            stop_on={"name": "gain", "direction": "max"}, max_trials=3), code=1)
        self.assertIn('no report of the model has "gain", which stop_on names',
                      result.stdout + result.stderr)


if __name__ == "__main__":
    program.main()
