// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.config;

import org.jspecify.annotations.Nullable;

/**
 * One place where a value is set.
 *
 * @param name of the key that was set there, which may be another than the one asked for (a synonym)
 * @param value as it was set, in that key's unit; null if it must not be told
 */
public record SetValue(String name, @Nullable String value, ConfigSource source) {}
