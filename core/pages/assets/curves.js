// SPDX-License-Identifier: Apache-2.0
//
// Learning curves of the trials that are known in full: a metric by step, and where a trial was
// stopped.

import {cross, dot, Figure, shadeKey} from 'dodona/figure.js';
import {element, paint, shades, short} from 'dodona/marks.js';

export const id = 'curves';
export const title = 'Learning curves';
export const isThere = (view) => view.study.data.curves.some((curve) => curve.steps.length > 1);

export function draw(parent, view) {
  const {study} = view;
  const {curves} = study.data;
  const names = [...new Set(curves.flatMap((curve) => Object.keys(curve.metrics)))];
  const wanted = study.objectives.map((objective) => objective.name);
  names.sort((a, b) => wanted.includes(b) - wanted.includes(a) || (a < b ? -1 : 1));
  const select =
      element('select', {id: 'curve-metric', 'aria-label': 'Metric', onchange: () => redraw()});
  for (const name of names) select.append(element('option', {}, name));
  const controls = element('div', {class: 'controls'}, element('label', {}, 'Metric', select));
  const log = element('input', {type: 'checkbox', onchange: () => redraw()});
  controls.append(element('label', {}, log, 'logarithmic'));
  shadeKey(controls);
  parent.append(
      element(
          'p', {class: 'faint'},
          'A line for each execution. A dot is its end, a cross the step at which it was stopped.'),
      controls);
  const figure = new Figure(parent, {
    height: 360,
    margin: {left: 64, right: 16, top: 20, bottom: 34},
    label: 'a metric by step for each trial',
  });
  const redraw = () => drawAll(figure.fit(), view, select.value, log.checked);
  view.choice.onChangeLater(redraw);
  redraw();
  return redraw;
}

function rangeOf(lines) {
  const values = [];
  for (const line of lines) {
    for (const value of line.values) {
      if (Number.isFinite(value)) values.push(value);
    }
  }
  values.sort((a, b) => a - b);
  if (values.length === 0) return [0, 1];
  // A few curves that leave everything behind would flatten all others.
  const [low, high] = [d3.quantile(values, 0.01), d3.quantile(values, 0.98)];
  const room = (high - low) * 0.05 || 1;
  return [Math.max(values[0], low - room), Math.min(values[values.length - 1], high + room)];
}

function drawAll(figure, view, name, log) {
  const {study, choice} = view;
  const lines =
      study.data.curves.filter((curve) => curve.metrics[name])
          .map((curve) => ({
                 trial: curve.trial,
                 stopped: curve.stopped,
                 steps: curve.steps,
                 values: curve.metrics[name].map((value) => value === null ? NaN : Number(value)),
               }));
  let [low, high] = rangeOf(lines);
  if (low === high) high = low + 1;
  const x = d3.scaleLinear().domain(d3.extent(lines.flatMap((line) => line.steps))).range([
    figure.left, figure.right
  ]);
  const isLog = log && low > 0;
  const y = (isLog ? d3.scaleLog() : d3.scaleLinear()).domain([low, high]).range([
    figure.bottom, figure.top
  ]);
  figure.axes(x, y, 'step', name);
  const {context} = figure;
  const colour = shades();
  const place = new Map(study.order.map((trial, rank) => [trial, rank]));
  const rank = (line) => place.has(line.trial) ? place.get(line.trial) : Infinity;
  lines.sort(
      (a, b) => choice.mask[a.trial] - choice.mask[b.trial] ||
          (rank(b) === rank(a) ? 0 : rank(b) - rank(a)));
  const ends = [];
  figure.inside(() => lines.forEach((line) => {
    const chosen = choice.mask[line.trial] === 1;
    const ink = chosen ? colour(study.goodness[line.trial]) : paint('--grey');
    context.strokeStyle = context.fillStyle = ink;
    context.globalAlpha = chosen ? 0.85 : 0.3;
    context.beginPath();
    let end = null;
    line.values.forEach((value, step) => {
      if (!Number.isFinite(value)) return;
      end = {x: x(line.steps[step]), y: y(value)};
      context.lineTo(end.x, end.y);
    });
    context.stroke();
    if (!end) return;
    (line.stopped ? cross : dot)(context, end.x, end.y, line.stopped ? 3.5 : 2);
    if (chosen) ends.push({trial: line.trial, ...end, value: line.values[line.values.length - 1]});
  }));
  figure.hover(
      () => ends.length, (i) => ends[i],
      (i) =>
          `trial ${ends[i].trial}: ${study.state(ends[i].trial)}\n${name} ${short(ends[i].value)}`,
      (i) => view.open(ends[i].trial));
}
