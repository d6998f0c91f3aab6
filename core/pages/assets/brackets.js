// SPDX-License-Identifier: Apache-2.0
//
// Hyperband's brackets as trees: a column a round, a mark a trial, and a line from each trial to
// the one that goes on with it.

import {dot, Figure, shadeKey} from 'dodona/figure.js';
import {element, paint, shade, short} from 'dodona/marks.js';

export const id = 'brackets';
export const title = 'Brackets';
export const isThere = (view) => Boolean(view.study.column('bracket'));

const ROUND = 110;  // pixels from one round to the next
const GAP = 13;     // from one trial to the next, less where there are many
const HEIGHT_MAX = 420;

export function draw(parent, view) {
  const {study} = view;
  const iteration = study.column('iteration');
  const iterations =
      [...new Set(iteration)].filter((each) => !Number.isNaN(each)).sort(d3.ascending);
  const select = element('select', {'aria-label': 'Iteration', onchange: () => redraw()});
  for (const each of iterations) select.append(element('option', {value: each}, `${each + 1}`));
  const controls = element('div', {class: 'controls'});
  if (iterations.length > 1) controls.append(element('label', {}, 'Iteration', select));
  shadeKey(controls);
  const grid = element('div', {class: 'grid'});
  parent.append(
      element(
          'p', {class: 'faint'},
          'Rounds stand from left to right, with their budgets; the best of a round is at the top.'),
      controls, grid);
  const redraw = () => {
    grid.replaceChildren();
    for (const tree of treesOf(study, Number(select.value))) drawTree(grid, view, tree);
  };
  view.choice.onChangeLater(redraw);
  redraw();
  return redraw;
}

// The trials of each bracket by round, the best first.
function treesOf(study, iteration) {
  const [iterations, brackets, rounds] =
      ['iteration', 'bracket', 'round'].map((name) => study.column(name));
  const place = new Map(study.order.map((trial, rank) => [trial, rank]));
  const rank = (trial) => place.has(trial) ? place.get(trial) : study.count + trial;
  const trees = new Map();
  for (let trial = 0; trial < study.count; ++trial) {
    if (iterations[trial] !== iteration) continue;
    const bracket = brackets[trial];
    if (!trees.has(bracket)) trees.set(bracket, {bracket, rounds: []});
    const all = trees.get(bracket).rounds;
    while (all.length <= rounds[trial]) all.push([]);
    all[rounds[trial]].push(trial);
  }
  for (const tree of trees.values()) {
    for (const round of tree.rounds) round.sort((a, b) => rank(a) - rank(b));
  }
  return [...trees.values()].sort((a, b) => b.bracket - a.bracket);
}

function drawTree(grid, view, tree) {
  const {study, choice} = view;
  const cell = element('div', {class: 'wide'}, element('h3', {}, `Bracket ${tree.bracket}`));
  grid.append(cell);
  const most = d3.max(tree.rounds, (round) => round.length);
  const gap = Math.min(GAP, HEIGHT_MAX / most);
  const figure = new Figure(cell, {
    height: most * gap + 50,
    margin: {left: 20, right: 20, top: 34, bottom: 10},
    label: `bracket ${tree.bracket}: ${
        tree.rounds.map((round) => round.length).join(', ')} trials by round`,
  });
  const {context} = figure;
  const places = new Map();
  tree.rounds.forEach((round, column) => {
    const step = Math.min(ROUND, (figure.width - 40) / Math.max(1, tree.rounds.length - 1 || 1));
    const x = figure.left + column * step;
    const budget = round.length > 0 ? study.column('budget')[round[0]] : 0;
    figure.svg.append('text')
        .attr('class', 'label')
        .attr('x', Math.max(0, x - 8))
        .attr('y', 14)
        .text(budget > 0 ? `to step ${budget}` : `round ${column}`);
    round.forEach((trial, row) => places.set(trial, {x, y: figure.top + row * gap}));
  });
  for (const [trial, parent] of study.data.parents) {
    const [from, to] = [places.get(parent), places.get(trial)];
    if (!from || !to) continue;
    context.strokeStyle = choice.mask[trial] ? shade(study.goodness[trial]) : paint('--grey');
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.bezierCurveTo((from.x + to.x) / 2, from.y, (from.x + to.x) / 2, to.y, to.x, to.y);
    context.stroke();
  }
  const trials = [...places.keys()];
  for (const trial of trials) {
    context.fillStyle = choice.mask[trial] ? shade(study.goodness[trial]) : paint('--grey');
    dot(context, places.get(trial).x, places.get(trial).y, Math.min(4, gap * 0.4));
  }
  figure.hover(
      () => trials.length, (i) => places.get(trials[i]),
      (i) => `trial ${trials[i]}: ${study.state(trials[i])}\n${study.objectives[0].name} ${
          short(study.scores()[trials[i]])}`,
      (i) => view.open(trials[i]));
}
