// SPDX-License-Identifier: Apache-2.0
//
// The table of all trials: sorted by any column, filtered by words and comparisons. Rows are made
// as one scrolls to them.

import {counted, duration, element, moment} from 'dodona/marks.js';

export const id = 'trials';
export const title = 'Trials';

const ROW = 25;    // pixels, as in page.css
const SHOWN = 40;  // rows that exist at a time
const COLUMNS_MAX = 14;

// Columns: a name, its kind, text(trial), and key(trial), by which it is sorted.
function columnsOf(study) {
  const state = study.column('state');
  const columns = [
    {name: 'trial', number: true, text: String, key: (trial) => trial},
    {name: 'state', text: (trial) => study.state(trial), key: (trial) => state[trial]},
  ];
  const add = (name, cells, kind, text) => columns.push({
    name,
    kind,
    number: true,
    key: (trial) => cells()[trial],
    text: text || ((trial) => study.number(cells()[trial], trial)),
  });
  for (const objective of study.objectives) {
    add(objective.name, () => study.scores(objective.place), 'objective');
  }
  if (study.column('rank')) add('rank', () => study.column('rank'), 'rank');
  for (const axis of study.axes) {
    add(axis.name, () => axis.cells, 'value', (trial) => study.text(axis, trial));
    columns[columns.length - 1].number = !axis.values;
  }
  for (const name of study.metrics) add(name, () => study.metric(name), 'metric');
  add('best step', () => study.column('best_step'), 'fact');
  const seconds = study.column('seconds');
  add('time', () => seconds, 'fact', (trial) => duration(seconds[trial]));
  const started = study.column('started');
  add('started', () => started, 'fact',
      (trial) =>
          Number.isNaN(started[trial]) ? '' : moment(study.data.first_start + started[trial]));
  if (study.data.exact.some((row) => row.message)) {
    const message = (trial) => (study.exact.get(trial) || {}).message || '';
    columns.push({name: 'message', kind: 'fact', long: true, text: message, key: message});
  }
  return columns;
}

const COMPARE = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

// The filter of a text such as `lr<0.01 state=completed timeout`: all of its terms hold. A term
// without a comparison is looked for in all columns. Throws a text for a name that there is not.
export function filterOf(text, columns) {
  const terms = text.match(/(?:"[^"]*"|[^\s"])+/g) || [];
  const tests = terms.map((term) => {
    const parts = /^"?([^<>=!"]+)"?(<=|>=|!=|<|>|=)"?([^"]*)"?$/.exec(term);
    if (!parts) {
      const word = term.replace(/"/g, '').toLowerCase();
      return (trial) => columns.some((column) => column.text(trial).toLowerCase().includes(word));
    }
    const column = columns.find((each) => each.name === parts[1]);
    if (!column) throw new Error(`there is no column "${parts[1]}"`);
    const compare = COMPARE[parts[2]];
    const number = Number(parts[3]);
    if (column.number && parts[3] !== '' && !Number.isNaN(number)) {
      return (trial) => compare(column.key(trial), number);
    }
    return (trial) => compare(column.text(trial), parts[3]);
  });
  return (trial) => tests.every((test) => test(trial));
}

class Table {
  constructor(parent, view) {
    this.view = view;
    this.all = columnsOf(view.study);
    this.shown = new Set(this.all.filter((column) => this.isShown(column)).slice(0, COLUMNS_MAX));
    this.sort = {column: this.all[0], down: false};
    this.count = element('span', {class: 'faint', id: 'row-count', role: 'status'});
    this.box = element(
        'div', {class: 'rows', tabindex: 0, 'aria-label': 'Trials', onscroll: () => this.fill()});
    this.table = element('table', {id: 'rows'}, element('thead'), element('tbody'));
    this.box.append(this.table);
    parent.append(this.controls(), this.chooser(), this.box);
    this.table.addEventListener('keydown', (event) => this.onKey(event));
    view.choice.onChangeLater(() => this.arrange());
    this.head();
    this.arrange();
  }

  // What is the same for all trials is not shown at first.
  isShown(column) {
    if (column.kind !== 'value' && column.kind !== 'metric') return column.name !== 'started';
    const axis = this.view.study.axes.find((each) => each.name === column.name);
    return column.kind === 'metric' || !axis.constant;
  }

  controls() {
    this.problem = element('span', {role: 'alert', id: 'filter-problem'});
    let waiting = 0;
    const input = this.input = element('input', {
      type: 'search',
      id: 'filter',
      placeholder: 'filter, such as: lr<0.01 state=completed',
      'aria-label': 'Filter of trials',
      oninput: () => {
        clearTimeout(waiting);
        waiting = setTimeout(() => this.filter(input.value), 120);
      },
    });
    return element('div', {class: 'controls'}, input, this.count, this.problem);
  }

