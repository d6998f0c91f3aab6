// SPDX-License-Identifier: Apache-2.0
//
// The score of each trial in the order of their ids, and the best so far.

import {cross, dot, Figure, shadeKey} from 'dodona/figure.js';
import {element, paint, shades, short} from 'dodona/marks.js';

export const id = 'history';
export const title = 'History';

// The trials that were the best of all before them.
export function records(study, place) {
  const scores = study.scores(place);
  const sign = study.objectives[place].maximize ? -1 : 1;
  const found = [];
  let best = Infinity;
  for (let trial = 0; trial < study.count; ++trial) {
    if (!study.scored(trial) || !study.kept(trial) || !(sign * scores[trial] < best)) continue;
    best = sign * scores[trial];
    found.push(trial);
  }
  return found;
}

// The range of the scores, or that of the better nine tenths and a little more.
export function scoreRange(study, place, near) {
  const scores = study.scores(place);
  const sorted = Float64Array
                     .from(
                         d3.range(study.count).filter((trial) => study.scored(trial)),
                         (trial) => scores[trial])
                     .sort();
  if (sorted.length === 0) return [0, 1];
  let low = sorted[0];
  let high = sorted[sorted.length - 1];
  if (near) {
    if (study.objectives[place].maximize) {
      low = d3.quantile(sorted, 0.1);
    } else {
      high = d3.quantile(sorted, 0.9);
    }
  }
  const room = (high - low) * 0.04 || Math.abs(high) * 0.04 || 1;
  return [low - room, high + room];
}

export function draw(parent, view) {
  const {study} = view;
  const controls = element('div', {class: 'controls'});
  parent.append(
      element(
          'p', {class: 'faint'},
          'Each mark is a trial; the line is the best so far. Crosses at the edge have failed, ' +
              'have no score, or lie beyond.'),
      controls);
  const near = element('input', {type: 'checkbox', onchange: () => redraw()});
  controls.append(element('label', {}, near, 'only near the best'));
  shadeKey(controls);
  const figures = study.objectives.map((objective) => new Figure(parent, {
                                         height: study.objectives.length > 1 ? 240 : 340,
                                         margin: {left: 64, right: 16, top: 20, bottom: 34},
                                         label: `${objective.name} of each trial`,
                                         layers: 2,
                                       }));
  const redraw = () =>
      figures.forEach((figure, place) => drawOne(figure, view, place, near.checked));
  view.choice.onChangeLater(
      () => figures.forEach((figure, place) => drawMarks(figure, view, place, near.checked)));
  redraw();
  return redraw;
}

function scales(figure, study, place, near) {
  return {
    x: d3.scaleLinear().domain([0, Math.max(1, study.count - 1)]).range([
      figure.left, figure.right
    ]),
    y: d3.scaleLinear().domain(scoreRange(study, place, near)).range([figure.bottom, figure.top]),
  };
}

function drawOne(figure, view, place, near) {
  const {study} = view;
  figure.fit();
  const {x, y} = scales(figure, study, place, near);
  figure.axes(x, y, 'trial', study.objectives[place].name);
  drawMarks(figure, view, place, near);
  const scores = study.scores(place);
  const best = records(study, place);
  const context = figure.contexts[1];
  context.strokeStyle = paint('--mark');
  context.lineWidth = 2;
  context.beginPath();
  best.forEach((trial, step) => {
    if (step === 0) context.moveTo(x(trial), y(scores[trial]));
    context.lineTo(x(trial), y(scores[trial]));
    context.lineTo(x(step + 1 < best.length ? best[step + 1] : study.count - 1), y(scores[trial]));
  });
  context.stroke();
  const mark = (trial) => Number.isFinite(scores[trial]) && view.choice.mask[trial] ?
      {x: x(trial), y: y(scores[trial])} :
      null;
  figure.hover(
      () => study.count, mark,
      (trial) => `trial ${trial}: ${study.state(trial)}\n${study.objectives[place].name} ${
          short(scores[trial])}`,
      view.open);
}

function drawMarks(figure, view, place, near) {
  const {study, choice} = view;
  const {x, y} = scales(figure, study, place, near);
  const scores = study.scores(place);
  const [low, high] = y.domain();
  const colour = shades();
  const grey = paint('--grey');
  const size = study.count > 20000 ? 1 : study.count > 2000 ? 1.6 : 3;
  const {context} = figure;
  figure.clear();
  for (const pass of [0, 1]) {
    for (let trial = 0; trial < study.count; ++trial) {
      if (choice.mask[trial] !== pass) continue;
      const score = scores[trial];
      const ink = pass ? colour(study.goodness[trial]) : grey;
      if (study.scored(trial) && score >= low && score <= high) {
        context.fillStyle = ink;
        dot(context, x(trial), y(score), size);
      } else if (study.column('state')[trial] >= 3) {
        context.strokeStyle = pass ? paintFailed(study, trial, ink) : grey;
        cross(context, x(trial), figure.bottom - 5, Math.max(1.5, size));
      }
    }
  }
}

const paintFailed = (study, trial, ink) => study.scored(trial) ? ink : paint('--mark');
