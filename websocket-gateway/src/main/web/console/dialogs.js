// SPDX-License-Identifier: Apache-2.0
// Questions: forms in a dialog, and the one that wants the name typed before something is destroyed.

import { h, put, button, toast } from './dom.js';

/**
 * @param build given a place for errors, returns the fields
 * @param submit returns a promise; the dialog closes when it is fulfilled and stays, with the reason, when it is not
 */
export function ask({ title, text, fields = [], action, kind = 'primary', wide = false, submit, stay = false }) {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
  const send = button(action, { kind, type: 'submit' });
  const form = h('form', { method: 'dialog' },
    h('header', null, h('h2', null, title), button('', { name: 'close', kind: 'quiet', 'aria-label': 'Close', onclick: () => dialog.close() })),
    h('div', { class: 'fields' }, text && h('p', { class: 'muted' }, text), fields, problem),
    h('footer', null, button('Cancel', { kind: 'quiet', onclick: () => dialog.close() }), send));
  const dialog = h('dialog', { class: wide ? 'wide' : '' }, form);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    problem.hidden = true;
    try {
      await submit();
      if (!stay) dialog.close();
    } catch (refused) {
      problem.hidden = false;
      put(problem, refused.message);
    }
    send.disabled = false;
  });
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  (form.querySelector('.fields input, .fields textarea, .fields select') ?? send).focus();
  return { dialog, send };
}

/** Something that cannot be undone: says what goes, and wants its name. */
export function destroy({ title, name, loses, action, submit, done }) {
  const typed = h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', 'aria-label': 'Name', oninput: () => (asked.send.disabled = typed.value !== name) });
  const asked = ask({
    title,
    fields: [
      h('div', { class: 'loses' }, loses),
      field(['Type ', h('b', { class: 'mono' }, name), ' to confirm'], typed),
    ],
    action,
    kind: 'danger',
    submit: async () => {
      await submit();
      toast(done);
    },
  });
  asked.send.disabled = true;
}

export function field(label, input, hint) {
  return h('label', { class: 'field' }, h('span', null, label), input, hint && h('small', null, hint));
}
