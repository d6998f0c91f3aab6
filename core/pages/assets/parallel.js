// SPDX-License-Identifier: Apache-2.0
//
// Parallel coordinates: a line a trial through its values, the most important hyperparameter first.
// A brush on an axis chooses trials in all views. Of many trials the density is drawn, and the best
// 500 as lines above it.

import {axisScale, clipped, Figure, shadeKey} from 'dodona/figure.js';
import {scoreRange} from 'dodona/history.js';
import {element, paint, shade} from 'dodona/marks.js';

export const id = 'parallel';
export const title = 'Parallel coordinates';
export const isThere = (view) => view.study.count > 0;

const HEIGHT = 400;
const TOP = 50;
const BOTTOM = HEIGHT - 46;
const ABSENT = HEIGHT - 24;  // where a line passes that has no value on an axis
const LINES_MAX = 10000;     // beyond, densities
const BINS = 48;
const SHADES = 12;
const AXES = 12;  // at first
const REST_MS = 80;

// Hyperparameters with more than one value, by importance.
export function orderedAxes(study) {
  const {insight} = study.data;
  const order = new Map();
  if (insight && insight.importance.length > 0) {
    insight.importance[0].hyperparameters.forEach((each, place) => order.set(each.name, place));
  }
  const place = (axis) => order.has(axis.name) ? order.get(axis.name) : order.size + axis.place;
  return study.axes.filter((axis) => !axis.constant).sort((a, b) => place(a) - place(b));
}

class Coordinates {
  constructor(parent, view) {
    this.view = view;
    this.study = view.study;
    this.all = orderedAxes(this.study);
    this.brushes = new Map();
    this.work = 0;
    const controls = element('div', {class: 'controls'});
    if (this.all.length > AXES) controls.append(this.more());
    shadeKey(controls);
    parent.append(
        element(
            'p', {class: 'faint'},
            'Drag along an axis to choose trials, here and in all views; a line at "absent" has ' +
                'no value there. By keyboard: Tab to the name of an axis, Enter, then arrows ' +
                'move the brush, Shift and arrows resize it, Delete removes it.'),
        controls);
    this.figure = new Figure(parent, {
      height: HEIGHT,
      margin: {left: 56, right: 40, top: TOP, bottom: HEIGHT - BOTTOM},
      label: 'a line for each trial through its hyperparameters and its score',
      layers: 3,
    });
    view.choice.onChange(() => this.paintChosen());
    this.layOut();
  }

  more() {
    const box = element('input', {type: 'checkbox', onchange: () => this.layOut()});
    this.box = box;
    return element('label', {}, box, `all ${this.all.length} hyperparameters`);
  }

  // The place of each trial on each axis, in pixels.
  layOut() {
    const {study, figure} = this;
    this.axes = this.box && !this.box.checked ? this.all.slice(0, AXES) : this.all;
    figure.fit();
    const x = d3.scaleLinear().domain([0, Math.max(1, this.axes.length)]).range([
      figure.left, figure.right
    ]);
    this.lanes = this.axes.map((axis, place) => {
      const scale = axisScale(axis, [BOTTOM, TOP]);
      return {name: axis.name, x: x(place), scale, places: this.placesOf(axis.cells, scale)};
    });
    const score = d3.scaleLinear()
                      .domain(scoreRange(study, 0, false))
                      .range(study.objectives[0].maximize ? [BOTTOM, TOP] : [TOP, BOTTOM]);
    const wrapped = Object.assign((value) => score(value), {
      scale: score,
      tickValues: (count) => score.ticks(count),
      tickFormat: (tick) => String(Number(tick.toPrecision(3))),
    });
    this.lanes.push({
      name: study.objectives[0].name,
      x: x(Math.max(1, this.axes.length)),
      scale: wrapped,
      places: this.placesOf(study.scores(), wrapped),
    });
    this.drawAxes();
    this.paintAll();
    this.paintChosen();
  }

