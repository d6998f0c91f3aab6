#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The space that a study file would search, before any search."""
import json
import os
import unittest

import program

X = {"name": "x", "type": "float", "min_value": 0, "max_value": 1}


class Space(program.ProgramTest):
    def test_a_study_file_shows_what_it_would_search(self):
        study = self.study()
        text = self.run_program("space", study).stdout
        self.assertEqual(text.splitlines()[0].split(),
                         ["name", "type", "values", "sampling", "step", "default", "when"])
        before = json.loads(self.run_program("space", study, "--json").stdout)
        self.assertFalse(os.path.exists(self.path("runs")))
        self.run_program("search", study, "-q")
        self.assertEqual(json.loads(self.run_program("space", "runs/toy", "--json").stdout), before)

    def test_without_a_declaration_only_a_trial_can_tell(self):
        command = {"plugin": "command", "options": {"command": ["true"]}}
        listed = self.run_program("space", self.study(hypermodel=command, space=[X]), "--json")
        self.assertEqual([each["name"] for each in json.loads(listed.stdout)["space"]], ["x"])

    def test_a_wrong_file_is_refused_with_its_place(self):
        self.refused(2, ["space", self.study(max_trails=1)], "study.json:", "max_trials")
        self.refused(2, ["space", self.study(), "--set", "max_trials=-1"], "max_trials")
        self.refused(3, ["space", self.study(hypermodel={"plugin": "tay"})], 'did you mean "toy"?')
        self.run_program("search", self.study(), "-q")
        self.refused(2, ["space", "runs/toy", "--set", "seed=1"], "--set is for a study file")


if __name__ == "__main__":
    program.main()
