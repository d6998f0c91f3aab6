#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The process that plugins share with the program: its output, its environment."""
import json
import os
import subprocess
import unittest

import program


class ProcessTest(program.ProgramTest):
    def marked(self, **marks):
        """The options of a toy that does in TRIAL_STEP as is told, once."""
        os.makedirs(self.path("marks"), exist_ok=True)
        for place, how in marks.items():
            self.write(os.path.join("marks", place.strip("_").replace("_", "-")), how)
        return {"marks": self.path("marks")}


class Output(ProcessTest):
    def test_standard_output_is_the_program_s_alone(self):
        study = self.study(options=self.marked(_0_1="talk", _2_2="talk"))
        result = self.run_program("search", study, "--json")
        self.assertEqual(json.loads(result.stdout)["completed"], 5)
        self.assertEqual(result.stderr, "the toy talks\n" * 2)

    def test_without_standard_output_or_error_a_search_runs_all_the_same(self):
        self.study()
        for closed, code in (("2>&-", 0), (">&-", 1), (">&- 2>&-", 1)):
            with self.subTest(closed):
                command = f'"{program.PROGRAM}" search study.json --overwrite {closed}'
                result = subprocess.run(["sh", "-c", command], cwd=self.directory,
                                        env=self.environment, capture_output=True,
                                        stdin=subprocess.DEVNULL, timeout=program.HANG_SECONDS)
                self.assertEqual(result.returncode, code, result.stderr)
                self.assertEqual(self.states(), ["completed"] * 5)


class OpenMP(ProcessTest):
    def lines(self, **environment):
        result = self.run_program("search", self.study(), "--overwrite", "-v",
                                  environment=environment)
        return [line for line in result.stderr.splitlines() if "OpenMP" in line]

    def test_its_threads_sleep_while_they_wait_unless_the_user_says_otherwise(self):
        self.assertRegex(self.lines()[0], r"info: .*OMP_WAIT_POLICY=passive")
        for name, value in (("OMP_WAIT_POLICY", "active"), ("GOMP_SPINCOUNT", "1000")):
            line = self.lines(**{name: value})[0]
            self.assertIn(f"wait as {name}={value} of the environment says", line)


if __name__ == "__main__":
    program.main()
