// SPDX-License-Identifier: Apache-2.0
//
// The time of each worker: which trials it ran, and how busy it was.

import {Figure} from 'dodona/figure.js';
import {COLOURS, counted, duration, element, paint, percent} from 'dodona/marks.js';
import {readColumn} from 'dodona/study.js';

export const id = 'timeline';
export const title = 'Timeline';
export const isThere = (view) => view.study.data.timeline.lanes.length > 0;

const LANES = 64;  // drawn; of more, the first ones

// By state: completed, stopped, failed, and all else.
const INKS = {
  completed: COLOURS[0],
  stopped: COLOURS[4],
  failed: COLOURS[1],
  invalid: COLOURS[1]
};

export function draw(parent, view) {
  const {timeline} = view.study.data;
  const runs = {
    trial: readColumn(timeline.trial),
    lane: readColumn(timeline.lane),
    start: readColumn(timeline.start),
    seconds: readColumn(timeline.seconds),
    lost: new Set(timeline.lost),
  };
  const lanes = timeline.lanes.slice(0, LANES);
  const busy = d3.mean(timeline.lanes, (lane) => lane.busy) || 0;
  parent.append(element(
      'p', {class: 'faint'},
      `${counted(timeline.lanes.length, 'worker')}, busy ${percent(busy)} of their time` +
          (lanes.length < timeline.lanes.length ? `; the first ${LANES} are drawn` : '') + '.'));
  const key = element('div', {class: 'controls'});
  for (const state of ['completed', 'stopped', 'failed']) {
    const swatch = element('span', {class: 'swatch'});
    swatch.style.background = INKS[state];
    key.append(element('span', {class: 'key'}, swatch, state));
  }
  if (runs.lost.size > 0)
    key.append(element('span', {class: 'key'}, 'dark end: its runner was lost'));
  parent.append(key);
  const row = lanes.length > 16 ? 12 : 22;
  const figure = new Figure(parent, {
    height: lanes.length * row + 44,
    margin: {left: 150, right: 16, top: 6, bottom: 36},
    label: 'when each worker ran which trial',
  });
  const redraw = () => drawAll(figure.fit(), view, runs, lanes, row);
  view.choice.onChangeLater(redraw);
  redraw();
  return redraw;
}

function drawAll(figure, view, runs, lanes, row) {
  const {study, choice} = view;
  const end = d3.max(runs.start, (start, run) => start + runs.seconds[run]) || 1;
  const x = d3.scaleLinear().domain([0, end]).range([figure.left, figure.right]);
  figure.svg.append('g')
      .attr('transform', `translate(0,${figure.bottom})`)
      .call(d3.axisBottom(x).ticks(6).tickFormat(duration));
  lanes.forEach((lane, place) => {
    figure.svg.append('text')
        .attr('x', figure.left - 8)
        .attr('y', figure.top + place * row + row * 0.7)
        .attr('text-anchor', 'end')
        .attr('font-size', row < 16 ? 9 : 12)
        .text(`${lane.name} · ${percent(lane.busy)}`);
  });
  const {context} = figure;
  for (let run = 0; run < runs.trial.length; ++run) {
    if (runs.lane[run] >= lanes.length) continue;
    const trial = runs.trial[run];
    const [from, to] = [x(runs.start[run]), x(runs.start[run] + runs.seconds[run])];
    const top = figure.top + runs.lane[run] * row + 1;
    context.fillStyle =
        choice.mask[trial] ? INKS[study.state(trial)] || COLOURS[2] : paint('--grey');
    context.fillRect(from, top, Math.max(0.7, to - from - 0.5), row - 3);
    if (runs.lost.has(run)) {
      context.fillStyle = paint('--ink');
      context.fillRect(to - 2, top, 2, row - 3);
    }
  }
  const inBar = (event) => {
    const at = figure.box.getBoundingClientRect();
    const lane = Math.floor((event.clientY - at.top - figure.top) / row);
    const second = x.invert(event.clientX - at.left);
    return d3.range(runs.trial.length)
        .find(
            (run) => runs.lane[run] === lane && runs.start[run] <= second &&
                second <= runs.start[run] + runs.seconds[run]);
  };
  figure.box.onclick = (event) => {
    const run = inBar(event);
    if (run !== undefined) view.open(runs.trial[run]);
  };
}
