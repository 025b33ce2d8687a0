// SPDX-License-Identifier: Apache-2.0
import { api } from './api.js';
import { configTable } from './configs.js';
import { h, put, button, choice, copy } from './dom.js';
import { set, settings } from './settings-store.js';

const EXAMPLE = `import { tailrace } from '/client.js';

for await (const r of tailrace.subscribe('my-topic', { from: 'earliest' })) {
  console.log(r.partition, r.offset, r.key, r.value);
}`;

export async function settingsPage(page) {
  page.trail(['Settings']);
  const cluster = await api('cluster', { signal: page.signal });
  put(page.main,
    h('div', { class: 'toolbar' }, h('h1', null, 'Settings')),
    h('div', { class: 'halves' },
      h('section', { class: 'card' }, h('header', null, h('h2', null, 'This browser')),
        row('Appearance', choice('Appearance', [['auto', 'As the system'], ['light', 'Light'], ['dark', 'Dark']], settings.theme, (value) => set('theme', value))),
        row('Times', choice('Times', [['local', 'Local'], ['utc', 'UTC']], settings.time, (value) => set('time', value))),
        row('Rows', choice('Rows', [['comfortable', 'Roomy'], ['compact', 'Dense']], settings.density, (value) => set('density', value))),
        h('h3', { class: 'keys-title' }, 'Keys'),
        h('dl', { class: 'keys' }, [['Ctrl K', 'jump anywhere'], ['/', 'search'], ['g o', 'overview'], ['g t', 'topics'], ['g g', 'groups'], ['c', 'create']].map(([key, what]) => [h('dt', null, key.split(' ').map((one) => h('kbd', null, one))), h('dd', null, what)]))),
      h('section', { class: 'card' }, h('header', null, h('h2', null, 'For programs')),
        row('Cluster id', h('span', { class: 'mono' }, cluster.clusterId)),
        row('JSON API', h('a', { href: 'openapi.json', target: '_blank' }, 'openapi.json')),
        row('Browser client', h('a', { href: 'client.js', target: '_blank' }, 'client.js')),
        row('Health', [h('a', { href: 'healthz', target: '_blank' }, 'healthz'), ' · ', h('a', { href: 'readyz', target: '_blank' }, 'readyz')]),
        row('Prometheus', h('a', { href: 'metrics', target: '_blank' }, 'metrics')),
        h('div', { class: 'command block' }, h('pre', null, h('code', null, EXAMPLE)), button('', { name: 'copy', kind: 'quiet', 'aria-label': 'Copy', onclick: () => copy(EXAMPLE) })))),
    h('div', { class: 'toolbar' }, h('h2', null, `Configuration of node ${cluster.node}`)),
    configTable(page, `brokers/${cluster.node}/configs`, { own: 'dynamic-broker-config' }));
}

function row(text, what) {
  return h('div', { class: 'setting' }, h('span', null, text), h('span', null, what));
}
