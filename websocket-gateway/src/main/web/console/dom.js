// SPDX-License-Identifier: Apache-2.0
// Elements, and numbers as people read them. Text only ever becomes a text node: nothing that a record holds is read as markup.

import { settings } from './settings-store.js';

const SVG = 'http://www.w3.org/2000/svg';

/** An element: h('button', { class: 'primary', onclick: save }, 'Save'). */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function s(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'width%') element.style.width = `${value}%`;
    else if (name in element && typeof value !== 'string' && !(element instanceof SVGElement)) element[name] = value;
    else if (name === 'value') element.value = value;
    else element.setAttribute(name, value === true ? '' : value);
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Puts new children in the place of the old ones. */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

const grouped = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export function count(number) {
  return number === null || number === undefined ? '–' : grouped.format(number);
}

/** Short, with the exact number as its title. */
export function short(number) {
  if (number === null || number === undefined) return '–';
  return number < 10_000 ? grouped.format(number) : h('span', { title: grouped.format(number) }, compact.format(number));
}

export function size(bytes) {
  if (bytes === null || bytes === undefined || bytes < 0) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];
  let at = 0;
  while (bytes >= 1000 && at < units.length - 1) {
    bytes /= 1000;
    at++;
  }
  return `${bytes >= 100 || at === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${units[at]}`;
}

function two(number) {
  return String(number).padStart(2, '0');
}

export function time(ms, { date = true } = {}) {
  if (ms === null || ms === undefined || ms < 0) return '–';
  const at = new Date(ms);
  const utc = settings.time === 'utc';
  const part = (name) => (utc ? at[`getUTC${name}`]() : at[`get${name}`]());
  const clock = `${two(part('Hours'))}:${two(part('Minutes'))}:${two(part('Seconds'))}.${String(part('Milliseconds')).padStart(3, '0')}`;
  return date ? `${part('FullYear')}-${two(part('Month') + 1)}-${two(part('Date'))} ${clock}` : clock;
}

export function duration(ms) {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${Math.floor(seconds / 86400)} d ${Math.floor((seconds % 86400) / 3600)} h`;
}

const ICONS = {
  overview: 'M3 3h6v8H3zM11 3h6v4h-6zM11 9h6v8h-6zM3 13h6v4H3z',
  topics: 'M3 5h14M3 10h14M3 15h9',
  groups: 'M7 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2.5 16c0-2.8 2-4.5 4.5-4.5s4.5 1.7 4.5 4.5M13 9.5a2 2 0 1 0 0-4M14 11.8c2 .3 3.5 1.8 3.5 4.2',
  settings: 'M3 6h7M14 6h3M3 14h3M10 14h7M12 4v4M8 12v4',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4',
  sun: 'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.3l1.4 1.4M14.3 14.3l1.4 1.4M4.3 15.7l1.4-1.4M14.3 5.7l1.4-1.4',
  moon: 'M16 12.5A6.5 6.5 0 0 1 7.5 4 6.5 6.5 0 1 0 16 12.5z',
  plus: 'M10 4v12M4 10h12',
  trash: 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6',
  send: 'M3 10l14-6-5 13-3-5z',
  play: 'M6 4l10 6-10 6z',
  pause: 'M7 4v12M13 4v12',
  copy: 'M7 7V4h9v9h-3M4 7h9v9H4z',
  close: 'M5 5l10 10M15 5L5 15',
  left: 'M12 4l-6 6 6 6',
  right: 'M8 4l6 6-6 6',
  reset: 'M4 4v5h5M4.5 9A6 6 0 1 1 4 11.5',
  broom: 'M12 3l5 5M10.5 9.5L14 6M4 16c3 .5 6-1 7.5-3.5L8 9C5.5 10.5 4 13 4 16z',
  menu: 'M3 6h14M3 10h14M3 14h14',
};

export function icon(name) {
  return s('svg', { viewBox: '0 0 20 20', class: 'icon', 'aria-hidden': 'true' }, s('path', { d: ICONS[name] }));
}

/** A button with an icon and, if it is to be seen, a text. */
export function button(text, { name, kind = '', ...props } = {}) {
  return h('button', { type: 'button', class: `button ${kind}`, ...props }, name && icon(name), text && h('span', null, text));
}

export function badge(text, tone = '') {
  return h('span', { class: `badge ${tone}` }, text);
}

export function empty(title, ...more) {
  return h('div', { class: 'empty' }, h('div', { class: 'empty-waves', 'aria-hidden': 'true' }, waves()), h('h3', null, title), more);
}

function waves() {
  return s('svg', { viewBox: '0 0 120 40' }, [8, 20, 32].map((y) =>
    s('path', { d: `M0 ${y} q 7.5 -7 15 0 t 15 0 t 15 0 t 15 0 t 15 0 t 15 0 t 15 0 t 15 0` })));
}

/** What goes before a segmented choice: one of several words. */
export function choice(name, options, chosen, onchange) {
  const group = h('div', { class: 'choice', role: 'radiogroup', 'aria-label': name });
  options.forEach(([value, text]) => {
    group.append(h('button', {
      type: 'button',
      role: 'radio',
      'data-value': value,
      'aria-checked': String(value === chosen),
      onclick: () => {
        for (const one of group.children) one.setAttribute('aria-checked', String(one.dataset.value === value));
        onchange(value);
      },
    }, text));
  });
  return group;
}

export async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast('Copied');
}

/** A line at the edge of the window that goes away by itself. */
export function toast(text, tone = '') {
  const shelf = document.querySelector('.toasts') ?? document.body.appendChild(h('div', { class: 'toasts', role: 'status', 'aria-live': 'polite' }));
  const line = h('div', { class: `toast ${tone}` }, text);
  shelf.append(line);
  setTimeout(() => line.remove(), tone === 'bad' ? 8000 : 3500);
}
