// SPDX-License-Identifier: Apache-2.0
//
// The page: reads the studies, and lays out one view below the other. The first views are drawn at
// once, the others when there is time, before they are printed, or when one comes to them.

import * as about from 'dodona/about.js';
import {studyActions, takeToken} from 'dodona/actions.js';
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
import {showList} from 'dodona/list.js';
import {Live} from 'dodona/live.js';
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
  constructor(studies, live = null) {
    this.studies = studies;
    this.live = live;
    this.pace = 50;  // milliseconds from news to views
    this.current = 0;
    this.pending = [];
    this.redraws = new Map();
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
    for (const kind of ['change', 'keydown', 'pointerdown']) {
      this.views.addEventListener(kind, () => {
        this.touched = true;
      });
    }
    window.addEventListener('hashchange', () => this.followHash());
    document.addEventListener('keydown', (event) => this.onKey(event));
  }

  get study() {
    return this.studies[this.current];
  }

  show(place) {
    this.current = place;
    this.drawHead();
    this.layOut();
    this.followHash();
  }

  layOut() {
    this.begin();
    delete document.documentElement.dataset.drawn;
    this.views.replaceChildren();
    this.contents.replaceChildren();
    this.pending = [];
    for (const each of VIEWS) this.addView(each);
    this.contents.append(element('span', {class: 'fill'}), this.chosen());
    this.tellChoice();
    for (const each of this.pending.slice(0, 2)) this.drawOne(each);
    requestAnimationFrame(() => performance.mark('first-view'));
    this.drawNext();
  }

  // Nothing is drawn of the study yet.
  begin() {
    this.touched = false;
    this.redraws = new Map();
    this.choice = new Choice(this.study);
    this.choice.onChange(() => this.tellChoice());
    this.view = {
      study: this.study,
      studies: this.studies,
      choice: this.choice,
      actions: Boolean(this.live && this.live.actions),
      open: (trial) => {
        location.hash = `trial-${trial}`;
      },
    };
  }

  // ---- a live study
  // -------------------------------------------------------------------------------

  // Another Study in the place of the one at hand, which is older.
  replace(study) {
    this.studies = [study];
    this.onNews();
  }

  // The head tells at once. Views follow as long as nobody is at work in them.
  onNews() {
    this.tellFacts();
    if (this.updating) return;
    this.updating = true;
    setTimeout(() => {
      this.updating = false;
      this.update();
    }, this.pace);
  }

  // True if anything is chosen, or open, or one has pressed or typed something in a view.
  get busy() {
    return this.choice.narrowed || this.touched || document.getElementById('trial').open;
  }

  update() {
    if (this.busy) {
      this.offer.hidden = false;
      return;
    }
    if (this.pending.length > 0) {  // it is drawn still
      this.onNews();
      return;
    }
    const begin = performance.now();
    const now = {...this.view, study: this.study, studies: this.studies};
    const wanted = VIEWS.filter((each) => !each.isThere || each.isThere(now));
    const there = [...this.views.querySelectorAll(':scope > section')];
    if (there.map((each) => each.id).join() !== wanted.map((each) => each.id).join()) {
      const place = scrollY;
      this.views.style.minHeight = `${this.views.offsetHeight}px`;
      this.layOut();
      this.drawAll();
      this.views.style.minHeight = '';
      scrollTo(0, place);
    } else {
      this.begin();
      const seen = (section) => {
        const box = section.getBoundingClientRect();
        return box.bottom > 0 && box.top < innerHeight;
      };
      this.pending = there.map((section, place) => ({each: wanted[place], section}));
      this.pending.sort((a, b) => seen(b.section) - seen(a.section));
      for (const waiting of this.pending.filter((one) => seen(one.section))) this.drawOne(waiting);
      this.drawNext();
    }
    this.tellChoice();
    // At most a quarter of the browser's time goes into this.
    this.pace = Math.max(250, 4 * (performance.now() - begin));
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
    const {section} = waiting;
    section.style.minHeight = `${section.offsetHeight}px`;  // so that nothing below moves
    section.replaceChildren(section.firstChild);
    const redraw = waiting.each.draw(section, this.view);
    section.style.minHeight = '';
    if (redraw) this.redraws.set(waiting.each, redraw);
  }

  // One view each time that the browser has nothing else to do.
  drawNext() {
    if (this.pending.length === 0) {
      document.documentElement.dataset.drawn = 'all';
      return;
    }
    const {choice} = this;
    const later = window.requestIdleCallback || ((work) => setTimeout(work, 10));
    later(() => {
      if (choice !== this.choice) return;
      this.drawOne(this.pending[0]);
      this.drawNext();
    }, {timeout: 200});
  }

  drawAll() {
    for (const waiting of [...this.pending]) this.drawOne(waiting);
  }

  redraw() {
    for (const redraw of this.redraws.values()) redraw();
  }

  drawHead() {
    const {study} = this;
    this.head.replaceChildren();
    if (this.live) this.head.append(element('a', {href: '../../'}, 'Studies'));
    this.head.append(element('h1', {}, study.name));
    if (this.studies.length > 1) this.head.append(this.studySelect());
    this.facts = element('span', {class: 'faint', id: 'facts'});
    this.head.append(this.facts, element('span', {class: 'fill'}));
    if (this.live && this.live.actions) this.head.append(studyActions(this.live));
    this.head.append(this.themeButton());
    this.tellFacts();
    document.title = `${study.name} - Dodona`;
  }

  tellFacts() {
    const {study} = this;
    const best = study.order[0];
    const objective = study.objectives[0];
    const words = [counted(study.count, 'trial')];
    if (best !== undefined) {
      words.push(
          `best ${objective.name} ${study.number(study.scores()[best], best)} (trial ${best})`);
    }
    words.push(...(this.live ? this.live.words() : [`as of ${moment(study.data.written)}`]));
    this.facts.textContent = words.join(' · ');
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
    this.offer = element(
        'button', {
          id: 'offer',
          hidden: true,
          onclick: () => {
            this.choice.clear();
            this.touched = false;
            this.offer.hidden = true;
            this.update();
          },
        },
        'Show what is new');
    this.clear =
        element('button', {id: 'clear', onclick: () => this.choice.clear()}, 'Choose all (Esc)');
    return element('span', {}, this.offer, ' ', this.count, ' ', this.clear);
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
takeToken();
const served = document.getElementById('live');
if (served) {
  const {study, actions} = JSON.parse(served.textContent);
  if (study === undefined) {
    showList();
  } else {
    new Live((studies, live) => new Page(studies, live), Boolean(actions)).start();
  }
} else {
  const texts = [...document.querySelectorAll('script.study')].map((script) => script.textContent);
  new Page(texts.map((text) => new Study(JSON.parse(text)))).show(0);
}
