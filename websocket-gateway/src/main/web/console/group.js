// SPDX-License-Identifier: Apache-2.0
import { api, name } from './api.js';
import { chart } from './charts.js';
import { ask, destroy, field } from './dialogs.js';
import { h, put, short, count, badge, button, choice, empty, toast } from './dom.js';
import { lag, stateBadge } from './groups.js';

export async function group(page, id) {
  page.trail(['Groups', '#/groups'], [id]);
  const head = h('div', { class: 'toolbar' });
  const tiles = h('div', { class: 'tiles' });
  const offsets = h('tbody');
  const members = h('tbody');
  const history = [];
  const line = chart({ title: 'Lag, records', format: (value) => count(Math.round(value)), series: [{ name: 'lag', tone: 'two', value: (point) => point[1] }], spanMs: 120_000 });
  let known = null;

  put(page.main, head, tiles, line.element,
    h('section', { class: 'card flush' }, h('header', null, h('h2', null, 'Positions')),
      h('div', { class: 'table-frame' }, h('table', null,
        h('thead', null, h('tr', null, h('th', null, 'Topic'), h('th', { class: 'number' }, 'Partition'), h('th', { class: 'number' }, 'Committed'), h('th', { class: 'number' }, 'End'), h('th', { class: 'number' }, 'Lag'), h('th', null, 'Read by'))), offsets))),
    h('section', { class: 'card flush' }, h('header', null, h('h2', null, 'Members')),
      h('div', { class: 'table-frame' }, h('table', null,
        h('thead', null, h('tr', null, h('th', null, 'Client'), h('th', null, 'Member'), h('th', null, 'Host'), h('th', null, 'Partitions'))), members))));

  async function load() {
    try {
      known = await api(`groups/${name(id)}`, { signal: page.signal });
    } catch (failure) {
      if (failure.status === 404) {
        put(page.main, empty(`There is no group ${id}`, h('a', { href: '#/groups' }, 'All groups')));
        return;
      }
      throw failure;
    }
    const busy = known.members.length > 0;
    put(head, h('h1', { class: 'mono' }, id), stateBadge(known.state), badge(known.type), h('span', { class: 'grow' }),
      button('Reset offsets', { name: 'reset', onclick: () => reset(), disabled: busy, title: busy ? 'Stop its members first' : '' }),
      button('Delete', { name: 'trash', kind: 'danger quiet', onclick: remove, disabled: busy, title: busy ? 'Stop its members first' : '' }));
    history.push([Date.now(), known.lag]);
    if (history.length > 100) history.shift();
    line.draw(history);
    const before = history.length > 5 ? history[history.length - 6] : null;
    const rate = before && (known.lag - before[1]) / ((Date.now() - before[0]) / 1000);
    put(tiles,
      tile('Lag', short(known.lag), rate === null ? 'records behind' : rate < -0.5 ? `falling, ${count(Math.round(-rate))}/s` : rate > 0.5 ? `growing, ${count(Math.round(rate))}/s` : 'steady', rate > 0.5 ? 'warn' : ''),
      tile('Members', known.members.length, known.assignor || 'no assignor'),
      tile('Topics', new Set(known.offsets.map((one) => one.topic)).size, [short(known.offsets.length), ' partitions']),
      known.epoch >= 0 && tile('Epoch', known.epoch, 'consumer protocol'));
    const byId = new Map(known.members.map((one) => [one.id, one]));
    let previous = null;
    put(offsets, known.offsets.map((one) => {
      const first = one.topic !== previous;
      previous = one.topic;
      return h('tr', { class: first ? '' : 'same' },
        h('td', null, first && [h('a', { class: 'name', href: `#/topics/${name(one.topic)}` }, one.topic), ' ', !busy && button('', { name: 'trash', kind: 'quiet small', title: 'Forget these offsets', 'aria-label': `Forget the offsets of ${one.topic}`, onclick: () => forget(one.topic) })]),
        h('td', { class: 'number' }, one.partition),
        h('td', { class: 'number' }, count(one.offset)),
        h('td', { class: 'number muted' }, one.end < 0 ? '–' : count(one.end)),
        h('td', { class: 'number' }, lag(one.lag)),
        h('td', null, one.member ? h('span', { title: one.member }, byId.get(one.member)?.client || one.member) : h('span', { class: 'muted' }, 'nobody')));
    }), known.offsets.length === 0 && h('tr', null, h('td', { colspan: '6', class: 'muted' }, 'Nothing committed yet')));
    put(members, known.members.map((one) => h('tr', null,
      h('td', null, h('b', null, one.client), one.instance && [' ', badge(one.instance)]),
      h('td', { class: 'mono muted clip', title: one.id }, one.id),
      h('td', { class: 'mono' }, one.host.replace(/^\//, '')),
      h('td', null, one.assignment.length === 0 ? h('span', { class: 'muted' }, 'none') : one.assignment.map((of) => h('span', { class: 'chip' }, of.topic, h('i', null, ranges(of.partitions))))))),
    known.members.length === 0 && h('tr', null, h('td', { colspan: '4', class: 'muted' }, 'Nobody is in this group now')));
  }

  function forget(topic) {
    destroy({
      title: `Forget offsets of ${topic}`,
      name: topic,
      loses: `Group ${id} will no longer know where it was in ${topic}. Its consumers begin where auto.offset.reset says.`,
      action: 'Forget',
      submit: () => api(`groups/${name(id)}/offsets`, { method: 'DELETE', query: { topic } }).then(load),
      done: 'Forgotten',
    });
  }

  function remove() {
    destroy({
      title: 'Delete this group',
      name: id,
      loses: `All ${known.offsets.length} committed offsets of the group are lost. Records are not touched.`,
      action: 'Delete the group',
      submit: async () => {
        await api(`groups/${name(id)}`, { method: 'DELETE' });
        location.hash = '#/groups';
      },
      done: `Deleted ${id}`,
    });
  }

  /** Where to, then what that would do, then doing it: the moves shown are the moves made. */
  function reset() {
    let kind = 'earliest';
    const topics = [...new Set(known.offsets.map((one) => one.topic))];
    const topic = h('select', null, h('option', { value: '' }, 'all topics'), topics.map((one) => h('option', { value: one }, one)));
    const number = h('input', { type: 'number', value: '0', 'aria-label': 'Number' });
    const when = h('input', { type: 'datetime-local', step: '1', value: local(Date.now() - 3_600_000), 'aria-label': 'Time' });
    const extra = h('div');
    const diff = h('div', { class: 'diff' });
    const body = () => ({ to: target(), ...(topic.value && { topic: topic.value }) });
    const target = () => (kind === 'earliest' || kind === 'latest' ? kind : kind === 'timestamp' ? { timestamp: new Date(when.value).getTime() } : { [kind]: Number(number.value) });
    let turn = 0;

    async function preview() {
      const mine = ++turn;
      try {
        const { moves } = await api(`groups/${name(id)}/offsets`, { method: 'POST', body: { ...body(), dryRun: true } });
        if (mine !== turn) return;
        put(diff, h('table', null, h('thead', null, h('tr', null, h('th', null, 'Partition'), h('th', { class: 'number' }, 'Now'), h('th', { class: 'number' }, 'Then'), h('th', { class: 'number' }, 'Records'))),
          h('tbody', null, moves.map((one) => {
            const by = one.to - (one.from ?? 0);
            return h('tr', null, h('td', null, `${one.topic}-${one.partition}`), h('td', { class: 'number muted' }, one.from === null ? '–' : count(one.from)), h('td', { class: 'number' }, count(one.to)),
              h('td', { class: 'number' }, by === 0 ? h('span', { class: 'muted' }, 'stays') : badge(by < 0 ? `${count(-by)} again` : `${count(by)} skipped`, by < 0 ? 'accent' : 'warn')));
          }))));
      } catch (refused) {
        if (mine === turn) put(diff, h('p', { class: 'problem' }, refused.message));
      }
    }

    function chosen(next) {
      kind = next;
      put(extra, kind === 'timestamp' ? field('Time', when, 'The first record that is not older') : kind === 'offset' ? field('Offset', number) : kind === 'shift' ? field('Records', number, 'Negative goes back') : null);
      preview();
    }

    topic.addEventListener('change', preview);
    number.addEventListener('input', preview);
    when.addEventListener('input', preview);
    ask({
      title: `Reset ${id}`,
      wide: true,
      fields: [
        field('Topic', topic),
        h('div', { class: 'field' }, h('span', null, 'To'), choice('To', [['earliest', 'Earliest'], ['latest', 'Latest'], ['timestamp', 'Time'], ['offset', 'Offset'], ['shift', 'Shift']], kind, chosen)),
        extra, diff,
      ],
      action: 'Reset',
      submit: async () => {
        await api(`groups/${name(id)}/offsets`, { method: 'POST', body: body() });
        toast('Offsets reset');
        await load();
      },
    });
    chosen(kind);
  }

  page.every(2_000, load);
}

function tile(title, value, more, tone) {
  return h('div', { class: `tile ${tone || ''}` }, h('h3', null, title), h('div', { class: 'figure' }, value), h('small', null, more));
}

function local(ms) {
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** 0,1,2,5 as "0-2, 5". */
export function ranges(numbers) {
  const parts = [];
  for (const one of numbers) {
    const last = parts[parts.length - 1];
    if (last && last[1] === one - 1) last[1] = one;
    else parts.push([one, one]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
}
