# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium without a screen, spoken to through chromedriver (W3C WebDriver)."""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
WAIT_SECONDS = 20
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "ArrowUp": "\ue013",
        "ArrowDown": "\ue015", "ArrowLeft": "\ue012", "ArrowRight": "\ue014", "Shift": "\ue008",
        "Delete": "\ue017"}


def is_there():
    return shutil.which("chromedriver") is not None and shutil.which("chromium") is not None


class Browser:
    """One window. Leave with close()."""

    def __init__(self, width=1200, height=900):
        self.profile = tempfile.mkdtemp(prefix="dodona-browser-")
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        port = None
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                port = found.group(1)
                break
        self.address = f"http://127.0.0.1:{port}"
        switches = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                    "--force-device-scale-factor=1", f"--user-data-dir={self.profile}",
                    f"--window-size={width},{height}"]
        if os.geteuid() == 0:
            switches.append("--no-sandbox")  # root has none
        answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": switches}, "goog:loggingPrefs": {"browser": "ALL"}}}})
        self.session = "/session/" + answer["sessionId"]

    def close(self):
        try:
            self.ask("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)

    def ask(self, method, path, body=None):
        data = None if method != "POST" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.address + path, data=data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def open(self, address):
        self.ask("POST", self.session + "/url", {"url": address})

    def resize(self, width, height):
        self.ask("POST", self.session + "/window/rect", {"width": width, "height": height})

    def run(self, script, *words):
        """The value that JavaScript returns."""
        return self.ask("POST", self.session + "/execute/sync", {"script": script, "args": list(words)})

    def run_async(self, script, *words):
        """The value that JavaScript gives to its last argument, a function."""
        return self.ask("POST", self.session + "/execute/async", {"script": script, "args": list(words)})

    def until(self, script, *words):
        """Waits until JavaScript returns something true, and answers it."""
        end = time.monotonic() + WAIT_SECONDS
        while True:
            value = self.run(script, *words)
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"never true: {script} {words}\n{self.log()}")
            time.sleep(0.02)

    def find(self, selector):
        return self.ask("POST", self.session + "/element",
                        {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.ask("POST", f"{self.session}/element/{self.find(selector)}/click")

    def type(self, selector, text):
        self.ask("POST", f"{self.session}/element/{self.find(selector)}/value", {"text": text})

    def press(self, *keys):
        """Keys to whatever has the focus, by their names or as they are."""
        actions = []
        for key in keys:
            code = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": code}, {"type": "keyUp", "value": code}]
        self.ask("POST", self.session + "/actions",
                 {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def drag(self, start, end):
        """Moves the pointer from one place of the window to another with its button down."""
        def move(place, milliseconds):
            return {"type": "pointerMove", "duration": milliseconds, "x": int(place[0]),
                    "y": int(place[1])}
        self.ask("POST", self.session + "/actions", {"actions": [{
            "type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"},
            "actions": [move(start, 0), {"type": "pointerDown", "button": 0}, move(end, 60),
                        {"type": "pointerUp", "button": 0}]}]})

    def texts(self, selector):
        return self.run("return [...document.querySelectorAll(arguments[0])]"
                        ".map((found) => found.textContent)", selector)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def log(self):
        """What the console said since the last time."""
        return [entry["message"] for entry in
                self.ask("POST", self.session + "/se/log", {"type": "browser"})]

    def print(self):
        """The page on paper, a PDF."""
        return base64.b64decode(self.ask("POST", self.session + "/print"))

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.ask("GET", self.session + "/screenshot")))
