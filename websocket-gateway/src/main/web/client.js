// SPDX-License-Identifier: Apache-2.0
// Tailrace in a browser, or wherever there is a WebSocket. Protocol: docs/gateway-protocol.md.

const MIN_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 20_000;
const PING_MS = 20_000;
const SILENCE_MS = 45_000;
const IDLE_MS = 5_000;

/** What the server refused, or what went wrong on the way; `retriable` tells whether the same may work later. */
export class TailraceError extends Error {
  constructor(code, retriable, text) {
    super(text);
    this.name = 'TailraceError';
    this.code = code;
    this.retriable = retriable;
  }
}

/** Records were deleted, or replaced, before they could be delivered. */
export class GapError extends TailraceError {
  constructor(gap) {
    super('gap', false, `partition ${gap.partition}: ${gap.reason} from ${gap.from} to ${gap.to}`);
    this.gap = gap;
  }
}

/** Connects to a gateway; by default the one that this file, or else the page, came from. One socket carries everything, and is opened anew when it breaks. */
export function connect(url) {
  return new Tailrace(url ?? home().replace(/^http/, 'ws'));
}

function home() {
  const own = import.meta.url;
  return /^http.*\/client\.js$/.test(own) ? new URL('v1/socket', own).href : new URL('/v1/socket', globalThis.location?.href).href;
}

class Tailrace {
  #url;
  #socket = null;
  #open = false;
  #closed = false;
  #attempt = 0;
  #nextId = 1;
  #heard = 0;
  #limits;
  #unsent = [];
  #flying = 0;
  #flyingBytes = 0;
  #producer;
  #receipts = new Map();
  #unnamed;
  #timer;
  #pinger;
  #idle;
  #subs = new Map();
  #pubs = new Map();
  #session = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  #wake = () => this.#hurry();

