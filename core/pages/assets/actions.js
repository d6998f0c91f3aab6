// SPDX-License-Identifier: Apache-2.0
//
// Actions on a live study, where its server allows them: each is shown in a box of its own, and
// done when it is confirmed. The token that the server printed comes in the address after #token=,
// or is asked for.

import {element} from 'dodona/marks.js';

const TOKEN = 'dodona-token';
const KEPT = 2500;  // milliseconds for which a box says what was done

// Takes the token out of the address, so that nobody reads or copies it there.
export function takeToken() {
  const found = /^#token=([0-9a-f]+)$/.exec(location.hash);
  if (!found) return;
  sessionStorage.setItem(TOKEN, found[1]);
  window.history.replaceState(null, '', location.pathname + location.search);
}

async function act(action) {
  const answer = await fetch('act', {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'X-Dodona-Token': sessionStorage.getItem(TOKEN)},
    body: JSON.stringify(action),
  });
  return {ok: answer.ok, forbidden: answer.status === 403, text: await answer.text()};
}

// Asks for what the action needs and for a yes, and does it. `fields` are its keys with a label,
// and `make` the action of what was filled in; it throws for what it does not understand.
function ask(title, words, fields, make) {
  const box = element('dialog', {id: 'action'});
  const inputs = fields.map(([key, label, more]) => {
    const input = element(more.long ? 'textarea' : 'input', {name: key, ...more, long: null});
    if (more.text) input.value = more.text;
    return [key, input, element('label', {}, label, ' ', input)];
  });
  const token = element('input', {name: 'token', autocomplete: 'off'});
  const tokenLabel =
      element('label', {}, 'Token, as the server printed it where it was started ', token);
  tokenLabel.hidden = Boolean(sessionStorage.getItem(TOKEN));
  const said = element('p', {class: 'notice', role: 'status', hidden: true});
  const say = (text) => {
    said.hidden = !text;
    said.textContent = text;
  };
  const confirm = element('button', {id: 'confirm', type: 'submit'}, title);
  const cancel = element('button', {type: 'button', onclick: () => box.close()}, 'Cancel');
  const submit = async (event) => {
    event.preventDefault();
    if (token.value) sessionStorage.setItem(TOKEN, token.value.trim());
    confirm.disabled = true;
    try {
      const action = make(Object.fromEntries(inputs.map(([key, input]) => [key, input.value])));
      const answer = await act(action);
      say(answer.text);
      tokenLabel.hidden = !answer.forbidden;
      if (answer.ok) {
        setTimeout(() => box.close(), KEPT);
        return;
      }
    } catch (wrong) {
      say(String(wrong.message || wrong));
    }
    confirm.disabled = false;
  };
  box.append(element(
      'form', {method: 'dialog', onsubmit: submit}, element('h2', {}, title),
      element('p', {}, words), ...inputs.map(([, , label]) => label), tokenLabel, said,
      element('div', {class: 'controls'}, confirm, cancel)));
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

const button = (id, text, onclick) => element('button', {id, type: 'button', onclick}, text);

// The buttons for a study.
export function studyActions(live) {
  return element(
      'span', {id: 'actions', class: 'controls'},
      button(
          'enqueue', 'Try values',
          () => ask(
              'Try values', 'They become the next trial. Values that are left out are chosen.', [[
                'values', 'Values, as JSON',
                {long: true, rows: 6, cols: 60, text: valuesText(live.study)}
              ]],
              (given) => ({action: 'enqueue', values: JSON.parse(given.values)}))),
      button(
          'raise', 'More trials',
          () =>
              ask('More trials', 'The search that runs goes on up to so many trials.', [[
                    'max', 'max_trials',
                    {type: 'number', min: 1, required: true, text: String(live.state.max || '')}
                  ]],
                  (given) => ({action: 'max_trials', max_trials: Number(given.max)}))),
      button(
          'note', 'Keep a note',
          () =>
              ask('Keep a note', 'It is kept in the log of the study.',
                  [['text', 'Note', {long: true, rows: 3, cols: 60, required: true}]],
                  (given) => ({action: 'note', text: given.text}))),
      button(
          'stop', 'Stop the search',
          () => ask(
              'Stop the search',
              'Running trials end at their next report, and the state is saved. The search can go on later.',
              [], () => ({action: 'stop'}))));
}

function valuesText(study) {
  const best = study.order.find((trial) => study.exact.has(trial));
  const values = {};
  if (best !== undefined) {
    const row = study.exact.get(best);
    study.axes.forEach((axis, place) => {
      const value = row.values[place];
      if (value === null) return;
      const word = axis.values && typeof value === 'number' ? axis.values[value] : value;
      values[axis.name] = axis.texts || typeof word !== 'string' ? word : JSON.parse(word);
    });
  }
  return JSON.stringify(values, null, 2);
}

// The buttons for a trial.
export function trialActions(study, trial) {
  const running = study.state(trial) === 'running';
  return element(
      'span', {class: 'controls'},
      running ? button(
                    'stop-trial', 'Stop this trial',
                    () =>
                        ask(`Stop trial ${trial}`,
                            'It ends at its next report, and keeps the score that it has by then.',
                            [], () => ({action: 'stop_trial', trial}))) :
                null,
      button(
          'note-trial', 'Keep a note',
          () =>
              ask(`Keep a note on trial ${trial}`, 'It is kept in the log of the study.',
                  [['text', 'Note', {long: true, rows: 3, cols: 60, required: true}]],
                  (given) => ({action: 'note', trial, text: given.text}))));
}
