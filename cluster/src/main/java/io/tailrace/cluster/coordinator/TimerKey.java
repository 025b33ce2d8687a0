// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.coordinator;

/**
 * Names one timer of a coordinator partition: setting a key again moves its timer. Implement it with a record, so that equal names are one
 * timer. A timer may only make records, replies and other timers; state that must survive changes by applying records alone.
 */
public interface TimerKey {}
