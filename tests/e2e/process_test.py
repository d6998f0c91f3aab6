#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The process that plugins share with the program: its output, its environment, its end."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
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


class Ends(ProcessTest):
    """A process that ends by a plugin's fault: what it says, and what becomes of the trial."""

    def crashed(self, code, *said, **marks):
        study = self.study(options=self.marked(**marks), parallel_trials=1, max_trials=4)
        err = self.run_program("search", study, code=code).stderr
        for text in said:
            self.assertIn(text, err)
        return err

    def test_a_fatal_signal_names_plugin_and_trial(self):
        for how in ("SIGSEGV", "SIGABRT", "SIGFPE", "overflow"):
            with self.subTest(how):
                number = signal.SIGSEGV if how == "overflow" else signal.Signals[how]
                self.crashed(-number, f'\ndodona: {number.name} in hypermodel "toy" while trial 1 '
                             "ran\n", _1_1=how)
                shutil.rmtree(self.path("runs"))

    def test_exit_in_a_plugin_is_noticed(self):
        for how in ("exit", "quick_exit"):
            with self.subTest(how):
                err = self.crashed(1, _1_1=how)
                self.assertIn('\ndodona: plugin code called exit in hypermodel "toy" while trial 1 '
                              "ran\n", err)
                self.run_program("search", "study.json")
                self.assertEqual(self.states(), ["completed"] * 4)
                shutil.rmtree(self.path("runs"))

    def test_a_trial_that_crashes_the_process_twice_fails(self):
        self.crashed(-signal.SIGSEGV, _1_1="SIGSEGV")
        notes = self.trials()[1]["notes"]
        self.assertEqual(notes, {})
        err = self.crashed(-signal.SIGSEGV, "the process before this one ended by SIGSEGV in "
                           'hypermodel "toy" while trial 1 ran; it runs again', _1_2="SIGSEGV")
        self.assertNotIn("it fails", err)
        err = self.run_program("search", "study.json").stderr
        self.assertIn("it fails, as this is the second time", err)
        trials = self.trials()
        self.assertEqual([trial["state"] for trial in trials],
                         ["completed", "failed", "completed", "completed"])
        self.assertEqual(trials[1]["message"], "the process crashed twice while it ran: SIGSEGV in "
                                               'hypermodel "toy"')
        self.assertFalse(os.path.exists(self.path("runs/toy/study.crash")))

    def test_a_kill_counts_against_no_trial(self):
        for _ in range(3):
            self.crashed(-signal.SIGKILL, _1_1="SIGKILL")
        self.run_program("search", "study.json")
        self.assertEqual(self.states(), ["completed"] * 4)

    def test_a_crash_on_a_thread_of_nobody_runs_those_that_ran_one_at_a_time(self):
        gate = {"gate": self.path("gate"), "gate_from": 0}
        study = self.study(options={**self.marked(_1_1="thread"), **gate}, parallel_trials=2,
                           max_trials=4)
        err = self.run_program("search", study, code=-signal.SIGSEGV).stderr
        self.assertRegex(err, r"\ndodona: SIGSEGV while trials? (0, 1|1, 0) ran\n")
        self.write("gate", "")
        err = self.run_program("search", study).stderr
        self.assertIn("they run again one at a time", err)
        lines = [line for line in err.splitlines() if re.match(r"trial [01] (started|\S+ )", line)]
        self.assertEqual(self.states(), ["completed"] * 4)
        self.assertFalse(os.path.exists(self.path("runs/toy/study.crash")), lines)

    def test_loading_a_library_is_announced(self):
        err = self.run_program("search", self.study(), "-v").stderr
        for name in ("random", "toy"):
            self.assertRegex(err, rf'info: .*"{name}": loading /\S+/{name}\.so\n')


class Overdue(ProcessTest):
    def test_a_search_whose_trial_does_not_come_back_leaves_after_a_grace(self):
        study = self.study(options={"gate": self.path("gate"), "gate_from": 1, "deaf": True},
                           max_seconds=5)  # time enough for trial 0 on a busy machine
        began = time.monotonic()
        result = self.run_program("search", study, "-q")
        self.assertGreater(time.monotonic() - began, 35)
        self.assertIn("2 trials: 1 completed, 1 unfinished; max_seconds reached", result.stdout)
        self.assertTrue(result.stdout.splitlines()[-1].startswith("best loss "))
        self.assertEqual(result.stderr, "dodona: max_seconds and 30 s more are over; trial 1 did "
                         "not come back, and runs again when the study goes on\n")
        self.write("gate", "")
        self.run_program("search", study)
        self.assertEqual(self.states(), ["completed"] * 5)


if __name__ == "__main__":
    program.main()
