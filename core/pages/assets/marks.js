// SPDX-License-Identifier: Apache-2.0
//
// Elements, colours and numbers as all views have them. Text is only ever set as text.

// An element with attributes, text and children.
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) {
      made.addEventListener(key.slice(2), value);
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(key, value === true ? '' : value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// Colours that the colour-blind tell apart (Okabe and Ito), and dashes that tell them without any.
export const COLOURS =
    ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c8c8c', '#a08a00'];
export const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3], [10, 4], [6, 2, 2, 2]];

export const isDark = () => document.documentElement.dataset.theme === 'dark';

export const paint = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// The colour of a place between 0, the worst, and 1, the best.
export function shade(goodness) {
  if (Number.isNaN(goodness)) return paint('--grey');
  return d3.interpolateViridis(isDark() ? 0.15 + 0.85 * goodness : 0.9 - 0.9 * goodness);
}

// The same in 64 steps, for many marks.
export function shades() {
  const steps = d3.range(64).map((step) => shade(step / 63));
  const none = paint('--grey');
  return (goodness) => Number.isNaN(goodness) ? none : steps[Math.round(goodness * 63)];
}

// Four digits, as on axes and in hints.
export function short(value) {
  if (value === null || Number.isNaN(value)) return '';
  if (!Number.isFinite(value)) return value > 0 ? 'infinity' : '-infinity';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6))
    return value.toExponential(3).replace(/\.?0+e/, 'e');
  return String(Number(value.toPrecision(4)));
}

export function percent(share) {
  const whole = Math.round(share * 100);
  return whole === 0 && share > 0 ? '<1 %' : `${whole} %`;
}

export function duration(seconds) {
  if (Number.isNaN(seconds)) return '';
  if (seconds < 60) return `${short(seconds)} s`;
  const whole = Math.round(seconds);
  const two = (part) => String(part).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` :
                     `${minutes}:${two(whole % 60)}`;
}

export function moment(seconds) {
  return new Date(seconds * 1000).toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}

export function counted(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

// The words at the pointer.
export function hint(text, event) {
  const box = document.getElementById('hint');
  box.hidden = !text;
  if (!text) return;
  box.textContent = text;
  const x = Math.min(event.clientX + 14, innerWidth - box.offsetWidth - 8);
  const y = Math.min(event.clientY + 14, innerHeight - box.offsetHeight - 8);
  box.style.left = `${Math.max(0, x)}px`;
  box.style.top = `${Math.max(0, y)}px`;
}
