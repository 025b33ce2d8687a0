// SPDX-License-Identifier: Apache-2.0
import { api, name } from './api.js';
import { chart, meter } from './charts.js';
import { h, put, short, count, size, badge, duration, button, copy } from './dom.js';

export async function overview(page) {
  page.trail(['Overview']);
  const tiles = h('div', { class: 'tiles' });
  const bytes = chart({
    title: 'Kafka clients, bytes per second',
    format: (value) => `${size(value)}/s`,
    series: [
      { name: 'in', tone: 'one', value: (point) => point[1] },
      { name: 'out', tone: 'two', value: (point) => point[2] },
    ],
  });
  const requests = chart({
    title: 'Requests per second',
    format: (value) => count(Math.round(value)),
    series: [{ name: 'requests', tone: 'three', value: (point) => point[3] }],
  });
  const brokers = h('tbody');
  const disks = h('div', { class: 'disks' });
  const largest = h('tbody');
  const start = h('div');
  put(page.main,
    tiles,
    start,
    h('div', { class: 'halves' }, bytes.element, requests.element),
    h('section', { class: 'card' }, h('header', null, h('h2', null, 'Brokers')),
      h('div', { class: 'table-frame' }, h('table', null,
        h('thead', null, h('tr', null, h('th', null, 'Node'), h('th', null, 'Address'), h('th', { class: 'number' }, 'Leads'), h('th', { class: 'number' }, 'In sync'), h('th', { class: 'number' }, 'Stored'), h('th', null, 'Rack'), h('th', null, 'State'))),
        brokers))),
    h('div', { class: 'halves' },
      h('section', { class: 'card' }, h('header', null, h('h2', null, 'Disks')), disks),
      h('section', { class: 'card' }, h('header', null, h('h2', null, 'Largest topics'), h('a', { href: '#/topics' }, 'All topics')),
        h('div', { class: 'table-frame' }, h('table', null, largest)))));

  page.every(2_000, async () => {
    const [cluster, traffic] = await Promise.all([api('cluster', { signal: page.signal }), api('traffic', { query: { points: 152 }, signal: page.signal })]);
    const last = traffic.points[traffic.points.length - 1];
    bytes.draw(traffic.points);
    requests.draw(traffic.points);
    const online = cluster.brokers.filter((one) => !one.fenced).length;
    put(tiles,
      tile('Brokers', online, online === cluster.brokers.length ? 'all in service' : `of ${cluster.brokers.length}`, online < cluster.brokers.length && 'bad'),
      tile('Topics', short(cluster.topics), [short(cluster.partitions), ' partitions']),
      tile('Replication',
        cluster.offlinePartitions ? short(cluster.offlinePartitions) : cluster.underReplicatedPartitions ? short(cluster.underReplicatedPartitions) : 'In sync',
        cluster.offlinePartitions ? 'partitions without a leader' : cluster.underReplicatedPartitions ? 'partitions under-replicated' : 'all replicas',
        cluster.offlinePartitions ? 'bad' : cluster.underReplicatedPartitions ? 'warn' : 'good'),
      tile('Stored', size(cluster.bytes), cluster.brokers.length > 1 ? 'in the logs of all nodes' : 'in logs'),
      tile('Connections', last ? short(last[4]) : '–', 'Kafka clients now'),
      tile('Up', duration(Date.now() - cluster.startedMs), `node ${cluster.node}`));
    put(brokers, cluster.brokers.map((one) => h('tr', null,
      h('td', null, h('b', null, one.id), ' ', one.controller && badge('controller', 'accent'), ' ', one.id === cluster.node && badge('this node')),
      h('td', { class: 'mono' }, one.listeners.filter((at) => at.name !== 'WEBSOCKET').map((at) => `${at.host || location.hostname}:${at.port}`).join(', ') || '–'),
      h('td', { class: 'number' }, short(one.leaders)),
      h('td', { class: 'number' }, short(one.inSync), h('span', { class: 'muted' }, ` of ${short(one.replicas)}`)),
      h('td', { class: 'number' }, one.bytes === null ? '–' : size(one.bytes)),
      h('td', null, one.rack ?? h('span', { class: 'muted' }, 'none')),
      h('td', null, one.fenced ? badge('fenced', 'bad') : one.reached ? badge('in service', 'good') : badge('not reached', 'warn')))));
    put(disks, cluster.directories.map((one) => h('div', { class: 'disk' },
      h('div', null, h('span', { class: 'mono path' }, cluster.brokers.length > 1 && h('b', null, `node ${one.node} `), one.path), one.online ? h('span', { class: 'muted' }, `${size(one.usableBytes)} free of ${size(one.totalBytes)}`) : badge('offline', 'bad')),
      one.online && meter(1 - one.usableBytes / one.totalBytes),
      h('small', { class: 'muted' }, `${size(one.bytes)} of it in logs`))));
    if (cluster.topics === 0 || (start.childElementCount > 0 && cluster.topics <= 1)) put(start, welcome(cluster));
    else put(start);
  });
  page.every(5_000, async () => {
    const found = await api('topics', { query: { sort: 'bytes', descending: true, size: 6 }, signal: page.signal });
    put(largest, found.items.length === 0 ? h('tr', null, h('td', { class: 'muted' }, 'None yet')) : found.items.map((one) => h('tr', null,
      h('td', null, h('a', { href: `#/topics/${name(one.name)}`, class: 'name' }, one.name)),
      h('td', { class: 'number muted' }, short(one.records), ' records'),
      h('td', { class: 'number' }, size(one.bytes)))));
  });
}

function tile(title, value, more, tone) {
  return h('div', { class: `tile ${tone || ''}` }, h('h3', null, title), h('div', { class: 'figure' }, value), h('small', null, more));
}

function welcome(cluster) {
  const at = cluster.brokers.flatMap((one) => one.listeners)[0];
  const address = `${at?.host || location.hostname}:${at?.port ?? 9092}`;
  const lines = [
    `kafka-topics.sh --bootstrap-server ${address} --create --topic greetings`,
    `kafka-console-producer.sh --bootstrap-server ${address} --topic greetings`,
  ];
  return h('section', { class: 'card welcome' },
    h('h2', null, 'No topics yet'),
    h('p', { class: 'muted' }, 'Point any Kafka client at this address, or begin here.'),
    lines.map((line) => h('div', { class: 'command' }, h('code', null, line), button('', { name: 'copy', kind: 'quiet', 'aria-label': 'Copy', onclick: () => copy(line) }))),
    h('a', { class: 'button primary', href: '#/topics?create' }, 'Create a topic'));
}
