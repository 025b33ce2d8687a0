// SPDX-License-Identifier: Apache-2.0
import { api, name } from './api.js';
import { configTable } from './configs.js';
import { ask, destroy, field } from './dialogs.js';
import { h, put, short, count, size, badge, button, empty, toast } from './dom.js';
import { meter } from './charts.js';
import { produce } from './produce.js';
import { records } from './records.js';

const TABS = [['records', 'Records'], ['partitions', 'Partitions'], ['configuration', 'Configuration']];

export async function topic(page, id, tab = 'records') {
  page.trail(['Topics', '#/topics'], [id]);
  let known;
  try {
    known = await api(`topics/${name(id)}`, { signal: page.signal });
  } catch (failure) {
    if (page.signal.aborted) return;
    put(page.main, failure.status === 404 ? empty(`There is no topic ${id}`, h('a', { href: '#/topics' }, 'All topics')) : empty(failure.message));
    return;
  }
  const facts = h('div', { class: 'facts' });
  const content = h('div', { class: 'tab' });
  const more = button('More', { kind: '', 'aria-haspopup': 'menu', onclick: () => menu.toggleAttribute('open') });
  const menu = h('div', { class: 'menu', role: 'menu' },
    item('Add partitions', () => addPartitions()),
    item('Delete all records', () => purge()),
    item('Delete the topic', () => remove(), 'bad'));
  addEventListener('click', (event) => !more.contains(event.target) && menu.removeAttribute('open'), { signal: page.signal });

  function item(text, act, tone = '') {
    return h('button', { type: 'button', role: 'menuitem', class: tone, onclick: () => { menu.removeAttribute('open'); act(); } }, text);
  }

  put(page.main,
    h('div', { class: 'toolbar' }, h('h1', { class: 'mono' }, id), facts, h('span', { class: 'grow' }),
      button('Produce', { name: 'send', kind: 'primary', title: 'c', 'data-key': 'c', onclick: () => produce(id, known.partitions) }),
      h('div', { class: 'menu-place' }, more, menu)),
    h('nav', { class: 'tabs', 'aria-label': 'About this topic' }, TABS.map(([key, text]) => h('a', { href: `#/topics/${name(id)}/${key}`, 'aria-current': key === tab ? 'page' : null }, text))),
    content);

  function look() {
    put(facts, known.internal && badge('internal'), badge(`${known.partitions} partition${known.partitions === 1 ? '' : 's'}`), badge(known.cleanupPolicy),
      known.underReplicated && badge('under-replicated', 'warn'),
      h('span', { class: 'muted' }, short(known.records), ' records · ', size(known.bytes)));
  }

  async function load({ fresh = false } = {}) {
    known = await api(`topics/${name(id)}`, { query: { fresh }, signal: page.signal });
    look();
  }

  look();
  if (tab === 'partitions') partitions();
  else if (tab === 'configuration') put(content, configTable(page, `topics/${name(id)}/configs`));
  else records(page, content, id, () => known, load);
  if (tab !== 'partitions') page.every(3_000, () => load());

  function partitions() {
    const body = h('tbody');
    put(content, h('section', { class: 'card flush' }, h('div', { class: 'table-frame' }, h('table', null,
      h('thead', null, h('tr', null, h('th', { class: 'number' }, 'Partition'), h('th', { class: 'number' }, 'Leader'), h('th', null, 'Replicas'), h('th', { class: 'number' }, 'Epoch'), h('th', { class: 'number' }, 'First offset'), h('th', { class: 'number' }, 'End offset'), h('th', { class: 'number' }, 'Records'), h('th', { class: 'number' }, 'Size'), h('th', null))), body))));
    page.every(2_000, async () => {
      await load();
      const most = Math.max(1, ...known.partitionList.map((one) => one.bytes ?? 0));
      put(body, known.partitionList.map((one) => h('tr', null,
        h('td', { class: 'number' }, h('b', null, one.partition)),
        h('td', { class: 'number' }, one.leader < 0 ? badge('none', 'bad') : one.leader),
        h('td', null, one.replicas.map((node) => h('span', { class: `replica ${one.isr.includes(node) ? 'in' : 'out'}`, title: one.isr.includes(node) ? 'in sync' : 'not in sync' }, node))),
        h('td', { class: 'number muted' }, one.leaderEpoch),
        h('td', { class: 'number' }, count(one.start)),
        h('td', { class: 'number' }, count(one.end)),
        h('td', { class: 'number' }, one.end === undefined ? '–' : short(one.end - one.start)),
        h('td', { class: 'number' }, size(one.bytes)),
        h('td', { class: 'bar-cell' }, meter((one.bytes ?? 0) / most, 'plain')))));
    });
  }

  function addPartitions() {
    const input = h('input', { type: 'number', min: String(known.partitions + 1), value: String(known.partitions + 1), required: true });
    ask({
      title: 'Add partitions',
      text: `${id} has ${known.partitions} now. Partitions cannot be taken away again, and keys will go to other partitions than before.`,
      fields: [field('Partitions in all', input)],
      action: 'Add',
      submit: async () => {
        await api(`topics/${name(id)}/partitions`, { method: 'POST', body: { count: Number(input.value) } });
        toast(`${id} has ${input.value} partitions`);
        await load();
      },
    });
  }

  function purge() {
    destroy({
      title: 'Delete all records',
      name: id,
      loses: h('span', null, 'All ', short(known.records), ' records (', size(known.bytes), ') are lost, on all replicas. The topic stays.'),
      action: 'Delete the records',
      submit: () => api(`topics/${name(id)}/records`, { method: 'DELETE', body: {} }).then(() => load({ fresh: true })),
      done: `Records of ${id} deleted`,
    });
  }

  function remove() {
    destroy({
      title: 'Delete the topic',
      name: id,
      loses: h('span', null, 'The topic and its ', short(known.records), ' records (', size(known.bytes), ') are lost, on all replicas. Consumers of it fail.'),
      action: 'Delete the topic',
      submit: async () => {
        await api(`topics/${name(id)}`, { method: 'DELETE' });
        location.hash = '#/topics';
      },
      done: `Deleted ${id}`,
    });
  }
}
