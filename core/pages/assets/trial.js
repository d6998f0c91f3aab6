// SPDX-License-Identifier: Apache-2.0
//
// The page of a trial: values, scores, metrics, notes, message and curves, over the other views.

import {trialActions} from 'dodona/actions.js';
import {COLOURS, counted, DASHES, duration, element, isDark, moment, paint, short} from 'dodona/marks.js';

function facts(pairs) {
  const list = element('dl', {class: 'facts'});
  for (const [name, text] of pairs) {
    if (text !== '' && text !== undefined && text !== null) {
      list.append(element('dt', {}, name), element('dd', {}, String(text)));
    }
  }
  return list;
}

export function openTrial(view, trial) {
  const dialog = document.getElementById('trial');
  const close = () => dialog.close();
  dialog.replaceChildren(
      element(
          'div', {class: 'controls'},
          element('h2', {}, `Trial ${trial}: ${view.study.state(trial)}`),
          element('span', {class: 'fill'}), view.actions ? trialActions(view.study, trial) : null,
          element('button', {id: 'close', onclick: close}, 'Close')),
      ...contents(view, trial));
  dialog.onclose = () => {
    if (location.hash.startsWith('#trial-')) {
      window.history.replaceState(null, '', location.pathname + location.search);
    }
  };
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  for (const curve of dialog.querySelectorAll('canvas')) curve.paint();
}

function contents(view, trial) {
  const {study} = view;
  const row = study.exact.get(trial);
  const {data} = study;
  const started = study.column('started')[trial];
  const parts = [];
  parts.push(facts([
    ...study.objectives.map(
        (objective) => [objective.name, study.number(study.scores(objective.place)[trial], trial)]),
    ['rank', study.column('rank') ? short(study.column('rank')[trial]) : ''],
    [
      'best step',
      short(study.column('best_step')[trial]) === '0' ? '' : study.column('best_step')[trial]
    ],
    ['budget', study.column('budget')[trial] > 0 ? study.column('budget')[trial] : ''],
    ['started', Number.isNaN(started) ? '' : moment(data.first_start + started)],
    ['time', duration(study.column('seconds')[trial])],
    ...(row ? more(row) : []),
  ]));
  parts.push(element('h3', {}, 'Values'));
  parts.push(facts(study.axes.map((axis) => [axis.name, study.text(axis, trial)])));
  if (!row) {
    parts.push(element(
        'p', {class: 'notice'},
        'Values of four digits. Notes, message and curves of this trial are not in ' +
            `this page: dodona show DIR ${trial} has them.`));
    return parts;
  }
  addNamed(parts, 'Metrics', Object.entries(row.metrics));
  addNamed(parts, 'Limits, by how much they are exceeded', Object.entries(row.excesses || {}));
  if (row.executions) addNamed(parts, 'Executions', row.executions.map((score, i) => [i, score]));
  addCurves(parts, study, trial);
  addNamed(parts, 'Notes', Object.entries(row.notes));
  if (row.message) parts.push(element('h3', {}, 'Message'), element('pre', {}, row.message));
  if (row.why) parts.push(element('h3', {}, 'Why it was tried'), element('pre', {}, row.why));
  return parts;
}

function more(row) {
  const sources = {user: 'a user', model: 'the defaults of the model', oracle: 'the oracle'};
  return [
    ['outcome', row.outcome === 'ok' ? '' : row.outcome],
    ['spread', row.spread === undefined ? '' : `${row.spread} over executions`],
    ['attempts', row.attempt ? row.attempt + 1 : ''],
    ['lost', row.losses ? `${counted(row.losses, 'time')}: ${row.lost || ''}` : ''],
    ['seed', row.seed],
    ['goes on from', row.resume_of === undefined ? '' : `trial ${row.resume_of}`],
    ['repeats', row.repeat_of === undefined ? '' : `trial ${row.repeat_of}`],
    ['values from', sources[row.source]],
  ];
}

function addNamed(parts, title, pairs) {
  if (pairs.length === 0) return;
  parts.push(
      element('h3', {}, title),
      facts(pairs.map(([name, value]) => [name, value === null ? 'none' : value])));
}

function addCurves(parts, study, trial) {
  const curves = study.data.curves.filter((curve) => curve.trial === trial);
  if (curves.length === 0) return;
  parts.push(element('h3', {}, 'Curves'));
  const names = new Set(curves.flatMap((curve) => Object.keys(curve.metrics)));
  const grid = element('div', {class: 'grid'});
  for (const name of names) grid.append(curveFigure(name, curves));
  parts.push(grid);
}

function curveFigure(name, curves) {
  const canvas = element('canvas', {role: 'img', 'aria-label': `${name} by step`});
  canvas.paint = () => paintCurve(canvas, name, curves);
  const lines = curves.filter((curve) => curve.metrics[name]);
  const values = lines.flatMap((curve) => curve.metrics[name]).map(Number).filter(Number.isFinite);
  const words = values.length === 0 ?
      name :
      `${name}: ${short(d3.min(values))} to ${short(d3.max(values))}, ` +
          `${counted(lines.length, 'execution')}`;
  return element('figure', {style: null}, canvas, element('figcaption', {}, words));
}

function paintCurve(canvas, name, curves) {
  const [width, height] = [280, 120];
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const lines = curves.filter((curve) => curve.metrics[name]);
  const values = lines.flatMap((curve) => curve.metrics[name]).map(Number).filter(Number.isFinite);
  const steps = d3.extent(lines.flatMap((curve) => curve.steps));
  const x = d3.scaleLinear().domain(steps).range([6, width - 6]);
  const y = d3.scaleLinear().domain(d3.extent(values)).range([height - 8, 8]);
  lines.forEach((curve, place) => {
    context.strokeStyle = context.fillStyle = COLOURS[place % COLOURS.length];
    context.setLineDash(DASHES[place % DASHES.length]);
    context.lineWidth = 1.6;
    context.beginPath();
    curve.metrics[name].forEach((value, step) => {
      if (value !== null && Number.isFinite(Number(value))) {
        context.lineTo(x(curve.steps[step]), y(Number(value)));
      }
    });
    context.stroke();
    if (curve.steps.length === 1)
      context.fillRect(width / 2 - 2, y(Number(curve.metrics[name][0])) - 2, 4, 4);
  });
  context.setLineDash([]);
  context.strokeStyle = isDark() ? '#555' : '#ccc';
  context.strokeRect(0.5, 0.5, width - 1, height - 1);
  context.fillStyle = paint('--faint');
}
