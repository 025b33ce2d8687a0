// SPDX-License-Identifier: Apache-2.0
// Ctrl K: to any page, topic or group by a part of its name.

import { api, name } from './api.js';
import { h, put, icon } from './dom.js';

const PAGES = [
  ['overview', 'Overview', '#/'],
  ['topics', 'Topics', '#/topics'],
  ['groups', 'Groups', '#/groups'],
  ['settings', 'Settings', '#/settings'],
];

export function palette() {
  if (document.querySelector('dialog.palette')) return;
  const list = h('ul', { role: 'listbox', id: 'palette-list' });
  const input = h('input', { type: 'text', placeholder: 'A topic, a group, a page …', autocomplete: 'off', spellcheck: 'false', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-label': 'Jump to' });
  const dialog = h('dialog', { class: 'palette' }, h('div', { class: 'palette-input' }, icon('search'), input), list);
  let found = [];
  let at = 0;
  let turn = 0;

  function draw() {
    put(list, found.map(([kind, text, href], i) => h('li', {
      role: 'option',
      'aria-selected': String(i === at),
      onclick: () => go(href),
      onpointermove: () => { if (at !== i) { at = i; draw(); } },
    }, icon(kind), h('span', null, text), h('small', null, kind === 'topics' && href !== '#/topics' ? 'topic' : kind === 'groups' && href !== '#/groups' ? 'group' : 'page'))),
    found.length === 0 && h('li', { class: 'none' }, 'Nothing of that name'));
    list.children[at]?.scrollIntoView({ block: 'nearest' });
  }

  function go(href) {
    dialog.close();
    location.hash = href.slice(1);
  }

  async function look() {
    const mine = ++turn;
    const search = input.value.trim();
    const pages = PAGES.filter(([, text]) => text.toLowerCase().includes(search.toLowerCase()));
    let more = [];
    try {
      const [topics, groups] = await Promise.all([api('topics', { query: { search, size: 8, internal: search.startsWith('_') } }), api('groups', { query: { search, size: 6 } })]);
      more = [
        ...topics.items.map((one) => ['topics', one.name, `#/topics/${name(one.name)}`]),
        ...groups.items.map((one) => ['groups', one.group, `#/groups/${name(one.group)}`]),
      ];
    } catch {
      // the pages are known without an answer
    }
    if (mine !== turn) return;
    more.sort((a, b) => b[1].startsWith(search) - a[1].startsWith(search));
    found = search ? [...more, ...pages] : [...pages, ...more];
    at = 0;
    draw();
  }

  input.addEventListener('input', look);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      at = (at + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % Math.max(1, found.length);
      draw();
    } else if (event.key === 'Enter' && found[at]) {
      event.preventDefault();
      go(found[at][2]);
    }
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  input.focus();
  look();
}
