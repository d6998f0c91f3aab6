#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Wrong words on the command line and in study files: what is said, and that nothing is written."""
import json
import os
import subprocess
import unittest

import program


class Help(program.ProgramTest):
    def test_each_command_has_an_example(self):
        for words in ([], ["search"], ["trials"], ["best"], ["space"], ["replay"], ["plugins"],
                      ["plugins", "list"], ["plugins", "describe"], ["schema"],
                      ["import-keras-tuner"]):
            with self.subTest(words):
                text = self.run_program(*words, "--help").stdout
                before, _, examples = text.partition("\nExamples:\n")
                self.assertIn("Usage: " + " ".join(["dodona", *words]) + " ", before)
                self.assertRegex(examples, r"^  dodona " + (words[0] if words else "search"))

    def test_lists_exit_codes_and_version(self):
        text = self.run_program("--help").stdout
        for code in ("0 ", "1 ", "2 ", "3 ", "130 "):
            self.assertIn("\n  " + code, text)
        self.assertRegex(self.run_program("--version").stdout, r"^dodona \d+\.\d+\.\d+\n$")


class CommandLine(program.ProgramTest):
    def test_names_what_is_wrong_and_the_nearest_word(self):
        self.study()
        for words, fragments in (
                ([], ["a command is needed", "dodona --help"]),
                (["serch"], ['unknown command "serch"', 'did you mean "search"?']),
                (["search"], ["STUDY.json is required", "dodona search --help"]),
                (["search", "study.json", "--overwite"],
                 ["unknown option --overwite", 'did you mean "--overwrite"?']),
                (["search", "study.json", "more"], ['unexpected argument "more"']),
                (["plugins", "lst"], ['unknown command "lst"', 'did you mean "list"?']),
                (["best", "runs/toy", "-n", "-1"], ['-n: "-1" is no whole number of 0 or more']),
                (["best", "runs/toy", "-n", "two"], ['-n: "two" is no whole number']),
                (["search", "nothere.json"], ['cannot read "nothere.json"', "No such file"]),
                (["search", "."], ["Is a directory", "give the path of a file"]),
                (["search", "study.json", "--plugin-path", "nowhere"],
                 ["the plugin directory nowhere does not exist"])):
            with self.subTest(words):
                self.refused(2, words, *fragments)
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_tells_a_file_or_a_parent_from_a_project(self):
        self.run_program("search", self.study())
        for command in ("trials", "best", "space"):
            with self.subTest(command), self.unharmed():
                if command != "space":  # which shows what the file would search
                    self.refused(2, [command, "study.json"], "is a file", "runs/toy")
                self.refused(2, [command, "runs"], "holds projects and no study", "runs/toy")
                self.refused(1, [command, "runs/tay"], "does not exist",
                             'did you mean "runs/toy"?')
                os.makedirs(self.path("empty"), exist_ok=True)
                self.refused(1, [command, "empty"], "no study in", "which holds a study.db")

    def test_set_names_the_path_and_what_would_be_right(self):
        self.study()
        for setting, *fragments in (
                ("max_trials", "should be path=value, for example max_trials=5"),
                ("max_trial=5", 'there is no key "max_trial"', 'did you mean "max_trials"?'),
                ("max_trials=0", "0 is below the smallest value, 1"),
                ("max_trials=many", "max_trials: is a string; it should be an integer"),
                ("retry.max_retries=1", "retry", "max_retries_per_trial"),
                ("hypermodel.options.step=5", 'hypermodel "toy" has no option "step"',
                 'did you mean "steps"?'),
                ("hypermodel.options.steps=0", "0 is below the smallest value, 1"),
                ("objective=quality", "not known whether less or more", '"direction": "min"')):
            with self.subTest(setting):
                self.refused(2, ["search", "study.json", "--set", setting], "--set " + setting,
                             *fragments)
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_a_study_file_from_standard_input(self):
        self.study()
        with open(self.path("study.json"), encoding="utf-8") as file:
            result = subprocess.run([program.PROGRAM, "search", "-", "--set", "max_trials=2"],
                                    cwd=self.directory, env=self.environment, stdin=file,
                                    capture_output=True, text=True, timeout=program.HANG_SECONDS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.states(), ["completed"] * 2)  # in runs/toy of the working directory
        result = subprocess.run([program.PROGRAM, "search", "-"], cwd=self.directory,
                                env=self.environment, input='{"max_trials": }',
                                capture_output=True, text=True, timeout=program.HANG_SECONDS)
        self.assertEqual(result.returncode, 2)
        self.assertIn("/dev/stdin:1:16: ", result.stderr)
        self.refused(2, ["ask-tell", "-"], "standard input is where ask-tell gets its requests")

    def test_set_wins_over_the_file(self):
        self.run_program("search", self.study(), "--set", "max_trials=2", "--set",
                         "hypermodel.options.fail=[0]")
        self.assertEqual(self.states(), ["failed", "completed"])


