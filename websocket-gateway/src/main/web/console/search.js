// SPDX-License-Identifier: Apache-2.0
// Reading for the record browser: newest first, forward from a place, or what is being written. A page of records at a time.

/** Records at once; enough to look through fast, few enough to stop soon. */
const WINDOW = { records: 1000, bytes: 1 << 20 };

/** Newest first is read as one piece of log for each partition; a topic with more partitions is read for the first of them. */
const PIECES = 100;

export class Search {
  running = false;
  ended = false;
  failed = null;
  scanned = 0;
  bytes = 0;
  #abort = new AbortController();
  #wanted;
  #matches;
  #more = null;
  #tops = null;

  constructor(wanted) {
    this.#wanted = wanted;
    this.#matches = matcher(wanted.filter);
    this.live = wanted.from.kind === 'live';
  }

  start() {
    this.#run(this.#wanted.from.kind === 'newest' ? () => this.#backwards() : () => this.#forwards());
  }

  close() {
    this.#abort.abort();
    this.#more?.();
  }

  /** Takes no more records, and so grants no more credit: the broker sends no more. */
  pause() {
    this.running = false;
    this.#wanted.onState();
  }

  resume() {
    if (this.running || this.#abort.signal.aborted) return;
    if (this.#wanted.from.kind === 'newest') {
      this.#run(() => this.#backwards());
    } else {
      this.running = true;
      this.#more?.();
      this.#wanted.onState();
    }
  }

  async #run(work) {
    this.running = true;
    this.#wanted.onState();
    try {
      await work();
    } catch (failure) {
      this.failed = failure;
      this.ended = true;
    }
    this.running = false;
    if (!this.#abort.signal.aborted) this.#wanted.onState();
  }

  #count(record) {
    this.scanned++;
    this.bytes += (record.value?.length ?? 0) + (record.key?.length ?? 0);
  }

