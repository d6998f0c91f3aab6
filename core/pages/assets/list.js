// SPDX-License-Identifier: Apache-2.0
//
// The list of the studies that a server has, as it is now.

import {duration, element, short} from 'dodona/marks.js';
import {tell} from 'dodona/live.js';

const BETWEEN = 2000;  // milliseconds

function stateOf(study) {
  if (study.finished === undefined) return 'cannot be read';
  return study.held ? 'searches' : 'nobody searches';
}

function row(study) {
  const number = (text) => element('td', {class: 'number'}, text);
  const count = study.finished === undefined ?
      '' :
      study.finished + (study.max_trials ? `/${study.max_trials}` : '');
  const best = study.best;
  return element(
      'tr', {},
      element(
          'td', {}, element('a', {href: `study/${encodeURIComponent(study.name)}/`}, study.name)),
      element('td', {}, stateOf(study)), number(count), number(String(study.failed ?? '')),
      number(best ? `${short(best.score)} (trial ${best.trial})` : ''),
      element('td', {}, study.objective || ''),
      number(study.trials_per_minute ? `${short(study.trials_per_minute)}/min` : ''),
      number(study.seconds_left ? duration(Math.round(study.seconds_left)) : ''),
      element('td', {}, study.problem || ''));
}

const HEADS =
    ['study', 'state', 'finished', 'failed', 'best', 'objective', 'rate', 'time left', ''];

export async function showList() {
  document.title = 'Dodona';
  document.getElementById('head').append(element('h1', {}, 'Studies'));
  const body = element('tbody', {id: 'studies'});
  document.getElementById('contents').hidden = true;
  document.getElementById('views').replaceChildren(element(
      'table', {},
      element('thead', {}, element('tr', {}, ...HEADS.map((head) => element('th', {}, head)))),
      body));
  for (;;) {
    if (!document.hidden) {
      try {
        const list = await (await fetch('studies', {cache: 'no-store'})).json();
        tell(list.problem || '');
        const found = list.studies || [];
        body.replaceChildren(...found.map(row));
        if (found.length === 0)
          body.append(element('tr', {}, element('td', {}, 'There is no study yet.')));
      } catch (lost) {
        tell('The server does not answer.');
      }
    }
    await new Promise((go) => setTimeout(go, BETWEEN));
  }
}
