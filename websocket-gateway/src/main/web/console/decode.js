// SPDX-License-Identifier: Apache-2.0
// Bytes as people read them: JSON, text, or hex.

import { h } from './dom.js';

const utf8 = new TextEncoder();

/** A key or value of a record: string, bytes or null. */
export function bytesOf(it) {
  return it === null || it === undefined ? new Uint8Array() : typeof it === 'string' ? utf8.encode(it) : it;
}

export function isJson(it) {
  if (typeof it !== 'string' || !/^\s*[[{"\-\dtfn]/.test(it)) return false;
  try {
    JSON.parse(it);
    return true;
  } catch {
    return false;
  }
}

/** One line of it. */
export function preview(it) {
  if (it === null || it === undefined) return h('span', { class: 'nothing' }, 'null');
  if (it === '') return h('span', { class: 'nothing' }, 'empty');
  if (typeof it !== 'string') return h('span', { class: 'mono bytes' }, [...it.subarray(0, 32)].map(hex).join(' '), it.length > 32 && ' …', h('span', { class: 'muted' }, `  ${it.length} bytes`));
  const short = it.length > 300 ? `${it.slice(0, 300)}…` : it;
  return /^\s*[[{]/.test(it) ? h('span', { class: 'json line' }, coloured(short)) : h('span', { class: 'mono' }, short.replace(/\s+/g, ' '));
}

/** All of it. */
export function full(it, as = 'auto') {
  if (it === null || it === undefined) return h('p', { class: 'nothing' }, 'null: there is no value. On a compacted topic, that deletes the key.');
  const how = as === 'auto' ? (typeof it !== 'string' ? 'hex' : isJson(it) ? 'json' : 'text') : as;
  if (how === 'hex') return h('pre', { class: 'mono hex' }, dump(bytesOf(it)));
  const text = typeof it === 'string' ? it : new TextDecoder().decode(it);
  if (how === 'json' && isJson(text)) return h('pre', { class: 'json' }, coloured(pretty(text)));
  return h('pre', { class: 'mono' }, text);
}

/** Indents without reading the numbers: 12345678901234567890 stays what it is. */
export function pretty(text) {
  let out = '';
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  for (const token of text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []) {
    if (token === '{' || token === '[') {
      depth++;
      out += token + line();
    } else if (token === '}' || token === ']') {
      depth--;
      out = /[{[]\s*$/.test(out) ? out.replace(/\s*$/, '') + token : out + line() + token;
    } else if (token === ',') out += token + line();
    else if (token === ':') out += ': ';
    else out += token;
  }
  return out;
}

/** JSON, or the beginning of some, with its parts marked. */
function coloured(text) {
  return (text.match(/"(?:[^"\\]|\\.)*"?(?=\s*:)|"(?:[^"\\]|\\.)*"?|-?\d[\d.eE+-]*|true|false|null|[\s\S]/g) ?? []).reduce((parts, token, i, all) => {
    const kind = token[0] === '"' && token.length > 1 ? (isKey(all, i) ? 'k' : 's') : /^-?\d/.test(token) ? 'n' : /^(true|false|null)$/.test(token) ? 'l' : null;
    if (kind) parts.push(h('span', { class: `j-${kind}` }, token));
    else if (typeof parts[parts.length - 1] === 'string') parts[parts.length - 1] += token;
    else parts.push(token);
    return parts;
  }, []);
}

function isKey(tokens, at) {
  for (let i = at + 1; i < tokens.length; i++) {
    if (tokens[i] === ':') return true;
    if (!/^\s$/.test(tokens[i])) return false;
  }
  return false;
}

function hex(byte) {
  return byte.toString(16).padStart(2, '0');
}

function dump(bytes) {
  const lines = [];
  const most = Math.min(bytes.length, 16 * 1024);
  for (let at = 0; at < most; at += 16) {
    const row = bytes.subarray(at, Math.min(at + 16, most));
    const text = [...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${at.toString(16).padStart(6, '0')}  ${[...row].map(hex).join(' ').padEnd(47)}  ${text}`);
  }
  return lines.join('\n') + (bytes.length > most ? `\n… ${bytes.length - most} bytes more` : '');
}
