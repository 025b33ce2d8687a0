// SPDX-License-Identifier: Apache-2.0
import { api, name } from './api.js';
import { ask, field } from './dialogs.js';
import { h, put, short, size, badge, button, empty, toast } from './dom.js';
import { pager, sortable } from './lists.js';

const COLUMNS = [['name', 'Topic'], ['partitions', 'Partitions', 'number'], [null, 'Replicas', 'number'], ['records', 'Records', 'number'], ['bytes', 'Size', 'number'], [null, 'Cleanup'], [null, 'State']];

export async function topics(page) {
  page.trail(['Topics']);
  const wanted = { search: page.query.get('search') ?? '', sort: 'name', descending: false, internal: false, page: 0, size: 50 };
  const search = h('input', { type: 'search', placeholder: 'Search topics', 'aria-label': 'Search topics', value: wanted.search, oninput: () => change({ search: search.value.trim() }) });
  const internal = h('input', { type: 'checkbox', onchange: () => change({ internal: internal.checked }) });
  const body = h('tbody');
  const head = h('thead');
  const foot = h('div');
  const frame = h('div', { class: 'table-frame' }, h('table', { class: 'list' }, head, body));
  let waiting;

  function change(what) {
    Object.assign(wanted, { page: 0 }, what);
    clearTimeout(waiting);
    waiting = setTimeout(() => load().catch((failure) => toast(failure.message, 'bad')), what.search === undefined ? 0 : 120);
  }

  let turn = 0;
  async function load() {
    const mine = ++turn;
    const found = await api('topics', { query: wanted, signal: page.signal });
    if (mine !== turn) return;
    put(head, sortable(COLUMNS, wanted, change));
    put(body, found.items.map((one) => h('tr', { onclick: (event) => !event.target.closest('a') && (location.hash = `#/topics/${name(one.name)}`) },
      h('td', null, h('a', { class: 'name', href: `#/topics/${name(one.name)}` }, one.name), one.internal && [' ', badge('internal')]),
      h('td', { class: 'number' }, short(one.partitions)),
      h('td', { class: 'number' }, one.replicationFactor),
      h('td', { class: 'number' }, short(one.records)),
      h('td', { class: 'number' }, size(one.bytes)),
      h('td', null, h('span', { class: 'muted' }, one.cleanupPolicy)),
      h('td', null, one.underReplicated ? badge('under-replicated', 'warn') : badge('in sync', 'good')))));
    put(foot, pager(found, change));
    frame.hidden = found.total === 0;
    put(nothing, found.total === 0 && (wanted.search ? empty(`No topic has “${wanted.search}” in its name`) : empty('No topics yet', h('p', { class: 'muted' }, 'A topic is a log that many can read.'), button('Create a topic', { kind: 'primary', name: 'plus', onclick: create }))));
  }

  const nothing = h('div');
  put(page.main,
    h('div', { class: 'toolbar' },
      h('h1', null, 'Topics'),
      search,
      h('label', { class: 'check' }, internal, 'internal'),
      h('span', { class: 'grow' }),
      button('Create topic', { name: 'plus', kind: 'primary', 'data-key': 'c', title: 'c', onclick: create })),
    h('section', { class: 'card flush' }, frame, nothing, foot));
  page.every(4_000, load);
  if (page.query.has('create')) create();
}

const COMMON = [
  ['cleanup.policy', 'Cleanup', ['delete', 'compact', 'compact,delete']],
  ['retention.ms', 'Keep for, ms', '604800000'],
  ['retention.bytes', 'Keep at most, bytes per partition', '-1'],
  ['min.insync.replicas', 'Least in-sync replicas', '1'],
];

function create() {
  const topic = h('input', { type: 'text', required: true, maxLength: 249, pattern: '[a-zA-Z0-9._\\-]+', autocomplete: 'off', spellcheck: 'false', placeholder: 'orders', name: 'topic' });
  const partitions = h('input', { type: 'number', min: '1', placeholder: 'default', name: 'partitions' });
  const replicas = h('input', { type: 'number', min: '1', placeholder: 'default', name: 'replicas' });
  const inputs = COMMON.map(([key, text, usual]) => {
    const input = Array.isArray(usual)
      ? h('select', null, h('option', { value: '' }, 'default'), usual.map((one) => h('option', { value: one }, one)))
      : h('input', { type: 'text', placeholder: usual, inputmode: 'numeric' });
    return { key, text, input };
  });
  ask({
    title: 'Create a topic',
    fields: [
      field('Name', topic, 'Letters, digits, dot, underscore and hyphen'),
      h('div', { class: 'pair' }, field('Partitions', partitions), field('Replication factor', replicas)),
      h('details', null, h('summary', null, 'Configuration'), inputs.map((one) => field(one.text, one.input, h('code', null, one.key)))),
    ],
    action: 'Create',
    submit: async () => {
      const body = { name: topic.value.trim() };
      if (partitions.value) body.partitions = Number(partitions.value);
      if (replicas.value) body.replicationFactor = Number(replicas.value);
      const configs = Object.fromEntries(inputs.filter((one) => one.input.value).map((one) => [one.key, one.input.value]));
      if (Object.keys(configs).length > 0) body.configs = configs;
      await api('topics', { method: 'POST', body });
      toast(`Created ${body.name}`);
      location.hash = `#/topics/${name(body.name)}`;
    },
  });
}
