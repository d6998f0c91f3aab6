// SPDX-License-Identifier: Apache-2.0
//
// Where trials fail: the share of failures in each region of each hyperparameter, and the messages
// by how often they came.

import {axisScale, Figure} from 'dodona/figure.js';
import {COLOURS, counted, element, paint, percent, short} from 'dodona/marks.js';
import {orderedAxes} from 'dodona/parallel.js';

export const id = 'failures';
export const title = 'Failures';

const BINS = 8;
const SHOWN = 12;

const hasFailed = (study, trial) => study.column('state')[trial] >= 5;
const hasEnded = (study, trial) => study.column('state')[trial] >= 3;

export const isThere = ({study}) => study.column('state').some((state) => state >= 5);

// Failures and all that ended, by region of an axis.
function regionsOf(study, axis) {
  const count = axis.values ? axis.values.length : BINS;
  const regions = d3.range(count).map((region) => ({region, failed: 0, ended: 0}));
  const scale = axisScale(axis, [0, count]);
  for (let trial = 0; trial < study.count; ++trial) {
    const value = axis.cells[trial];
    if (!hasEnded(study, trial) || !Number.isFinite(value)) continue;
    const place = Math.max(0, Math.min(count - 1, Math.floor(scale(value))));
    regions[place].ended += 1;
    regions[place].failed += hasFailed(study, trial);
  }
  return regions.map(
      (each) => ({...each, from: scale.invert(each.region), to: scale.invert(each.region + 1)}));
}

// The greater the more a region differs from the whole, seen against chance.
function surprise(regions, share) {
  return d3.max(
      regions,
      (each) => each.ended === 0 ?
          0 :
          (each.failed - share * each.ended) / Math.sqrt(share * (1 - share) * each.ended + 1e-9));
}

export function draw(parent, view) {
  const {study} = view;
  const trials = d3.range(study.count).filter((trial) => hasEnded(study, trial));
  const failed = trials.filter((trial) => hasFailed(study, trial));
  const share = failed.length / trials.length;
  parent.append(element(
      'p', {class: 'faint'},
      `${failed.length} of ${counted(trials.length, 'trial')} failed (${
          percent(share)}, the line). Bars ` +
          'are the share in a region; hyperparameters whose regions differ most come first. A faint ' +
          'bar rests on fewer than 5 trials.'));
  const grid = element('div', {class: 'grid'});
  parent.append(grid);
  const all = orderedAxes(study).map((axis) => ({axis, regions: regionsOf(study, axis)}));
  all.sort((a, b) => surprise(b.regions, share) - surprise(a.regions, share));
  const figures = all.slice(0, SHOWN).map(({axis, regions}) => {
    const cell = element('div');
    grid.append(cell);
    const margin = {left: 44, right: 10, top: 16, bottom: 34};
    return {
      axis,
      regions,
      figure: new Figure(cell, {height: 150, margin, label: `failures by ${axis.name}`})
    };
  });
  const redraw = () =>
      figures.forEach((each) => bars(each.figure.fit(), each.axis, each.regions, share));
  redraw();
  addMessages(parent, view, failed);
  return redraw;
}

function bars(figure, axis, regions, share) {
  const x = axisScale(axis, [figure.left, figure.right]);
  const y = d3.scaleLinear().domain([0, 1]).range([figure.bottom, figure.top]);
  figure.axes(
      x, Object.assign((value) => y(value), {
        scale: y,
        tickValues: () => [0, 0.5, 1],
        tickFormat: percent,
      }),
      axis.name, 'failed');
  const {context} = figure;
  for (const each of regions) {
    if (each.ended === 0) continue;
    const [from, to] = [
      x(axis.values ? each.region - 0.5 : each.from), x(axis.values ? each.region + 0.5 : each.to)
    ];
    context.globalAlpha = each.ended < 5 ? 0.35 : 1;
    context.fillStyle = COLOURS[1];
    const top = y(each.failed / each.ended);
    context.fillRect(
        from + 1, Math.min(top, figure.bottom - 1), to - from - 2,
        Math.max(1, figure.bottom - top));
  }
  context.globalAlpha = 1;
  context.strokeStyle = paint('--ink');
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(figure.left, y(share));
  context.lineTo(figure.right, y(share));
  context.stroke();
  context.setLineDash([]);
  const middle = (each) => {
    const [from, to] = axis.values ? [each.region, each.region] : [each.from, each.to];
    return {x: (x(from) + x(to)) / 2, y: figure.bottom - 8};
  };
  figure.hover(() => regions.length, (i) => middle(regions[i]), (i) => {
    const each = regions[i];
    const region =
        axis.values ? axis.values[each.region] : `${short(each.from)} to ${short(each.to)}`;
    return `${axis.name} ${region}: ${each.failed} of ${each.ended} failed`;
  });
}

function addMessages(parent, view, failed) {
  const {study} = view;
  const groups = new Map();
  for (const trial of failed) {
    const row = study.exact.get(trial);
    if (!row) continue;
    const line = (row.message || row.outcome || 'no message').split('\n')[0];
    // Numbers differ from trial to trial.
    const key = line.replace(/\d+/g, '#');
    if (!groups.has(key)) groups.set(key, {line, trials: []});
    groups.get(key).trials.push(trial);
  }
  const body = element('tbody');
  const sorted =
      [...groups.values()].sort((a, b) => b.trials.length - a.trials.length).slice(0, 20);
  for (const {line, trials} of sorted) {
    const link = element('a', {href: `#trial-${trials[0]}`}, `trial ${trials[0]}`);
    body.append(element(
        'tr', {}, element('td', {class: 'number'}, trials.length), element('td', {}, link),
        element('td', {}, line)));
  }
  const head = element(
      'thead', {},
      element('tr', {}, ...['count', 'such as', 'message'].map((name) => element('th', {}, name))));
  parent.append(element('div', {class: 'wide'}, element('table', {id: 'messages'}, head, body)));
}
