#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a search at 200 random moments and compares its log with what it had acknowledged.

    kill_test.py CRASH_CHILD [SEED]

The same study goes on after each kill, with one worker or four, and a fresh one begins now and then.
After each kill: whoever reads the log finds every acknowledged trial finished, with that score; the
log is the log from before the kill and more, without a gap; values and seeds of known trials stand.
After each start: no finished trial runs again, and an unfinished one runs with its values. At its
end each study is left to complete, and its events.jsonl or its event files have every event once.
"""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "e2e"))
import event_files

KILLS = 200
STUDIES = 8
NEVER = 1_000_000_000  # trials that no search here comes near
MID_RUN_SECONDS_MAX = 0.15  # from the first line to a kill
MORE_TRIALS = 24  # for the search that completes


class Failure(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Failure(message)


class Search:
    """A child that searches, and the lines that it said."""

    def __init__(self, program, directory, max_trials, parallel, sinks):
        self.process = subprocess.Popen(
            [program, directory, str(max_trials), str(parallel), *sinks],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.said = b""

    def wait_for_a_line(self):
        self.said += self.process.stdout.readline()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.finish()
        require(self.process.returncode == -signal.SIGKILL,
                f"it ended by itself with {self.process.returncode}: {self.errors}")

    def finish(self):
        rest, errors = self.process.communicate()
        self.said += rest
        self.errors = errors.decode()

    def lines(self):
        require(self.said == b"" or self.said.endswith(b"\n"), "a line was written in parts")
        return [line.split() for line in self.said.decode().splitlines()]


def has_value(text, value):
    """True if a word that the child wrote means a value of the log's JSON."""
    if isinstance(value, bool) or isinstance(value, str):
        return text == (str(value).lower() if isinstance(value, bool) else value)
    return float(text) == value


class Study:
    """One project directory, and all that must hold for it from now on."""

    def __init__(self, program, directory, sinks, counts):
        self.program, self.directory, self.sinks, self.counts = program, directory, sinks, counts
        self.project = os.path.join(directory, "study")
        self.acknowledged = {}  # trial -> score
        self.trials = {}  # trial -> as the log had it after the last kill
        self.log = b""
        self.event_count = 0

    def search(self, max_trials, parallel):
        return Search(self.program, self.directory, max_trials, parallel, self.sinks)

    def check_lines(self, lines):
        for word, trial, *rest in lines:
            trial = int(trial)
            known = self.trials.get(trial)
            if word == "trial":
                require(trial not in self.acknowledged, f"trial {trial} finished twice")
                self.acknowledged[trial] = float(rest[0])
            elif known:
                require(known["state"] == "running" or known["state"] == "waiting",
                        f"trial {trial} ran again after it was {known['state']}")
                values = dict(pair.split("=") for pair in rest)
                same = values.keys() == known["values"].keys() and all(
                    has_value(values[name], value) for name, value in known["values"].items())
                require(same, f"trial {trial} ran again with {values}, not {known['values']}")
                self.counts["reruns"] += 1

    def check_log(self):
        """The tables as SQLite's own tools see them, in a copy: opening the file would mend it."""
        with tempfile.TemporaryDirectory(dir=self.directory) as copy:
            for name in ("study.db", "study.db-wal"):
                if os.path.exists(os.path.join(self.project, name)):
                    shutil.copy(os.path.join(self.project, name), copy)
            database = sqlite3.connect(os.path.join(copy, "study.db"))
            rows = database.execute("SELECT first, count, events FROM log ORDER BY first").fetchall()
            require(database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "damaged")
            database.close()
        end = 0
        for first, count, _ in rows:
            require(first == end, f"event {end} is missing: the next one is {first}")
            end += count
        log = b"".join(events for _, _, events in rows)
        require(log.startswith(self.log), "the log changed before its end")
        self.log, self.event_count = log, end

    def show(self):
        shown = subprocess.run([self.program, "--show", self.project], capture_output=True, text=True)
        if shown.returncode != 0:
            # Killed before the first event was durable: then nothing can have been acknowledged.
            require(not self.log and not self.acknowledged, f"cannot be read: {shown.stderr}")
            require("no study" in shown.stderr, shown.stderr)
            return None
        return json.loads(shown.stdout)

    def check(self):
        shown = self.show()
        if shown is None:
            self.counts["kills before the first event"] += 1
            return
        self.check_log()
        trials = {trial["trial"]: trial for trial in shown["trials"]}
        require(list(trials) == list(range(len(trials))), "trials have a gap")
        for trial, score in self.acknowledged.items():
            require(trial in trials, f"trial {trial} was acknowledged and is not there")
            require(trials[trial]["state"] == "completed" and trials[trial]["score"] == score,
                    f"trial {trial} was acknowledged with {score}, the log has {trials[trial]}")
        for trial, before in self.trials.items():
            self.check_trial(before, trials[trial])
        self.trials = trials
        self.counts["unfinished"] += sum(t["state"] == "waiting" for t in trials.values())

    def check_trial(self, before, now):
        if before["state"] == "completed":
            require(now == before, f"a finished trial changed from {before} to {now}")
        for key in ("seed", "attempt"):
            require(now[key] == before[key], f"a rerun changed {key} from {before} to {now}")
        # The first trial's values join as it asks for them.
        require(now["values"].items() >= before["values"].items(),
                f"values changed from {before} to {now}")

    def complete(self, parallel):
        search = self.search(len(self.trials) + MORE_TRIALS, parallel)
        search.finish()
        require(search.process.returncode == 0, f"it does not complete: {search.errors}")
        count = len(self.trials) + MORE_TRIALS
        self.check_lines(search.lines())
        self.check()
        require(len(self.trials) == count, f"{len(self.trials)} trials, not {count}")
        for trial in self.trials.values():
            require(trial["state"] == "completed", f"left unfinished: {trial}")
        self.counts["trials"] += count
        self.counts["acknowledged"] += len(self.acknowledged)
        if "jsonl" in self.sinks:
            self.check_lines_of_events()
        if "tensorboard" in self.sinks:
            self.check_event_files()

    def check_event_files(self):
        for trial in self.trials:
            directory = os.path.join(self.project, "tensorboard", f"trial_{trial:04}", "execution_0")
            names = os.listdir(directory)
            require(len(names) == 1, f"{directory} has {names}")
            with open(os.path.join(directory, names[0]), "rb") as file:
                records = event_files.records(file.read())
            # Version, restart, values, two steps, score, end.
            require(len(records) == 7, f"{directory} has {len(records)} records")
            self.counts["records in event files"] += 7

    def check_lines_of_events(self):
        with open(os.path.join(self.project, "events.jsonl"), encoding="utf-8") as file:
            sequences = [json.loads(line)["sequence"] for line in file]
        require(sequences == list(range(self.event_count)),
                f"events.jsonl does not have each of {self.event_count} events once, in order")
        self.counts["events in events.jsonl"] += self.event_count


