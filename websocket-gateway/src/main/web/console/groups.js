// SPDX-License-Identifier: Apache-2.0
import { api, name } from './api.js';
import { h, put, short, badge, empty, toast } from './dom.js';
import { pager } from './lists.js';

const STATES = ['Stable', 'Empty', 'PreparingRebalance', 'CompletingRebalance', 'Assigning', 'Reconciling', 'Dead'];

export async function groups(page) {
  page.trail(['Groups']);
  const wanted = { search: '', state: '', page: 0, size: 50 };
  const search = h('input', { type: 'search', placeholder: 'Search groups', 'aria-label': 'Search groups', oninput: () => change({ search: search.value.trim() }) });
  const states = h('select', { 'aria-label': 'State', onchange: () => change({ state: states.value }) }, h('option', { value: '' }, 'any state'), STATES.map((one) => h('option', { value: one }, words(one))));
  const body = h('tbody');
  const foot = h('div');
  const nothing = h('div');
  const frame = h('div', { class: 'table-frame' }, h('table', { class: 'list' },
    h('thead', null, h('tr', null, h('th', null, 'Group'), h('th', null, 'State'), h('th', null, 'Protocol'), h('th', { class: 'number' }, 'Members'), h('th', { class: 'number' }, 'Topics'), h('th', { class: 'number' }, 'Lag'))), body));
  let waiting;
  let turn = 0;

  function change(what) {
    Object.assign(wanted, { page: 0 }, what);
    clearTimeout(waiting);
    waiting = setTimeout(() => load().catch((failure) => toast(failure.message, 'bad')), what.search === undefined ? 0 : 120);
  }

  async function load() {
    const mine = ++turn;
    const found = await api('groups', { query: wanted, signal: page.signal });
    if (mine !== turn) return;
    put(body, found.items.map((one) => h('tr', { onclick: (event) => !event.target.closest('a') && (location.hash = `#/groups/${name(one.group)}`) },
      h('td', null, h('a', { class: 'name', href: `#/groups/${name(one.group)}` }, one.group)),
      h('td', null, stateBadge(one.state)),
      h('td', null, h('span', { class: 'muted' }, one.type, one.protocol && one.protocol !== 'consumer' && ` · ${one.protocol}`)),
      h('td', { class: 'number' }, one.members),
      h('td', { class: 'number' }, one.topics),
      h('td', { class: 'number' }, lag(one.lag)))));
    put(foot, pager(found, change));
    frame.hidden = found.total === 0;
    put(nothing, found.total === 0 && (wanted.search || wanted.state ? empty('No such group') : empty('No groups yet', h('p', { class: 'muted' }, 'A group appears when its first consumer joins or commits.'))));
  }

  put(page.main, h('div', { class: 'toolbar' }, h('h1', null, 'Groups'), search, states), h('section', { class: 'card flush' }, frame, nothing, foot));
  page.every(3_000, load);
}

export function words(state) {
  return state.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
}

export function stateBadge(state) {
  return badge(words(state), { Stable: 'good', Empty: '', Dead: 'bad' }[state] ?? 'warn');
}

export function lag(records) {
  return records < 0 ? h('span', { class: 'muted' }, 'unknown') : h('span', { class: records === 0 ? 'muted' : records > 10_000 ? 'lag high' : 'lag' }, short(records));
}
