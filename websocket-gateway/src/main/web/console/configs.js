// SPDX-License-Identifier: Apache-2.0
// The configuration of a topic or a node: what holds, where it comes from, and changing it.

import { api } from './api.js';
import { ask, field } from './dialogs.js';
import { h, put, badge, button, choice, duration, size, toast } from './dom.js';

const SET_HERE = new Set(['topic-config', 'dynamic-broker-config', 'dynamic-default-broker-config', 'static-broker-config', 'group-config']);

/** @param path of the thing's configs in the API */
export function configTable(page, path, { canSet = () => true, own = 'topic-config' } = {}) {
  const body = h('tbody');
  const search = h('input', { type: 'search', placeholder: 'Search settings', 'aria-label': 'Search settings', oninput: draw });
  let which = 'all';
  let known = [];

  function draw() {
    const text = search.value.trim().toLowerCase();
    const shown = known.filter((one) => (which === 'all' || SET_HERE.has(one.source)) && (one.name.includes(text) || (one.documentation ?? '').toLowerCase().includes(text)));
    put(body, shown.map((one) => h('tr', null,
      h('td', { class: 'config' }, h('details', null, h('summary', { class: 'mono', title: 'What is this?' }, one.name), h('p', null, plain(one.documentation) || 'No description.'))),
      h('td', { class: 'mono value' }, one.sensitive ? h('span', { class: 'muted' }, 'hidden') : one.value === null || one.value === '' ? h('span', { class: 'muted' }, 'none') : [one.value, readable(one)]),
      h('td', null, badge(source(one.source), one.source === own ? 'accent' : '')),
      h('td', { class: 'actions' },
        !one.readOnly && canSet(one) && button('Edit', { kind: 'quiet small', onclick: () => edit(one) }),
        one.source === own && button('', { name: 'reset', kind: 'quiet small', title: 'Back to the default', 'aria-label': `Reset ${one.name}`, onclick: () => alter({ reset: [one.name] }, `${one.name} is at its default`) })))),
    shown.length === 0 && h('tr', null, h('td', { colspan: '4', class: 'muted' }, 'Nothing of that name')));
  }

  async function load() {
    known = (await api(path, { signal: page.signal })).configs;
    draw();
  }

  async function alter(body, done) {
    try {
      await api(path, { method: 'PATCH', body });
      toast(done);
      await load();
    } catch (refused) {
      toast(refused.message, 'bad');
    }
  }

  function edit(one) {
    const input = one.type === 'boolean'
      ? h('select', null, ['true', 'false'].map((value) => h('option', { value, selected: one.value === value }, value)))
      : h('input', { type: 'text', value: one.value ?? '', spellcheck: 'false' });
    ask({
      title: one.name,
      text: plain(one.documentation),
      fields: [field('Value', input, one.type)],
      action: 'Save',
      submit: async () => {
        await api(path, { method: 'PATCH', body: { set: { [one.name]: input.value } } });
        toast(`${one.name} is ${input.value}`);
        await load();
      },
    });
  }

  load().catch((failure) => !page.signal.aborted && put(body, h('tr', null, h('td', null, failure.message))));
  return h('section', { class: 'card flush' },
    h('div', { class: 'toolbar inner' }, search, choice('Which', [['all', 'All'], ['set', 'Set']], which, (chosen) => { which = chosen; draw(); })),
    h('div', { class: 'table-frame' }, h('table', { class: 'configs' }, h('thead', null, h('tr', null, h('th', null, 'Name'), h('th', null, 'Value'), h('th', null, 'From'), h('th', null))), body)));
}

/** Kafka's descriptions are HTML; their text is all that is wanted of it. The document made of it is inert: it loads and runs nothing. */
function plain(documentation) {
  return documentation ? new DOMParser().parseFromString(documentation, 'text/html').body.textContent : '';
}

function readable({ name, value }) {
  const number = Number(value);
  if (!(number >= 1000) || number > 1e15) return null;
  const text = /(^|\.)ms$/.test(name) ? duration(number) : /(^|\.)bytes$/.test(name) ? size(number) : null;
  return text && h('span', { class: 'muted' }, ` · ${text}`);
}

function source(name) {
  return { 'default-config': 'default', 'static-broker-config': 'file', 'dynamic-broker-config': 'set on the node', 'dynamic-default-broker-config': 'set for all nodes', 'topic-config': 'set here' }[name] ?? name;
}