  #from() {
    const { kind, offset, timeMs } = this.#wanted.from;
    if (kind === 'offset') return { offset: Number(offset) };
    if (kind === 'time') return { timestamp: timeMs };
    return kind === 'live' ? 'latest' : 'earliest';
  }

  async #forwards() {
    const { gateway, topic, partitions, limit, onRecords, onState } = this.#wanted;
    const behind = new Set(partitions.map((one) => one.partition));
    const caught = resolvers();
    const subscription = gateway.subscribe(topic, {
      from: this.#from(),
      partitions: partitions.map((one) => one.partition),
      window: WINDOW,
      filter: parse(this.#wanted.filter).filter,
      signal: this.#abort.signal,
      onGap: () => {},
      onEvent: (event) => {
        if (event.type === 'state' && event.state === 'live') {
          behind.delete(event.partition);
          if (behind.size === 0) caught.resolve();
        }
      },
    });
    let page = 0;
    let batch = [];
    const flush = () => {
      if (batch.length > 0) onRecords(batch.splice(0));
      onState();
    };
    const shower = setInterval(flush, 200);
    try {
      let next = subscription.next();
      while (!this.#abort.signal.aborted) {
        // At the end when every partition is, and nothing waits here any more.
        const atEnd = this.live ? null : caught.promise.then(() => pause(0)).then(() => null);
        const got = await Promise.race([next, ...(atEnd ? [atEnd] : [])]);
        if (got === null) {
          this.ended = true;
          break;
        }
        if (got.done) break;
        while (!this.running && !this.#abort.signal.aborted) {
          flush();
          await new Promise((go) => (this.#more = go));
        }
        if (this.#abort.signal.aborted) break;
        this.#count(got.value);
        if (this.#matches(got.value)) {
          batch.push(got.value);
          page++;
        }
        if (this.scanned % 500 === 0) await pause(0); // the page must stay alive while a long log is looked through
        if (!this.live && page >= limit) {
          this.running = false;
          page = 0;
          flush();
        }
        next = subscription.next();
      }
    } finally {
      clearInterval(shower);
      flush();
      subscription.return();
    }
  }

  /** Reads the last piece of each partition and shows the newest of all; the next page begins below what was shown. */
  async #backwards() {
    const { partitions, limit, onRecords } = this.#wanted;
    this.#tops ??= new Map(partitions.slice(0, PIECES).map((one) => [one.partition, { start: one.start ?? 0, top: one.end ?? 0 }]));
    let matched = 0;
    while (matched < limit && this.running && !this.#abort.signal.aborted) {
      const open = [...this.#tops].filter(([, at]) => at.top > at.start);
      if (open.length === 0) {
        this.ended = true;
        return;
      }
      // With a filter most records are passed over: longer pieces then.
      const length = this.#wanted.filter ? Math.max(limit, 1000) : limit;
      const pieces = await Promise.all(open.map(([partition, at]) => this.#piece(partition, Math.max(at.start, at.top - length), at.top)));
      const found = pieces.flat().filter((record) => this.#matches(record));
      found.sort((a, b) => b.timestamp - a.timestamp || b.partition - a.partition || b.offset - a.offset);
      const shown = this.#wanted.filter ? found : found.slice(0, limit - matched);
      for (const [partition, at] of open) {
        const lowest = shown.filter((record) => record.partition === partition).reduce((low, record) => Math.min(low, record.offset), at.top);
        const all = found.every((record) => record.partition !== partition || shown.includes(record));
        at.top = all ? Math.max(at.start, at.top - length) : lowest;
      }
      matched += shown.length;
      if (shown.length > 0) onRecords(shown);
      this.#wanted.onState();
    }
    this.ended = [...this.#tops.values()].every((at) => at.top <= at.start);
  }

  /** The records of a partition from one offset (inclusive) to another (exclusive). */
  async #piece(partition, low, top) {
    const { gateway, topic } = this.#wanted;
    const records = [];
    if (top <= low) return records;
    const caught = resolvers();
    const subscription = gateway.subscribe(topic, {
      from: { offsets: { [partition]: low } },
      partitions: [partition],
      window: { records: Math.min(WINDOW.records, top - low), bytes: WINDOW.bytes },
      signal: this.#abort.signal,
      onGap: () => {},
      onEvent: (event) => event.type === 'state' && event.state === 'live' && caught.resolve(),
    });
    try {
      while (true) {
        const got = await Promise.race([subscription.next(), caught.promise.then(() => pause(0)).then(() => null)]);
        if (got === null || got.done || got.value.offset >= top) break;
        this.#count(got.value);
        records.push(got.value);
        if (got.value.offset === top - 1) break;
      }
    } finally {
      subscription.return();
    }
    return records;
  }
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

function resolvers() {
  let resolve;
  const promise = new Promise((done) => (resolve = done));
  return { promise, resolve };
}

/**
 * What is written in the filter's field: tests of key, headers and JSON fields, and the text that is left.
 *
 *   key:abc   key:abc*   header.type:created   json.customer.name:mira   json.total>=100   anything else
 *
 * The tests are those of the gateway's protocol, so that it need not send what does not fit.
 */
export function parse(written) {
  const filter = {};
  const rest = [];
  for (const word of written.match(/(?:[^\s"]|"[^"]*")+/g) ?? []) {
    const found = word.match(/^(key|header\.([^:\s]+?)|json\.([^:=<>!\s]+?))(:|!=|<=|>=|=|<|>)(.*)$/);
    const value = found?.[5].replace(/"/g, '');
    const operator = found?.[4];
    if (!found || value === '' || (!found[3] && operator !== ':' && operator !== '=')) rest.push(word);
    else if (found[3]) {
      const comparison = { ':': 'eq', '=': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' }[operator];
      filter.json ??= {};
      (filter.json[found[3]] ??= {})[comparison] = operand(found[5]);
      if (comparison === 'eq' && value.endsWith('*')) filter.json[found[3]] = { prefix: value.slice(0, -1) };
    } else if (found[2]) (filter.headers ??= {})[found[2]] = value;
    else if (value.endsWith('*')) filter.keyPrefix = value.slice(0, -1);
    else filter.key = value;
  }
  return { filter: Object.keys(filter).length > 0 ? filter : undefined, text: rest.join(' ') };
}

/** A number, true, false or null as such; everything else, and what stands in quotes, as text. */
function operand(written) {
  if (/^-?\d+(\.\d+)?$/.test(written)) return Number(written);
  if (written === 'true' || written === 'false' || written === 'null') return JSON.parse(written);
  return written.replace(/"/g, '');
}

const decoder = new TextDecoder();
const readable = (it) => (it === null || it === undefined ? '' : typeof it === 'string' ? it : decoder.decode(it));

/** The tests and the text of {@link parse}, for records that were sent without a filter. */
export function matcher(written) {
  const { filter, text } = parse(written);
  const fits = text === '' ? () => true : textMatcher(text);
  return (record) => (!filter || passes(filter, record)) && fits(record);
}

function passes({ key, keyPrefix, headers, json }, record) {
  if (key !== undefined && record.key !== key) return false;
  if (keyPrefix !== undefined && !(typeof record.key === 'string' && record.key.startsWith(keyPrefix))) return false;
  if (headers && !Object.entries(headers).every(([name, value]) => record.headers.some(([header, it]) => header === name && it === value))) return false;
  if (!json) return true;
  let value;
  try {
    value = JSON.parse(record.value);
  } catch {
    return false;
  }
  return Object.entries(json).every(([path, tests]) => {
    const steps = path.split('.');
    const at = steps.reduce((it, step) => (it !== null && typeof it === 'object' && Object.hasOwn(it, step) ? it[step] : undefined), value);
    return at !== undefined && Object.entries(tests).every(([comparison, other]) => compares(comparison, at, other));
  });
}

function compares(comparison, at, other) {
  if (comparison === 'eq') return at === other;
  if (comparison === 'ne') return at !== other;
  if (typeof at !== typeof other || (typeof at !== 'number' && typeof at !== 'string')) return false;
  switch (comparison) {
    case 'lt': return at < other;
    case 'le': return at <= other;
    case 'gt': return at > other;
    case 'ge': return at >= other;
    default: return at.startsWith(other);
  }
}

/** Text anywhere in key, value or headers, whatever the case; or an expression between slashes. */
function textMatcher(text) {
  const expression = text.match(/^\/(.+)\/([a-z]*)$/);
  let test;
  if (expression) {
    try {
      const compiled = new RegExp(expression[1], expression[2].replace('g', ''));
      test = (it) => compiled.test(it);
    } catch {
      test = () => false;
    }
  } else {
    const lower = text.toLowerCase();
    test = (it) => it.toLowerCase().includes(lower);
  }
  return (record) => test(readable(record.key)) || test(readable(record.value)) || record.headers.some(([header, it]) => test(header) || test(readable(it)));
}
