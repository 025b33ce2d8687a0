// SPDX-License-Identifier: Apache-2.0
// The record browser. It reads through the gateway, as any page does: what is not looked at is not sent, and a paused tail costs the broker
// nothing, for it is only a place in the log.

import { gateway, name } from './api.js';
import { h, put, count, size, time, badge, button, choice, empty, copy, icon } from './dom.js';
import { bytesOf, full, isJson, pretty, preview } from './decode.js';
import { produce } from './produce.js';
import { Search } from './search.js';
import { set, settings } from './settings-store.js';

const LIVE_ROWS = 500;

const HINT = `text or /expression/ anywhere in key, value or headers
key:abc or key:abc* (begins with)
header.type:created
json.customer.name:mira, json.total>=100; also = != < <= >
All that is written must hold. Quotes keep words together.`;

/**
 * @param known the topic as it was when it was last asked about
 * @param load asks again
 */
export function records(page, place, topic, known, load) {
  const from = { kind: page.query.get('from') ?? 'newest', offset: page.query.get('offset') ?? '0', time: '', partition: page.query.get('partition') ?? '' };
  const filter = h('input', { type: 'search', placeholder: 'Filter: text, key:a*, json.total>100', title: HINT, 'aria-label': 'Filter', value: page.query.get('filter') ?? '', onchange: () => run(), onkeydown: (event) => event.key === 'Enter' && run() });
  const partition = h('select', { 'aria-label': 'Partition', onchange: () => { from.partition = partition.value; run(); } },
    h('option', { value: '' }, 'all partitions'), Array.from({ length: Math.min(known().partitions, 1000) }, (_, i) => h('option', { value: String(i), selected: String(i) === from.partition }, `partition ${i}`)));
  const limit = h('select', { 'aria-label': 'Records at a time', onchange: () => { set('limit', Number(limit.value)); run(); } }, [20, 50, 100, 500].map((one) => h('option', { value: String(one), selected: one === settings.limit }, `${one} at a time`)));
  const offset = h('input', { type: 'number', min: '0', value: from.offset, 'aria-label': 'Offset', onchange: () => { from.offset = offset.value; run(); } });
  const when = h('input', { type: 'datetime-local', step: '1', 'aria-label': 'Time', onchange: () => { from.time = when.value; run(); } });
  const extra = h('span', { class: 'extra' });
  const status = h('div', { class: 'status', role: 'status' });
  const rows = h('tbody');
  const frame = h('div', { class: 'table-frame' }, h('table', { class: 'records' },
    h('thead', null, h('tr', null, h('th', { class: 'number' }, 'Part'), h('th', { class: 'number' }, 'Offset'), h('th', null, 'Time'), h('th', null, 'Key'), h('th', null, 'Value'), h('th', { class: 'number' }, 'Size'))), rows));
  const nothing = h('div');
  const foot = h('div', { class: 'pager' });
  const stop = button('', { name: 'pause', kind: 'small', onclick: () => (search?.running ? search.pause() : search?.resume()) });
  let search = null;
  let turn = 0;

  put(place, h('section', { class: 'card flush' },
    h('div', { class: 'toolbar inner' },
      choice('Where to begin', [['newest', 'Newest'], ['oldest', 'Oldest'], ['offset', 'Offset'], ['time', 'Time'], ['live', 'Live']], from.kind, (kind) => { from.kind = kind; where(); run(); }),
      extra, partition, limit, filter),
    h('div', { class: 'toolbar inner thin' }, status, h('span', { class: 'grow' }), stop),
    frame, nothing, foot));
  page.signal.addEventListener('abort', () => search?.close());

  function where() {
    if (from.kind === 'time' && !when.value) {
      const hourAgo = Date.now() - 3_600_000;
      when.value = new Date(hourAgo - new Date(hourAgo).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
      from.time = when.value;
    }
    put(extra, from.kind === 'offset' ? offset : from.kind === 'time' ? when : null);
    limit.hidden = from.kind === 'live';
  }

  async function run() {
    search?.close();
    const mine = ++turn;
    // The newest records are those before the ends of now.
    if (from.kind === 'newest') await load({ fresh: true }).catch(() => {});
    if (mine !== turn || page.signal.aborted) return;
    put(rows);
    put(nothing);
    put(foot);
    frame.hidden = true;
    let shown = 0;
    search = new Search({
      gateway: gateway(),
      topic,
      partitions: known().partitionList.filter((one) => from.partition === '' || String(one.partition) === from.partition),
      from: { ...from, timeMs: new Date(from.time).getTime() },
      limit: settings.limit,
      filter: filter.value,
      onRecords: (list) => {
        if (mine !== turn) return;
        frame.hidden = false;
        put(nothing);
        const made = list.map(row);
        shown += list.length;
        if (from.kind === 'live') {
          made.forEach((one) => one.classList.add('fresh'));
          rows.prepend(...made.reverse());
          while (rows.childElementCount > LIVE_ROWS) rows.lastElementChild.remove();
        } else {
          rows.append(...made);
        }
      },
      onState: () => mine === turn && look(shown),
    });
    look(0);
    search.start();
  }

  function look(shown) {
    const { running, ended, failed, scanned, bytes, live } = search;
    stop.hidden = !running && !live;
    put(stop, icon(running ? 'pause' : 'play'), h('span', null, running ? 'Pause' : 'Go on'));
    put(status,
      h('span', { class: `dot ${failed ? 'bad' : running ? 'good pulse' : ''}` }),
      failed ? failed.message : live ? (running ? 'live' : 'paused: the place in the log is kept') : running ? 'reading' : ended ? 'at the end' : 'more to come',
      h('span', { class: 'muted' }, ` · ${count(shown)} shown`, filter.value && ` of ${count(scanned)} read`, ` · ${size(bytes)}`));
    if (shown === 0 && !running && ended) put(nothing, empty(filter.value ? 'Nothing matches' : 'No records here', h('p', { class: 'muted' }, filter.value ? `${count(scanned)} records were read.` : 'Produce one, or choose Live and wait for one.'), !filter.value && button('Produce', { name: 'send', onclick: () => produce(topic, known().partitions) })));
    else if (shown === 0 && live) put(nothing, empty(running ? 'Waiting for records' : 'Paused', h('p', { class: 'muted' }, 'What is written from now on appears here.')));
    put(foot, !running && !ended && !live && button(from.kind === 'newest' ? 'Older' : 'Go on', { onclick: () => search.resume() }));
  }

  function row(record) {
    const line = h('tr', { class: 'record', tabindex: '0', 'aria-expanded': 'false', onclick: open, onkeydown: (event) => event.key === 'Enter' && open() },
      h('td', { class: 'number muted' }, record.partition),
      h('td', { class: 'number' }, count(record.offset)),
      h('td', { class: 'time', title: time(record.timestamp) }, time(record.timestamp)),
      h('td', { class: 'record-key' }, preview(record.key)),
      h('td', { class: 'value' }, preview(record.value)),
      h('td', { class: 'number muted' }, size(bytesOf(record.value).length)));
    let detail = null;

    function open() {
      if (getSelection()?.toString()) return;
      line.setAttribute('aria-expanded', String(!detail));
      if (detail) {
        detail.remove();
        detail = null;
      } else {
        detail = h('tr', { class: 'detail' }, h('td', { colspan: '6' }, details(record)));
        line.after(detail);
      }
    }
    return line;
  }

  function details(record) {
    const value = h('div', null, full(record.value));
    const text = typeof record.value === 'string' ? record.value : null;
    const link = `${location.origin}${location.pathname}#/topics/${name(topic)}?from=offset&partition=${record.partition}&offset=${record.offset}`;
    return h('div', { class: 'detail-body' },
      h('div', { class: 'toolbar thin' },
        choice('Show as', [['auto', 'Auto'], ['json', 'JSON'], ['text', 'Text'], ['hex', 'Hex']], 'auto', (as) => put(value, full(record.value, as))),
        h('span', { class: 'grow' }),
        text !== null && button('Copy', { name: 'copy', kind: 'quiet small', onclick: () => copy(isJson(text) ? pretty(text) : text) }),
        button('Link', { kind: 'quiet small', onclick: () => copy(link) }),
        button('Produce again', { name: 'send', kind: 'quiet small', disabled: text === null && record.value !== null, onclick: () => produce(topic, known().partitions, { key: typeof record.key === 'string' ? record.key : '', value: text ?? '', headers: record.headers.map(([header, it]) => [header, typeof it === 'string' ? it : '']) }) })),
      h('div', { class: 'detail-parts' },
        h('div', { class: 'detail-value' }, value),
        h('dl', { class: 'meta' },
          h('dt', null, 'Partition'), h('dd', null, record.partition),
          h('dt', null, 'Offset'), h('dd', null, count(record.offset)),
          h('dt', null, 'Written'), h('dd', null, time(record.timestamp)),
          h('dt', null, 'Key'), h('dd', null, preview(record.key)),
          h('dt', null, 'Headers'), h('dd', null, record.headers.length === 0 ? h('span', { class: 'muted' }, 'none') : record.headers.map(([header, it]) => h('div', { class: 'header-line' }, badge(header), ' ', preview(it)))))));
  }

  where();
  run();
}
