// SPDX-License-Identifier: Apache-2.0
// What long lists have in common: columns to sort by, and pages.

import { h, button, count } from './dom.js';

/** @param columns [what to sort by, or null, title, class] each */
export function sortable(columns, wanted, change) {
  return h('tr', null, columns.map(([key, title, kind]) => {
    const chosen = key !== null && wanted.sort === key;
    return h('th', { class: kind ?? '', 'aria-sort': chosen ? (wanted.descending ? 'descending' : 'ascending') : null },
      key === null ? title : h('button', { type: 'button', class: 'sort', onclick: () => change({ sort: key, descending: chosen ? !wanted.descending : key !== 'name' }) }, title, h('span', { 'aria-hidden': 'true' }, chosen ? (wanted.descending ? ' ↓' : ' ↑') : '')));
  }));
}

export function pager(found, change) {
  if (found.total === 0) return h('div', { class: 'pager' });
  const last = Math.max(0, Math.ceil(found.total / found.size) - 1);
  const first = found.page * found.size;
  return h('div', { class: 'pager' },
    h('span', { class: 'muted' }, `${count(first + 1)} to ${count(Math.min(found.total, first + found.size))} of ${count(found.total)}`),
    last > 0 && h('span', { class: 'pages' },
      button('', { name: 'left', kind: 'quiet', 'aria-label': 'Page before', disabled: found.page === 0, onclick: () => change({ page: found.page - 1 }) }),
      h('span', { class: 'muted' }, `${count(found.page + 1)} / ${count(last + 1)}`),
      button('', { name: 'right', kind: 'quiet', 'aria-label': 'Next page', disabled: found.page >= last, onclick: () => change({ page: found.page + 1 }) })));
}
