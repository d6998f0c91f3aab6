// SPDX-License-Identifier: Apache-2.0
//
// A drawing: canvases for marks, and above them an SVG for axes, labels and brushes.

import {element, hint, shade, short} from 'dodona/marks.js';

export class Figure {
  // `label` says what is drawn, for those who cannot see it.
  constructor(parent, {height, margin, label, layers = 1}) {
    this.height = height;
    this.margin = margin;
    this.box = element('div', {class: 'figure', role: 'img', 'aria-label': label});
    this.box.style.height = `${height}px`;
    this.canvases = d3.range(layers).map(() => element('canvas'));
    this.box.append(...this.canvases);
    this.svg = d3.select(this.box).append('svg');
    parent.append(this.box);
    this.fit();
  }

  // Takes the width that there is. Clears everything.
  fit() {
    this.width = Math.max(200, this.box.clientWidth || 800);
    const ratio = window.devicePixelRatio || 1;
    this.contexts = this.canvases.map((canvas) => {
      canvas.width = Math.round(this.width * ratio);
      canvas.height = Math.round(this.height * ratio);
      canvas.style.width = `${this.width}px`;
      canvas.style.height = `${this.height}px`;
      const context = canvas.getContext('2d');
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      return context;
    });
    this.svg.selectAll('*').remove();
    return this;
  }

  get context() {
    return this.contexts[0];
  }

  get left() {
    return this.margin.left;
  }

  get right() {
    return this.width - this.margin.right;
  }

  get top() {
    return this.margin.top;
  }

  get bottom() {
    return this.height - this.margin.bottom;
  }

  clear(layer = 0) {
    this.contexts[layer].clearRect(0, 0, this.width, this.height);
  }

  // Draws inside the axes alone, with a little room for marks on them.
  inside(work) {
    const {context} = this;
    context.save();
    context.beginPath();
    context.rect(
        this.left - 6, this.top - 6, this.right - this.left + 12, this.bottom - this.top + 12);
    context.clip();
    work();
    context.restore();
  }

  // Axes below and to the left with their names.
  axes(x, y, xName, yName) {
    this.svg.append('g')
        .attr('transform', `translate(0,${this.bottom})`)
        .call(ticked(d3.axisBottom(x.scale || x), x, Math.max(2, this.width / 110)));
    this.svg.append('g')
        .attr('transform', `translate(${this.left},0)`)
        .call(ticked(d3.axisLeft(y.scale || y), y, Math.max(2, this.height / 50)));
    this.svg.append('text')
        .attr('class', 'label')
        .attr('text-anchor', 'end')
        .attr('x', this.right)
        .attr('y', this.height - 4)
        .text(xName);
    this.svg.append('text').attr('class', 'label').attr('x', 4).attr('y', 11).text(yName);
  }

  // Calls back with the nearest mark within 12 pixels at each move of the pointer, and at a click.
  // `marks` answers {x, y} by index; `text` is the hint of one, `open` what a click does.
  hover(count, mark, text, open) {
    const near = (event) => {
      const at = this.box.getBoundingClientRect();
      const x = event.clientX - at.left;
      const y = event.clientY - at.top;
      let best = -1;
      let least = 144;
      for (let i = 0; i < count(); ++i) {
        const place = mark(i);
        if (!place) continue;
        const distance = (place.x - x) * (place.x - x) + (place.y - y) * (place.y - y);
        if (distance < least) {
          least = distance;
          best = i;
        }
      }
      return best;
    };
    this.box.onmousemove = (event) => {
      const found = near(event);
      hint(found < 0 ? '' : text(found), event);
      this.box.style.cursor = found < 0 || !open ? '' : 'pointer';
    };
    this.box.onmouseleave = () => hint('');
    this.box.onclick = (event) => {
      const found = near(event);
      if (found >= 0 && open) open(found);
    };
  }
}

function ticked(axis, scale, count) {
  if (scale.tickValues) {
    return axis.tickValues(scale.tickValues(count)).tickFormat(scale.tickFormat);
  }
  return axis.ticks(count).tickFormat(short);
}

// The place of the values of a hyperparameter in a range of pixels: logarithmic where it was
// sampled so, and at equal distances for values that are no numbers. Answers NaN for none.
export function axisScale(axis, range) {
  if (axis.values) {
    const scale = d3.scaleLinear().domain([-0.5, axis.values.length - 0.5]).range(range);
    const step = (count) => Math.ceil(axis.values.length / Math.max(1, 2 * count));
    // Letters that fit between two ticks of an axis that lies.
    const room =
        range[0] < range[1] ? Math.floor((range[1] - range[0]) / axis.values.length / 7) : 11;
    return Object.assign((value) => scale(value), {
      scale,
      invert: scale.invert,
      tickValues: (count) => d3.range(0, axis.values.length, step(count)),
      tickFormat: (place) => clipped(axis.values[place] || '', Math.max(2, Math.min(14, room))),
    });
  }
  const [low, high] = axis.low < axis.high ? [axis.low, axis.high] : [axis.low - 1, axis.low + 1];
  if (axis.sampling === 'log' && low > 0) {
    return logScale(d3.scaleLog().domain([low, high]).range(range), (value) => value);
  }
  if (axis.sampling === 'reverse_log' && low > 0) {
    const mirror = (value) => low + high - value;
    return logScale(d3.scaleLog().domain([high, low]).range(range), mirror);
  }
  const scale = d3.scaleLinear().domain([low, high]).range(range);
  return Object.assign((value) => scale(value), {
    scale,
    invert: scale.invert,
    tickValues: (count) =>
        scale.ticks(count).filter((tick) => axis.type !== 'int' || Number.isInteger(tick)),
    tickFormat: short,
  });
}

// `mirror` is its own inverse.
function logScale(scale, mirror) {
  const ticks = (count) => {
    const all = scale.ticks(count);
    const decades = all.filter((tick) => Math.abs(Math.log10(tick) % 1) < 1e-9);
    const chosen = decades.length >= 2 ? decades : all;
    const step = Math.ceil(chosen.length / Math.max(2, count));
    return chosen.filter((tick, place) => place % step === 0);
  };
  return Object.assign((value) => scale(mirror(value)), {
    scale,
    invert: (place) => mirror(scale.invert(place)),
    tickValues: ticks,
    tickFormat: (tick) => short(mirror(tick)),
  });
}

export function clipped(text, length) {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

// A small circle, or for what failed a cross.
export function dot(context, x, y, size) {
  context.beginPath();
  context.arc(x, y, size, 0, 2 * Math.PI);
  context.fill();
}

export function cross(context, x, y, size) {
  context.beginPath();
  context.moveTo(x - size, y - size);
  context.lineTo(x + size, y + size);
  context.moveTo(x - size, y + size);
  context.lineTo(x + size, y - size);
  context.stroke();
}

// The legend of colours by goodness. They are others in the dark: the page then calls reshade().
export function shadeKey(parent) {
  const key = element('span', {class: 'key'}, 'colour: worst ');
  for (const goodness of d3.range(0, 1.01, 0.125)) {
    key.append(element('span', {class: 'swatch', 'data-goodness': goodness}));
  }
  key.append(' best');
  parent.append(key);
  reshade(key);
}

export function reshade(within) {
  for (const swatch of within.querySelectorAll('[data-goodness]')) {
    swatch.style.background = shade(Number(swatch.dataset.goodness));
  }
}
