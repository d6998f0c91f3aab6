// SPDX-License-Identifier: Apache-2.0
//
// A study as the page knows it: columns of trials, which are read when they are first looked at,
// and the trials that are known in full. An entry that is NaN is not there.

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

  get cells() {
    if (!this.read) {
      this.read = readColumn(this.column);
      // A value that no definition has: its text stands in the row alone.
      for (const row of this.exact.values()) {
        const value = row.values[this.place];
        if (this.values && typeof value === 'string') continue;
        this.read[row.trial] = asNumber(value);
      }
    }
    return this.read;
  }
}

export class Study {
  constructor(data) {
    this.data = data;
    this.name = data.name;
    this.count = data.trials;
    this.exact = new Map(data.exact.map((row) => [row.trial, row]));
    this.axes = data.axes.map((column, place) => new Axis(column, place, this.exact));
    this.columns = new Map();
    this.objectives = data.objectives.map((column, place) => ({
                                            name: column.name,
                                            maximize: column.maximize,
                                            place,
                                          }));
    this.metrics = data.metrics.map((column) => column.name);
  }

  // A column by its name in the data; nothing where the data have none.
  column(name) {
    if (!this.data[name]) return null;
    if (!this.columns.has(name)) this.columns.set(name, readColumn(this.data[name]));
    return this.columns.get(name);
  }

  scores(place = 0) {
    const key = `objective ${place}`;
    if (!this.columns.has(key)) {
      const cells = readColumn(this.data.objectives[place]);
      for (const row of this.exact.values()) cells[row.trial] = asNumber(row.scores[place]);
      this.columns.set(key, cells);
    }
    return this.columns.get(key);
  }

  metric(name) {
    const key = `metric ${name}`;
    if (!this.columns.has(key)) {
      const cells = readColumn(this.data.metrics[this.metrics.indexOf(name)]);
      for (const row of this.exact.values()) cells[row.trial] = asNumber(row.metrics[name]);
      this.columns.set(key, cells);
    }
    return this.columns.get(key);
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
          (a, b) => this.kept(b) - this.kept(a) || (rank ? rank[a] - rank[b] : 0) ||
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
