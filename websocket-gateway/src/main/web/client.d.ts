// SPDX-License-Identifier: Apache-2.0

/** Bytes as they came: a string if they are UTF-8, null if there are none. */
export type Bytes = string | Uint8Array | null;

export interface TailraceRecord {
  partition: number;
  offset: number;
  /** Milliseconds since 1970. */
  timestamp: number;
  key: Bytes;
  value: Bytes;
  headers: [name: string, value: Bytes][];
}

export type From =
  | 'earliest'
  | 'latest'
  | { offset: number }
  | { offsets: { [partition: number]: number } }
  | { timestamp: number }
  | { token: string }
  | { tokens: string[] };

export interface Gap {
  partition: number;
  from: number;
  to: number;
  reason: 'retention' | 'truncation' | 'replaced';
}

export type SubscriptionEvent =
  | { type: 'open'; positions: { [partition: string]: { offset: number; token: string } } }
  | { type: 'state'; partition: number; state: 'catching-up' | 'live' | 'offline' }
  | { type: 'reconnecting' }
  | { type: 'assigned'; partition: number; offset: number }
  /** `lost`: they are another member's already. */
  | { type: 'revoked'; partitions: number[]; lost: boolean };

type Field = string | number | boolean | null;

export interface Filter {
  key?: string;
  keyPrefix?: string;
  headers?: { [name: string]: string };
  /** By path, such as "customer.name" or "items.0.sku"; of values that are JSON. */
  json?: {
    [path: string]:
      | Field
      | { eq?: Field; ne?: Field; lt?: number | string; le?: number | string; gt?: number | string; ge?: number | string; prefix?: string };
  };
}

export interface SubscribeOptions {
  /** Where to begin; "latest" if not given. */
  from?: From;
  /** All partitions if not given. */
  partitions?: number[];
  /**
   * Be a member of this consumer group, beside browsers and Kafka consumers: its coordinator deals the partitions out. They begin where the group
   * committed, or at `from`. What is not committed comes again after a break, here or at another member.
   */
  group?: string;
  /** Only these records are sent; all tests must hold. */
  filter?: Filter;
  /**
   * "latest-per-key" leaves out records that a later one of the same key follows, where several are read at once; "sample" looks at what is new every
   * `everyMs` only.
   */
  mode?: 'all' | 'latest-per-key' | 'sample';
  everyMs?: number;
  /** Most that is sent ahead of what was taken. Default: 1000 records, 1 MiB. A single record may be larger. */
  window?: { records: number; bytes: number };
  signal?: AbortSignal;
  /** Without it a gap ends the iteration with a GapError. */
  onGap?: (gap: Gap) => void;
  onEvent?: (event: SubscriptionEvent) => void;
}

export interface Subscription extends AsyncIterableIterator<TailraceRecord> {
  /** Where it is: give it to `from` as `{ tokens }` to go on there, in another page or on another day. */
  readonly tokens: string[];
  /**
   * For members of a group: the group is done with all records that were taken. Resolves when that is durable. Partitions that go to another member
   * are committed by themselves, up to the last record that was done with (that is, after which the next one was asked for).
   */
  commit(): Promise<void>;
}

export interface PublishOptions {
  key?: string | ArrayBuffer | ArrayBufferView | null;
  headers?: { [name: string]: string | ArrayBuffer | ArrayBufferView | null };
  partition?: number;
}

export interface Gateway {
  subscribe(topic: string, options?: SubscribeOptions): Subscription;
  /**
   * A value that is neither a string nor bytes is written as its JSON. Written once, over broken connections and restarts; the offset is not known
   * if the record was written before one, and its answer lost.
   */
  publish(topic: string, value: unknown, options?: PublishOptions): Promise<{ partition: number; offset?: number }>;
}

export interface Connection extends Gateway {
  close(): void;
}

export class TailraceError extends Error {
  readonly code: string;
  readonly retriable: boolean;
}

export class GapError extends TailraceError {
  readonly gap: Gap;
}

/** @param url for example "ws://localhost:8080/v1/socket"; if not given, the server that client.js came from, or the page's own if that is bundled */
export function connect(url?: string): Connection;

/** The gateway that client.js came from. */
export const tailrace: Gateway;
