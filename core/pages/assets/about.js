// SPDX-License-Identifier: Apache-2.0
//
// The study file, and all that tells which study this is: seed, versions, builds, and what the page
// leaves out.

import {copyButton} from 'dodona/best.js';
import {counted, element, moment} from 'dodona/marks.js';

export const id = 'study-file';
export const title = 'Study file and origin';

function rows(pairs) {
  const list = element('dl', {class: 'facts'});
  for (const [name, text] of pairs) {
    if (text) list.append(element('dt', {}, name), element('dd', {}, text));
  }
  return list;
}

export function draw(parent, view) {
  const {data} = view.study;
  const facts = rows([
    ['study', data.id],
    ['seed', data.seed],
    ['begun', data.created > 0 ? `${moment(data.created)}, by Dodona ${data.made_by}` : ''],
    ['page', `${moment(data.written)}, by Dodona ${data.dodona}`],
    ['trials', counted(data.trials, 'trial')],
    ['damage', data.damage],
    ['drawn with', `d3 ${d3.version}, © Mike Bostock, BSD 3-clause; its licence is in this file`],
  ]);
  facts.id = 'origin';
  parent.append(facts);
  if (data.left_out.length > 0) {
    const list = element('ul', {id: 'left-out'});
    for (const text of data.left_out) list.append(element('li', {}, text));
    parent.append(element('h3', {}, 'Left out of this page'), list);
  }
  if (data.plugins.length > 0) parent.append(element('h3', {}, 'Plugins'), plugins(data.plugins));
  if (data.notes.length > 0) {
    parent.append(
        element('h3', {}, 'Notes on the study'),
        rows(data.notes.map((note) => [note.key, note.value])));
  }
  const document = element('pre', {id: 'document', tabindex: 0}, data.document);
  const space = element('pre', {id: 'space', tabindex: 0}, data.space);
  parent.append(
      element('h3', {}, 'Study file, with all defaults'), copyButton(document), document,
      element('h3', {}, 'Space'), copyButton(space), space);
  return null;
}

function plugins(all) {
  const body = element('tbody');
  for (const plugin of all) {
    body.append(element(
        'tr', {}, element('td', {}, plugin.role), element('td', {}, plugin.id),
        element('td', {}, plugin.version), element('td', {}, plugin.build_id || 'built in')));
  }
  const names = ['role', 'plugin', 'version', 'build-id'];
  const head =
      element('thead', {}, element('tr', {}, ...names.map((name) => element('th', {}, name))));
  return element('div', {class: 'wide'}, element('table', {id: 'plugins'}, head, body));
}
