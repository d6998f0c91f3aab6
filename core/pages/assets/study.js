// SPDX-License-Identifier: Apache-2.0
//
// A study as the page knows it: columns of trials, which are read when they are first looked at,
// and the trials that are known in full. An entry that is NaN is not there.

const LEADERS = 500;  // as in pages/exact.hpp
const WINDOW = 300;   // seconds, of the rate

export const STATES = ['', 'waiting', 'running', 'completed', 'stopped', 'failed', 'invalid'];

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; ++i) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

// The entries of a column, see pages/columns.hpp.
export function readColumn(column) {
  const bytes = bytesOf(column.data);
  const width = Number(column.encoding.slice(1)) / 8;
  const count = bytes.length / width;
  const cells = new Float64Array(count);
  if (column.encoding.startsWith('u')) {
    const none = 256 ** width - 1;
    for (let plane = 0; plane < width; ++plane) {
      for (let i = 0; i < count; ++i) cells[i] += bytes[plane * count + i] * 256 ** plane;
    }
    for (let i = 0; i < count; ++i) {
      if (cells[i] === none) cells[i] = NaN;
    }
    return cells;
  }
  // Little-endian words of 4 or 8 bytes; the least byte of a short float is 0.
  const word = width === 3 ? 4 : 8;
  const words = new Uint8Array(count * word);
  for (let plane = 0; plane < width; ++plane) {
    const place = plane + word - width;
    for (let i = 0; i < count; ++i) words[i * word + place] = bytes[plane * count + i];
  }
  const numbers = width === 3 ? new Float32Array(words.buffer) : new Float64Array(words.buffer);
  for (let i = 0; i < count; ++i) cells[i] = numbers[i] + column.base;
  return cells;
}

// The same entries and more of them.
function grown(cells, count, cellOf, rows) {
  let all = cells;
  if (count > cells.length) {
    all = new Float64Array(count).fill(NaN);
    all.set(cells);
  }
  for (const row of rows) all[row.trial] = cellOf(row);
  return all;
}

// A number of the data: JSON has no NaN and no infinities, and whole numbers may be long.
export function asNumber(value) {
  return value === null || value === undefined ? NaN : Number(value);
}

class Axis {
  constructor(column, place, exact) {
    this.name = column.name;
    this.type = column.type;
    this.when = column.when;
    this.values = column.values || null;
    this.texts = column.texts;
    this.sampling = column.sampling;
    this.low = column.low;
    this.high = column.high;
    this.constant = this.values ? this.values.length < 2 : column.low === column.high;
    this.column = column;
    this.place = place;
    this.exact = exact;
  }

  // Takes in trials that changed.
  grow(count, rows) {
    if (this.read) this.read = grown(this.read, count, (row) => this.cellOf(row), rows);
  }

  cellOf(row) {
    const value = row.values[this.place];
    return this.values && typeof value === 'string' ? NaN : asNumber(value);
  }

  get cells() {
    if (!this.read) {
      this.read = readColumn(this.column);
      // A value that no definition has: its text stands in the row alone.
      for (const row of this.exact.values()) {
        const value = row.values[this.place];
        if (this.values && typeof value === 'string') continue;
        if (row.trial < this.read.length) this.read[row.trial] = asNumber(value);
      }
      this.grow(this.exact.count, this.exact.changed.values());
    }
    return this.read;
  }
}

// The place of a trial that has none yet.
const worst = (rank) => Number.isNaN(rank) ? Number.MAX_VALUE : rank;

export class Study {
  constructor(data) {
    this.data = data;
    this.name = data.name;
    this.exact = new Map(data.exact.map((row) => [row.trial, row]));
    this.exact.count = data.trials;
    this.exact.changed = new Map();  // rows of a live study, by trial
    this.axes = data.axes.map((column, place) => new Axis(column, place, this.exact));
    this.columns = new Map();
    this.objectives = data.objectives.map((column, place) => ({
                                            name: column.name,
                                            maximize: column.maximize,
                                            place,
                                          }));
    this.metrics = data.metrics.map((column) => column.name);
  }

  get count() {
    return this.exact.count;
  }

  // A column of cells: from the data, and where those are older, from the rows of trials.
  filled(key, column, cellOf, rows) {
    if (!this.columns.has(key)) {
      const cells = column ? readColumn(column) : new Float64Array(0);
      for (const row of rows) {
        if (row.trial < cells.length) cells[row.trial] = cellOf(row);
      }
      const all = grown(cells, this.count, cellOf, this.exact.changed.values());
      this.columns.set(key, {cells: all, cellOf});
    }
    return this.columns.get(key).cells;
  }

  // A column by its name in the data; nothing where the data have none.
  column(name) {
    if (!this.data[name]) return null;
    return this.filled(name, this.data[name], (row) => this.factOf(name, row), []);
  }

  scores(place = 0) {
    const cellOf = (row) => asNumber(row.scores[place]);
    return this.filled(
        `objective ${place}`, this.data.objectives[place], cellOf, this.exact.values());
  }

  metric(name) {
    const column = this.data.metrics.find((each) => each.name === name);
    const cellOf = (row) => asNumber(row.metrics[name]);
    return this.filled(`metric ${name}`, column, cellOf, this.exact.values());
  }

  // An entry of a column of a live study, from the trial's row.
  factOf(name, row) {
    if (name === 'started') return asNumber(row.started) - this.data.first_start;
    if (name === 'kept') {
      return Object.values(row.excesses || {}).every((each) => each !== null && each <= 0) ? 1 : 0;
    }
    return asNumber(row[name]);
  }

