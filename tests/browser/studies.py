# SPDX-License-Identifier: Apache-2.0
"""Studies to look at, told by ask-tell: each is quick, and the same each time."""
import json
import math
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
import program

# Text that would do harm if a page took it for HTML.
HOSTILE = ["</script><script>window.harmed=1</script>", "<img src=x onerror=window.harmed=2>",
           "\"'`${window.harmed=3}", "line\nbreak & \\u003cb>"]


class Told:
    """A study that this process runs through `dodona ask-tell`."""

    def __init__(self, directory, environment, name, space, **keys):
        document = {"project_name": name, "directory": "runs", "seed": 7, "max_trials": 1000,
                    "objective": {"name": "loss", "direction": "min"},
                    "oracle": {"plugin": "random"}, "space": space}
        document.update(keys)
        path = os.path.join(directory, name + ".json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        self.child = subprocess.Popen(
            [program.PROGRAM, "ask-tell", path], cwd=directory, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, **request):
        self.child.stdin.write(json.dumps(request) + "\n")
        self.child.stdin.flush()
        answer = json.loads(self.child.stdout.readline())
        assert "error" not in answer, answer
        return answer

    def ask(self):
        return self.say(ask=1)["trials"][0]

    def end(self):
        self.child.stdin.close()
        self.child.stdout.close()
        assert self.child.wait(program.HANG_SECONDS) == 0


SPACE = [
    {"name": "lr", "type": "float", "min_value": 1e-5, "max_value": 0.1, "sampling": "log"},
    {"name": "units", "type": "int", "min_value": 16, "max_value": 512},
    {"name": "batch", "type": "choice", "values": [32, 64, 128]},
    {"name": "optimizer", "type": "choice", "values": ["adam", "sgd", *HOSTILE]},
    {"name": "momentum", "type": "float", "min_value": 0.0, "max_value": 0.99,
     "when": {"optimizer": ["sgd"]}},
    {"name": "norm", "type": "boolean"},
]


def loss_of(values, step):
    loss = abs(math.log10(values["lr"]) + 3) + 30 / values["units"] + 1 / step
    if values["optimizer"] == "sgd":
        loss += 1 - values["momentum"]
    return loss + (0.1 if values["norm"] else 0)


def conditional(directory, environment, trials, name="conditional", running=0, steps=4):
    """With curves, some failures with hostile messages, and at the end some trials that run."""
    told = Told(directory, environment, name, SPACE)
    for number in range(trials):
        trial = told.ask()
        if number % 10 == 9:
            told.say(tell=trial["trial"], state="failed", message="went wrong: " + HOSTILE[number % 4])
            continue
        for step in range(1, steps + 1):
            loss = loss_of(trial["values"], step)
            told.say(report=trial["trial"], step=step,
                     metrics={"loss": loss, "accuracy": 1 / (1 + loss)})
        told.say(tell=trial["trial"])
    for _ in range(running):
        trial = told.ask()
        told.say(report=trial["trial"], step=1, metrics={"loss": 3.0, "accuracy": 0.2})
    told.end()
    return os.path.join("runs", name)


def front(directory, environment, trials, name="front"):
    """Two objectives and a limit."""
    told = Told(directory, environment, name, SPACE,
                objective=[{"name": "accuracy", "direction": "max"}, {"name": "mb", "direction": "min"}],
                limits=[{"metric": "mb", "max": 400}])
    for _ in range(trials):
        trial = told.ask()
        accuracy = 1 / (1 + loss_of(trial["values"], 10))
        told.say(tell=trial["trial"], metrics={"accuracy": accuracy, "mb": trial["values"]["units"] * 1.0})
    told.end()
    return os.path.join("runs", name)


def hyperband(directory, environment, name="hyperband"):
    """Brackets of up to 9 steps, to their end."""
    told = Told(directory, environment, name, SPACE, max_steps=9,
                oracle={"plugin": "hyperband", "options": {}})
    for _ in range(60):
        answer = told.say(ask=1)
        if "trials" not in answer:
            break
        trial = answer["trials"][0]
        for step in range(trial["start_step"] + 1, trial["budget"] + 1):
            told.say(report=trial["trial"], step=step, metrics={"loss": loss_of(trial["values"], step)})
        told.say(tell=trial["trial"])
    told.end()
    return os.path.join("runs", name)


def modelled(directory, environment, trials, name="modelled"):
    """With an oracle that has a model of the objective."""
    told = Told(directory, environment, name, SPACE[:3],
                oracle={"plugin": "bayesian", "options": {}})
    for _ in range(trials):
        trial = told.ask()
        values = trial["values"]
        told.say(tell=trial["trial"],
                 metrics={"loss": abs(math.log10(values["lr"]) + 3) + 30 / values["units"]})
    told.end()
    return os.path.join("runs", name)


def empty(directory, environment, name="empty"):
    Told(directory, environment, name, SPACE).end()
    return os.path.join("runs", name)
