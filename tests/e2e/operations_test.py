#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""status, pause, stop and set of a search in another process, through the mailbox of its project."""
import json
import os
import signal
import subprocess
import time
import unittest

import program

PATIENCE = 3.0  # seconds until a client says that nobody answers
SLACK = 3.0     # of a machine that has much to do


class Operations(program.ProgramTest):
    def begin(self, **keys):
        study = self.study(**{"options": {"steps": 2, "seconds": 0.02}, "max_trials": 100000,
                              "parallel_trials": 2, "oracle": {"plugin": "tpe"},
                              "sinks": ["jsonl"], **keys})
        child = self.start("search", study)
        self.until(lambda: os.path.exists(self.path("runs/toy/study.db")), "the study")
        return child

    def status(self):
        return json.loads(self.run_program("status", "runs/toy", "--json").stdout)

    def until_status(self, condition, what):
        self.until(lambda: condition(self.status()), what)

    def begin_and_see(self, **keys):
        child = self.begin(**keys)
        log = self.path("runs/toy/events.jsonl")
        self.until(lambda: os.path.exists(log) and
                   sum(event["type"] == "finished" for event in self.events()) >= 3, "trials")
        return child

    def nothing_left(self):
        place = self.path("runs/toy/mailbox")
        self.assertEqual(os.listdir(place) if os.path.exists(place) else [], [])

    def proposed(self):
        return sum(event["type"] == "proposed" for event in self.events())

    def test_it_is_watched_paused_set_and_stopped_and_goes_on(self):
        child = self.begin_and_see()
        now = self.status()
        self.assertEqual(now["owner"], f"process {child.pid} on host {os.uname().nodename}")
        self.assertEqual(len(now["runners"]), 2)
        self.assertGreater(now["utilisation"], 0)
        self.until_status(lambda now: (now["trials_per_minute"] or 0) > 0, "a rate")
        text = self.run_program("status", "runs/toy").stdout
        self.assertRegex(text, r"(?m)^runner +host +state +trial +age +losses +busy$")
        self.assertRegex(text, rf"(?m)^this process +{os.uname().nodename} +\w+ ")
        self.assertRegex(text, r"(?m)^\d+/100000 trials finished; ")
        self.assertRegex(text, r"(?m)^[\d.]+ trials/min; \d+ % of the workers' time busy$")

        result = self.run_program("pause", "runs/toy")
        self.assertEqual(result.stdout, "paused: trials that run go on, and no other begins\n")
        self.until_status(lambda now: now["trials"]["running"] == 0, "the end of those that ran")
        proposed = self.proposed()
        time.sleep(0.5)
        now = self.status()
        self.assertTrue(now["paused"])
        self.assertEqual(now["trials"]["finished"], proposed)
        self.assertEqual(self.proposed(), proposed)
        self.assertIn("; paused\n", self.run_program("status", "runs/toy").stdout)
        self.until(lambda: "paused: no trial begins until it goes on\n" in self.read("err"), "a line")

        self.run_program("set", "runs/toy", "parallel_trials=4")
        self.run_program("pause", "runs/toy", "--off")
        self.until_status(lambda now: len(now["runners"]) == 4 and now["trials"]["running"] == 4,
                          "four trials")
        self.run_program("set", "runs/toy", "parallel_trials=1", "max_trials=90000")
        self.until_status(lambda now: len(now["runners"]) == 1, "one worker")
        now = self.status()
        self.assertEqual((now["parallel_trials"], now["trials"]["max"]), (1, 90000))

        self.assertIn("stops", self.run_program("stop", "runs/toy").stdout)
        self.assertEqual(child.wait(program.HANG_SECONDS), 130)
        lines = self.read("err").splitlines()
        self.assertTrue(lines[-1].startswith("dodona: interrupted; to go on: "), lines[-1])
        self.assertTrue(any("search: stops, as \"process " in line for line in lines), lines)
        self.assertFalse(os.path.exists(self.path("runs/toy/mailbox")))

        before = self.status()
        self.assertEqual((before["owner"], before["trials"]["max"]), (None, 90000))
        more = before["trials"]["finished"] + 9
        # Under the limits in force, and under others.
        for sets in (["max_trials=%d" % more, "parallel_trials=1"],
                     ["max_trials=%d" % (more + 5), "parallel_trials=3"]):
            self.run_program("search", "study.json", "--quiet", "--set", sets[0], "--set", sets[1])
        replay = json.loads(self.run_program("replay", "runs/toy", "--json").stdout)
        self.assertIsNone(replay["difference"])
        self.assertEqual(replay["verified"] + replay["passed_over"], more + 5)

    def test_it_ends_by_the_limits_that_it_was_set(self):
        child = self.begin_and_see(options={"steps": 2, "seconds": 0.1})
        self.run_program("set", "runs/toy", "max_trials=null")
        self.assertIsNone(self.status()["trials"]["max"])
        self.run_program("set", "runs/toy", "max_seconds=0.001")
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        self.assertIn("max_seconds reached", self.read("out"))
        first = len(self.trials())
        child = self.begin(options={"steps": 2, "seconds": 0.1})
        self.until_status(lambda now: now["trials"]["finished"] > first, "trials")
        self.run_program("set", "runs/toy", f"max_trials={first + 40}")
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        self.assertLessEqual(len(self.trials()), first + 40)
        self.run_program("replay", "runs/toy")

    def test_with_a_lag_it_is_the_same_study_however_many_run(self):
        lagging = {"schedule": {"lag": 3}, "options": {"steps": 2, "seconds": 0.01},
                   "max_trials": 60}
        whole = self.study(project_name="whole", oracle={"plugin": "tpe"}, **lagging)
        self.run_program("search", whole)
        child = self.begin(**lagging)
        for count in (3, 1, 2):
            result = subprocess.run(
                [program.PROGRAM, "set", "runs/toy", f"parallel_trials={count}"],
                cwd=self.directory, env=self.environment, capture_output=True, text=True, check=False)
            self.assertIn(result.returncode, (0, 1, 4), result.stderr)  # it may have ended by now
        result = subprocess.run([program.PROGRAM, "set", "runs/toy", "parallel_trials=4"],
                                cwd=self.directory, env=self.environment, capture_output=True,
                                text=True, check=False)
        if result.returncode == 2:
            self.assertIn("parallel_trials: 4 is above schedule.lag, 3", result.stderr)
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        self.assertEqual(self.trials(), self.trials("runs/whole"))
        self.run_program("replay", "runs/toy")

    def test_wrong_values_are_refused_as_in_a_study_file(self):
        child = self.begin_and_see(devices=["a", "b"])
        for value in ("parallel_trials=0", "max_seconds=soon", "parallel_trials=3"):
            wanted = self.refused(2, ["search", "study.json", "--set", value])[-1]
            said = self.refused(2, ["set", "runs/toy", value])[-1]
            # Only the document has another name.
            self.assertEqual(said.replace("study document:", "study.json:").split(": ", 2)[2],
                             wanted.split(": ", 2)[2])
        self.refused(2, ["set", "runs/toy", "max_trial=5"], 'did you mean "max_trials"')
        self.refused(2, ["set", "runs/toy", "seed=5"], '"seed" cannot be set while a search runs')
        self.refused(2, ["set", "runs/toy"], "SET")
        self.assertEqual(self.status()["parallel_trials"], 2)
        self.assertIsNone(child.poll())

    def test_a_study_that_nobody_owns(self):
        self.run_program("search", self.study())
        text = self.run_program("status", "runs/toy").stdout
        self.assertEqual(text.splitlines()[0][:19], "5/5 trials finished")
        self.assertIn("no owner: nobody searches this study now\n", text)
        now = self.status()
        self.assertEqual((now["owner"], now["runners"]), (None, []))
        for words in (["pause"], ["pause", "--off"], ["stop"], ["set"]):
            more = ["max_trials=7"] if words == ["set"] else []
            self.refused(4, [words[0], "runs/toy", *words[1:], *more], "no owner")
        self.assertFalse(os.path.exists(self.path("runs/toy/mailbox")))
        self.refused(1, ["status", "runs/toys"], "did you mean")
        self.refused(2, ["pause", "runs"], "runs/toy")

    def test_many_ask_at_once(self):
        child = self.begin_and_see()
        orders = [["status", "runs/toy", "--json"]] * 6 + [["pause", "runs/toy"]] * 2 + [
            ["set", "runs/toy", "parallel_trials=3"]]
        clients = [subprocess.Popen([program.PROGRAM, *words], cwd=self.directory,
                                    env=self.environment, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True) for words in orders]
        for client, words in zip(clients, orders):
            out, err = client.communicate(timeout=program.HANG_SECONDS)
            self.assertEqual(client.returncode, 0, f"{words}: {err}")
            if words[0] == "status":
                self.assertIn(str(child.pid), json.loads(out)["owner"])
        now = self.status()
        self.assertTrue(now["paused"])
        self.assertEqual(now["parallel_trials"], 3)
        self.nothing_left()

    def test_an_owner_that_was_killed_is_none(self):
        child = self.begin_and_see()
        child.kill()
        child.wait()
        begin = time.monotonic()
        now = self.status()
        self.assertLess(time.monotonic() - begin, SLACK)
        self.assertIsNone(now["owner"])
        self.assertEqual(now["trials"]["running"], 0)
        self.assertGreaterEqual(now["trials"]["waiting"], 0)
        self.refused(4, ["stop", "runs/toy"], "no owner")
        self.nothing_left()
        # What somebody wrote meanwhile is old when the next owner begins.
        os.makedirs(self.path("runs/toy/mailbox"), exist_ok=True)
        self.write("runs/toy/mailbox/" + "a" * 32 + ".request",
                   json.dumps({"request": "stop", "from": "long ago"}))
        finished = now["trials"]["finished"]
        self.run_program("search", "study.json", "--quiet", "--set", f"max_trials={finished + 9}")
        self.assertFalse(os.path.exists(self.path("runs/toy/mailbox")))

    def test_an_owner_that_does_not_answer_is_none(self):
        child = self.begin_and_see()
        child.send_signal(signal.SIGSTOP)
        begin = time.monotonic()
        self.refused(4, ["pause", "runs/toy"], "no owner")
        self.assertLess(time.monotonic() - begin, PATIENCE + SLACK)
        self.nothing_left()
        child.send_signal(signal.SIGCONT)
        self.until_status(lambda now: now["owner"], "an answer again")
        self.assertFalse(self.status()["paused"], "what was given up must not be done")

    def test_rubbish_in_the_mailbox_harms_nobody(self):
        child = self.begin_and_see()
        place = self.path("runs/toy/mailbox")
        os.makedirs(place, exist_ok=True)
        os.mkfifo(os.path.join(place, "b" * 32 + ".request"))
        for name, text in (("c" * 32 + ".request", "{" * 5000), ("d" * 32 + ".request", ""),
                           ("e" * 32 + ".request", "x" * 200000), ("readme.txt", "stop")):
            with open(os.path.join(place, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.until_status(lambda now: now["owner"], "an answer")
        self.assertEqual([name for name in os.listdir(place) if name.endswith(".request")], [])
        self.assertEqual(self.read("runs/toy/mailbox/readme.txt"), "stop")
        self.assertIsNone(child.poll())

    def test_trials_that_are_asked_for(self):
        self.study(space=[{"name": "x", "type": "float", "min_value": 0, "max_value": 1}],
                   max_trials=1)
        with subprocess.Popen([program.PROGRAM, "ask-tell", "study.json"], cwd=self.directory,
                              env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True) as child:
            def talk(request):
                child.stdin.write(json.dumps(request) + "\n")
                child.stdin.flush()
                return json.loads(child.stdout.readline())

            talk({"ask": 1})
            now = self.status()
            self.assertIn(str(child.pid), now["owner"])
            self.assertEqual((now["trials"]["running"], now["runners"]), (1, []))
            self.assertTrue(talk({"ask": 1}).get("exhausted"))
            self.run_program("set", "runs/toy", "max_trials=3")
            self.run_program("pause", "runs/toy")
            self.assertTrue(talk({"ask": 1}).get("wait"))
            self.run_program("pause", "runs/toy", "--off")
            self.assertIn("trials", talk({"ask": 1}))
            child.stdin.close()
            self.assertEqual(child.wait(program.HANG_SECONDS), 0)
        self.assertFalse(os.path.exists(self.path("runs/toy/mailbox")))


if __name__ == "__main__":
    program.main()
