// SPDX-License-Identifier: Apache-2.0
// What somebody prefers, kept in this browser.

const KEY = 'tailrace.console';
const USUAL = { theme: 'auto', time: 'local', density: 'comfortable', limit: 50 };

export const settings = { ...USUAL, ...read() };

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // no storage in this browser: it works without
  }
}

export function set(name, value) {
  settings[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // as above
  }
  apply();
}

export function dark() {
  return settings.theme === 'dark' || (settings.theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
}

export function apply() {
  document.documentElement.dataset.theme = dark() ? 'dark' : 'light';
  document.documentElement.dataset.density = settings.density;
}

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', apply);
