#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Constraints between hyperparameters: in a study file, required by a hypermodel, and kept by all."""
import json
import subprocess
import unittest

import program

WHOLE = [{"name": name, "type": "int", "min_value": 0, "max_value": 5} for name in ("a", "b")]
SIZES = [{"name": "x", "type": "float", "min_value": 0, "max_value": 1},
         {"name": "units", "type": "int", "min_value": 32, "max_value": 512, "step": 32}]


def keeps(values):
    return values["units"] * values["x"] <= 200 and (
        values["optimizer"] == "adam" or values["momentum"] < .5 or values["bias"])


# What the toy asks for, and what keeps() says.
KEPT = ["units * x <= 200", "optimizer == 'adam' or momentum < .5 or bias"]


class Constraints(program.ProgramTest):
    def ask_tell(self, study, *lines, code=0):
        result = subprocess.run(
            [program.PROGRAM, "ask-tell", study], cwd=self.directory, env=self.environment,
            input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True,
            text=True, timeout=program.HANG_SECONDS)
        self.assertEqual(result.returncode, code, result.stderr)
        return [json.loads(line) for line in result.stdout.splitlines()], result.stderr

    # ---- bad input -------------------------------------------------------------------------------

    def refuse(self, constraint, *fragments):
        study = self.study(constraints=["x < .9", constraint])
        self.refused(2, ["search", study, "-q"], "study.json:1:", "constraints[1]: ", *fragments)

    def test_what_cannot_be_read_is_refused_with_its_place(self):
        self.refuse("x <", 'column 4 of "x <": a name, number or text is missing before the end')
        self.refuse("x = 1", 'column 3 of "x = 1": write ==, not =')
        self.refuse("x / 0 < 1", 'column 5 of "x / 0 < 1": it divides by zero')
        self.refuse("1 < 2", "it names no hyperparameter")

    def test_names_and_kinds_are_checked_once_the_space_is_known(self):
        self.refuse("unit > 100", 'column 1 of "unit > 100": there is no hyperparameter "unit" '
                                  '(did you mean "units"?)')
        self.refuse("x < .5 or optimizer > 3",
                    "column 11", "optimizer is a text, and 3 is a number: they cannot be compared")
        self.refuse("bias == 1", "bias is true or false, and 1 is a number")
        self.refuse("optimizer == 'sdg'", 'column 14', '"sdg" is not a value of "optimizer" '
                                          '(did you mean "sgd"?)')
        self.refused(2, ["search", self.study(), "--set", 'constraints=["unit > 1"]', "-q"],
                     '--set constraints=["unit > 1"]: constraints[0]: column 1 of ')
        self.refused(2, ["space", self.study(constraints=["unit > 1"])], "study.json:1:")

    def test_what_decides_nothing_is_refused(self):
        basis = "as far as all ends and 10000 draws tell"
        self.refuse("units > 512", "no values keep it, " + basis)
        self.refuse("units <= 512", "all values keep it, " + basis)
        self.refuse("units / (x - x) < 1", "it divides by zero, or its arithmetic is not finite")

    def test_too_few_values_are_told_with_their_share(self):
        study = self.study(constraints=["x == 1"])  # one end alone
        self.refused(1, ["search", study, "-q"],
                     "0 of 200000 random draws keep all constraints")

    def test_initial_values_that_break_one_are_refused_with_it(self):
        study = self.study(constraints=KEPT, initial=[{"x": .1}, {"x": .9, "units": 512}])
        self.refused(2, ["search", study, "-q"], "study.json:1:", "initial[1]: the values break the "
                     'constraint "units * x <= 200", where units is 512 and x is 0.9')

    def test_a_requirement_that_cannot_be_kept_is_refused(self):
        study = self.study(options={"require": "x > units"})
        self.refused(2, ["search", study, "-q"], "a constraint of the hypermodel: column 1 of "
                     '"x > units": no values keep it')

    # ---- searches --------------------------------------------------------------------------------

    def test_every_oracle_keeps_them(self):
        for oracle in ("random", "sobol", "tpe", "nsga2", "bayesian", "auto"):
            study = self.study(constraints=KEPT, max_trials=40, project_name=oracle,
                               oracle={"plugin": oracle})
            self.run_program("search", study, "-q")
            trials = self.trials("runs/" + oracle)
            self.assertEqual(len(trials), 40)
            for trial in trials:
                self.assertEqual(trial["state"], "completed")
                self.assertTrue(keeps(trial["values"]), trial["values"])
            self.run_program("replay", "runs/" + oracle)

    def test_finite_spaces_are_exhausted_exactly(self):
        command = {"plugin": "command", "options": {
            "command": ["printf", '%s\n', '{{"loss": 1}}']}}
        wanted = {(a, b) for a in range(6) for b in range(6) if a > b and (a + b) % 3 != 0}
        for oracle in ("grid", "random", "sobol"):
            study = self.study(hypermodel=command, space=WHOLE, project_name=oracle, max_trials=99,
                               constraints=["a > b", "(a + b) % 3 != 0"],
                               oracle={"plugin": oracle})
            self.run_program("search", study, "-q")
            points = [(trial["values"]["a"], trial["values"]["b"])
                      for trial in self.trials("runs/" + oracle)]
            self.assertEqual(len(points), len(wanted))
            self.assertEqual(set(points), wanted)

    def test_what_a_hypermodel_requires_is_kept_and_logged(self):
        study = self.study(options={"require": "units < 256 or x > .5"}, max_trials=30,
                           sinks=["jsonl"])
        self.run_program("search", study, "-q")
        for trial in self.trials():
            self.assertTrue(trial["values"]["units"] < 256 or trial["values"]["x"] > .5)
        grown = [event for event in self.events() if event["type"] == "space_grown"]
        self.assertEqual([text for each in grown for text in each.get("constraints", [])],
                         ["units < 256 or x > .5"])
        self.run_program("replay", "runs/toy")

    def test_the_space_shows_them(self):
        study = self.study(constraints=KEPT, options={"require": "units < 500"})
        told = json.loads(self.run_program("space", study, "--json").stdout)
        self.assertEqual(told["constraints"], KEPT + ["units < 500"])
        self.assertIn("constraint: units < 500\n", self.run_program("space", study).stdout)
        self.run_program("search", study, "-q")
        told = json.loads(self.run_program("space", "runs/toy", "--json").stdout)
        self.assertEqual(told["constraints"], KEPT + ["units < 500"])

    def test_a_name_that_a_whole_space_lacks_is_refused(self):
        command = {"plugin": "command", "options": {"command": ["true"]}}
        study = self.study(hypermodel=command, space=SIZES, constraints=["x < y"])
        self.refused(2, ["search", study, "-q"], 'there is no hyperparameter "y"')

    # ---- going on --------------------------------------------------------------------------------

    def test_a_study_goes_on_with_another_list(self):
        self.run_program("search", self.study(constraints=[KEPT[0]]), "-q")
        study = self.study(constraints=["x < .6"], max_trials=25)
        said = self.run_program("search", study).stderr
        self.assertIn(f'"{KEPT[0]}" is no longer given by the study file; it stays', said)
        told = json.loads(self.run_program("space", "runs/toy", "--json").stdout)
        self.assertEqual(told["constraints"], [KEPT[0], "x < .6"])
        for trial in self.trials()[5:]:
            self.assertLess(trial["values"]["x"], .6)
            self.assertLessEqual(trial["values"]["x"] * trial["values"]["units"], 200)
        self.run_program("replay", "runs/toy")

    def test_a_lag_gives_the_same_study_for_any_number_of_workers(self):
        told = []
        for workers in (1, 2):
            study = self.study(constraints=KEPT, max_trials=24, parallel_trials=workers,
                               schedule={"lag": 2}, project_name=f"lag{workers}",
                               oracle={"plugin": "auto"},
                               options={"deep": True, "require": "units != 64"})
            self.run_program("search", study, "-q")
            told.append(self.trials(f"runs/lag{workers}"))
            self.run_program("replay", f"runs/lag{workers}")
        self.assertEqual(told[0], told[1])
        self.assertEqual(len(told[0]), 24)

    def test_values_of_another_study_that_break_one_are_passed_over(self):
        self.run_program("search", self.study(max_trials=20, project_name="other"), "-q")
        breaks = sum(not keeps(trial["values"]) for trial in self.trials("runs/other"))
        self.assertGreater(breaks, 0)
        study = self.study(constraints=KEPT, warm_start="runs/other")
        said = self.run_program("search", study).stderr
        self.assertIn(f"{breaks} trial", said)
        self.assertIn("its values break the constraint", said)

    # ---- ask-tell --------------------------------------------------------------------------------

    def test_ask_tell_keeps_them(self):
        study = self.study(hypermodel=None, space=WHOLE, constraints=["a > b"], max_trials=99)
        document = json.loads(self.read(study))
        del document["hypermodel"]
        self.write(study, json.dumps(document))
        lines = [line for trial in range(15)
                 for line in ({"ask": 1}, {"tell": trial, "metrics": {"loss": 1.0}})]
        answers, _ = self.ask_tell(study, *lines, {"ask": 1})
        asked = [answer["trials"][0]["values"] for answer in answers if "trials" in answer]
        self.assertEqual(len(asked), 15)  # all that keep it
        self.assertTrue(all(values["a"] > values["b"] for values in asked))
        self.assertEqual(answers[-1], {"exhausted": True})


if __name__ == "__main__":
    program.main()
