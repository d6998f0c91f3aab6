// SPDX-License-Identifier: Apache-2.0
//
// What mattered: the share of each hyperparameter with its interval, warnings, and what further
// trials may bring. The numbers are those of `dodona explain`.

import {copyButton} from 'dodona/best.js';
import {axisScale, clipped} from 'dodona/figure.js';
import {COLOURS, element, percent, short} from 'dodona/marks.js';

export const id = 'importance';
export const title = 'Importance';
export const isThere = (view) => Boolean(view.study.data.insight);

const ROW = 34;

export function draw(parent, view) {
  const {insight} = view.study.data;
  const parts = [];
  for (const each of insight.importance) {
    if (insight.importance.length > 1) parent.append(element('h3', {}, each.objective));
    parent.append(element(
        'p', {class: 'faint'},
        `Of ${each.trials} trials. ${percent(each.explained)} of the differences follow the ` +
            `hyperparameters; ${
                percent(each.together)} comes from values together. The thin line is ` +
            'the interval in which a share lies nine times of ten.'));
    parent.append(legend());
    const figure = element('div', {class: 'figure', role: 'img', 'aria-label': textOf(each)});
    parent.append(figure);
    parts.push(() => bars(figure, each));
  }
  addTexts(parent, insight, view.study);
  const redraw = () => parts.forEach((part) => part());
  redraw();
  return redraw;
}

function textOf(each) {
  return each.hyperparameters.map((one) => `${one.name} ${percent(one.everywhere.value)}`)
      .join(', ');
}

function legend() {
  const box = element('div', {class: 'controls'});
  [['everywhere', 'in the differences over the whole space'],
   ['among the best', 'in what tells the best tenth from the others']]
      .forEach(([name, text], place) => {
        const swatch = element('span', {class: 'swatch'});
        swatch.style.background = COLOURS[place];
        box.append(element('span', {class: 'key'}, swatch, `${name}: ${text}`));
      });
  return box;
}

function bars(box, each) {
  const width = Math.max(260, box.clientWidth || 800);
  const left = Math.min(200, width * 0.3);
  const list = each.hyperparameters;
  const height = list.length * ROW + 26;
  box.style.height = `${height}px`;
  box.replaceChildren();
  const svg = d3.select(box).append('svg');
  const x = axisScale({low: 0, high: 1, values: null}, [left, width - 60]);
  svg.append('g')
      .attr('transform', `translate(0,${height - 22})`)
      .call(d3.axisBottom(x.scale).ticks(5).tickFormat(percent));
  list.forEach((one, row) => {
    svg.append('text')
        .attr('x', left - 8)
        .attr('y', row * ROW + 20)
        .attr('text-anchor', 'end')
        .text(clipped(one.name, Math.floor(left / 7)))
        .append('title')
        .text(one.name);
    [one.everywhere, one.among_best].forEach((share, place) => {
      const y = row * ROW + 4 + place * 13;
      svg.append('rect')
          .attr('x', left)
          .attr('y', y)
          .attr('height', 10)
          .attr('width', Math.max(0, x(share.value) - left))
          .attr('fill', COLOURS[place]);
      svg.append('line')
          .attr('x1', x(share.low))
          .attr('x2', x(share.high))
          .attr('y1', y + 5)
          .attr('y2', y + 5)
          .attr('stroke', 'currentColor')
          .attr('stroke-width', 1.2);
      svg.append('text')
          .attr('class', 'label')
          .attr('y', y + 9)
          .attr('x', x(Math.max(share.value, share.high)) + 5)
          .text(percent(share.value));
    });
  });
}

function addTexts(parent, insight, study) {
  if (insight.warnings.length > 0) {
    const warnings = element('ul', {class: 'notice', id: 'warnings'});
    for (const warning of insight.warnings) warnings.append(element('li', {}, warning.text));
    parent.append(warnings);
  }
  const {name} = study.objectives[0];
  const list = element('ul', {id: 'insight'});
  const say = (text) => list.append(element('li', {}, text));
  if (insight.best) {
    const {trial, expected, deviation, source} = insight.best;
    say(`Best: trial ${trial}, expected ${name} ${short(expected)} ± ${short(deviation)}, by ` +
        (source === 'model' ? 'the model of the oracle' : 'its runs'));
  }
  if (insight.next) {
    say(`The next ${insight.next.trials} trials: a better one with ` +
        `${percent(insight.next.probability)} probability, and ${name} better by ` +
        `${short(insight.next.gain)} on average`);
  }
  for (const each of insight.stoppers) {
    say(`Stopper ${each.stopper} would have stopped ${each.stopped} trials and saved ` +
        `${each.steps_saved} of ${each.steps} steps` +
        (each.stopped === 0  ? '' :
             each.keeps_best ? ', and lost nothing' :
                               ', and lost the best'));
  }
  for (const note of insight.notes) say(note);
  parent.append(list);
  if (!insight.next_study) return;
  const changes = element('ul');
  for (const change of insight.changes) changes.append(element('li', {}, change));
  const next =
      element('pre', {id: 'next-study', tabindex: 0}, JSON.stringify(insight.next_study, null, 2));
  parent.append(element(
      'details', {}, element('summary', {}, 'A study file for the next search'), changes,
      copyButton(next), next));
}
