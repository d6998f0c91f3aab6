// SPDX-License-Identifier: Apache-2.0
//
// The page: reads the studies, and lays out one view below the other. The first views are drawn at
// once, the others when there is time, before they are printed, or when one comes to them.

import * as about from 'dodona/about.js';
import * as best from 'dodona/best.js';
import * as brackets from 'dodona/brackets.js';
import {Choice} from 'dodona/choice.js';
import * as compare from 'dodona/compare.js';
import * as contour from 'dodona/contour.js';
import * as curves from 'dodona/curves.js';
import * as failures from 'dodona/failures.js';
import {reshade} from 'dodona/figure.js';
import * as front from 'dodona/front.js';
import * as history from 'dodona/history.js';
import * as importance from 'dodona/importance.js';
import {counted, element, isDark, moment} from 'dodona/marks.js';
import * as parallel from 'dodona/parallel.js';
import * as regret from 'dodona/regret.js';
import * as slices from 'dodona/slices.js';
import {Study} from 'dodona/study.js';
import * as table from 'dodona/table.js';
import * as timeline from 'dodona/timeline.js';
import {openTrial} from 'dodona/trial.js';

// Each has an id, a title, and draw(parent, view), which answers a function that draws anew or
// null; and isThere(view), where it does not belong to every study.
const VIEWS = [
  compare,
  history,
  front,
  best,
  importance,
  parallel,
  slices,
  contour,
  table,
  curves,
  brackets,
  regret,
  failures,
  timeline,
  about,
];

const THEME = 'dodona-theme';

class Page {
  constructor(studies) {
    this.studies = studies;
    this.current = 0;
    this.pending = [];
    this.redraws = [];
    this.head = document.getElementById('head');
    this.contents = document.getElementById('contents');
    this.views = document.getElementById('views');
    window.addEventListener('beforeprint', () => this.drawAll());
    let width = innerWidth;
    window.addEventListener('resize', () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.redraw(), 150);
    });
    window.addEventListener('hashchange', () => this.followHash());
    document.addEventListener('keydown', (event) => this.onKey(event));
  }

  get study() {
    return this.studies[this.current];
  }

  show(place) {
    this.current = place;
    this.choice = new Choice(this.study);
    this.choice.onChange(() => this.tellChoice());
    this.view = {
      study: this.study,
      studies: this.studies,
      choice: this.choice,
      open: (trial) => {
        location.hash = `trial-${trial}`;
      },
    };
    delete document.documentElement.dataset.drawn;
    this.drawHead();
    this.views.replaceChildren();
    this.contents.replaceChildren();
    this.pending = [];
    this.redraws = [];
    for (const each of VIEWS) this.addView(each);
    this.contents.append(element('span', {class: 'fill'}), this.chosen());
    this.tellChoice();
    for (const each of this.pending.slice(0, 2)) this.drawOne(each);
    requestAnimationFrame(() => performance.mark('first-view'));
    this.drawNext();
    this.followHash();
  }

  addView(each) {
    if (each.isThere && !each.isThere(this.view)) return;
    const section = element('section', {id: each.id, 'aria-labelledby': `${each.id}-title`});
    section.append(element('h2', {id: `${each.id}-title`}, each.title));
    this.views.append(section);
    this.contents.append(element('a', {href: `#${each.id}`}, each.title));
    this.pending.push({each, section});
  }

  drawOne(waiting) {
    const place = this.pending.indexOf(waiting);
    if (place < 0) return;
    this.pending.splice(place, 1);
    const redraw = waiting.each.draw(waiting.section, this.view);
    if (redraw) this.redraws.push(redraw);
  }

  // One view each time that the browser has nothing else to do.
  drawNext() {
    if (this.pending.length === 0) {
      document.documentElement.dataset.drawn = 'all';
      return;
    }
    const study = this.study;
    const later = window.requestIdleCallback || ((work) => setTimeout(work, 10));
    later(() => {
      if (study !== this.study) return;
      this.drawOne(this.pending[0]);
      this.drawNext();
    }, {timeout: 200});
  }

  drawAll() {
    for (const waiting of [...this.pending]) this.drawOne(waiting);
  }

  redraw() {
    for (const redraw of this.redraws) redraw();
  }

  drawHead() {
    const {study} = this;
    this.head.replaceChildren(element('h1', {}, study.name));
    if (this.studies.length > 1) this.head.append(this.studySelect());
    const best = study.order[0];
    const objective = study.objectives[0];
    const words = [counted(study.count, 'trial')];
    if (best !== undefined) {
      words.push(
          `best ${objective.name} ${study.number(study.scores()[best], best)} (trial ${best})`);
    }
    words.push(`as of ${moment(study.data.written)}`);
    this.head.append(
        element('span', {class: 'faint'}, words.join(' · ')), element('span', {class: 'fill'}),
        this.themeButton());
    document.title = `${study.name} - Dodona`;
  }

  studySelect() {
    const select = element('select', {
      'aria-label': 'Study',
      id: 'study',
      onchange: () => this.show(Number(select.value)),
    });
    this.studies.forEach((study, place) => {
      select.append(
          element('option', {value: place, selected: place === this.current}, study.name));
    });
    return select;
  }

  themeButton() {
    const button = element('button', {
      id: 'theme',
      onclick: () => {
        setTheme(isDark() ? 'light' : 'dark');
        button.textContent = isDark() ? 'Light' : 'Dark';
        reshade(this.views);
        this.redraw();
      },
    });
    button.textContent = isDark() ? 'Light' : 'Dark';
    return button;
  }

  chosen() {
    this.count = element('span', {class: 'faint', id: 'chosen', role: 'status'});
    this.clear =
        element('button', {id: 'clear', onclick: () => this.choice.clear()}, 'Choose all (Esc)');
    return element('span', {}, this.count, ' ', this.clear);
  }

  tellChoice() {
    if (!this.count) return;
    this.clear.hidden = !this.choice.narrowed;
    this.count.textContent =
        this.choice.narrowed ? `${counted(this.choice.chosen, 'trial')} chosen` : '';
  }

  onKey(event) {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
    if (event.key === 'Escape' && !typing && !document.getElementById('trial').open) {
      this.choice.clear();
    }
    if (event.key === '/' && !typing) {
      const filter = document.getElementById('filter');
      if (filter) {
        event.preventDefault();
        filter.focus();
      }
    }
  }

  followHash() {
    const found = /^#trial-(\d+)$/.exec(location.hash);
    if (found && Number(found[1]) < this.study.count) openTrial(this.view, Number(found[1]));
  }
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(THEME, theme);
  } catch (refused) {
    // A page from a file may have no storage. The theme then lasts as long as the page.
  }
}

function startTheme() {
  let theme = null;
  try {
    theme = localStorage.getItem(THEME);
  } catch (refused) {
    theme = null;
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.dataset.theme = theme || (dark ? 'dark' : 'light');
}

startTheme();
const texts = [...document.querySelectorAll('script.study')].map((script) => script.textContent);
const page = new Page(texts.map((text) => new Study(JSON.parse(text))));
page.show(0);
