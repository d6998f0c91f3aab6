#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Trains a small network on two interlocking half moons, with the standard library alone.

train.py [--hidden N] [--learning-rate X] [--momentum X]

Prints a JSON line an epoch. What it knows of its tuner is below `main`, and optional: how many
epochs to train, and where to go on from and to save to.
"""
import argparse
import json
import math
import os
import random
import sys

EPOCHS = 20


def moons(rng, count):
    """Points of two half circles with noise, and to which of them each belongs."""
    points = []
    for _ in range(count):
        label = rng.randrange(2)
        angle = rng.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        if label:
            x, y = 1 - x, 0.5 - y
        points.append((x + rng.gauss(0, 0.1), y + rng.gauss(0, 0.1), label))
    return points


class Network:
    """One hidden layer of tanh and a logistic output, trained by descent with momentum."""

    def __init__(self, hidden, rng):
        self.weights = [[rng.gauss(0, 1) for _ in range(4)] for _ in range(hidden)]  # x, y, 1, out
        self.speeds = [[0.0] * 4 for _ in range(hidden)]

    def output(self, x, y):
        hidden = [math.tanh(a * x + b * y + c) for a, b, c, _ in self.weights]
        total = sum(h * row[3] for h, row in zip(hidden, self.weights))
        return hidden, 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))

    def learn(self, x, y, label, rate, momentum):
        hidden, probability = self.output(x, y)
        error = probability - label
        for h, row, speed in zip(hidden, self.weights, self.speeds):
            back = error * row[3] * (1 - h * h)
            for i, slope in enumerate((back * x, back * y, back, error * h)):
                speed[i] = momentum * speed[i] - rate * slope
                row[i] += speed[i]

    def accuracy(self, points):
        return sum((self.output(x, y)[1] > 0.5) == label for x, y, label in points) / len(points)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--hidden", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=0.01)
    parser.add_argument("--momentum", type=float, default=0.0)
    options = parser.parse_args()

    data = moons(random.Random(1), 600)
    training, held_out = data[:300], data[300:]
    seed = int(os.environ.get("DODONA_SEED", "0"))
    network = Network(options.hidden, random.Random(seed))

    first = int(os.environ.get("DODONA_START_STEP", "0")) + 1
    last = int(os.environ.get("DODONA_BUDGET", "0")) or EPOCHS
    if "DODONA_RESUME_DIR" in os.environ:
        with open(os.path.join(os.environ["DODONA_RESUME_DIR"], "network.json")) as file:
            network.weights, network.speeds, seed = json.load(file)

    for epoch in range(first, last + 1):
        order = training[:]
        random.Random(seed + epoch).shuffle(order)
        for x, y, label in order:
            network.learn(x, y, label, options.learning_rate, options.momentum)
        if "DODONA_CHECKPOINT_DIR" in os.environ:  # before the report, for it to be the report's
            with open(os.path.join(os.environ["DODONA_CHECKPOINT_DIR"], "network.json"), "w") as file:
                json.dump([network.weights, network.speeds, seed], file)
        print(json.dumps({"step": epoch, "accuracy": network.accuracy(training),
                          "val_accuracy": network.accuracy(held_out)}), flush=True)
        if "DODONA_CHECKPOINT_DIR" in os.environ:  # the answer comes once the state was copied
            sys.stdin.readline()


if __name__ == "__main__":
    main()
