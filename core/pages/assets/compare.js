// SPDX-License-Identifier: Apache-2.0
//
// Several studies side by side: the best score so far of each, their ends, and what mattered in
// them.

import {Figure} from 'dodona/figure.js';
import {records} from 'dodona/history.js';
import {COLOURS, DASHES, duration, element, percent} from 'dodona/marks.js';

export const id = 'compare';
export const title = 'Side by side';
export const isThere = (view) => view.studies.length > 1;

export function draw(parent, view) {
  const {studies} = view;
  const names = [...new Set(studies.flatMap((study) => study.objectives.map((each) => each.name)))];
  const select = element('select', {'aria-label': 'Objective', onchange: () => redraw()});
  for (const name of names) select.append(element('option', {}, name));
  const controls = element('div', {class: 'controls'});
  if (names.length > 1) controls.append(element('label', {}, 'Objective', select));
  studies.forEach((study, place) => {
    const swatch = element('span', {class: 'swatch'});
    swatch.style.background = COLOURS[place % COLOURS.length];
    controls.append(element('span', {class: 'key'}, swatch, study.name));
  });
  parent.append(controls);
  const figure = new Figure(parent, {
    height: 300,
    margin: {left: 64, right: 16, top: 20, bottom: 34},
    label: 'the best score so far of each study by trial',
  });
  const redraw = () => lines(figure.fit(), studies, select.value);
  parent.append(summary(studies), shares(studies) || '');
  redraw();
  return redraw;
}

function lines(figure, studies, name) {
  const drawn = [];
  studies.forEach((study, place) => {
    const objective = study.objectives.find((each) => each.name === name);
    if (!objective) return;
    const scores = study.scores(objective.place);
    const points = records(study, objective.place).map((trial) => [trial, scores[trial]]);
    if (points.length > 0)
      drawn.push({place, points: [...points, [study.count - 1, points[points.length - 1][1]]]});
  });
  const all = drawn.flatMap((each) => each.points);
  const range = all.length > 0 ? d3.extent(all, (point) => point[1]) : [0, 1];
  const room = (range[1] - range[0]) * 0.05 || 1;
  const x = d3.scaleLinear().domain([0, d3.max(all, (point) => point[0]) || 1]).range([
    figure.left, figure.right
  ]);
  const y = d3.scaleLinear().domain([range[0] - room, range[1] + room]).range([
    figure.bottom, figure.top
  ]);
  figure.axes(x, y, 'trial', `best ${name} so far`);
  const {context} = figure;
  context.lineWidth = 2;
  for (const {place, points} of drawn) {
    context.strokeStyle = COLOURS[place % COLOURS.length];
    context.setLineDash(DASHES[place % DASHES.length]);
    context.beginPath();
    points.forEach(([trial, score], step) => {
      if (step > 0) context.lineTo(x(trial), y(points[step - 1][1]));
      context.lineTo(x(trial), y(score));
    });
    context.stroke();
  }
  context.setLineDash([]);
}

function table(id, names, rows) {
  const head =
      element('thead', {}, element('tr', {}, ...names.map((name) => element('th', {}, name))));
  const body = element(
      'tbody', {},
      ...rows.map((row) => element('tr', {}, ...row.map((text) => element('td', {}, text)))));
  return element('div', {class: 'wide'}, element('table', {id}, head, body));
}

function summary(studies) {
  return table(
      'studies',
      [
        'study', 'trials', 'failed', 'objective', 'best', 'its trial', 'seconds of all trials',
        'seed'
      ],
      studies.map((study) => {
        const best = study.order[0];
        const state = study.column('state');
        const seconds = d3.sum(study.column('seconds'), (each) => each || 0);
        return [
          study.name,
          study.count,
          state.filter((each) => each >= 5).length,
          study.objectives.map((each) => each.name).join(', '),
          best === undefined ? '' : study.number(study.scores()[best], best),
          best === undefined ? '' : best,
          duration(seconds),
          study.data.seed,
        ];
      }));
}

// Importance by study, of hyperparameters that one of them tells.
function shares(studies) {
  const told = studies.map((study) => {
    const {insight} = study.data;
    const list =
        insight && insight.importance.length > 0 ? insight.importance[0].hyperparameters : [];
    return new Map(list.map((each) => [each.name, each.everywhere.value]));
  });
  const names = [...new Set(told.flatMap((each) => [...each.keys()]))];
  if (names.length === 0) return null;
  names.sort(
      (a, b) =>
          d3.max(told, (each) => each.get(b) || 0) - d3.max(told, (each) => each.get(a) || 0));
  return element(
      'div', {}, element('h3', {}, 'Importance'),
      table(
          'shares', ['hyperparameter', ...studies.map((study) => study.name)],
          names.map(
              (name) =>
                  [name, ...told.map((each) => each.has(name) ? percent(each.get(name)) : '')])));
}
