// SPDX-License-Identifier: Apache-2.0
//
// The values of the best trial, or of any other one, ready to copy: as JSON, as entry of a study
// file, and as C++.

import {element} from 'dodona/marks.js';

export const id = 'best';
export const title = 'Best values';
export const isThere = (view) => view.study.order.length > 0;

// The values of a trial that is known in full, by name.
export function valuesOf(study, trial) {
  const row = study.exact.get(trial);
  const values = [];
  study.axes.forEach((axis, place) => {
    const value = row.values[place];
    if (value === null) return;
    values.push([axis, axis.values && typeof value === 'number' ? axis.values[value] : value]);
  });
  return values;
}

// A value as JSON has it. The values of a list that holds no texts are written as they are.
function jsonValue(axis, value) {
  if (typeof value !== 'number') return axis.texts ? JSON.stringify(value) : value;
  return axis.type === 'float' && Number.isInteger(value) ? value.toFixed(1) : String(value);
}

function asJson(values, indent = '') {
  const lines = values.map(
      ([axis, value]) => `${indent}  ${JSON.stringify(axis.name)}: ${jsonValue(axis, value)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

// The study file with these values to begin with.
function asStudyFile(study, values) {
  let document;
  try {
    document = JSON.parse(study.data.document);
  } catch (broken) {
    return '';
  }
  document.initial = ['VALUES'];
  delete document.seed;
  return JSON.stringify(document, null, 2).replace('"VALUES"', () => asJson(values, '    '));
}

function asCpp(values) {
  const text = (axis, value) =>
      axis.texts ? `std::string(${JSON.stringify(value)})` : jsonValue(axis, value);
  const integer = (value) => /^-?\d+$/.test(value) ? `std::int64_t{${value}}` : value;
  const lines = values.map(([axis, value]) => {
    const made = text(axis, value);
    return `    {${JSON.stringify(axis.name)}, ${integer(made)}},`;
  });
  return `const dodona::NamedValues values{\n${lines.join('\n')}\n};`;
}

export function draw(parent, view) {
  const {study} = view;
  const known = study.leaders.filter((trial) => study.exact.has(trial)).slice(0, 100);
  const select =
      element('select', {id: 'best-trial', 'aria-label': 'Trial', onchange: () => tell()});
  known.forEach((trial, place) => {
    const scores = study.objectives.map(
        (objective) =>
            `${objective.name} ${study.number(study.scores(objective.place)[trial], trial)}`);
    select.append(
        element('option', {value: trial}, `${place + 1}. trial ${trial}: ${scores.join(', ')}`));
  });
  parent.append(element('div', {class: 'controls'}, element('label', {}, 'Values of', select)));
  const shown = element('div');
  parent.append(shown);
  const tell = () => {
    const values = valuesOf(study, Number(select.value));
    shown.replaceChildren(
        piece('best-json', 'JSON', asJson(values)),
        piece('best-study', 'Study file that begins with them', asStudyFile(study, values), true),
        piece('best-cpp', 'C++', asCpp(values), true));
  };
  tell();
  return null;
}

function piece(id, name, text, folded) {
  if (!text) return null;
  const pre = element('pre', {id, tabindex: 0}, text);
  return element('details', {open: !folded}, element('summary', {}, name), copyButton(pre), pre);
}

export function copyButton(pre) {
  const button = element('button', {
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(pre.textContent);
        button.textContent = 'Copied';
      } catch (refused) {
        getSelection().selectAllChildren(pre);
        button.textContent = 'Selected: copy with Ctrl-C';
      }
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 2500);
    },
  });
  button.textContent = 'Copy';
  return button;
}