  placesOf(cells, scale) {
    const places = new Float32Array(cells.length);
    for (let trial = 0; trial < cells.length; ++trial) {
      places[trial] = Number.isFinite(cells[trial]) ? scale(cells[trial]) : ABSENT;
    }
    return places;
  }

  drawAxes() {
    const {svg} = this.figure;
    svg.append('text').attr('class', 'label').attr('x', 2).attr('y', ABSENT + 14).text('absent');
    for (const lane of this.lanes) {
      const group = svg.append('g').attr('transform', `translate(${lane.x},0)`);
      group.call(d3.axisLeft(lane.scale.scale)
                     .tickValues(lane.scale.tickValues(6))
                     .tickFormat(lane.scale.tickFormat));
      const brush = d3.brushY().extent([[-9, TOP - 6], [9, ABSENT + 8]]);
      brush.on('brush end', () => this.onBrush(lane, d3.event.selection, d3.event.sourceEvent));
      const area = group.append('g').attr('class', 'brush').call(brush);
      lane.move = (selection) => area.call(brush.move, selection);
      if (this.brushes.has(lane.name)) lane.move(this.brushes.get(lane.name));
      const room =
          Math.max(6, Math.floor((this.lanes[1] ? this.lanes[1].x - this.lanes[0].x : 90) / 7.5));
      group.append('text')
          .attr('y', TOP - 14)
          .attr('text-anchor', 'middle')
          .attr('tabindex', 0)
          .attr('role', 'button')
          .attr('data-axis', lane.name)
          .attr('aria-label', `brush on ${lane.name}`)
          .text(clipped(lane.name, room))
          .on('keydown', () => this.onKey(lane, d3.event))
          .append('title')
          .text(lane.name);
    }
  }

  onBrush(lane, selection) {
    const known = this.brushes.get(lane.name) || null;
    if (String(known) === String(selection)) return;
    if (!selection) {
      this.brushes.delete(lane.name);
      this.view.choice.set(`axis ${lane.name}`, null);
      return;
    }
    this.brushes.set(lane.name, selection);
    const [low, high] = selection;
    const {places} = lane;
    this.view.choice.set(
        `axis ${lane.name}`, (trial) => places[trial] >= low && places[trial] <= high);
  }

  onKey(lane, event) {
    const step = (BOTTOM - TOP) / 20;
    const known = this.brushes.get(lane.name);
    const move = {ArrowUp: -step, ArrowDown: step}[event.key];
    if (event.key === 'Enter' && !known) {
      lane.move([TOP - 1, (TOP + BOTTOM) / 2]);
    } else if (move && known) {
      const [low, high] = event.shiftKey ? [known[0], known[1] + move] : known.map((y) => y + move);
      if (low >= TOP - 6 && high <= ABSENT + 8 && high > low + 1) lane.move([low, high]);
    } else if (event.key === 'Delete' || event.key === 'Backspace' || event.key === 'Escape') {
      lane.move(null);
    } else {
      return;
    }
    event.preventDefault();
  }

  // All trials, grey, below the others.
  paintAll() {
    const {figure, study} = this;
    figure.clear(0);
    const context = figure.contexts[0];
    if (study.count > LINES_MAX) {
      this.density(context, paint('--grey'), null, this.work);
      return;
    }
    context.strokeStyle = paint('--grey');
    context.globalAlpha = study.count > 1000 ? 0.25 : 0.6;
    context.lineWidth = 1;
    this.inPieces(study.count, 250, (from, to) => {
      context.beginPath();
      for (let trial = from; trial < to; ++trial) this.trace(context, trial);
      context.stroke();
    }, () => true);
  }

  // The best of the chosen at once, the others below them when the brush rests.
  paintChosen() {
    const {figure, study, view} = this;
    this.work += 1;
    const {work} = this;
    figure.clear(1);
    figure.clear(2);
    this.dropBrushes();
    const {mask} = view.choice;
    const best = [];
    for (const trial of study.order) {
      if (mask[trial]) best.push(trial);
      if (best.length === 500) break;
    }
    this.lines(figure.contexts[2], best, 0.9);
    setTimeout(() => this.paintRest(best, work), REST_MS);
  }

