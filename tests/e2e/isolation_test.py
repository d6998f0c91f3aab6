#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trials in processes of their own give what trials in this one give."""
import itertools
import json
import os
import shutil
import signal
import subprocess

import program

# Of an event; the rest must be the same.
OF_A_RUN = ("unix_nanos", "time", "seconds", "runner", "sequence")


class Isolation(program.ProgramTest):
    def search_both(self, **keys):
        """Runs the same study inline and isolated; answers its events for both."""
        for isolation in ("inline", "process"):
            study = self.study(f"{isolation}.json", project_name=isolation, isolation=isolation,
                               sinks=["jsonl"], **keys)
            self.run_program("search", study)
        inline, process = (self.trials(f"runs/{each}") for each in ("inline", "process"))
        self.assertEqual(inline, process)
        for each in ("inline", "process"):
            self.assertIn("verified", self.run_program("replay", f"runs/{each}").stdout)
        return [self.told(each) for each in ("inline", "process")]

    def told(self, project):
        events = self.events(f"runs/{project}")
        return [{key: value for key, value in event.items() if key not in OF_A_RUN}
                for event in events if event["type"] not in ("created", "configured")]

    def test_one_worker_gives_the_same_log(self):
        for stopper, executions in itertools.product((None, "median"), (1, 2)):
            with self.subTest(stopper=stopper, executions=executions):
                keys = {"stopper": stopper} if stopper else {}
                inline, process = self.search_both(
                    options={"deep": True, "luckless": 0.1, "steps": 4}, max_trials=24,
                    executions_per_trial=executions, retry={"max_retries_per_trial": 1}, **keys)
                self.assertEqual(inline, process)
                shutil.rmtree(self.path("runs"))

    def test_a_lag_gives_the_same_trials_for_any_number_of_workers(self):
        self.search_both(options={"deep": True, "steps": 3}, max_trials=24, parallel_trials=3,
                         stopper="median", schedule={"lag": 4})

    def test_promoted_trials_go_on_from_the_same_checkpoints(self):
        self.search_both(options={"deep": True, "steps": 9}, max_steps=9, max_trials=30,
                         oracle={"plugin": "hyperband", "options": {"factor": 3}})

    def test_a_constraint_of_the_model_holds(self):
        self.search_both(options={"require": "units * x <= 100"}, max_trials=12)

    def test_values_that_a_model_refuses_fail_the_same_trials(self):
        self.search_both(options={"fail": [1, 3]}, max_trials=6)