class StudyFile(program.ProgramTest):
    def refuses(self, text, place, *fragments):
        self.write("bad.json", text)
        self.refused(2, ["search", "bad.json"], "dodona: bad.json" + place, *fragments)
        self.assertFalse(os.path.exists(self.path("runs")))

    def test_errors_name_file_line_column_and_what_would_be_right(self):
        head = '{\n  "directory": "runs", "hypermodel": "toy",\n  '
        for text, place, *fragments in (
                ("", ":1:1: ", "the text is empty"),
                ("[]", ":1:1: ", "is a list; it should be an object"),
                (head + '"max_trials": 3,,\n}', ":3:19: ", 'found ","', "a key in double quotes"),
                (head + '"max_trials": 3', ":3:18: ",
                 "the text ends here", "the object of line 1, column 1"),
                (head + '"max_trails": 3}', ":3:3: ", 'there is no key "max_trails"',
                 'did you mean "max_trials"?'),
                (head + '"max_trials": "3"}', ":3:17: max_trials: ",
                 "is a string; it should be an integer"),
                (head + '"max_trials": 3,\n  "max_trials": 4}', ":4:3: ",
                 'the key "max_trials" was given before, at line 3, column 3'),
                (head + '"max_trials": 0}', ":3:17: max_trials: ",
                 "0 is below the smallest value, 1"),
                (head + '"store": "postgres"}', ":3:12: store: ",
                 '"postgres" is not one of sqlite or memory'),
                (head + '"project_name": "a/b"}', ":3:19: project_name: ", "a/b"),
                (head + '"objective": ["loss", "loss"]}', ":3:25: objective[1]", "stands twice"),
                (head + '"space": [{"name": "x", "type": "flaot"}]}', ":3:", '"float"'),
                (head + '"space": [{"name": "x", "type": "float", "min_value": 2, '
                 '"max_value": 1}]}', ":3:13: ",
                 'space[0]: hyperparameter "x": min_value 2 is above max_value 1'),
                ('{"directory": "runs"}', ": ", "hypermodel is missing", '"plugin": "torch_mlp"'),
                ('{"hypermodel": {"plugin": "toy", "options": {"secnds": 1}}}', ":1:46: ",
                 'hypermodel "toy" has no option "secnds"', 'did you mean "seconds"?'),
                ('{"hypermodel": {"plugin": "toy", "options": {"steps": 1.5}}}', ":1:55: ",
                 "hypermodel.options.steps: is a real number; it should be of kind int")):
            with self.subTest(text):
                self.refuses(text, place, *fragments)

    # What only the search can find had no line.
    def test_what_the_hypermodel_does_not_have_is_named_with_its_place(self):
        x = {"name": "x", "type": "float", "min_value": 0, "max_value": 1}
        for keys, place, *fragments in (
                ({"initial": [{"x": 0.5}, {"unit": 64}]}, "initial[1]: ",
                 'there is no hyperparameter "unit"', 'did you mean "units"?'),
                ({"space": [x, {**x, "name": "y"}]}, "space[1]: ",
                 'the hypermodel has no hyperparameter "y"; it has x, units'),
                ({"space": [{**x, "name": "momentum", "when": {"optimizer": ["adam"]}}]},
                 "space[0]: ", 'has "momentum" when optimizer is sgd, not when optimizer is adam')):
            key = place[:place.index("[")]
            study = self.write("bad.json", '{\n"directory": "runs", "hypermodel": "toy", "objective": '
                               '{"name": "loss", "direction": "min"},\n' +
                               f'"{key}": [\n' +
                               ",\n".join(json.dumps(each) for each in keys[key]) + "]}")
            line = 4 + int(place[place.index("[") + 1:place.index("]")])
            with self.subTest(place):
                self.refused(2, ["search", study], f"dodona: bad.json:{line}:1: {place}", *fragments)
        sets = ["--set", 'initial=[{"unit": 64}]']
        self.refused(2, ["search", self.study(), *sets],
                     'dodona: --set initial=[{"unit": 64}]: initial[0]: there is no hyper')
        tell = ["ask-tell", self.study(space=[x], initial=[{"z": 1}])]
        self.refused(2, tell, "dodona: study.json:1:", ': initial[0]: there is no hyperparameter "z"')

    def test_a_refused_file_leaves_the_study_as_it_was(self):
        self.run_program("search", self.study())
        with self.unharmed():
            self.study(max_trials=-1)
            self.refused(2, ["search", "study.json", "--overwrite"], "max_trials", "-1")

    def test_seed_objective_and_space_of_a_study_cannot_change(self):
        self.run_program("search", self.study())
        with self.unharmed():
            self.refused(2, ["search", self.study(seed=8)],
                         "the study in runs/toy has seed 7, not 8",
                         "leave seed out to go on, or begin anew with overwrite")
            self.refused(2, ["search", self.study(objective="accuracy")],
                         "has the objective min loss, not max accuracy")
            self.refused(2, ["search", self.study(space=[
                {"name": "unit", "type": "fixed", "value": 64}])],
                         'the hypermodel has no hyperparameter "unit"', 'did you mean "units"?')


if __name__ == "__main__":
    program.main()
