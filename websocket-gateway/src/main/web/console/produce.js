// SPDX-License-Identifier: Apache-2.0
// Writing records by hand, through the gateway as any page would.

import { gateway } from './api.js';
import { ask, field } from './dialogs.js';
import { h, button, toast } from './dom.js';

/** @param from a record to begin with: what "Produce again" of the browser gives */
export function produce(topic, partitions, from = {}) {
  const key = h('input', { type: 'text', value: from.key ?? '', placeholder: 'none', spellcheck: 'false', name: 'key' });
  const value = h('textarea', { rows: '8', value: from.value ?? '', spellcheck: 'false', name: 'value', oninput: kind });
  const tombstone = h('input', { type: 'checkbox', onchange: () => (value.disabled = tombstone.checked) });
  const partition = h('select', null, h('option', { value: '' }, 'by key'), Array.from({ length: Math.min(partitions, 1000) }, (_, i) => h('option', { value: String(i) }, i)));
  const again = h('input', { type: 'checkbox' });
  const kindOf = h('small');
  const headers = h('div', { class: 'headers' });

  function header(name = '', text = '') {
    const row = h('div', { class: 'pair' },
      h('input', { type: 'text', placeholder: 'name', value: name, 'aria-label': 'Header name' }),
      h('input', { type: 'text', placeholder: 'value', value: text, 'aria-label': 'Header value' }),
      button('', { name: 'close', kind: 'quiet', 'aria-label': 'Remove the header', onclick: () => row.remove() }));
    headers.append(row);
  }

  function kind() {
    try {
      JSON.parse(value.value);
      kindOf.textContent = 'JSON';
    } catch {
      kindOf.textContent = /^\s*[[{]/.test(value.value) ? 'text; not JSON yet' : 'text';
    }
  }

  for (const [name, text] of from.headers ?? []) header(name, text);
  kind();
  const { dialog } = ask({
    title: `Produce to ${topic}`,
    wide: true,
    stay: true,
    fields: [
      h('div', { class: 'pair' }, field('Key', key), field('Partition', partition)),
      h('label', { class: 'field' }, h('span', { class: 'split' }, 'Value', kindOf), value),
      h('div', { class: 'split' },
        button('Header', { name: 'plus', kind: 'quiet small', onclick: () => header() }),
        h('label', { class: 'check' }, tombstone, 'no value (tombstone)'),
        h('label', { class: 'check' }, again, 'stay open')),
      headers,
    ],
    action: 'Produce',
    submit: async () => {
      const options = { headers: {} };
      if (key.value) options.key = key.value;
      if (partition.value) options.partition = Number(partition.value);
      for (const row of headers.children) {
        const [name, text] = row.querySelectorAll('input');
        if (name.value) options.headers[name.value] = text.value;
      }
      const at = await gateway().publish(topic, tombstone.checked ? null : value.value, options);
      toast(`Written to partition ${at.partition}, offset ${at.offset}`);
      if (again.checked) value.select();
      else dialog.close();
    },
  });
  if (!from.value) value.focus();
}
