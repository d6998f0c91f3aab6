# SPDX-License-Identifier: Apache-2.0
"""A search whose runners are carried by an engine, for tests that do it harm.

    class Test(searches.SearchTest):
        def test(self):
            self.begin(searches.by_slurm(cluster), environment=cluster.environment)
            self.until_step(5)
            os.kill(self.runners()[0], signal.SIGKILL)
            self.finish(losses=1)

The study tunes the toy, which can be saved, in trial order: so its trials must be those of the same
study without runners and without harm, to the last bit.
"""
import contextlib
import json
import os
import signal
import subprocess

import sandbox
import program

BEAT_SECONDS, SILENCE_SECONDS = 1, 8
RESULTS = ["trial", "state", "outcome", "values", "score", "execution_scores", "best_step", "metrics",
           "seed", "budget", "resume_of", "attempt"]


def by_slurm(*options):
    return {"launch": ["srun", "-n1", "--job-name=dodona-{study}", *options, "{runner}"]}


def by_ssh(network, *names):
    """Without names: each host of the network once."""
    return {"launch": ["ssh", "-T", "{slot}", "exec {runner}"],
            "slots": list(names or network.names)}


def by_mpi():
    return {"launch": ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "1", "{runner}"]}


def pids_of(*names):
    """The processes of this sandbox with one of these names."""
    return [pid for pid in sandbox.processes() if sandbox.name_of(pid) in names]


class SearchTest(program.ProgramTest, sandbox.TestCase):
    trials_max, steps, workers = 6, 20, 2

    def setUp(self):
        super().setUp()
        self.before = set(sandbox.processes())

    def begin(self, runner, environment=None, seconds=0.1, options=None, **keys):
        """Starts the search; `keys` are more of its study file, `seconds` the time of a step."""
        self.environment.update({key: value for key, value in (environment or {}).items()
                                 if key.startswith("SLURM_") or key == "TMPDIR"})
        self.document = {
            "max_trials": self.trials_max, "parallel_trials": self.workers,
            "schedule": {"lag": self.workers}, "checkpoint": {"steps": 2}, "sinks": ["jsonl"],
            "options": {"deep": True, "steps": self.steps, "seconds": seconds, **(options or {})},
            **keys}
        self.search_with({"beat_seconds": BEAT_SECONDS, "silence_seconds": SILENCE_SECONDS, **runner})

    def search_with(self, runner):
        self.child = self.start("search", self.study(runner=runner, **self.document))

    # ---- what happens ----------------------------------------------------------------------------

    def log(self, kind=None):
        """The events so far, or those of a type."""
        if not os.path.exists(self.path("runs/toy/events.jsonl")):
            return []
        return [event for event in self.events() if kind in (None, event["type"])]

    def until_event(self, what, condition):
        def look():
            self.assertIsNone(self.child.poll(), self.read("err"))
            return [event for event in self.log() if condition(event)]

        return sandbox.until(look, what, program.HANG_SECONDS, lambda: self.read("err"))[-1]

    def until_step(self, step):
        """Waits until a trial that still runs has reported a step so high."""
        def high(event):
            return event["type"] == "reported" and event["step"] >= step

        return self.until_event(f"step {step}", high)

    def until_loss(self, count=1, seconds=program.HANG_SECONDS):
        sandbox.until(lambda: len(self.log("lost")) >= count, f"{count} losses", seconds,
                      lambda: self.read("err"))

    def runners(self):
        return pids_of("dodona-runner")

    # ---- how it ends -----------------------------------------------------------------------------

    def finish(self, losses=None, words=()):
        """The search ends well, with so many losses (None: any), and its error output has the words."""
        sandbox.until(lambda: self.child.poll() is not None, "the end of the search",
                      program.HANG_SECONDS, self.standing)
        self.assertEqual(self.child.returncode, 0, self.read("err"))
        if losses is not None:
            self.assertEqual(len(self.log("lost")), losses, self.read("err"))
        for text in words:
            self.assertIn(text, self.read("err"))
        self.check_log()
        self.check_results()
        self.check_left()

    def standing(self):
        """What there is to see of a search that does not end."""
        status = subprocess.run([program.PROGRAM, "status", "runs/toy"], cwd=self.directory,
                                capture_output=True, text=True, check=False).stdout
        return f"{status}\n{self.read('err')[-3000:]}\n{sandbox.processes()}"

    def go_on(self):
        """The same command again, after the owner was killed."""
        self.child = self.start("search", "study.json")

    def check_log(self):
        finished = [event["trial"] for event in self.log("finished")]
        self.assertEqual(sorted(finished), list(range(self.trials_max)))
        self.run_program("replay", "runs/toy")

    def check_results(self):
        """The same as if the study had run in one process."""
        document = {**self.document, "options": {**self.document["options"], "seconds": 0.0}}
        self.run_program("search", self.study("whole.json", **{**document, "project_name": "whole"}))
        ours, whole = ([{key: trial[key] for key in RESULTS} for trial in self.trials(directory)]
                       for directory in ("runs/toy", "runs/whole"))
        self.assertEqual(ours, whole)

    def check_left(self):
        """No runner and no client is left, and no file of a trial that runs."""
        self.check_no_process_is_left()
        names = [os.path.join(folder, name) for folder, folders, files in
                 os.walk(self.path("runs/toy")) for name in folders + files]
        self.assertEqual([name for name in names if "going" in name or ".tmp" in name], [])

    def check_no_process_is_left(self):
        def left():
            pids = pids_of("dodona-runner", "srun", "ssh", "mpirun", "orterun")
            texts = {pid: sandbox.text_of(pid) for pid in pids if pid not in self.before}
            # A test may have clients of its own, which the sandbox ends.
            return {pid: text for pid, text in texts.items() if "-p urgent" not in text}

        sandbox.until(lambda: not left(), "the end of all runners", SILENCE_SECONDS + 2, left)

    def kill_owner(self):
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()


class Survives:
    """The harm that a search survives on every engine. A test class has begin() and `clients`, names of
    the engine's client."""

    def test_nothing_happens(self):
        self.begin()
        self.finish(losses=0)

    def test_a_runner_is_killed(self):
        self.begin()
        self.until_step(5)
        kill(self.runners()[:1])
        self.finish(losses=1)

    def test_a_client_is_killed(self):
        self.begin()
        self.until_step(5)
        kill(pids_of(*self.clients)[:1])  # it or its helper
        self.finish(losses=1)


def kill(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # it ended with the one before
            os.kill(pid, signal.SIGKILL)
