// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

/**
 * One number that a workload found.
 *
 * @param name stable, dotted: {@code produce.1k.cpu_s_per_gb}
 */
public record Measure(String name, double value, String unit) {}
