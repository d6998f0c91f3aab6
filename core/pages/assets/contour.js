// SPDX-License-Identifier: Apache-2.0
//
// Two hyperparameters against each other: where trials were, and, for pairs of the most important
// ones, the score that the model of the oracle expects around the best trial.

import {axisScale, dot, Figure, shadeKey} from 'dodona/figure.js';
import {element, isDark, paint, shade, shades, short} from 'dodona/marks.js';
import {orderedAxes} from 'dodona/parallel.js';

export const id = 'contour';
export const title = 'Two at a time';
export const isThere = (view) => orderedAxes(view.study).length > 1 && view.study.order.length > 0;

export function draw(parent, view) {
  const {study} = view;
  const axes = orderedAxes(study);
  const surfaces = study.data.surfaces;
  const first = surfaces.length > 0 ? [surfaces[0].x, surfaces[0].y] : [axes[0].name, axes[1].name];
  const select = (name, label) => {
    const made =
        element('select', {id: `contour-${label}`, 'aria-label': label, onchange: () => redraw()});
    for (const axis of axes)
      made.append(element('option', {selected: axis.name === name}, axis.name));
    return made;
  };
  const [across, up] = [select(first[0], 'across'), select(first[1], 'up')];
  const controls = element(
      'div', {class: 'controls'}, element('label', {}, 'Across', across),
      element('label', {}, 'Up', up));
  shadeKey(controls);
  const words = element('p', {class: 'faint', id: 'contour-words'});
  parent.append(controls, words);
  const figure = new Figure(parent, {
    height: 440,
    margin: {left: 84, right: 20, top: 22, bottom: 36},
    label: 'two hyperparameters of each trial, and the score that is expected',
  });
  const redraw = () => {
    const [x, y] = [across, up].map((chosen) => axes.find((axis) => axis.name === chosen.value));
    const surface = surfaceOf(surfaces, x, y);
    words.textContent = surface ?
        `The ground is what the model of the oracle expects of ${
            study.objectives[0].name}, all else as in ` +
            `trial ${study.data.best[0]}; marks are trials. Between ${
                short(d3.min(surface.expected))} and ` +
            `${short(d3.max(surface.expected))}, with a deviation of ${
                short(d3.median(surface.deviation))}.` :
        'Marks are trials; this page has no expectation of a model for the two.';
    drawAll(figure.fit(), view, x, y, surface);
  };
  view.choice.onChangeLater(redraw);
  redraw();
  return redraw;
}

// The surface of a pair, whichever of the two is across.
function surfaceOf(surfaces, x, y) {
  const same = surfaces.find((each) => each.x === x.name && each.y === y.name);
  if (same) return {...same, columns: same.x_values.length, rows: same.y_values.length};
  const turned = surfaces.find((each) => each.x === y.name && each.y === x.name);
  if (!turned) return null;
  const [columns, rows] = [turned.y_values.length, turned.x_values.length];
  const swapped = (cells) =>
      d3.range(columns * rows)
          .map((cell) => cells[(cell % columns) * rows + Math.floor(cell / columns)]);
  return {columns, rows, expected: swapped(turned.expected), deviation: swapped(turned.deviation)};
}

function drawAll(figure, view, xAxis, yAxis, surface) {
  const {study, choice} = view;
  const x = axisScale(xAxis, [figure.left, figure.right]);
  const y = axisScale(yAxis, [figure.bottom, figure.top]);
  if (surface) ground(figure, study, surface);
  figure.axes(x, y, xAxis.name, yAxis.name);
  const {context} = figure;
  const spread = (axis, trial, turn) => axis.values ? (((trial + 1) * turn) % 1 - 0.5) * 0.5 : 0;
  const place = (trial) => {
    const [a, b] = [xAxis.cells[trial], yAxis.cells[trial]];
    if (!Number.isFinite(a) || !Number.isFinite(b)) return null;
    return {
      x: x(a + spread(xAxis, trial, 0.6180339887)),
      y: y(b + spread(yAxis, trial, 0.7548776662))
    };
  };
  const colour = shades();
  const size = study.count > 5000 ? 1.3 : study.count > 500 ? 2.2 : 4;
  for (const pass of [0, 1]) {
    for (let i = study.order.length - 1; i >= 0; --i) {
      const trial = study.order[i];
      const at = choice.mask[trial] === pass ? place(trial) : null;
      if (!at) continue;
      context.fillStyle = pass ? colour(study.goodness[trial]) : paint('--grey');
      dot(context, at.x, at.y, size);
      if (!surface || size < 2 || !pass) continue;
      context.strokeStyle = isDark() ? '#000' : '#fff';
      context.lineWidth = 0.8;
      context.stroke();
    }
  }
  figure.hover(
      () => study.order.length,
      (i) => choice.mask[study.order[i]] ? place(study.order[i]) : null, (i) => {
        const trial = study.order[i];
        return `trial ${trial}\n${xAxis.name} ${study.text(xAxis, trial)}\n${yAxis.name} ${
            study.text(yAxis, trial)}\n${study.objectives[0].name} ${short(study.scores()[trial])}`;
      }, (i) => view.open(study.order[i]));
}

// The cells of a surface, smoothed, with lines of equal expectation.
function ground(figure, study, surface) {
  const {columns, rows, expected} = surface;
  const [low, high] = d3.extent(expected);
  const better = (value) => {
    const share = high > low ? (value - low) / (high - low) : 0.5;
    return study.objectives[0].maximize ? share : 1 - share;
  };
  const small = element('canvas', {width: columns, height: rows});
  const pen = small.getContext('2d');
  expected.forEach((value, cell) => {
    pen.fillStyle = shade(better(value));
    pen.fillRect(cell % columns, rows - 1 - Math.floor(cell / columns), 1, 1);
  });
  const {context} = figure;
  const [width, height] = [figure.right - figure.left, figure.bottom - figure.top];
  context.globalAlpha = 0.55;
  context.imageSmoothingEnabled = true;
  context.drawImage(small, figure.left, figure.top, width, height);
  context.globalAlpha = 0.5;
  context.strokeStyle = paint('--ink');
  context.lineWidth = 0.7;
  const place = d3.geoTransform({
    point(column, row) {
      this.stream.point(
          figure.left + column / columns * width, figure.bottom - row / rows * height);
    },
  });
  const path = d3.geoPath(place, context);
  const lines = d3.contours().size([columns, rows]).thresholds(d3.ticks(low, high, 8));
  context.save();
  context.beginPath();
  // Lines are closed along the outer half of the outermost cells.
  const [w, h] = [width / columns, height / rows];
  context.rect(figure.left + w / 2, figure.top + h / 2, width - w, height - h);
  context.clip();
  for (const line of lines(expected)) {
    context.beginPath();
    path(line);
    context.stroke();
  }
  context.restore();
  context.globalAlpha = 1;
}
