#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The default oracle, what it says of its choice, and how each trial came about."""
import json
import os
import unittest

import program


@unittest.skipUnless(os.path.exists(os.path.join(program.BUILD, "lib/dodona/plugins/auto.so")),
                     "the model-based oracles were not built")
class ExplainTest(program.ProgramTest):
    def test_auto_is_the_default_and_says_what_it_chose_and_why(self):
        document = json.loads(self.read(self.study(max_trials=9)))
        del document["oracle"]
        self.write("study.json", json.dumps(document))
        searched = self.run_program("search", "study.json")
        self.assertIn("oracle auto", searched.stderr)
        self.assertRegex(searched.stdout, "\nproposed by bayesian: .*9 trials suit a Gaussian process\n")
        summary = json.loads(self.run_program("search", "study.json", "--json").stdout)
        self.assertEqual(summary["delegate"], "bayesian")
        self.assertIn("9 trials", summary["reason"])
        self.assertIn("9", self.run_program("replay", "runs/toy").stdout)

    def test_each_trial_tells_how_it_came_about(self):
        self.run_program("search", self.study(oracle="bayesian", max_trials=9,
                                              initial=[{"x": 0.5}]))
        rows = self.run_program("trials", "runs/toy", "--explain").stdout.splitlines()
        self.assertEqual(rows[0].split(), ["trial", "source", "explanation"])
        self.assertEqual(rows[1].split(), ["0", "user", "-"])
        self.assertIn("initial design", rows[2])
        self.assertRegex(rows[-1], r"Gaussian process( at another value)?; expected loss \S+ \+- \d")
        self.assertFalse([row for row in rows if "length scales" in row or "log " in row], rows)
        document = json.loads(self.run_program("trials", "runs/toy", "--explain", "--json").stdout)
        notes = [row["note"] for row in document["explanations"]]
        self.assertIsNone(notes[0])
        self.assertTrue(any(note and "x" in note.get("length_scales", {}) for note in notes))
        csv = self.run_program("trials", "runs/toy", "--explain", "--csv").stdout
        self.assertTrue(csv.startswith("trial,source,note\n"), csv)
        self.run_program("trials", "runs/toy", "--explain", "--steps", code=2)

    def test_other_oracles_have_little_to_say(self):
        self.run_program("search", self.study(max_trials=1))
        rows = self.run_program("trials", "runs/toy", "--explain").stdout.splitlines()
        self.assertEqual(rows[1].split(), ["0", "oracle", "-"])
        summary = json.loads(self.run_program("search", "study.json", "--json").stdout)
        self.assertIsNone(summary["delegate"])


if __name__ == "__main__":
    unittest.main()
