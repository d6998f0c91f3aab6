// SPDX-License-Identifier: Apache-2.0
//
// The trials that are chosen: those that pass every filter. Views set filters, each under a key of
// its own, and hear of each change: some at once, the others one after another when the browser has
// time.

export class Choice {
  constructor(study) {
    this.study = study;
    this.filters = new Map();
    this.mask = new Uint8Array(study.count).fill(1);
    this.chosen = study.count;
    this.listeners = [];
    this.patient = [];
    this.round = 0;
  }

  // True if some trials are left out.
  get narrowed() {
    return this.filters.size > 0;
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  onChangeLater(listener) {
    this.patient.push(listener);
  }

  // A filter answers true for a trial; null takes the one of the key away.
  set(key, filter) {
    if (!filter && !this.filters.has(key)) return;
    if (filter) {
      this.filters.set(key, filter);
    } else {
      this.filters.delete(key);
    }
    this.update();
  }

  clear() {
    if (!this.narrowed) return;
    this.filters.clear();
    this.update();
  }

  update() {
    const filters = [...this.filters.values()];
    this.chosen = 0;
    // A live study has more trials by now.
    if (this.mask.length < this.study.count) this.mask = new Uint8Array(this.study.count);
    for (let trial = 0; trial < this.study.count; ++trial) {
      let passes = 1;
      for (const filter of filters) {
        if (!filter(trial)) {
          passes = 0;
          break;
        }
      }
      this.mask[trial] = passes;
      this.chosen += passes;
    }
    for (const listener of this.listeners) listener();
    this.round += 1;
    this.tellLater(this.round, 0);
  }

  // A later change begins anew.
  tellLater(round, place) {
    if (place === this.patient.length) return;
    setTimeout(() => {
      if (round !== this.round) return;
      this.patient[place]();
      this.tellLater(round, place + 1);
    }, place === 0 ? 120 : 0);
  }
}
