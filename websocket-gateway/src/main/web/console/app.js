// SPDX-License-Identifier: Apache-2.0
// The frame around the pages: where one is, where one can go, and the keys for it.

import { api } from './api.js';
import { h, put, icon, button, badge, empty } from './dom.js';
import { apply, dark, set } from './settings-store.js';
import { overview } from './overview.js';
import { topics } from './topics.js';
import { topic } from './topic.js';
import { groups } from './groups.js';
import { group } from './group.js';
import { settingsPage } from './settings.js';
import { palette } from './palette.js';

const ROUTES = [
  [/^\/?$/, overview, 'overview'],
  [/^\/topics$/, topics, 'topics'],
  [/^\/topics\/([^/]+)(?:\/([a-z]+))?$/, topic, 'topics'],
  [/^\/groups$/, groups, 'groups'],
  [/^\/groups\/([^/]+)$/, group, 'groups'],
  [/^\/settings$/, settingsPage, 'settings'],
];

const NAV = [
  ['overview', 'Overview', '#/', 'o'],
  ['topics', 'Topics', '#/topics', 't'],
  ['groups', 'Groups', '#/groups', 'g'],
  ['settings', 'Settings', '#/settings', 's'],
];

apply();

const links = NAV.map(([id, text, href, key]) => h('a', { href, 'data-nav': id, title: `${text} (g ${key})` }, icon(id), h('span', null, text)));
const main = h('main', { id: 'main', tabindex: '-1' });
const trail = h('nav', { class: 'trail', 'aria-label': 'You are here' });
const state = h('div', { class: 'node-state' });
const themeButton = button('', { kind: 'quiet', 'aria-label': 'Light or dark', title: 'Light or dark', onclick: () => {
  set('theme', dark() ? 'light' : 'dark');
  themeIcon();
} });

function themeIcon() {
  put(themeButton, icon(dark() ? 'sun' : 'moon'));
}

themeIcon();
document.body.append(
  h('a', { class: 'skip', href: '#main', onclick: (event) => { event.preventDefault(); main.focus(); } }, 'Skip to the page'),
  h('aside', { class: 'side' },
    h('a', { class: 'brand', href: '#/', 'aria-label': 'Tailrace' }, h('img', { src: 'console/icon.svg', alt: '', class: 'logo' }), h('span', null, 'Tailrace')),
    h('nav', { class: 'nav', 'aria-label': 'Pages' }, links),
    state),
  h('div', { class: 'stage' },
    h('header', { class: 'bar' },
      trail,
      h('button', { type: 'button', class: 'jump', onclick: palette }, icon('search'), h('span', null, 'Jump to a topic or group'), h('kbd', null, /Mac/.test(navigator.platform) ? '⌘K' : 'Ctrl K')),
      themeButton),
    main));

let leaving = new AbortController();

async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const [path, query = ''] = location.hash.slice(1).split('?');
  const route = ROUTES.find(([pattern]) => pattern.test(path));
  for (const link of links) {
    if (route && link.dataset.nav === route[2]) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (!route) {
    put(trail, h('b', null, 'Nothing here'));
    put(main, empty('There is no such page', h('a', { href: '#/' }, 'To the overview')));
    return;
  }
  const words = path.match(route[0]).slice(1).map((word) => word && decodeURIComponent(word));
  const page = {
    main,
    signal,
    query: new URLSearchParams(query),
    /** The path of links above the page: [text, href] each. */
    trail(...parts) {
      put(trail, parts.map(([text, href], i) => [i > 0 && h('i', { 'aria-hidden': 'true' }, '/'), href ? h('a', { href }, text) : h('b', null, text)]));
      document.title = `${parts[parts.length - 1][0]} · Tailrace`;
    },
    /** Now and then again, as long as the page is open and in sight. Errors are shown, and do not end it. */
    every(ms, work) {
      let timer;
      let warned = null;
      const run = async () => {
        clearTimeout(timer);
        if (signal.aborted) return;
        if (!document.hidden) {
          try {
            await work();
            warned?.remove();
            warned = null;
          } catch (failure) {
            if (signal.aborted) return;
            warned?.remove();
            warned = h('div', { class: 'banner', role: 'alert' }, failure.message);
            main.prepend(warned);
          }
        }
        if (!signal.aborted) timer = setTimeout(run, ms);
      };
      document.addEventListener('visibilitychange', () => !document.hidden && run(), { signal });
      return run();
    },
  };
  main.scrollTop = 0;
  await route[1](page, ...words);
}

async function look() {
  try {
    const cluster = await api('cluster');
    const bad = cluster.offlinePartitions > 0;
    put(state, h('span', { class: `dot ${bad ? 'bad' : 'good'}` }), h('span', null, h('b', null, `Node ${cluster.node}`), h('small', null, bad ? `${cluster.offlinePartitions} partitions offline` : 'in service')));
  } catch {
    put(state, h('span', { class: 'dot bad' }), h('span', null, h('b', null, 'No answer'), h('small', null, 'trying again')));
  }
  setTimeout(look, document.hidden ? 30_000 : 5_000);
}

let prefix = false;
document.addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    palette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input, textarea, select, dialog')) return;
  if (prefix) {
    prefix = false;
    const to = NAV.find(([, , , key]) => key === event.key);
    if (to) location.hash = to[2];
  } else if (event.key === 'g') {
    prefix = true;
    setTimeout(() => (prefix = false), 1200);
  } else if (event.key === '/') {
    const search = main.querySelector('input[type=search]');
    event.preventDefault();
    if (search) search.focus();
    else palette();
  } else if (event.key === 'c') {
    main.querySelector('[data-key=c]')?.click();
  }
});

addEventListener('hashchange', show);
show();
look();