  // Takes in what a live study has gained, as pages/live_study.hpp has it.
  update(news) {
    this.exact.count = news.trials;
    this.data.trials = news.trials;
    this.data.events = news.events;
    for (const row of news.rows) {
      const known = {...this.exact.get(row.trial), ...row};
      this.exact.set(row.trial, known);
      this.exact.changed.set(row.trial, known);
      if (!this.data.first_start && row.started) this.data.first_start = row.started;
      for (const name of Object.keys(row.metrics)) this.meet(name);
    }
    this.data.exact = [...this.exact.values()];
    for (const column of this.columns.values()) {
      column.cells = grown(column.cells, this.count, column.cellOf, news.rows);
    }
    for (const axis of this.axes) axis.grow(this.count, news.rows);
    if (news.rank) {
      this.data.rank = news.rank;
      this.columns.set('rank', {cells: readColumn(news.rank), cellOf: (row) => asNumber(row.rank)});
    }
    for (const report of news.reports) this.addReport(report);
    this.sorted = null;
    this.places = null;
    if (news.rows.length > 0) this.data.best = this.order.slice(0, LEADERS);
  }

  // A metric that no trial had when the data were made.
  meet(name) {
    const known =
        this.metrics.includes(name) || this.objectives.some((objective) => objective.name === name);
    if (!known) this.metrics.push(name);
  }

  // The end of a curve. A run that begins again says again what does not stand.
  addReport(report) {
    const {curves} = this.data;
    let curve = curves.findLast(
        (each) => each.trial === report.trial && each.execution === report.execution);
    if (!curve) {
      curve = {trial: report.trial, execution: report.execution, steps: [], metrics: {}};
      curves.push(curve);
    }
    let kept = curve.steps.length;
    while (kept > 0 && curve.steps[kept - 1] >= report.step) --kept;
    if ((curve.attempt || 0) !== report.attempt) kept = 0;
    curve.attempt = report.attempt;
    curve.steps.length = kept;
    for (const name of Object.keys(report.metrics)) curve.metrics[name] = curve.metrics[name] || [];
    for (const [name, cells] of Object.entries(curve.metrics)) {
      cells.length = Math.min(cells.length, kept);
      while (cells.length < kept) cells.push(null);
      cells.push(name in report.metrics ? report.metrics[name] : null);
    }
    curve.steps.push(report.step);
    curve.stopped = report.verdict !== 'continue';
  }

  // The trials that have ended, and how many of them ended in each minute of the last five.
  ended() {
    const state = this.column('state');
    let ended = 0;
    for (const each of state) ended += each >= 3;
    return ended;
  }

  rate() {
    const [started, seconds] = [this.column('started'), this.column('seconds')];
    const now = Date.now() / 1000 - this.data.first_start;
    let [ended, begin] = [0, now];
    for (let trial = 0; trial < this.count; ++trial) {
      if (!(started[trial] + seconds[trial] > now - WINDOW)) continue;
      ended += 1;
      begin = Math.min(begin, Math.max(started[trial], now - WINDOW));
    }
    return ended > 0 && now > begin ? ended / (now - begin) * 60 : 0;
  }

  // True if the trial ended with a score that counts.
  scored(trial) {
    const state = this.column('state')[trial];
    return (state === 3 || state === 4) && Number.isFinite(this.scores()[trial]);
  }

  kept(trial) {
    const kept = this.column('kept');
    return !kept || kept[trial] === 1;
  }

  // Trials with a score, best first.
  get order() {
    if (!this.sorted) {
      const scores = this.scores();
      const sign = this.objectives[0].maximize ? -1 : 1;
      const rank = this.column('rank');
      const trials = d3.range(this.count).filter((trial) => this.scored(trial));
      trials.sort(
          (a, b) => this.kept(b) - this.kept(a) || (rank ? worst(rank[a]) - worst(rank[b]) : 0) ||
              sign * (scores[a] - scores[b]) || a - b);
      this.sorted = trials;
    }
    return this.sorted;
  }

  // The place of each trial among all with a score: 1 for the best, 0 for the last.
  get goodness() {
    if (!this.places) {
      this.places = new Float64Array(this.count).fill(NaN);
      const last = Math.max(1, this.order.length - 1);
      this.order.forEach((trial, place) => {
        this.places[trial] = 1 - place / last;
      });
    }
    return this.places;
  }

  // The trials that a page shows in front of the others: the best 500.
  get leaders() {
    return this.data.best;
  }

  state(trial) {
    return STATES[this.column('state')[trial]];
  }

  // The value of a hyperparameter as text; empty where it is not active.
  text(axis, trial) {
    const row = this.exact.get(trial);
    const exact = row ? row.values[axis.place] : undefined;
    if (exact === null) return '';
    if (typeof exact === 'string') return exact;
    const cell = axis.cells[trial];
    if (Number.isNaN(cell)) return '';
    if (axis.values) return axis.values[cell];
    return this.number(cell, trial);
  }

  // All digits where they are known, else four.
  number(value, trial) {
    if (Number.isNaN(value)) return '';
    const told =
        this.exact.has(trial) || Number.isInteger(value) ? value : Number(value.toPrecision(4));
    return Math.abs(told) < 1e-4 && told !== 0 ? told.toExponential() : String(told);
  }
}
