#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dodona explain`: what mattered, warnings, and the study file of the next search."""
import json
import math
import os
import unittest

import program

SPACE = [
    {"name": "lr", "type": "float", "min_value": 1e-5, "max_value": 1e-2, "sampling": "log"},
    {"name": "optimizer", "type": "choice", "values": ["adam", "sgd"]},
    {"name": "momentum", "type": "float", "min_value": 0, "max_value": 0.9,
     "when": {"optimizer": ["sgd"]}},
    {"name": "idle", "type": "float", "min_value": 0, "max_value": 1}]


class InsightTest(program.ProgramTest):
    def told(self, name, count=100, steps=4):
        """A study of `count` trials whose loss falls with lr; sgd is worse by a little."""
        self.write("study.json", json.dumps({
            "project_name": name, "directory": "runs", "seed": 5, "objective": "loss",
            "max_trials": count, "oracle": "random", "space": SPACE}))
        process = program.subprocess.Popen(
            [program.PROGRAM, "ask-tell", "study.json"], cwd=self.directory, env=self.environment,
            stdin=program.subprocess.PIPE, stdout=program.subprocess.PIPE, text=True)

        def say(request):
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        while "trials" in (answer := say({"ask": 1})):
            trial = answer["trials"][0]
            values = trial["values"]
            loss = -math.log10(values["lr"]) + (values["optimizer"] == "sgd")
            for step in range(1, steps + 1):
                say({"report": trial["trial"], "step": step, "metrics": {"loss": loss + 1 / step}})
            say({"tell": trial["trial"], "metrics": {}})
        process.communicate()
        return f"runs/{name}"

    def test_the_most_important_stands_first_and_warnings_follow(self):
        text = self.run_program("explain", self.told("curves")).stdout
        rows = [line.split() for line in text.splitlines()]
        self.assertEqual(rows[3][0], "lr", text)
        self.assertEqual(rows[4][0], "optimizer", text)
        self.assertIn("Warning: momentum has no visible effect", text)
        self.assertRegex(text, r"Stopper median would have stopped \d+ trials, saved \d+ of 400 steps")
        self.assertIn("momentum is fixed at ", text)
        self.assertNotRegex(text, "length.scale")
        self.assertLessEqual(max(len(line) for line in text.splitlines()
                                 if not line.startswith(("Warning", "-", "everywhere"))), 110)

    def test_json_says_the_same(self):
        document = json.loads(self.run_program("explain", self.told("curves"), "--json").stdout)
        names = [each["name"] for each in document["importance"][0]["hyperparameters"]]
        self.assertEqual(names[:2], ["lr", "optimizer"])
        self.assertEqual(sorted(names), ["idle", "lr", "momentum", "optimizer"])
        self.assertIn("no_effect", [each["remark"] for each in document["warnings"]])
        self.assertTrue(document["stoppers"])
        self.assertEqual(document["next_study"]["project_name"], "curves_next")

    def test_the_next_study_file_is_one(self):
        self.run_program("explain", self.told("curves"), "--next", "next.json")
        answer = self.talk_to("next.json", {"ask": 1})
        best = json.loads(self.run_program("best", "runs/curves", "--json").stdout)["trials"][0]
        self.assertEqual(answer["trials"][0]["values"], best["values"])

    def talk_to(self, study, request):
        result = self.run_program("ask-tell", study, input=json.dumps(request) + "\n")
        return json.loads(result.stdout)

    def test_few_trials_and_none(self):
        text = self.run_program("explain", self.told("few", count=5)).stdout
        self.assertIn("only 5 trials have a score; from 20 on", text)
        self.write("none.json", json.dumps({
            "project_name": "none", "directory": "runs", "objective": "loss", "space": SPACE}))
        self.run_program("ask-tell", "none.json")
        self.assertIn("only 0 trials", self.run_program("explain", "runs/none").stdout)
        refused = self.run_program("explain", "runs/none", "--next", "x.json", code=1)
        self.assertIn("no trial with a score yet", refused.stderr)
        self.assertIn("does not exist", self.run_program("explain", "runs/nope", code=1).stderr)

    @unittest.skipUnless(os.path.exists(program.built_plugin("bayesian")), "bayesian was not built")
    def test_a_model_says_what_more_trials_may_bring(self):
        self.run_program("search", self.study(oracle="bayesian", max_trials=25))
        text = self.run_program("explain", "runs/toy").stdout
        self.assertRegex(text, r"Best: trial \d+, expected loss \S+ \+- \S+, by the oracle's model")
        self.assertRegex(text, r"The next 10 trials: a better one with <?\d+ % probability")


if __name__ == "__main__":
    unittest.main()
