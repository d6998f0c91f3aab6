#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a hypermodel in a process of its own may do to the search: cost one trial."""
import json
import os
import signal
import subprocess
import time
import unittest

import program


def children_of(pid):
    """The living processes of this machine whose parent is `pid`, with their names."""
    found = {}
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8") as file:
                text = file.read()
        except OSError:
            continue
        fields = text[text.rindex(")") + 2:].split()
        if fields[1] == str(pid) and fields[0] != "Z":
            found[int(name)] = text[text.index("(") + 1:text.rindex(")")]
    return found


def processes_with(text):
    """Those that have the text in their environment."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if name != str(os.getpid()) and text.encode() in file.read():
                    found.append(int(name))
        except OSError:
            continue
    return found


class RunnerTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        self.environment["DODONA_TEST_MARK"] = self.directory
        # Nothing that a test started is left.
        self.addCleanup(self.check_that_nothing_is_left)

    def check_that_nothing_is_left(self):
        end = time.monotonic() + program.HANG_SECONDS
        while left := processes_with(f"DODONA_TEST_MARK={self.directory}"):
            self.assertLess(time.monotonic(), end, f"left: {left}")
            time.sleep(0.05)

    def marked(self, **marks):
        os.makedirs(self.path("marks"), exist_ok=True)
        for place, how in marks.items():
            self.write(os.path.join("marks", place.strip("_").replace("_", "-")), how)
        return {"marks": self.path("marks")}

    def isolated(self, options=None, **keys):
        return self.study(options=options, isolation="process", **keys)

    def runner_of(self, owner):
        self.until(lambda: "dodona-runner" in children_of(owner.pid).values(), "a runner")
        return next(pid for pid, name in children_of(owner.pid).items() if name == "dodona-runner")


class Faults(RunnerTest):
    def failed(self, outcome, *said, parallel=1, keys=None, **marks):
        """Trial 1 fails so, all others complete, and the log replays."""
        self.run_program("search", self.isolated(self.marked(**marks), max_trials=4,
                                                 parallel_trials=parallel, **(keys or {})), "--overwrite")
        trials = self.trials()
        self.assertEqual([trial["state"] for trial in trials],
                         ["completed", "failed", "completed", "completed"])
        self.assertEqual(trials[1]["outcome"], outcome, trials[1])
        for text in ('hypermodel "toy"', "in trial 1 after step ", *said):
            self.assertIn(text, trials[1]["message"])
        self.assertIn("4 proposals verified", self.run_program("replay", "runs/toy").stdout)

    def test_a_signal(self):
        for name in ("SIGSEGV", "SIGABRT", "SIGFPE"):
            with self.subTest(name):
                self.failed("crash", f"crashed with {name}", "after step 1", _1_2=name)

    def test_a_signal_in_a_thread_of_the_model_s_own(self):
        self.failed("crash", "crashed with SIGSEGV", _1_1="thread")

    def test_a_stack_overflow(self):
        self.failed("crash", "crashed with SIGSEGV", _1_1="overflow")

    def test_an_end_that_the_client_of_an_engine_does_not_tell(self):
        # As ssh ends for every signal and every lost connection.
        keys = {"runner": {"launch": ["sh", "-c", "{runner}; exit 255"]}}
        for how in ("SIGSEGV", "SIGABRT", "SIGFPE"):
            with self.subTest(how):
                self.failed("crash", f"crashed with {how}", keys=keys, _1_2=how)
        self.failed("crash", "crashed with SIGSEGV", keys=keys, _1_2="overflow")
        self.failed("exit", "called exit(0)", keys=keys, _1_2="exit")

    def test_an_exception_that_nobody_may_catch(self):
        self.failed("crash", "crashed with SIGABRT", "terminate called", _1_1="terminate")

    def test_an_exit(self):
        self.failed("exit", "called exit(0)", _1_1="exit")
        self.failed("exit", "ended its process with code 0", _1_1="_exit")
        self.failed("exit", "ended its process with code 0", _1_1="quick_exit")

    def test_closed_descriptors(self):
        self.failed("crash", "closed the descriptors of its runner", _1_1="close")

    def test_while_other_trials_run(self):
        self.failed("crash", "crashed with SIGSEGV", parallel=3, _1_1="SIGSEGV")

    def test_a_retry_begins_anew(self):
        study = self.isolated(self.marked(_1_2="SIGSEGV"), retry={"max_retries_per_trial": 1})
        self.run_program("search", study)
        self.assertEqual(self.states(), ["completed"] * 5)
        self.assertEqual([trial["attempt"] for trial in self.trials()], [0, 1, 0, 0, 0])

    def test_rubbish_on_standard_output_harms_nobody(self):
        result = self.run_program("search", self.isolated(self.marked(_1_1="flood")), "--json")
        self.assertEqual(json.loads(result.stdout)["completed"], 5)
        self.assertEqual(self.states(), ["completed"] * 5)

    def test_children_end_with_their_runner(self):
        # The check at the end finds what is left.
        self.run_program("search", self.isolated(self.marked(_1_1="leave_a_child")))
        self.assertEqual(self.states(), ["completed"] * 5)
        self.failed("crash", "crashed with SIGSEGV", _1_1="leave_a_child", _1_2="SIGSEGV")


class Limits(RunnerTest):
    def limited(self, outcome, *said, limits, **marks):
        """Trial 1 is killed at a limit, and all others complete."""
        self.run_program("search", self.isolated(self.marked(**marks), max_trials=4,
                                                 parallel_trials=2, trial_limits=limits))
        trials = self.trials()
        self.assertEqual([trial["state"] for trial in trials],
                         ["completed", "failed", "completed", "completed"], trials[1])
        self.assertEqual(trials[1]["outcome"], outcome, trials[1])
        for text in ('hypermodel "toy" ', "in trial 1 after step 1", *said):
            self.assertIn(text, trials[1]["message"])
        self.assertIn("4 proposals verified", self.run_program("replay", "runs/toy").stdout)

    def test_a_model_that_obeys_keeps_its_score(self):
        self.run_program("search", self.isolated({"seconds": 0.05, "steps": 1000}, max_trials=2,
                                                 trial_limits={"seconds": 1}))
        for trial in self.trials():
            self.assertEqual((trial["state"], trial["outcome"]), ("stopped", "ok"))
            self.assertIsNotNone(trial["score"])

    def test_the_time_of_an_endless_loop_is_limited(self):
        self.limited("time", "ran for more than 3 s", limits={"seconds": 3}, _1_2="loop")

    def test_the_time_between_reports_is_limited(self):
        self.limited("silence", "reported nothing for more than 2 s",
                     limits={"step_seconds": 2}, _1_2="loop")

    def test_a_process_that_stands_still_reaches_its_limit(self):
        self.limited("silence", "reported nothing", limits={"step_seconds": 2}, _1_2="stop")

    def test_memory_is_limited(self):
        self.limited("memory", "of memory, more than 200", limits={"memory_mb": 200}, _1_2="grow")

    def test_an_allocation_beyond_the_hard_stop_fails(self):
        self.limited("memory", "ran out of memory", limits={"memory_mb": 300}, _1_2="allocate")

    def test_output_is_limited(self):
        self.limited("output", "wrote more than 5 MB of output", limits={"output_mb": 5},
                     _1_2="chatter")

    def test_time_counts_over_all_starts(self):
        options = {"deep": True, "steps": 1000, "seconds": 0.5, **self.marked(_0_3="kill")}
        self.run_program("search", self.isolated(options, max_trials=1, checkpoint={"steps": 1},
                                                 sinks=["jsonl"], trial_limits={"seconds": 6}))
        trial = self.trials()[0]
        self.assertEqual((trial["state"], trial["losses"]), ("stopped", 1))
        # Steps take half a second at least. Without the time of the first start two more would fit.
        steps = [event["step"] for event in self.events() if event["type"] == "reported"]
        self.assertLessEqual(max(steps), 13)

    def test_limits_need_processes_of_their_own(self):
        limits = {"seconds": 5}
        self.refused(2, ("search", self.study(trial_limits=limits, isolation="inline")),
                     "trial_limits", "inline", '"isolation": "process"')
        self.refused(2, ("search", self.study(trial_limits=limits)), "trial_limits",
                     '"isolation": "process"')
        self.refused(2, ("search", self.study(trial_limits=limits, isolation="process",
                                              store="memory")), "isolation", "sqlite")
        self.refused(2, ("search", self.isolated(trial_limits={"memory_mb": 0})), "memory_mb")


class Losses(RunnerTest):
    """A runner that is gone through no fault of its trial."""

    def test_a_killed_runner_costs_no_trial_and_no_step(self):
        options = {"deep": True, "steps": 6}
        self.run_program("search", self.isolated(options, project_name="whole"))
        for how in ("SIGKILL", "kill"):
            with self.subTest(how):
                study = self.isolated({**options, **self.marked(_1_4=how)},
                                      checkpoint={"steps": 2}, sinks=["jsonl"])
                self.run_program("search", study, "--overwrite")
                trials = self.trials()
                self.assertEqual(trials[1].pop("losses"), 1)
                self.assertIn("ended by SIGKILL", trials[1].pop("lost"))
                self.assertEqual(trials, self.trials("runs/whole"))
                starts = [event["start_step"] for event in self.events()
                          if event["type"] == "started" and event["trial"] == 1]
                self.assertEqual(starts, [0, 2])
                self.assertIn("5 proposals verified",
                              self.run_program("replay", "runs/toy").stdout)


    def test_the_status_counts_it(self):
        owner = self.start("search", self.isolated({"deep": True, "seconds": 0.1, "steps": 600},
                                                   checkpoint={"steps": 1}))
        runner = self.runner_of(owner)

        def status():
            result = subprocess.run([program.PROGRAM, "status", "runs/toy", "--json"],
                                    cwd=self.directory, env=self.environment, capture_output=True,
                                    text=True, check=False)
            return json.loads(result.stdout)["runners"] if result.returncode == 0 else []
        self.until(lambda: [each["state"] for each in status()] == ["busy"], "a trial")
        os.kill(runner, signal.SIGKILL)
        self.until(lambda: [each["losses"] for each in status()] == [1], "the loss")
        found = status()[0]
        self.assertEqual((found["name"], found["host"]), ("dodona-runner", os.uname().nodename))
        owner.send_signal(signal.SIGINT)
        self.assertEqual(owner.wait(program.HANG_SECONDS), 130)
        self.assertIn("goes on from step", self.read("err"))


class Serial(RunnerTest):
    def test_one_trial_a_process_is_many_trials_in_many_processes(self):
        keys = {"hypermodel": "serial", "parallel_trials": 4, "max_trials": 8}
        self.refused(2, ("search", self.study(**keys)), "runs one trial at a time in a process")
        self.run_program("search", self.isolated(**keys), "--overwrite")
        self.assertEqual(self.states(), ["completed"] * 8)


class AtTheStart(RunnerTest):
    def test_nothing_of_the_plugin_is_loaded_by_the_owner(self):
        study = self.isolated({"seconds": 0.05}, max_trials=100)
        owner = self.start("search", study)
        runner = self.runner_of(owner)
        self.until(lambda: os.path.exists(self.path("runs", "toy", "study.db")), "the study")

        def maps(pid):
            with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
                return file.read()
        self.until(lambda: "toy.so" in maps(runner), "the plugin in the runner")
        self.assertNotIn("toy.so", maps(owner.pid))
        owner.send_signal(signal.SIGINT)
        self.assertEqual(owner.wait(program.HANG_SECONDS), 130)


class Owners(RunnerTest):
    def test_no_runner_outlives_an_owner_that_is_killed(self):
        owner = self.start("search", self.isolated({"seconds": 60.0}, max_trials=4,
                                                   parallel_trials=2))
        self.until(lambda: list(children_of(owner.pid).values()).count("dodona-runner") == 2,
                   "two runners")
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        # The check at the end finds what is left.

    def test_an_interrupt_ends_the_search_and_a_resume_completes_it(self):
        study = self.isolated({"seconds": 0.2}, max_trials=6)
        owner = self.start("search", study)
        self.runner_of(owner)
        self.until(lambda: self.running_trials() > 0, "a trial")
        owner.send_signal(signal.SIGINT)
        self.assertEqual(owner.wait(program.HANG_SECONDS), 130)
        self.run_program("search", study)
        self.assertEqual(self.states(), ["completed"] * 6)

    def running_trials(self):
        result = subprocess.run([program.PROGRAM, "trials", "runs/toy", "--json"],
                                cwd=self.directory, env=self.environment, capture_output=True,
                                text=True, check=False)
        if result.returncode != 0:
            return 0
        return sum(trial["state"] == "running" for trial in json.loads(result.stdout)["trials"])


if __name__ == "__main__":
    program.main()
