// SPDX-License-Identifier: Apache-2.0
//
// What the oracle expected of its proposals, and what came.

import {dot, Figure, shadeKey} from 'dodona/figure.js';
import {element, paint, percent, shades, short} from 'dodona/marks.js';

export const id = 'regret';
export const title = 'Expected and found';
export const isThere = (view) => Boolean(view.study.column('expected'));

function toldTrials(study) {
  const expected = study.column('expected');
  return study.order.filter((trial) => Number.isFinite(expected[trial])).sort(d3.ascending);
}

export function draw(parent, view) {
  const {study} = view;
  const trials = toldTrials(study);
  const [expected, deviation, scores] =
      [study.column('expected'), study.column('deviation'), study.scores()];
  const known = trials.filter((trial) => deviation[trial] > 0);
  const within = (times) =>
      known.filter((trial) => Math.abs(scores[trial] - expected[trial]) <= times * deviation[trial])
          .length /
      known.length;
  const words = known.length === 0 ?
      '' :
      ` Within one deviation lie ${percent(within(1))} (68 % if the model is right), within two ` +
          `${percent(within(2))} (95 %).`;
  parent.append(element(
      'p', {class: 'faint'},
      `Of ${trials.length} proposals that the model of the oracle made.${words} ` +
          'Lines are as long as two deviations.'));
  const controls = element('div', {class: 'controls'});
  shadeKey(controls);
  parent.append(controls);
  const margin = {left: 64, right: 16, top: 20, bottom: 34};
  const name = study.objectives[0].name;
  const plain = new Figure(parent, {height: 320, margin, label: `${name}: expected against found`});
  const regret = new Figure(parent, {height: 220, margin, label: 'found less expected, by trial'});
  const redraw = () => {
    drawPlain(plain.fit(), view, trials);
    drawRegret(regret.fit(), view, trials);
  };
  view.choice.onChangeLater(redraw);
  redraw();
  return redraw;
}

function padded(values) {
  const sorted = values.filter(Number.isFinite).sort(d3.ascending);
  if (sorted.length === 0) return [0, 1];
  const [low, high] = [d3.quantile(sorted, 0.01), d3.quantile(sorted, 0.98)];
  const room = (high - low) * 0.06 || 1;
  return [low - room, high + room];
}

function drawPlain(figure, view, trials) {
  const {study} = view;
  const [expected, deviation, scores] =
      [study.column('expected'), study.column('deviation'), study.scores()];
  const range = padded(trials.flatMap((trial) => [expected[trial], scores[trial]]));
  const x = d3.scaleLinear().domain(range).range([figure.left, figure.right]);
  const y = d3.scaleLinear().domain(range).range([figure.bottom, figure.top]);
  figure.axes(x, y, 'expected', `${study.objectives[0].name} found`);
  const {context} = figure;
  context.strokeStyle = paint('--faint');
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x(range[0]), y(range[0]));
  context.lineTo(x(range[1]), y(range[1]));
  context.stroke();
  context.setLineDash([]);
  const colour = shades();
  figure.inside(() => trials.forEach((trial) => {
    context.fillStyle = context.strokeStyle =
        view.choice.mask[trial] ? colour(study.goodness[trial]) : paint('--grey');
    dot(context, x(expected[trial]), y(scores[trial]), 3);
    if (!(deviation[trial] > 0)) return;
    context.globalAlpha = 0.4;
    context.beginPath();
    context.moveTo(x(expected[trial] - deviation[trial]), y(scores[trial]));
    context.lineTo(x(expected[trial] + deviation[trial]), y(scores[trial]));
    context.stroke();
    context.globalAlpha = 1;
  }));
  figure.hover(
      () => trials.length, (i) => ({x: x(expected[trials[i]]), y: y(scores[trials[i]])}),
      (i) => `trial ${trials[i]}\nexpected ${short(expected[trials[i]])} ± ${
          short(deviation[trials[i]])}\nfound ${short(scores[trials[i]])}`,
      (i) => view.open(trials[i]));
}

function drawRegret(figure, view, trials) {
  const {study} = view;
  const [expected, scores] = [study.column('expected'), study.scores()];
  const off = (trial) => scores[trial] - expected[trial];
  const x =
      d3.scaleLinear().domain([0, Math.max(1, study.count - 1)]).range([figure.left, figure.right]);
  const y =
      d3.scaleLinear().domain(padded([0, ...trials.map(off)])).range([figure.bottom, figure.top]);
  figure.axes(x, y, 'trial', 'found less expected');
  const {context} = figure;
  const colour = shades();
  for (const trial of trials) {
    context.strokeStyle = view.choice.mask[trial] ? colour(study.goodness[trial]) : paint('--grey');
    context.lineWidth = study.count > 400 ? 1 : 2;
    context.beginPath();
    context.moveTo(x(trial), y(0));
    context.lineTo(x(trial), y(off(trial)));
    context.stroke();
  }
  figure.hover(
      () => trials.length, (i) => ({x: x(trials[i]), y: y(off(trials[i]))}),
      (i) => `trial ${trials[i]}: ${short(off(trials[i]))}`, (i) => view.open(trials[i]));
}
