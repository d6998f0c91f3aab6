#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws a study as an SVG document, from the tables that the program prints.

draw_study.py DIRECTORY METRIC [PROGRAM] >study.svg

DIRECTORY is the project, METRIC the one to draw, PROGRAM the dodona to ask. On the left stands the
metric of every trial at every step, on the right the score of every trial, with the best so far as
a line. The best trial is orange.
"""
import csv
import subprocess
import sys

WIDTH, HEIGHT, LEFT, TOP, GAP = 330, 200, 64, 44, 90
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#888"


def table(program, command, *arguments):
    run = subprocess.run([program, command, *arguments, "--csv"], capture_output=True, text=True,
                         check=True)
    return list(csv.DictReader(run.stdout.splitlines()))


def panel(x, title, label, marks):
    """A frame with scales; each mark is (points, shape, colour, width), a point (place, value)."""
    places = [place for points, *_ in marks for place, _ in points]
    values = [value for points, *_ in marks for _, value in points]
    span, low, high = (min(places), max(places)), min(values), max(values) + 1e-12

    def at(place, value):
        across = (place - span[0]) / max(1, span[1] - span[0])
        return f"{WIDTH * across:.1f},{HEIGHT * (high - value) / (high - low):.1f}"

    yield f'<g transform="translate({x},{TOP})">'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#bbb"/>'
    yield f'<text y="-12" font-weight="bold">{title}</text>'
    for i in range(5):
        value = low + (high - low) * i / 4
        y = HEIGHT * (4 - i) / 4
        yield f'<text x="-8" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>'
        yield f'<path d="M0,{y:.1f}H{WIDTH}" stroke="#e4e4e4"/>'
    for place, anchor, text in ((0, "start", span[0]), (WIDTH / 2, "middle", label),
                                (WIDTH, "end", span[1])):
        yield f'<text x="{place}" y="{HEIGHT + 18}" text-anchor="{anchor}">{text}</text>'
    for points, shape, colour, width in marks:
        if shape == "line":
            path = " ".join(at(*point) for point in points)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
        for point in points if shape == "dots" else ():
            x, y = at(*point).split(",")
            yield f'<circle cx="{x}" cy="{y}" r="{width + 1}" fill="{colour}"/>'
    yield "</g>"


def staircase(scores, order):
    """The best score so far at each trial; `order` has the trials, best first."""
    rank = {trial: place for place, trial in enumerate(order)}
    best = min(scores)
    for trial in sorted(scores):
        yield trial, scores[best]
        if rank[trial] < rank[best]:
            best = trial
            yield trial, scores[best]


def curves(steps, metric, best):
    by_trial = {}
    for row in steps:
        if row[metric]:
            by_trial.setdefault(int(row["trial"]), []).append((int(row["step"]), float(row[metric])))
    for trial in sorted(by_trial, key=lambda trial: trial == best):
        own = trial == best
        yield by_trial[trial], "line", ORANGE if own else GREY, 3 if own else 1


def main():
    directory, metric = sys.argv[1:3]
    program = sys.argv[3] if len(sys.argv) > 3 else "dodona"
    order = [int(row["trial"]) for row in table(program, "best", directory, "-n", "0")]
    scores = {int(row["trial"]): float(row["score"]) for row in table(program, "trials", directory)
              if row["score"]}
    lines = list(curves(table(program, "trials", directory, "--steps"), metric, order[0]))
    dots = [(list(staircase(scores, order)), "line", BLUE, 2),
            (list(scores.items()), "dots", GREY, 2),
            ([(order[0], scores[order[0]])], "dots", ORANGE, 4)]

    width = LEFT + 2 * WIDTH + GAP + 20
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 34}" '
          'font-family="sans-serif" font-size="13" fill="#222">')
    print(f'<rect x="1" y="1" width="{width - 2}" height="{TOP + HEIGHT + 32}" rx="10" fill="#fcfcfa" stroke="#bbb"/>')
    print("\n".join(panel(LEFT, f"{metric} of each trial", "step", lines)))
    print("\n".join(panel(LEFT + WIDTH + GAP, "score, and the best so far", "trial", dots)))
    print("</svg>")


if __name__ == "__main__":
    main()