  paintRest(best, work) {
    const {figure, study, view} = this;
    if (work !== this.work) return;
    const {mask} = view.choice;
    if (study.count > LINES_MAX) {
      if (view.choice.narrowed) this.density(figure.contexts[1], shade(0.4), mask, work);
      return;
    }
    const shown = new Set(best);
    const rest = study.order.filter((trial) => mask[trial] && !shown.has(trial)).reverse();
    this.inPieces(
        rest.length, 150, (from, to) => this.lines(figure.contexts[1], rest.slice(from, to), 0.45),
        () => work === this.work);
  }

  // A filter that was taken away elsewhere takes its brush along.
  dropBrushes() {
    for (const lane of this.lanes) {
      if (this.brushes.has(lane.name) && !this.view.choice.filters.has(`axis ${lane.name}`)) {
        this.brushes.delete(lane.name);
        lane.move(null);
      }
    }
  }

  trace(context, trial) {
    context.moveTo(this.lanes[0].x, this.lanes[0].places[trial]);
    for (let lane = 1; lane < this.lanes.length; ++lane) {
      context.lineTo(this.lanes[lane].x, this.lanes[lane].places[trial]);
    }
  }

  // Lines by their colours, the worst first.
  lines(context, trials, alpha) {
    const {goodness} = this.study;
    const groups = d3.range(SHADES + 1).map(() => []);
    for (const trial of trials) groups[Math.round((goodness[trial] || 0) * SHADES)].push(trial);
    context.globalAlpha = trials.length > 200 ? alpha * 0.7 : alpha;
    context.lineWidth = 1;
    groups.forEach((group, step) => {
      if (group.length === 0) return;
      context.strokeStyle = shade(step / SHADES);
      context.beginPath();
      for (const trial of group) this.trace(context, trial);
      context.stroke();
    });
    context.globalAlpha = 1;
  }

  // Work in pieces, one each frame, for as long as it is wanted.
  inPieces(count, size, work, isWanted) {
    const step = (from) => {
      if (from >= count || !isWanted()) return;
      const end = performance.now() + 8;
      let at = from;
      while (at < count && performance.now() < end) {
        work(at, Math.min(count, at + size));
        at += size;
      }
      requestAnimationFrame(() => step(at));
    };
    requestAnimationFrame(() => step(0));
  }

  // The number of trials that go from each part of an axis to each part of the next one, as lines
  // that are the more visible the more there are. Without a mask of all trials.
  density(context, colour, mask, work) {
    const part = (y) =>
        Math.max(0, Math.min(BINS - 1, Math.floor((y - TOP) / (ABSENT - TOP + 1) * BINS)));
    const middle = (bin) => TOP + (bin + 0.5) / BINS * (ABSENT - TOP + 1);
    const {count} = this.study;
    const wanted = () => !mask || work === this.work;
    this.inPieces(this.lanes.length - 1, 1, (lane) => {
      const counts = new Uint32Array(BINS * BINS);
      const [left, right] = [this.lanes[lane], this.lanes[lane + 1]];
      for (let trial = 0; trial < count; ++trial) {
        if (!mask || mask[trial])
          counts[part(left.places[trial]) * BINS + part(right.places[trial])] += 1;
      }
      const most = Math.log1p(d3.max(counts));
      context.strokeStyle = colour;
      context.lineWidth = (ABSENT - TOP) / BINS;
      for (let cell = 0; cell < counts.length; ++cell) {
        if (counts[cell] === 0) continue;
        context.globalAlpha = 0.02 + 0.25 * (Math.log1p(counts[cell]) / most) ** 2;
        context.beginPath();
        context.moveTo(left.x, middle(Math.floor(cell / BINS)));
        context.lineTo(right.x, middle(cell % BINS));
        context.stroke();
      }
      context.globalAlpha = 1;
    }, wanted);
  }
}

export function draw(parent, view) {
  const coordinates = new Coordinates(parent, view);
  return () => coordinates.layOut();
}
