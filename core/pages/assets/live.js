// SPDX-License-Identifier: Apache-2.0
//
// The page of a study that a server gives out: it fetches the study, and follows what its log
// gains. After an interruption it goes on at the sequence to which it had come.

import {duration, element} from 'dodona/marks.js';
import {Study} from 'dodona/study.js';

const AGAIN = 3000;  // milliseconds until a request that failed is made again
// Data with insight are fetched anew once the study has grown by this, and so many milliseconds
// for each that fetching them took.
const GROWTH = 1.2;
const PATIENCE = 10;

const later = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

async function fetched(address) {
  for (;;) {
    try {
      const answer = await fetch(address, {cache: 'no-store'});
      if (answer.ok) {
        const data = await answer.json();
        if (!data.problem) return data;
        tell(data.problem);
      } else {
        tell(await answer.text());
      }
    } catch (lost) {
      tell('The server does not answer.');
    }
    await later(AGAIN);
  }
}

// A line above the views; empty: none.
export function tell(words) {
  let line = document.getElementById('problem');
  if (!line) {
    line = element('p', {id: 'problem', class: 'notice', role: 'status'});
    document.getElementById('head').after(line);
  }
  line.hidden = !words;
  line.textContent = words;
}

export class Live {
  constructor(makePage, actions) {
    this.actions = actions;
    this.makePage = makePage;
    this.state = {held: null, max: null, lost: false};
    document.addEventListener('visibilitychange', () => this.onVisible());
  }

  async start() {
    await this.read('data');
    await this.readWhole();
  }

  async read(address) {
    const data = await fetched(address);
    tell(data.damage || '');
    this.study = new Study(data);
    this.grownAt = this.study.count * GROWTH + 2;
    if (this.page) {
      this.page.replace(this.study);
    } else {
      this.page = this.makePage([this.study], this);
      this.page.show(0);
    }
    this.follow();
  }

  async readWhole() {
    if (this.reading) return;
    this.reading = true;
    const begin = performance.now();
    await this.read('data?whole');
    await later(Math.max(AGAIN, PATIENCE * (performance.now() - begin)));
    this.reading = false;
    this.askForMore();
  }

  askForMore() {
    if (this.study.count > this.grownAt || this.missing) {
      this.missing = false;
      this.readWhole();
    }
  }

  follow() {
    if (this.source) this.source.close();
    if (document.hidden) return;
    const {id, events} = this.study.data;
    this.source = new EventSource(`events?id=${id}&from=${events}`);
    this.source.addEventListener('news', (event) => this.onNews(JSON.parse(event.data)));
    this.source.addEventListener('anew', () => {
      this.source.close();
      this.missing = true;
      if (!this.reading) this.readWhole();
    });
    this.source.onopen = () => this.setLost(false);
    this.source.onerror = () => this.setLost(true);
  }

  // A browser has few connections to a server: a page that nobody sees takes none.
  onVisible() {
    if (!this.study) return;
    if (document.hidden) {
      this.source.close();
    } else {
      this.follow();
    }
  }

  setLost(lost) {
    this.state.lost = lost;
    // A source that was refused does not try again by itself.
    if (lost && this.source.readyState === EventSource.CLOSED) {
      setTimeout(() => this.follow(), AGAIN);
    }
    this.page.tellFacts();
  }

  onNews(news) {
    const ended = this.state.held && !news.held;
    this.state = {held: news.held, max: news.max_trials, lost: false};
    tell(news.problem || '');
    this.study.update(news);
    this.page.onNews();
    // For those who measure.
    Object.assign(document.documentElement.dataset, {events: news.events, heard: Date.now()});
    this.missing = this.missing || ended;
    this.askForMore();
  }

  // The end of the page's head.
  words() {
    const {held, max, lost} = this.state;
    if (lost) return ['no connection: this is what was known last'];
    if (held === null) return [];
    if (!held) return ['nobody searches'];
    const words = ['searches'];
    const rate = this.study.rate();
    if (rate > 0) {
      words.push(`${rate < 10 ? rate.toFixed(1) : Math.round(rate)} trials/min`);
      const left = max - this.study.ended();
      if (max && left > 0) words.push(`about ${duration(Math.round(left / rate * 60))} left`);
    }
    return words;
  }
}
