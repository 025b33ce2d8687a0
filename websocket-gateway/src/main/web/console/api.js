// SPDX-License-Identifier: Apache-2.0
// The JSON API of this node, and the socket. Addresses are relative to the page, so that it works below any path.

import { connect } from '../client.js';

export class ApiError extends Error {
  constructor(status, { code = 'unreachable', text = 'the node does not answer' } = {}) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

export async function api(path, { method = 'GET', body, query, signal } = {}) {
  const url = new URL(`v1/admin/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== '' && value !== null && value !== undefined && value !== false) url.searchParams.set(name, value);
  }
  let response;
  try {
    response = await fetch(url, {
      method,
      signal,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body && JSON.stringify(body),
    });
  } catch (lost) {
    if (signal?.aborted) throw lost;
    throw new ApiError(0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

export const name = encodeURIComponent;

let shared;

/** The gateway, as any page would use it. */
export function gateway() {
  return (shared ??= connect(new URL('v1/socket', document.baseURI).href.replace(/^http/, 'ws')));
}
