#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`dodona serve`: the pages, data and news of studies that other processes write, over HTTP."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import unittest

import program


class ServeTest(program.ProgramTest):
    def setUp(self):
        super().setUp()
        help_text = self.run_program("serve", "--help").stdout
        self.assertIn("dodona serve runs", help_text)
        os.makedirs(self.path("runs"))
        self.write("err", "")

    def serve(self, directory="runs", *words):
        """Serves a directory, and answers the process."""
        child = subprocess.Popen(
            [program.PROGRAM, "serve", directory, "--port", "0", *words], cwd=self.directory,
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

        def end():
            if child.poll() is None:
                child.kill()
            child.communicate()

        self.addCleanup(end)
        line = child.stdout.readline()
        if not line and "built without" in (told := child.stderr.read()):
            self.skipTest(told)
        self.line = line
        self.port = int(re.search(r"http://127\.0\.0\.1:(\d+)/", line).group(1))
        token = re.search(r"/#token=([0-9a-f]{32});", line)
        self.token = token.group(1) if token else None
        return child

    def ask(self, target, method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=program.HANG_SECONDS)
        try:
            connection.request(method, target, body,
                               {name.replace("_", "-"): text for name, text in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def data(self, name="toy", whole=False):
        status, text = self.ask(f"/study/{name}/data" + ("?whole" if whole else ""))
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def listed(self):
        return {study["name"]: study for study in json.loads(self.ask("/studies")[1])["studies"]}

    def events_of(self, data, last=None, name="toy"):
        """The news of a study from its data on, or from the sequence `last`, as a browser asks."""
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        target = f"/study/{name}/events?id={data['id']}&from={data['events']}"
        return self.opened(Events(self.port, target, headers))

    def opened(self, stream):
        self.addCleanup(stream.close)
        return stream

    def act(self, action, code=200, name="toy", **headers):
        """The words that answer an action."""
        status, text = self.ask(
            f"/study/{name}/act", "POST", action if isinstance(action, str) else json.dumps(action),
            **{"X_Dodona_Token": self.token, "Content_Type": "application/json", **headers})
        self.assertEqual(status, code, text)
        return text

    def begin(self, **keys):
        """A search that goes on for long."""
        study = self.study(**{"options": {"steps": 2, "seconds": 0.02}, "max_trials": 100000, **keys})
        child = self.start("search", study, "--quiet")
        self.until(lambda: os.path.exists(self.path("runs/toy/study.db")), "the study")
        return child


class Events:
    """Server-sent events, as they come."""

    def __init__(self, port, target, headers=None, buffer=None):
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(program.HANG_SECONDS)
        self.socket.connect(("127.0.0.1", port))
        lines = [f"GET {target} HTTP/1.1", f"Host: localhost:{port}",
                 *(f"{name}: {text}" for name, text in (headers or {}).items())]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.file = self.socket.makefile("r", encoding="utf-8", newline="\n")
        self.socket.close()  # the file has it
        self.status = self.file.readline().split()[1]
        while self.file.readline().strip():
            pass

    def next(self):
        """(kind, sequence, data) of the next one."""
        fields = {}
        while True:
            line = self.file.readline()
            if not line:
                return None
            line = line.rstrip("\n")
            if not line and "event" in fields:
                return fields["event"], int(fields["id"]), json.loads(fields["data"])
            if line and not line.startswith(":"):
                name, text = line.split(": ", 1)
                fields[name] = text

    def close(self):
        self.file.close()


class Pages(ServeTest):
    def test_it_serves_a_list_a_page_and_data_and_ends_by_a_signal(self):
        self.run_program("search", self.study(), "--quiet")
        for ending in (signal.SIGINT, signal.SIGTERM):
            child = self.serve()
            self.assertRegex(self.line, r"^serving runs at http://127\.0\.0\.1:\d+/; Ctrl-C ends it\n$")
            status, page = self.ask("/")
            self.assertEqual(status, 200)
            self.assertIn('<script type="application/json" id="live">{}</script>', page)
            self.assertIn("connect-src 'self'", page)
            study = self.listed()["toy"]
            best = self.timed_trials(command="best")[0]
            self.assertEqual((study["held"], study["finished"], study["max_trials"], study["failed"]),
                             (False, 5, 5, 0))
            self.assertEqual(study["best"], {"trial": best["trial"], "score": best["score"]})
            self.assertIsNone(study["seconds_left"])
            status, page = self.ask("/study/toy/")
            self.assertEqual(status, 200)
            self.assertIn('id="live">{"study": "toy"}</script>', page)
            data = self.data()
            self.assertEqual((data["trials"], data["insight"]), (5, None))
            self.assertIsNotNone(self.data(whole=True)["insight"])
            child.send_signal(ending)
            self.assertEqual(child.wait(program.HANG_SECONDS), 0)
            self.assertEqual(child.stderr.read(), "")

    def test_a_study_alone_is_served_by_its_name(self):
        self.run_program("search", self.study(), "--quiet")
        self.serve("runs/toy")
        self.assertEqual(list(self.listed()), ["toy"])
        self.assertEqual(self.data()["trials"], 5)

    def test_studies_below_are_found_when_they_come(self):
        self.serve(".")
        self.assertEqual(self.listed(), {})
        for name in ("one", "two"):
            self.run_program("search", self.study(project_name=name, directory="runs/deep"), "--quiet")
        self.until(lambda: set(self.listed()) == {"runs/deep/one", "runs/deep/two"}, "both studies")
        self.assertEqual(self.data("runs%2Fdeep%2Ftwo")["trials"], 5)

    def test_a_study_that_is_broken_empty_or_newer_harms_no_other(self):
        self.run_program("search", self.study(), "--quiet")
        for name in ("cut", "newer"):
            shutil.copytree(self.path("runs/toy"), self.path("runs", name))
        with open(self.path("runs/cut/study.db"), "r+b") as file:
            file.truncate(5000)
        database = sqlite3.connect(self.path("runs/newer/study.db"))
        database.execute("PRAGMA user_version = 9999")
        database.commit()
        database.close()
        os.makedirs(self.path("runs/none"))
        self.write("runs/none/study.db", "")
        self.serve()
        listed = self.listed()
        self.assertEqual(set(listed), {"toy", "cut", "newer", "none"})
        self.assertIsNone(listed["toy"]["problem"])
        for name in ("cut", "newer", "none"):
            self.assertTrue(listed[name]["problem"], name)
            told = self.data(name)
            self.assertTrue(told.get("problem") or told.get("damage"), name)
        self.assertEqual(self.data()["trials"], 5)

    def test_what_it_cannot_serve_is_refused(self):
        self.refused(1, ["serve", "nowhere"], "nowhere is no directory")
        self.refused(2, ["serve", "runs", "--port", "70000"], "--port")
        self.refused(1, ["serve", "runs", "--host", "203.0.113.1"], "cannot listen on host \"203.0.113.1\"")
        child = self.serve()
        self.refused(1, ["serve", "runs", "--port", str(self.port)], str(self.port), "in use")
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(program.HANG_SECONDS), 0)


class News(ServeTest):
    def test_a_running_study_is_followed_and_a_page_goes_on_where_it_was(self):
        search = self.begin()
        self.serve()
        self.until(lambda: self.listed()["toy"].get("finished", 0) >= 3, "trials")
        data = self.data()
        stream = self.events_of(data)
        self.assertEqual(stream.status, "200")
        known, last, held = {}, data["events"], None
        for _ in range(10):
            kind, sequence, news = stream.next()
            self.assertEqual((kind, sequence), ("news", news["events"]))
            self.assertGreaterEqual(sequence, last)
            last, held = sequence, news["held"]
            known.update({row["trial"]: row for row in news["rows"]})
        self.assertTrue(held)
        stream.close()
        # Cut off: the rest comes from the last sequence on, whatever the address says.
        stream = self.events_of(data, last)
        interrupted = False
        while held:
            kind, sequence, news = stream.next()
            self.assertEqual(kind, "news")
            self.assertGreaterEqual(sequence, last)
            held, last = news["held"], sequence
            known.update({row["trial"]: row for row in news["rows"]})
            if len(known) > 20 and not interrupted:  # once, as a second one ends it at once
                interrupted = True
                search.send_signal(signal.SIGINT)
        self.assertEqual(search.wait(program.HANG_SECONDS), 130)
        # All that was told together is what the log has.
        for trial in self.timed_trials():
            if trial["trial"] < data["trials"] and trial["trial"] not in known:
                continue
            row = known[trial["trial"]]
            self.assertEqual(row["scores"], [trial["score"]])
            self.assertEqual(row["seed"], trial["seed"])
            states = ["", "waiting", "running", "completed", "stopped", "failed", "invalid"]
            self.assertEqual(states[row["state"]], trial["state"], trial)

    def test_a_slow_reader_gets_the_present_state_and_no_queue(self):
        self.begin(options={"steps": 1, "seconds": 0})
        self.serve()
        self.until(lambda: self.listed()["toy"].get("finished", 0) >= 3, "trials")
        data = self.data()
        target = f"/study/toy/events?id={data['id']}&from={data['events']}"
        slow = self.opened(Events(self.port, target, buffer=4096))
        quick = self.opened(Events(self.port, target))
        seen = 0
        while seen < 1500:
            event = quick.next()
            if event[0] == "anew":
                break
            seen = event[2]["trials"]
        count = 0
        rows = 0
        while True:
            kind, sequence, news = slow.next()
            count += 1
            if kind == "anew" or news["trials"] >= seen:
                break
            rows = max(rows, len(news["rows"]))
        # Those between were told at once: one message has many trials.
        self.assertTrue(kind == "anew" or len(news["rows"]) > 50 or rows > 50, (count, rows))

    def test_a_study_that_began_anew_is_read_anew(self):
        self.run_program("search", self.study(), "--quiet")
        self.serve()
        data = self.data()
        stream = self.events_of(data)
        self.assertEqual(stream.next()[0], "news")
        self.run_program("search", "study.json", "--quiet", "--overwrite")
        kind = "news"
        while kind == "news":  # the old one may be seen to be held
            kind = stream.next()[0]
        self.assertEqual(kind, "anew")
        # It was not there for a moment, which is tried again after two seconds.
        self.until(lambda: "id" in self.data(), "the new one")
        again = self.data()
        self.assertNotEqual(again["id"], data["id"])
        self.assertEqual(self.events_of({"id": again["id"], "events": 10**9}).next()[0], "anew")
        self.assertEqual(self.events_of({"id": "0" * 32, "events": 0}).next()[0], "anew")
        self.assertEqual(self.events_of(again).next()[0], "news")


class Refusals(ServeTest):
    def test_other_hosts_and_sites_are_refused(self):
        self.run_program("search", self.study(), "--quiet")
        self.serve()
        for host in ("evil.example", f"evil.example:{self.port}", "127.0.0.1.evil.example", "", "192.0.2.1"):
            self.assertEqual(self.ask("/studies", Host=host)[0], 403, host)
        for origin in ("http://evil.example", "null", f"https://127.0.0.1:{self.port}"):
            self.assertEqual(self.ask("/studies", Origin=origin)[0], 403, origin)
        self.assertEqual(self.ask("/studies", Origin=f"http://127.0.0.1:{self.port}")[0], 200)
        self.assertEqual(self.ask("/studies", Host=f"localhost:{self.port}")[0], 200)

    def test_other_targets_and_methods_are_refused(self):
        self.run_program("search", self.study(), "--quiet")
        self.serve()
        for target in ("/nothing", "/study/none/data", "/study/..%2Ftoy/data", "/study/toy/nothing",
                       "/study/%zz/data", "/../study.db"):
            self.assertEqual(self.ask(target)[0], 404, target)
        self.assertEqual(self.ask("/study/toy/events?from=x")[0], 400)
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            self.assertEqual(self.ask("/study/toy/data", method)[0], 405, method)
        self.assertEqual(self.ask("/study/toy/act")[0], 405)

    def raw(self, data):
        with socket.create_connection(("127.0.0.1", self.port), program.HANG_SECONDS) as connection:
            connection.sendall(data)
            answer = b""
            while b"\r\n" not in answer:
                more = connection.recv(4096)
                if not more:
                    break
                answer += more
            return answer.split(b"\r\n")[0]

    def test_what_is_too_long_or_no_http_is_refused(self):
        self.serve()
        host = b"Host: localhost\r\n"
        for data, code in (
                (b"GET / HTTP/1.1\r\n" + host + b"X: " + b"a" * 20000 + b"\r\n\r\n", b"431"),
                (b"POST / HTTP/1.1\r\n" + host + b"Content-Length: 1000000\r\n\r\n", b"413"),
                (b"GET / HTTP/1.1\r\n\r\n", b"403"),
                (b"GET / HTTP/1.1\r\n" + host + host + b"\r\n", b"403"),
                (b"\x16\x03\x01\x00\x00\r\n\r\n", b"400"),
                (b"nonsense\r\n\r\n", b"400")):
            self.assertIn(code, self.raw(data), data[:60])
        self.assertEqual(self.ask("/studies")[0], 200)

    def test_connections_are_limited(self):
        self.serve()
        held = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(128)]
        self.assertIn(b"503", self.raw(b""))
        for connection in held:
            connection.close()
        self.until(lambda: b"200" in self.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "a place")


class Actions(ServeTest):
    def notes(self, events):
        return [(event.get("trial"), event["value"]) for event in events
                if event["type"] == "noted" and event["key"] == "dodona.action"]

    def running(self):
        return [trial["trial"] for trial in self.timed_trials() if trial["state"] == "running"]

    def test_a_search_that_runs_obeys_and_logs_what_it_was_told(self):
        search = self.begin(options={"steps": 1000, "seconds": 0.02}, sinks=["jsonl"], max_trials=50,
                            oracle={"plugin": "tpe"})
        self.serve("runs", "--allow-actions")
        self.assertIn('"actions": true', self.ask("/study/toy/")[1])
        self.until(self.running, "a trial")
        trial = self.running()[0]
        self.assertIn(f"Trial {trial} stops", self.act({"action": "stop_trial", "trial": trial}))
        self.until(lambda: self.timed_trials()[trial]["state"] == "stopped", "its end")
        self.assertIsNotNone(self.timed_trials()[trial]["score"])
        self.assertIn("does not run", self.act({"action": "stop_trial", "trial": trial}, 409))
        self.act({"action": "stop_trial", "trial": 999}, 409)

        self.until(self.running, "another trial")
        values = {key: value for key, value in self.timed_trials()[trial]["values"].items()
                  if value is not None}
        values["x"] = 0.125
        self.assertIn("next trial", self.act({"action": "enqueue", "values": values}))
        self.assertIn("nothing", self.act({"action": "enqueue", "values": {"nothing": 1}}, 400))
        self.act({"action": "stop_trial", "trial": self.running()[0]})
        self.until(lambda: any(each["values"]["x"] == 0.125 for each in self.timed_trials()), "the values")
        self.assertIn("max_trials=70", self.act({"action": "max_trials", "max_trials": 70}))
        self.assertEqual(self.listed()["toy"]["max_trials"], 70)
        self.act({"action": "note", "trial": trial, "text": "too slow"})
        self.act({"action": "note", "text": "on Monday"})
        self.act({"action": "note", "trial": 999, "text": "none"}, 409)
        self.assertEqual(self.timed_trials()[trial]["notes"]["note"], "too slow")
        self.assertIn("stops", self.act({"action": "stop"}))
        self.assertEqual(search.wait(program.HANG_SECONDS), 130)
        self.assertIn("nobody searches", self.act({"action": "stop"}, 409))

        actions = self.notes(self.events())
        self.assertEqual(len(actions), 3)
        self.assertEqual(actions[0][0], trial)
        for _, value in actions:
            self.assertRegex(value, r'^stop, as "process \d+ on host ')
        types = [event["type"] for event in self.events()]
        self.assertIn("enqueued", types)
        self.assertEqual(types.count("configured"), 2)
        # Replay passes over what users wanted.
        replay = json.loads(self.run_program("replay", "runs/toy", "--json").stdout)
        self.assertIsNone(replay["difference"])

    def test_a_study_that_nobody_searches_keeps_notes_and_values(self):
        self.run_program("search", self.study(), "--quiet")
        self.serve("runs", "--allow-actions")
        stream = self.events_of(self.data())
        stream.next()
        self.act({"action": "note", "trial": 1, "text": "see this"})
        self.assertEqual(stream.next()[2]["rows"][0]["notes"], {"note": "see this"})
        self.act({"action": "enqueue", "values": {"x": 0.25, "units": 64}})
        self.assertIn("did you mean", self.act({"action": "enqueue", "values": {"unit": 64}}, 400))
        self.act({"action": "enqueue", "values": {"x": 7}}, 400)
        for action in ({"action": "stop"}, {"action": "stop_trial", "trial": 0},
                       {"action": "max_trials", "max_trials": 9}):
            self.assertIn("nobody searches", self.act(action, 409))
        self.run_program("search", "study.json", "--quiet", "--set", "max_trials=6")
        self.assertEqual(self.timed_trials()[5]["values"]["x"], 0.25)
        self.assertEqual(self.timed_trials()[5]["values"]["units"], 64)

    def test_actions_need_the_token(self):
        self.run_program("search", self.study(), "--quiet")
        self.serve()
        self.assertIsNone(self.token)
        note = {"action": "note", "text": "no"}
        self.token = "0" * 32
        self.assertIn("--allow-actions", self.act(note, 403))
        self.serve("runs", "--allow-actions")
        right = self.token
        for wrong in ("", "0" * 32, right[:-1], right + "0", right.upper() + " "):
            self.act(note, 403, X_Dodona_Token=wrong)
        self.act(note, 403, Origin="http://evil.example")
        self.act(note, 403, Host="evil.example")
        self.act(note, 415, Content_Type="text/plain")
        self.assertEqual(self.ask("/study/toy/act", "POST", "{}")[0], 403)
        self.act(note, 404, name="none")
        for action in ("", "{", "[]", {}, {"action": "delete"}, {"action": "stop", "trial": 1},
                       {"action": "stop_trial"}, {"action": "stop_trial", "trial": -1},
                       {"action": "stop_trial", "trial": "1"}, {"action": "note"},
                       {"action": "note", "text": 7}, {"action": "note", "text": ""},
                       {"action": "note", "text": "x" * 5000}, {"action": "enqueue", "values": []},
                       {"action": "enqueue", "values": {}}, {"action": "enqueue", "values": {"x": []}},
                       {"action": "max_trials", "max_trials": 0}):
            self.act(action, 400)
        self.assertEqual(self.ask("/study/toy/act", "POST", "x" * 70000)[0], 413)
        with self.unharmed():
            pass
        self.assertNotIn("note", json.dumps([trial["notes"] for trial in self.timed_trials()]))

    def test_a_study_that_is_held_and_does_not_answer_is_left_alone(self):
        search = self.begin()
        self.serve("runs", "--allow-actions")
        self.until(lambda: self.listed()["toy"].get("finished", 0) >= 1, "a trial")
        search.send_signal(signal.SIGSTOP)
        try:
            self.assertIn(str(search.pid), self.act({"action": "note", "text": "there?"}, 409))
        finally:
            search.send_signal(signal.SIGCONT)


if __name__ == "__main__":
    program.main()