class Launch(program.ProgramTest):
    """Runners that a command starts, here a shell in place of an engine."""
    COMMAND = ["sh", "-c", "exec {runner}"]

    def test_they_give_the_same_log(self):
        keys = {"options": {"deep": True, "steps": 4}, "max_trials": 12, "sinks": ["jsonl"]}
        self.run_program("search", self.study("here.json", project_name="here", **keys))
        self.run_program("search", self.study("there.json", project_name="there",
                                              runner={"launch": self.COMMAND}, **keys))
        self.assertEqual(self.trials("runs/here"), self.trials("runs/there"))

    # The search failed once: "the search has ended".
    def test_an_interrupt_ends_a_search_whose_first_runner_waits_for_its_place(self):
        child = self.start("search", self.study(runner={"launch": ["sleep", "600"]}))
        self.until(lambda: subprocess.run(["pgrep", "-P", str(child.pid), "sleep"],
                                          stdout=subprocess.DEVNULL, check=False).returncode == 0,
                   "the command")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130, self.read("err"))
        self.assertIn("interrupted; to go on: ", self.read("err"))

    # The words of srun, as it was asked to end, once stood for the reason.
    def test_a_silent_runner_is_told_of_without_what_its_client_says_at_the_end(self):
        client = "trap 'echo asked to end >&2; exit' TERM; exec 3<&0; {runner} <&3 3<&- & wait"
        child = self.start("search", self.study(
            runner={"launch": ["sh", "-c", client], "beat_seconds": 1, "silence_seconds": 3},
            options={"deep": True, "steps": 20, "seconds": 0.1}, max_trials=1, sinks=["jsonl"]))
        self.until(lambda: os.path.exists(self.path("runs/toy/events.jsonl")) and
                   [event for event in self.events() if event["type"] == "reported"], "a report")
        found = subprocess.run(["pgrep", "-f", "dodona-runner", "--parent", subprocess.run(
            ["pgrep", "-P", str(child.pid), "sh"], capture_output=True, text=True,
            check=True).stdout.strip()], capture_output=True, text=True, check=True)
        os.kill(int(found.stdout), signal.SIGSTOP)  # it dies with the shell
        self.assertEqual(child.wait(program.HANG_SECONDS), 0, self.read("err"))
        self.assertIn("the runner gave no sign of life for 3 s; trial 0 ", self.read("err"))

    # Such a runner takes the owner's directory for one of another file system.
    BLIND = ["sh", "-c", "rm -f runs/*/shared.*; exec {runner}"]

    def without_shared_files(self, keys):
        """The same study here and where runners see no file of their owner."""
        self.environment["TMPDIR"] = self.path("tmp")
        os.mkdir(self.path("tmp"))
        self.run_program("search", self.study("here.json", project_name="here", **keys))
        self.run_program("search", self.study("there.json", project_name="there",
                                              runner={"launch": self.BLIND}, **keys))
        self.assertEqual(self.trials("runs/here"), self.trials("runs/there"))
        self.assertEqual(os.listdir(self.path("tmp")), [])
        files = [{os.path.relpath(os.path.join(folder, name), self.path(runs)): self.read(folder, name)
                  for folder, _, names in os.walk(self.path(runs, "trials")) for name in names}
                 for runs in ("runs/here", "runs/there")]
        self.assertEqual(*files)
        self.assertNotEqual(files[0], {})

    def test_models_come_and_go_through_the_pipe(self):
        self.without_shared_files({
            "options": {"deep": True, "steps": 9}, "max_steps": 9, "max_trials": 30,
            "oracle": {"plugin": "hyperband", "options": {"factor": 3}}})

    def test_files_of_a_trial_come_back_at_its_end(self):
        script = "import os; print('said'); open('left', 'w').write(os.environ['DODONA_TRIAL'])"
        self.without_shared_files({
            "hypermodel": {"plugin": "command", "options": {
                "command": ["python3", "-c", script + "; print('{{\"loss\": 1}}')"]}},
            "space": [{"name": "lr", "type": "float", "min_value": 0, "max_value": 1}],
            "objective": "loss", "max_trials": 2})

    def test_a_lost_trial_goes_on_from_what_came_through_the_pipe(self):
        keys = {"options": {"deep": True, "steps": 30, "seconds": 0.05}, "max_trials": 2,
                "checkpoint": {"steps": 2}, "sinks": ["jsonl"]}
        self.run_program("search", self.study("here.json", project_name="here", **keys))
        child = self.start("search", self.study("there.json", project_name="there",
                                                runner={"launch": self.BLIND}, **keys))

        def step():
            path = self.path("runs/there/events.jsonl")
            return [event["step"] for event in self.events("runs/there")
                    if event["type"] == "reported"][-1:] if os.path.exists(path) else []
        self.until(lambda: step() and step()[0] >= 9, "step 9")
        subprocess.run(["pkill", "-KILL", "-P", str(child.pid), "dodona-runner"], check=True)
        self.assertEqual(child.wait(program.HANG_SECONDS), 0, self.read("err"))
        self.assertEqual(len([event for event in self.events("runs/there")
                              if event["type"] == "lost"]), 1)
        self.assertRegex(self.read("err"), r"lost: .*; trial 0 goes on from step \d")
        here, there = (self.trials(runs) for runs in ("runs/here", "runs/there"))
        self.assertEqual(there[0].pop("losses"), 1)
        self.assertIn("SIGKILL", there[0].pop("lost"))
        self.assertEqual(here, there)

    def test_the_search_goes_on_without_a_place_that_has_none(self):
        command = "[ {slot} = good ] && exec {runner}; echo 'no such file' >&2; exit 127"
        child = self.start("search", self.study(
            max_trials=2, parallel_trials=2, options={"steps": 2, "seconds": 1}, sinks=["jsonl"],
            runner={"launch": ["sh", "-c", command], "slots": ["bad", "good"]}))

        def states():
            told = subprocess.run([program.PROGRAM, "status", "runs/toy", "--json"],
                                  cwd=self.directory, env=self.environment, capture_output=True,
                                  text=True, check=False)
            if told.returncode != 0:
                return None  # the search has not begun
            runners = json.loads(told.stdout)["runners"]
            return [(each["state"], each["host"]) for each in runners]
        self.until(lambda: ("lost", "bad") in (states() or []), "the place that is lost")
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        told = self.read("err")
        self.assertEqual(told.count("bad: "), 1, told)
        self.assertIn("ended its process with code 127 while it was created: no such file; the "
                      "search goes on without it", told)
        self.assertEqual([trial["state"] for trial in self.trials()], ["completed"] * 2)

    def test_there_is_an_error_where_no_place_has_one(self):
        study = self.study(runner={"launch": ["sh", "-c", "exit 127 # {slot} {runner}"],
                                   "slots": ["h1", "h2"]})
        self.refused(3, ("search", study), "h2: ", "ended its process with code 127")

    def test_a_runner_for_which_there_is_nothing_is_ended(self):
        ends = self.path("ends")
        child = self.start("search", self.study(
            max_trials=1, parallel_trials=2, options={"steps": 600, "seconds": 0.1}, sinks=["jsonl"],
            runner={"launch": ["sh", "-c", f"{{runner}}; echo end >> {ends}"], "idle_seconds": 0.1}))
        self.until(lambda: os.path.exists(ends), "the end of a runner")
        self.assertNotIn("finished", [event["type"] for event in self.events()])
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130)

    def test_names_what_cannot_be(self):
        for runner, keys, words in (
                ({"launch": ["ssh", "{host}", "{runner}"]}, {},
                 ["runner.launch", "{host}", "{runner}, {slot} and {study}"]),
                ({"launch": ["ssh", "{slot}", "{runner}"]}, {}, ["runner.launch", "give the slots"]),
                ({"launch": ["srun", "{runner}"], "slots": ["n1"]}, {},
                 ["runner.launch", "has no place {slot}"]),
                ({"slots": ["n1"]}, {}, ["runner.slots", "launch"]),
                ({"launch": self.COMMAND}, {"isolation": "inline"}, ["runner.launch", "inline"]),
                ({"launch": self.COMMAND}, {"store": "memory"}, ["runner.launch", "sqlite"]),
                ({"silence_seconds": 2}, {}, ["runner.silence_seconds", "beat_seconds 2.0"])):
            with self.subTest(runner=runner):
                self.refused(2, ("search", self.study(runner=runner, **keys)), *words)


class Start(program.ProgramTest):
    def test_names_what_cannot_be_isolated(self):
        self.refused(2, ("search", self.study(isolation="process", store="memory")),
                     "isolation", "memory", "sqlite")
        self.refused(2, ("search", self.study(isolation="elsewhere")), "isolation", "elsewhere",
                     "inline or process")

    def test_the_program_for_runners_says_what_it_is(self):
        runner = os.path.join(program.BUILD, "libexec", "dodona", "dodona-runner")
        result = subprocess.run([runner, "--help"], capture_output=True, text=True, check=False)
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("which starts it by itself", result.stderr)

    def test_fails_with_the_error_of_a_model_that_cannot_be_made(self):
        study = self.study(isolation="process", options={"data": "/nowhere/at/all"})
        self.refused(2, ("search", study), "there is no file /nowhere/at/all")


if __name__ == "__main__":
    program.main()