  constructor(url) {
    this.#url = url;
    globalThis.addEventListener?.('online', this.#wake);
  }

  /**
   * The records of a topic, for `for await`. Taking records grants credit for more: what is not taken is not sent.
   */
  subscribe(topic, options = {}) {
    const sub = new Subscription(topic, options, {
      start: () => {
        this.#subs.set(sub.id, sub);
        if (this.#open) this.#send(sub.frame());
        else this.#dial();
      },
      send: (frame) => this.#open && this.#send(frame),
      commit: (offsets) => new Promise((resolve, reject) => {
        if (!this.#open) return reject(new TailraceError('unavailable', true, 'not connected'));
        const seq = this.#nextId++;
        this.#pubs.set(seq, { resolve, reject });
        this.#send({ type: 'commit', id: sub.id, seq, offsets: Object.fromEntries(offsets) });
      }),
      stop: () => {
        if (this.#subs.delete(sub.id) && this.#open) this.#send({ type: 'unsub', id: sub.id });
        this.#rest();
      },
    }, this.#nextId++);
    return sub;
  }

  /**
   * Writes a record; resolves to its partition and offset when it is on disk on all in-sync replicas. If the connection breaks before the
   * answer, it is sent again and written once, also by another server, or one that was killed and restarted. An error with code "unknown" means
   * that nobody knows whether it was written; the decision is the caller's.
   */
  publish(topic, value, { key, headers, partition } = {}) {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new TailraceError('closed', false, 'this client is closed'));
      const seq = this.#nextId++;
      const frame = { type: 'pub', seq, topic, value: bytes(value) };
      if (key !== undefined) frame.key = bytes(key);
      if (headers) frame.headers = Object.entries(headers).map(([name, it]) => [name, bytes(it)]);
      if (partition !== undefined) frame.partition = partition;
      this.#pubs.set(seq, { resolve, reject, topic, text: JSON.stringify(frame) });
      this.#unsent.push(seq);
      if (this.#open) this.#write();
      else this.#dial();
    });
  }

  /** Ends everything. */
  close() {
    this.#closed = true;
    globalThis.removeEventListener?.('online', this.#wake);
    clearTimeout(this.#timer);
    clearTimeout(this.#idle);
    for (const sub of [...this.#subs.values()]) sub.return();
    this.#failPubs(() => true, new TailraceError('closed', false, 'this client was closed'));
    this.#socket?.close(1000);
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.close();
  }

  #send(frame) {
    this.#socket.send(JSON.stringify(frame));
  }

  /** As much as the server takes without an answer, in order. It would hang up on a message that is too long, and on all else that comes here. */
  #write() {
    const { frameBytes: most, publishRecords, publishBytes } = this.#limits;
    while (this.#unsent.length > 0) {
      const seq = this.#unsent[0];
      const pub = this.#pubs.get(seq);
      const bytes = pub.text.length * 3; // more than it can be
      if (bytes > most && new TextEncoder().encode(pub.text).length > most) {
        this.#pubs.delete(seq);
        pub.reject(new TailraceError('too-large', false, `a message to the server has at most ${most} bytes`));
      } else if (this.#flying > 0 && (this.#flying >= publishRecords || this.#flyingBytes + bytes > publishBytes)) {
        return;
      } else {
        pub.sent = bytes;
        this.#flying++;
        this.#flyingBytes += bytes;
        this.#socket.send(pub.text);
      }
      this.#unsent.shift();
    }
  }

  #busy() {
    return this.#subs.size > 0 || this.#pubs.size > 0;
  }

  /** A client that has nothing to do for a while holds no connection. */
  #rest() {
    clearTimeout(this.#idle);
    if (this.#busy()) return;
    this.#idle = setTimeout(() => {
      if (this.#busy()) return;
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#open = false; // what comes before it is closed goes to the next one
      this.#socket?.close(1000);
    }, IDLE_MS);
    this.#idle.unref?.();
  }

  #hurry() {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#dial();
    }
  }

  #dial() {
    if (this.#socket || this.#closed || this.#timer !== undefined) return;
    const socket = new WebSocket(this.#url, 'tailrace.v1.json');
    this.#socket = socket;
    this.#heard = Date.now();
    socket.onopen = () =>
      socket.send(JSON.stringify({ type: 'hello', session: this.#session, producer: this.#producer, receipts: [...this.#receipts.values()] }));
    socket.onmessage = (message) => {
      if (this.#socket !== socket) return;
      this.#heard = Date.now();
      this.#on(JSON.parse(message.data));
    };
    socket.onclose = () => this.#lost(socket);
    socket.onerror = () => {};
    clearInterval(this.#pinger);
    this.#pinger = setInterval(() => {
      if (Date.now() - this.#heard > SILENCE_MS) {
        socket.close();
        this.#lost(socket); // the closing handshake of a dead link may take minutes
      } else if (this.#open) {
        this.#send({ type: 'ping' });
      }
    }, PING_MS);
  }

  #lost(socket, delay) {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#open = false;
    clearInterval(this.#pinger);
    this.#failPubs((pub) => !pub.text, new TailraceError('unavailable', true, 'the connection broke before the answer'));
    if (this.#closed || !this.#busy()) return;
    for (const sub of this.#subs.values()) sub.emit({ type: 'reconnecting' });
    // Not all at once: a server that stops gives each its own time; else chance does.
    const wait = delay ?? Math.random() * Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** this.#attempt++);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#dial();
    }, wait);
  }

  #failPubs(which, error) {
    for (const [seq, pub] of this.#pubs) {
      if (which(pub)) {
        this.#pubs.delete(seq);
        pub.reject(error);
      }
    }
  }

  #on(frame) {
    switch (frame.type) {
      case 'welcome':
        this.#open = true;
        this.#attempt = 0;
        this.#limits = frame.limits;
        // Without a producer nothing was written.
        if (this.#unnamed || (this.#producer && !frame.resumed)) {
          this.#failPubs((pub) => pub.sent, new TailraceError('unknown', true, 'the server has forgotten what it was sent'));
          this.#producer = undefined;
          this.#receipts.clear();
        }
        this.#unnamed = frame.resumed === undefined;
        for (const sub of this.#subs.values()) this.#send(sub.frame());
        this.#unsent = [...this.#pubs.keys()];
        this.#flying = this.#flyingBytes = 0;
        this.#write();
        break;
      case 'producer':
        this.#producer = frame.producer;
        this.#receipts.clear();
        break;
      case 'drain': {
        const socket = this.#socket;
        this.#lost(socket, frame.afterMs);
        socket.close(1000);
        break;
      }
      case 'pubbed':
      case 'committed':
      case 'err': {
        const pub = this.#pubs.get(frame.seq);
        if (pub) {
          this.#pubs.delete(frame.seq);
          if (pub.text) {
            this.#flying--;
            this.#flyingBytes -= pub.sent;
            if (frame.receipt) this.#receipts.set(`${pub.topic}/${frame.partition}`, frame.receipt);
            this.#write();
          }
          if (frame.type === 'pubbed') pub.resolve({ partition: frame.partition, offset: frame.offset });
          else if (frame.type === 'committed') pub.resolve();
          else pub.reject(new TailraceError(frame.code, frame.retriable, frame.text));
          this.#rest();
          break;
        }
        const sub = this.#subs.get(frame.id);
        if (frame.type === 'err' && sub) {
          this.#subs.delete(frame.id);
          sub.fail(new TailraceError(frame.code, frame.retriable, frame.text));
        }
        break;
      }
      default:
        this.#subs.get(frame.id)?.on(frame);
    }
  }
}

class Subscription {
  #topic;
  #options;
  #link;
  #queue = [];
  #waiting = [];
  #tokens = new Map();
  #started = false;
  #done = false;
  #error = null;
  #records;
  #bytes;
  #takenRecords = 0;
  #takenBytes = 0;
  #revoked = [];
  #next = new Map();
  #abort;

  constructor(topic, options, link, id) {
    this.id = id;
    this.#topic = topic;
    this.#options = options;
    this.#link = link;
    this.#records = options.window?.records ?? 1000;
    this.#bytes = options.window?.bytes ?? 1 << 20;
    this.#abort = () => this.return();
  }

  /** Where this subscription is: give it to `from` of another one to go on there. Covers what was taken, not what waits. */
  get tokens() {
    return [...this.#tokens.values()];
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  /** Members of a group: the group is done with all that was taken so far; resolves when that is durable. */
  commit() {
    return this.#next.size > 0 ? this.#link.commit(this.#next) : Promise.resolve();
  }

  next() {
    if (!this.#started && !this.#done) this.#start();
    this.#giveBack(this.#revoked.splice(0));
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#take(), done: false });
    if (this.#error) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#done) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(value) {
    this.#finish();
    this.#queue = [];
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.return();
  }

  #start() {
    this.#started = true;
    const signal = this.#options.signal;
    if (signal?.aborted) {
      this.#done = true;
      return;
    }
    signal?.addEventListener('abort', this.#abort);
    this.#link.start();
  }

  #finish() {
    if (this.#done) return;
    this.#done = true;
    this.#options.signal?.removeEventListener('abort', this.#abort);
    if (this.#started) this.#link.stop();
    for (const { resolve } of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
  }

  /** Whoever asks for the next record is done with the one before: now it can be committed, and others may go on behind it. */
  #giveBack(partitions) {
    if (partitions.length === 0) return;
    const done = [...this.#next].filter(([it]) => partitions.includes(it));
    for (const [it] of done) this.#next.delete(it);
    if (done.length > 0) this.#link.commit(done).catch(() => {});
    this.#link.send({ type: 'release', id: this.id, partitions });
  }

  #take() {
    const { record, token, cost, last } = this.#queue.shift();
    if (token) this.#tokens.set(record.partition, token);
    this.#next.set(record.partition, record.offset + 1);
    this.#used(1, last ? cost : 0);
    return record;
  }

  #used(records, bytes) {
    this.#takenRecords += records;
    this.#takenBytes += bytes;
    if (this.#takenRecords * 2 >= this.#records || this.#takenBytes * 2 >= this.#bytes) {
      this.#link.send({ type: 'credit', id: this.id, records: this.#takenRecords, bytes: this.#takenBytes });
      this.#takenRecords = 0;
      this.#takenBytes = 0;
    }
  }

  /** The frame that opens this subscription, or opens it again behind the last record received. */
  frame() {
    const frame = { type: 'sub', id: this.id, topic: this.#topic, from: this.#options.from ?? 'latest' };
    if (this.#options.partitions) frame.partitions = this.#options.partitions;
    for (const it of ['filter', 'mode', 'everyMs']) if (this.#options[it]) frame[it] = this.#options[it];
    if (this.#options.group) {
      // A new member: what is not committed comes again, here or elsewhere.
      frame.group = this.#options.group;
      this.#queue = [];
      this.#next.clear();
      this.#revoked = [];
    } else if (this.#received.size > 0) frame.from = { tokens: [...this.#received.values()] };
    const bytes = this.#queue.reduce((sum, it) => sum + (it.last ? it.cost : 0), 0);
    frame.credit = { records: Math.max(0, this.#records - this.#queue.length), bytes: Math.max(0, this.#bytes - bytes) };
    this.#takenRecords = 0;
    this.#takenBytes = 0;
    return frame;
  }

  #received = new Map();

  emit(event) {
    this.#options.onEvent?.(event);
  }

  fail(error) {
    this.#error = error;
    this.#done = true;
    this.#options.signal?.removeEventListener('abort', this.#abort);
    const first = this.#waiting.shift();
    if (first) {
      this.#error = null;
      first.reject(error);
    }
    for (const { resolve } of this.#waiting.splice(0)) resolve({ value: undefined, done: true });
  }

  on(frame) {
    if (this.#done) return;
    switch (frame.type) {
      case 'subbed':
        for (const [partition, { token }] of Object.entries(frame.positions)) {
          this.#received.set(Number(partition), token);
          if (!this.#tokens.has(Number(partition))) this.#tokens.set(Number(partition), token);
        }
        this.emit({ type: 'open', positions: frame.positions });
        break;
      case 'assigned':
        this.#received.set(frame.partition, frame.token);
        this.emit({ type: 'assigned', partition: frame.partition, offset: frame.offset });
        break;
      case 'revoked': {
        const gone = this.#queue.filter((it) => frame.partitions.includes(it.record.partition));
        this.#queue = this.#queue.filter((it) => !gone.includes(it));
        this.#used(gone.length, gone.reduce((sum, it) => sum + (it.last ? it.cost : 0), 0));
        this.emit({ type: 'revoked', partitions: frame.partitions, lost: frame.withinMs === 0 });
        if (frame.withinMs === 0) for (const it of frame.partitions) this.#next.delete(it);
        else if (this.#next.size > 0 && this.#waiting.length === 0) this.#revoked.push(...frame.partitions);
        else this.#giveBack(frame.partitions);
        break;
      }
      case 'data':
        this.#received.set(frame.partition, frame.token);
        frame.records.forEach((it, i) => {
          const last = i === frame.records.length - 1;
          this.#queue.push({
            record: { ...it, partition: frame.partition, key: value(it.key), value: value(it.value), headers: headers(it.headers) },
            token: last ? frame.token : null,
            cost: frame.bytes,
            last,
          });
        });
        while (this.#waiting.length > 0 && this.#queue.length > 0) {
          this.#waiting.shift().resolve({ value: this.#take(), done: false });
        }
        break;
      case 'gap': {
        const { type, id, ...gap } = frame;
        if (this.#options.onGap) {
          this.#options.onGap(gap);
        } else {
          this.#link.stop();
          this.fail(new GapError(gap));
        }
        break;
      }
      case 'state':
        this.emit({ type: 'state', partition: frame.partition, state: frame.state });
        break;
    }
  }
}

function bytes(it) {
  if (it === null || it === undefined || typeof it === 'string') return it ?? null;
  if (it instanceof ArrayBuffer || ArrayBuffer.isView(it)) {
    const view = it instanceof ArrayBuffer ? new Uint8Array(it) : new Uint8Array(it.buffer, it.byteOffset, it.byteLength);
    let text = '';
    for (let i = 0; i < view.length; i += 8192) text += String.fromCharCode(...view.subarray(i, i + 8192));
    return { base64: btoa(text) };
  }
  return JSON.stringify(it);
}

function value(it) {
  return it && typeof it === 'object' ? Uint8Array.from(atob(it.base64), (c) => c.charCodeAt(0)) : it;
}

function headers(list = []) {
  return list.map(([name, it]) => [name, value(it)]);
}

let shared;

/** The gateway that this file came from. */
export const tailrace = {
  subscribe: (topic, options) => (shared ??= connect()).subscribe(topic, options),
  publish: (topic, value, options) => (shared ??= connect()).publish(topic, value, options),
};
