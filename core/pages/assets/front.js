// SPDX-License-Identifier: Apache-2.0
//
// Two objectives against each other, and the trials that no other one beats in all of them.

import {dot, Figure} from 'dodona/figure.js';
import {scoreRange} from 'dodona/history.js';
import {COLOURS, element, paint, short} from 'dodona/marks.js';

export const id = 'front';
export const title = 'Front';
export const isThere = (view) => view.study.objectives.length > 1;

export function draw(parent, view) {
  const {study} = view;
  const select = (chosen, label) => {
    const made = element('select', {'aria-label': label, onchange: () => redraw()});
    study.objectives.forEach((objective, place) => {
      made.append(element('option', {value: place, selected: place === chosen}, objective.name));
    });
    return made;
  };
  const across = select(0, 'Across');
  const up = select(1, 'Up');
  const count = study.order.filter((trial) => study.column('rank')[trial] === 0).length;
  parent.append(element(
      'p', {class: 'faint'},
      `Filled and joined: the ${count} trials that no other one beats in all objectives. ` +
          'A ring breaks a limit. Better is told by the arrow at an axis.'));
  if (study.objectives.length > 2) {
    parent.append(element(
        'div', {class: 'controls'}, element('label', {}, 'Across', across),
        element('label', {}, 'Up', up)));
  }
  const figure = new Figure(parent, {
    height: 420,
    margin: {left: 64, right: 20, top: 22, bottom: 36},
    label: 'two objectives of each trial',
  });
  const redraw = () => drawAll(figure.fit(), view, Number(across.value), Number(up.value));
  view.choice.onChangeLater(redraw);
  redraw();
  return redraw;
}

function drawAll(figure, view, a, b) {
  const {study, choice} = view;
  const [first, second] = [study.scores(a), study.scores(b)];
  const x = d3.scaleLinear().domain(scoreRange(study, a, false)).range([figure.left, figure.right]);
  const y = d3.scaleLinear().domain(scoreRange(study, b, false)).range([figure.bottom, figure.top]);
  const named = (place, more, less) =>
      `${study.objectives[place].name} ${study.objectives[place].maximize ? more : less}`;
  figure.axes(x, y, named(a, '→ better', '← better'), named(b, '↑ better', '↓ better'));
  const rank = study.column('rank');
  const {context} = figure;
  const front =
      study.order.filter((trial) => rank[trial] === 0).sort((i, j) => first[i] - first[j]);
  if (study.objectives.length === 2) {
    context.strokeStyle = paint('--mark');
    context.lineWidth = 1.5;
    context.beginPath();
    for (const trial of front) context.lineTo(x(first[trial]), y(second[trial]));
    context.stroke();
  }
  const isFront = new Set(front);
  for (const trial of [...study.order].reverse()) {
    const ink = !choice.mask[trial] ? paint('--grey') :
        isFront.has(trial)          ? paint('--mark') :
                                      COLOURS[0];
    context.globalAlpha = choice.mask[trial] ? 0.9 : 0.4;
    context.fillStyle = context.strokeStyle = ink;
    if (study.kept(trial)) {
      dot(context, x(first[trial]), y(second[trial]), isFront.has(trial) ? 5 : 3);
    } else {
      context.lineWidth = 1.2;
      context.beginPath();
      context.arc(x(first[trial]), y(second[trial]), 3.2, 0, 2 * Math.PI);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  figure.hover(
      () => study.order.length,
      (i) => choice.mask[study.order[i]] ?
          {x: x(first[study.order[i]]), y: y(second[study.order[i]])} :
          null,
      (i) => `trial ${study.order[i]}\n${
          study.objectives
              .map((each) => `${each.name} ${short(study.scores(each.place)[study.order[i]])}`)
              .join('\n')}`,
      (i) => view.open(study.order[i]));
}
