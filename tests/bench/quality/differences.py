# SPDX-License-Identifier: Apache-2.0
"""Critical differences as an SVG: where solvers rank, and which of them are not told apart.

Source: Demsar (2006), Statistical comparisons of classifiers over multiple data sets, section 3.2.2
(the test of Nemenyi).
"""
import math
import statistics

# The studentised range over the root of 2 at 5 %, by the number of solvers from 2 on.
QUANTILES = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]
WIDTH, LEFT, ROW = 620, 130, 18


def critical_difference(solvers, problems):
    return QUANTILES[solvers - 2] * math.sqrt(solvers * (solvers + 1) / (6 * problems))


def picture(by_budget):
    """`by_budget` is {trials: [{solver: rank} for each problem]}; an SVG document."""
    parts, y = [], 20
    for trials, places in by_budget.items():
        lines, height = panel(trials, places)
        parts.append(f'<g transform="translate({LEFT},{y})">' + "\n".join(lines) + "</g>")
        y += height + 30
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH + 2 * LEFT}" height="{y}" '
            'font-family="sans-serif" font-size="12">\n'
            f'<rect width="{WIDTH + 2 * LEFT}" height="{y}" fill="white"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def panel(trials, places):
    solvers = sorted(places[0], key=lambda s: statistics.mean(p[s] for p in places))
    mean = {s: statistics.mean(p[s] for p in places) for s in solvers}
    most = len(solvers)
    apart = critical_difference(most, len(places))

    def at(rank):
        return f"{WIDTH * (rank - 1) / (most - 1):.1f}"

    lines = [f'<text x="-120" y="4" font-weight="bold">{trials} trials</text>',
             f'<path d="M0,0H{WIDTH}" stroke="black"/>']
    for rank in range(1, most + 1):
        lines.append(f'<path d="M{at(rank)},0v-4" stroke="black"/>'
                     f'<text x="{at(rank)}" y="-7" text-anchor="middle">{rank}</text>')
    groups = []  # runs of solvers that are not told apart, none within another
    for i, first in enumerate(solvers):
        last = max(j for j, s in enumerate(solvers) if mean[s] - mean[first] <= apart)
        if last > i and (not groups or last > groups[-1][1]):
            groups.append((i, last))
    y = 8
    for first, last in groups:
        lines.append(f'<path d="M{at(mean[solvers[first]])},{y}H{at(mean[solvers[last]])}" '
                     'stroke="#d55e00" stroke-width="4"/>')
        y += 7
    for i, solver in enumerate(solvers):
        left = i < (most + 1) // 2
        row = y + 10 + ROW * (i if left else most - 1 - i)
        x = at(mean[solver])
        lines.append(f'<path d="M{x},0V{row}H{-6 if left else WIDTH + 6}" fill="none" '
                     'stroke="#555"/>'
                     f'<text x="{-10 if left else WIDTH + 10}" y="{row + 4}" '
                     f'text-anchor="{"end" if left else "start"}">{solver} {mean[solver]:.2f}</text>')
    height = y + 10 + ROW * ((most + 1) // 2)
    lines.append(f'<text x="-120" y="20" fill="#d55e00">within {apart:.2f}</text>')
    return lines, height