  filter(text) {
    this.problem.textContent = '';
    try {
      this.view.choice.set('table', text.trim() === '' ? null : filterOf(text, this.all));
    } catch (error) {
      this.problem.textContent = error.message;
    }
  }

  chooser() {
    const list = element('div', {class: 'controls'});
    for (const column of this.all) {
      const box = element('input', {
        type: 'checkbox',
        checked: this.shown.has(column),
        onchange: () => {
          this.shown[box.checked ? 'add' : 'delete'](column);
          this.head();
          this.fill(true);
        },
      });
      list.append(element('label', {}, box, column.name));
    }
    return element('details', {id: 'columns'}, element('summary', {}, 'Columns'), list);
  }

  get columns() {
    return this.all.filter((column) => this.shown.has(column));
  }

  head() {
    const row = element('tr');
    for (const column of this.columns) {
      const sorted = this.sort.column === column;
      const button = element('button', {onclick: () => this.sortBy(column)});
      button.textContent = column.name + (sorted ? (this.sort.down ? ' ▼' : ' ▲') : '');
      row.append(element(
          'th', {
            scope: 'col',
            class: column.number ? 'number' : null,
            'aria-sort': sorted ? (this.sort.down ? 'descending' : 'ascending') : 'none',
          },
          button));
    }
    this.table.tHead.replaceChildren(row);
  }

  sortBy(column) {
    const place = this.columns.indexOf(column);
    this.sort = {column, down: this.sort.column === column && !this.sort.down};
    this.head();
    this.table.tHead.querySelectorAll('button')[place].focus();
    this.arrange();
  }

  // The trials in the order of the table. What is not there comes last, whatever the direction.
  arrange() {
    const {study, choice} = this.view;
    // A filter that was taken away elsewhere takes its text along.
    if (!choice.filters.has('table') && document.activeElement !== this.input)
      this.input.value = '';
    const trials = d3.range(study.count).filter((trial) => choice.mask[trial]);
    const {column, down} = this.sort;
    const absent = (key) => key === '' || Number.isNaN(key);
    if (column.name !== 'trial' || down) {
      const keys = new Map(trials.map((trial) => [trial, column.key(trial)]));
      trials.sort((a, b) => {
        const [x, y] = [keys.get(a), keys.get(b)];
        if (absent(x) || absent(y)) return absent(x) - absent(y) || a - b;
        return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1) || a - b;
      });
    }
    this.trials = trials;
    this.count.textContent = choice.narrowed ?
        `${counted(trials.length, 'trial')} of ${study.count.toLocaleString('en')}` :
        counted(trials.length, 'trial');
    this.fill(true);
  }

  // Makes the rows around the place to which one scrolled.
  fill(anew = false) {
    const most = Math.max(0, this.trials.length - SHOWN);
    const first = Math.min(most, Math.max(0, Math.floor(this.box.scrollTop / ROW) - 8));
    if (!anew && Math.abs(first - this.first) < 6) return;
    this.first = first;
    const rows = this.trials.slice(first, first + SHOWN);
    const below = this.trials.length - first - rows.length;
    this.table.tBodies[0].replaceChildren(
        spacer(first), ...rows.map((trial, place) => this.row(trial, first + place)),
        spacer(below));
  }

  row(trial, place) {
    const open = () => this.view.open(trial);
    const row =
        element('tr', {tabindex: 0, 'data-trial': trial, 'data-place': place, onclick: open});
    for (const column of this.columns) {
      const classes = column.number ? 'number' : column.long ? 'long' : null;
      row.append(element('td', {class: classes}, column.text(trial)));
    }
    return row;
  }

  onKey(event) {
    const row = event.target.closest('tr[data-trial]');
    if (!row) return;
    const place = Number(row.dataset.place);
    const steps = {ArrowDown: 1, ArrowUp: -1, PageDown: 15, PageUp: -15};
    if (event.key === 'Enter') {
      this.view.open(Number(row.dataset.trial));
    } else if (event.key in steps) {
      event.preventDefault();
      this.focus(Math.min(this.trials.length - 1, Math.max(0, place + steps[event.key])));
    }
  }

  focus(place) {
    const top = place * ROW;
    const height = this.box.clientHeight - 2 * ROW;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (top > this.box.scrollTop + height) this.box.scrollTop = top - height;
    this.fill(true);
    const row = this.table.querySelector(`tr[data-place="${place}"]`);
    if (row) row.focus({preventScroll: true});
  }
}

function spacer(rows) {
  const row = element('tr', {class: 'spacer', 'aria-hidden': 'true'}, element('td'));
  row.style.height = `${rows * ROW}px`;
  return row;
}

export function draw(parent, view) {
  new Table(parent, view);
  return null;  // rows depend neither on the width nor on colours
}
