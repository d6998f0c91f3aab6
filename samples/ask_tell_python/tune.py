#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tunes a Python function through `dodona ask-tell`: tune.py [STUDY.json [PROGRAM]]."""
import json
import pathlib
import subprocess
import sys


def descend(values, report):
    """Gradient descent on x^2 + 10 y^2; the loss after the last step."""
    x, y, dx, dy = 3.0, 1.0, 0.0, 0.0
    for step in range(1, values["steps"] + 1):
        dx = values.get("beta", 0) * dx - values["rate"] * 2 * x
        dy = values.get("beta", 0) * dy - values["rate"] * 20 * y
        x, y = x + dx, y + dy
        if not report(step, x * x + 10 * y * y):
            return None  # not worth going on
    return x * x + 10 * y * y


def main(study=pathlib.Path(__file__).with_name("study.json"), program="dodona"):
    child = subprocess.Popen([program, "ask-tell", study], text=True, bufsize=1,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def request(**message):
        print(json.dumps(message), file=child.stdin)
        answer = json.loads(child.stdout.readline())
        if "error" in answer:
            sys.exit(f"{answer['error']} (in {message})")
        return answer

    while trials := request(ask=1).get("trials"):
        trial = trials[0]["trial"]
        loss = descend(trials[0]["values"], lambda step, loss: request(
            report=trial, step=step, metrics={"loss": loss})["continue"])
        if loss is None:
            request(tell=trial, state="stopped")
        else:
            request(tell=trial, metrics={"loss": loss})
    print("best:", json.dumps(request(best=1)["trials"][0]))
    child.stdin.close()
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
