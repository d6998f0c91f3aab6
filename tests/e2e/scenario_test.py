#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A study with a lag that is killed, interrupted and gone on with is the study that was not.

For every oracle, alone and with a stopper: trials in parallel that fail at random, retries, values
of the user, nested conditions and a hyperparameter that is met late. The search dies in the midst
of trials, at fixed steps of theirs, and goes on with another number of workers each time, for some
oracles at first with fewer trials than it gets in the end. One and sixteen workers find the same
without dying. Proposals, values, metrics, verdicts and states are compared, and the log of the
study that died proves itself.
"""
import json
import os
import signal
import unittest

import program

LAG = 16
TRIALS = 44
STEPS = 6
# In which step of which trial the toy ends its process, and how.
DEATHS = {"0-3": "kill", "3-1": "kill", "9-1": "interrupt", "17-1": "kill", "20-1": "kill",
          "21-1": "interrupt"}
WORKERS = [4, 16, 1, 3]  # of one search after another


class Scenario(program.ProgramTest):
    def scenario(self, oracle, stopper=None, first=TRIALS, **keys):
        for plugin in (oracle, stopper):
            name = plugin["plugin"] if isinstance(plugin, dict) else plugin
            if name and not os.path.exists(program.built_plugin(name)):
                self.skipTest(f"the plugin {name} was not built")

        def study(name, workers, marks=""):
            toy = {"deep": True, "luckless": 0.4, "steps": STEPS, "marks": marks}
            return self.study(**{
                "name": name + ".json", "project_name": name, "max_trials": TRIALS,
                "options": toy, "oracle": oracle, "stopper": stopper, "sinks": ["jsonl"],
                "schedule": {"lag": LAG}, "parallel_trials": workers, "initial": [{"x": 0.25}],
                "retry": {"max_retries_per_trial": 1, "max_consecutive_failed_trials": None}, **keys})

        self.run_program("search", study("whole", 4))
        whole = self.told("runs/whole")
        self.check_variety(whole, stopper)
        for workers in (1, LAG):
            name = f"workers_{workers}"
            self.run_program("search", study(name, workers))
            self.assertEqual(self.told(f"runs/{name}"), whole)

        marks = self.path("marks")
        self.mark(marks)
        study("dead", WORKERS[0], marks)
        deaths = self.deaths(first) + self.deaths(TRIALS)
        self.assertEqual(os.listdir(marks), [])
        # Neighbours may die together, but trial 17 waits for the turn of trial 0.
        self.assertGreaterEqual(deaths, 2)
        self.assertEqual(self.told("runs/dead"), whole)
        said = json.loads(self.run_program("replay", "runs/dead", "--json").stdout)
        self.assertEqual(said["difference"], None)
        self.assertEqual(said["verified"] + said["passed_over"], len(whole["trials"]))

    def mark(self, marks):
        os.makedirs(marks)
        for mark, how in DEATHS.items():
            self.write(os.path.join(marks, mark), how)

    def deaths(self, max_trials):
        """Searches until one comes to its end, and says how many did not."""
        count = 0
        while True:
            workers = WORKERS[count % len(WORKERS)]
            child = self.start("search", "dead.json", "--set", f"max_trials={max_trials}",
                               "--set", f"parallel_trials={workers}")
            code = child.wait(program.HANG_SECONDS)
            if code == 0:
                return count
            self.assertIn(code, (130, -signal.SIGKILL), self.read("err"))
            count += 1

    def told(self, directory):
        """All that a lag promises. Reports and verdicts are those of each attempt's last run."""
        reports = {}
        for event in self.events(directory):
            if event["type"] == "started":
                run = reports.setdefault(event["trial"], {}).setdefault(event["attempt"], {})
                run[event["execution"]] = last = []
            elif event["type"] == "reported":
                last = list(reports[event["trial"]].values())[-1][event["execution"]]
                last.append((event["step"], event["metrics"], event["verdict"]))
        space = json.loads(self.run_program("space", directory, "--json").stdout)
        return {"trials": self.trials(directory), "space": space, "reports": reports}

    def check_variety(self, told, stopper):
        """The study is one in which something could go wrong."""
        trials = told["trials"]
        states = {trial["state"] for trial in trials}
        self.assertLessEqual({"completed", "failed", "invalid"}, states)
        self.assertEqual("stopped" in states, stopper is not None)
        self.assertIn(1, [trial["attempt"] for trial in trials if trial["state"] == "completed"])
        names = set().union(*(trial["values"] for trial in trials))
        self.assertLessEqual({"late", "warmup", "drop"}, names)


def add(name, *arguments, **keys):
    def test(self):
        self.scenario(*arguments, **keys)

    setattr(Scenario, "test_" + name, test)


HYPERBAND = {"plugin": "hyperband", "options": {"max_epochs": STEPS, "hyperband_iterations": 4}}
ASHA = {"plugin": "asha", "options": {"factor": 2}}
PATIENT = {"plugin": "patient", "options": {"patience": 1}}

add("random", "random", first=19, executions_per_trial=2)
add("grid", "grid")
add("sobol", "sobol", first=14, initial=[{"x": k / 20} for k in range(18)])
add("hyperband", HYPERBAND, max_steps=STEPS)
add("bayesian", "bayesian")
add("tpe", "tpe")
add("auto", "auto")
add("random_and_median", "random", "median", first=23)
add("tpe_and_asha", "tpe", ASHA)
add("grid_and_patient", "grid", PATIENT)
add("hyperband_and_patient", HYPERBAND, PATIENT, max_steps=STEPS)

if __name__ == "__main__":
    program.main()
