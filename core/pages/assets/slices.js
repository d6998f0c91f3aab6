// SPDX-License-Identifier: Apache-2.0
//
// The score against each hyperparameter by itself.

import {axisScale, Figure, shadeKey} from 'dodona/figure.js';
import {scoreRange} from 'dodona/history.js';
import {element, paint, shades, short} from 'dodona/marks.js';
import {orderedAxes} from 'dodona/parallel.js';

export const id = 'slices';
export const title = 'Slices';
export const isThere = (view) => orderedAxes(view.study).length > 0 && view.study.order.length > 0;

const FIRST = 8;

// A place between -0.3 and 0.3 that is always the same for a trial: values of a list would lie upon
// each other.
const spread = (trial) => ((trial * 0.6180339887) % 1 - 0.5) * 0.6;

export function draw(parent, view) {
  const {study} = view;
  const axes = orderedAxes(study);
  const controls = element('div', {class: 'controls'});
  const grid = element('div', {class: 'grid'});
  parent.append(controls, grid);
  const near = element('input', {type: 'checkbox', onchange: () => redraw()});
  controls.append(element('label', {}, near, 'only near the best'));
  const figures = [];
  const add = (axis) => {
    const cell = element('div');
    grid.append(cell);
    const label = `${study.objectives[0].name} against ${axis.name}`;
    const margin = {left: 52, right: 10, top: 16, bottom: 34};
    figures.push({axis, figure: new Figure(cell, {height: 210, margin, label})});
  };
  axes.slice(0, FIRST).forEach(add);
  if (axes.length > FIRST) {
    const button = element(
        'button', {
          onclick: () => {
            axes.slice(FIRST).forEach(add);
            button.remove();
            redraw();
          },
        },
        `Show all ${axes.length}`);
    controls.append(button);
  }
  shadeKey(controls);
  const redraw = () =>
      figures.forEach(({axis, figure}) => drawOne(figure.fit(), axis, view, near.checked));
  view.choice.onChangeLater(redraw);
  redraw();
  return redraw;
}

function drawOne(figure, axis, view, near) {
  const {study, choice} = view;
  const scores = study.scores();
  const x = axisScale(axis, [figure.left, figure.right]);
  const y = d3.scaleLinear().domain(scoreRange(study, 0, near)).range([figure.bottom, figure.top]);
  figure.axes(x, y, axis.name, study.objectives[0].name);
  const {context} = figure;
  const [low, high] = y.domain();
  const colour = shades();
  const grey = paint('--grey');
  const size = study.count > 5000 ? 1.5 : study.count > 500 ? 2.5 : 4;
  const place = (trial) => {
    const value = axis.cells[trial];
    if (!study.scored(trial) || !Number.isFinite(value)) return null;
    if (scores[trial] < low || scores[trial] > high) return null;
    return {x: x(axis.values ? value + spread(trial) : value), y: y(scores[trial])};
  };
  for (const pass of [0, 1]) {
    // The best last, above the others.
    for (let i = study.order.length - 1; i >= 0; --i) {
      const trial = study.order[i];
      if (choice.mask[trial] !== pass) continue;
      const at = place(trial);
      if (!at) continue;
      context.fillStyle = pass ? colour(study.goodness[trial]) : grey;
      context.fillRect(at.x - size / 2, at.y - size / 2, size, size);
    }
  }
  figure.hover(
      () => study.count, (trial) => choice.mask[trial] ? place(trial) : null,
      (trial) => `trial ${trial}\n${axis.name} ${study.text(axis, trial)}\n${
          study.objectives[0].name} ${short(scores[trial])}`,
      view.open);
}
