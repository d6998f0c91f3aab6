# SPDX-License-Identifier: Apache-2.0
"""Regret curves as an SVG: one panel a problem, the median of each solver and its quartile band."""
import math
import statistics

COLOURS = ["#0072b2", "#d55e00", "#009e73", "#999999", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
           "#882255"]
WIDTH, HEIGHT, GAP, COLUMNS = 300, 190, 46, 3


def picture(panels):
    """`panels` is {problem: {solver: [regrets of all seeds] for each trial}}; an SVG document."""
    rows = -(-len(panels) // COLUMNS)
    width = COLUMNS * (WIDTH + GAP) + GAP
    height = rows * (HEIGHT + GAP) + GAP + 10
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
           'font-family="sans-serif" font-size="11">',
           f'<rect width="{width}" height="{height}" fill="white"/>']
    solvers = list(next(iter(panels.values())))
    for i, solver in enumerate(solvers):
        x = GAP + 130 * i
        out.append(f'<rect x="{x}" y="10" width="18" height="4" fill="{COLOURS[i % len(COLOURS)]}"/>'
                   f'<text x="{x + 24}" y="16">{solver}</text>')
    for i, (problem, curves) in enumerate(panels.items()):
        x = GAP + (i % COLUMNS) * (WIDTH + GAP)
        y = GAP + 10 + (i // COLUMNS) * (HEIGHT + GAP)
        out.append(f'<g transform="translate({x},{y})">')
        out += panel(problem, curves)
        out.append("</g>")
    return "\n".join(out + ["</svg>"]) + "\n"


def panel(problem, curves):
    quartiles = {solver: [statistics.quantiles(regrets, n=4, method="inclusive")
                          if len(regrets) > 1 else regrets * 3 for regrets in by_trial]
                 for solver, by_trial in curves.items()}
    values = [math.log10(q) for lists in quartiles.values() for q3 in lists for q in q3]
    low, high = max(min(values), -6), max(values)
    low = min(low, high - 0.1)
    trials = len(next(iter(curves.values())))

    def at(trial, value):
        share = (max(math.log10(value), low) - low) / (high - low)
        return f"{WIDTH * trial / max(1, trials - 1):.1f},{HEIGHT * (1 - share):.1f}"

    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#ccc"/>'
    yield f'<text x="4" y="-5" font-weight="bold">{problem}</text>'
    for power in range(math.ceil(low), math.floor(high) + 1):
        y = HEIGHT * (1 - (power - low) / (high - low))
        yield f'<text x="-6" y="{y + 4:.1f}" text-anchor="end">1e{power}</text>' \
              f'<path d="M0,{y:.1f}H{WIDTH}" stroke="#eee"/>'
    yield f'<text x="{WIDTH}" y="{HEIGHT + 14}" text-anchor="end">{trials} trials</text>'
    shown = sorted({*range(0, trials, 3), trials - 1})  # for the size of the file
    for i, lists in enumerate(quartiles.values()):
        colour = COLOURS[i % len(COLOURS)]
        band = [at(t, lists[t][0]) for t in shown]
        band += [at(t, lists[t][2]) for t in reversed(shown)]
        line = " ".join(at(t, lists[t][1]) for t in shown)
        yield f'<polygon points="{" ".join(band)}" fill="{colour}" opacity="0.12"/>' \
              f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