def kill_once(study, moments, startup_seconds, at_startup):
    search = study.search(NEVER, moments.choice([1, 4]))
    if at_startup:
        time.sleep(moments.uniform(0, 1.2 * startup_seconds))
    else:
        search.wait_for_a_line()
        time.sleep(moments.uniform(0, MID_RUN_SECONDS_MAX))
    search.kill()
    study.check_lines(search.lines())
    study.check()


def measure_startup(program, directory):
    """Seconds from start to the first line, which differ much from machine to machine."""
    start = time.monotonic()
    search = Search(program, directory, NEVER, 1, [])
    search.wait_for_a_line()
    seconds = time.monotonic() - start
    search.kill()
    return seconds


def run(program, seed, scratch):
    moments = random.Random(seed)
    counts = dict.fromkeys(["trials", "acknowledged", "unfinished", "reruns", "kills at startup",
                            "kills before the first event", "events in events.jsonl",
                            "records in event files"], 0)
    startup_seconds = measure_startup(program, os.path.join(scratch, "measured"))
    for number in range(STUDIES):
        sinks = [[], ["jsonl"], ["tensorboard"], ["jsonl"]][number % 4]
        study = Study(program, os.path.join(scratch, str(number)), sinks, counts)
        for kill in range(KILLS // STUDIES):
            # A study's first moments are the making of its database.
            at_startup = kill < 6 or moments.random() < 0.2
            counts["kills at startup"] += at_startup
            try:
                kill_once(study, moments, startup_seconds, at_startup)
            except Failure as failure:
                raise Failure(f"study {number}, kill {kill}: {failure}") from None
        study.complete(moments.choice([1, 4]))
    require(counts["reruns"] > 0, f"no trial was ever running when the kill came: {counts}")
    return counts


def main():
    program = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="dodona-kill-") as scratch:
        try:
            counts = run(program, seed, scratch)
        except Failure as failure:
            print(f"seed {seed}: {failure}")
            return 1
    print(f"{KILLS} kills: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
