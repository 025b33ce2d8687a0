// SPDX-License-Identifier: Apache-2.0
// Lines over time, in SVG. A chart is made once and given new points; the pointer reads values off it.

import { h, s, put, time } from './dom.js';

const WIDTH = 640;
const HEIGHT = 160;
const TOP = 10;
const BOTTOM = 20;

/**
 * @param series [{ name, tone, value: (point) => number }]
 * @param format a number as text
 * @param spanMs how much time the axis shows
 */
export function chart({ title, series, format, at = (point) => point[0], spanMs = 300_000 }) {
  const plot = s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', class: 'plot', role: 'img', 'aria-label': title });
  const scale = h('div', { class: 'scale' });
  const legend = h('div', { class: 'legend' });
  const tip = h('div', { class: 'tip', hidden: true });
  const frame = h('div', { class: 'plot-frame' }, plot, scale, tip);
  let points = [];
  let end = Date.now();

  const x = (ms) => WIDTH - ((end - ms) / spanMs) * WIDTH;

  function draw(next) {
    points = next.filter((point) => at(point) >= Date.now() - spanMs - 5_000);
    end = points.length ? at(points[points.length - 1]) : Date.now();
    const most = nice(Math.max(10, ...points.flatMap((point) => series.map((one) => one.value(point)))));
    const y = (value) => TOP + (1 - value / most) * (HEIGHT - TOP - BOTTOM);
    put(plot,
      [0, 0.5, 1].map((part) => s('line', { class: 'grid', x1: 0, x2: WIDTH, y1: y(most * part), y2: y(most * part) })),
      points.length > 1 && series.map((one) => {
        const line = points.map((point) => `${x(at(point)).toFixed(1)},${y(one.value(point)).toFixed(1)}`);
        const first = x(at(points[0])).toFixed(1);
        return [
          s('path', { class: `area ${one.tone}`, d: `M${first},${y(0)}L${line.join('L')}L${WIDTH},${y(0)}Z` }),
          s('path', { class: `line ${one.tone}`, d: `M${line.join('L')}`, 'vector-effect': 'non-scaling-stroke' }),
        ];
      }));
    put(scale, h('span', null, format(most)), h('span', null, format(most / 2)), h('span', null, format(0)));
    const last = points[points.length - 1];
    put(legend, series.map((one) => h('span', { class: `key ${one.tone}` }, one.name, h('b', null, last ? format(one.value(last)) : '–'))));
  }

  plot.addEventListener('pointermove', (event) => {
    if (points.length === 0) return;
    const box = plot.getBoundingClientRect();
    const ms = end - (1 - (event.clientX - box.left) / box.width) * spanMs;
    const near = points.reduce((best, point) => (Math.abs(at(point) - ms) < Math.abs(at(best) - ms) ? point : best));
    const left = (x(at(near)) / WIDTH) * 100;
    tip.hidden = false;
    tip.style.left = `${Math.min(92, Math.max(8, left))}%`;
    put(tip, h('i', null, time(at(near), { date: false }).slice(0, 8)), series.map((one) => h('span', { class: `key ${one.tone}` }, format(one.value(near)))));
  });
  plot.addEventListener('pointerleave', () => (tip.hidden = true));
  draw([]);
  return { element: h('section', { class: 'card chart' }, h('header', null, h('h2', null, title), legend), frame, h('footer', { class: 'axis' }, h('span', null, `${Math.round(spanMs / 60_000)} min ago`), h('span', null, 'now'))), draw };
}

/** The next round number. */
function nice(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most) ?? most;
}

/** How much of something is used. */
export function meter(part, tone = '') {
  const percent = Math.max(0, Math.min(100, part * 100));
  return h('span', { class: `meter ${tone || (percent > 90 ? 'bad' : percent > 75 ? 'warn' : '')}`, role: 'meter', 'aria-valuenow': String(Math.round(percent)), 'aria-valuemin': '0', 'aria-valuemax': '100' },
    h('span', { class: 'meter-fill', 'width%': percent }));
}
