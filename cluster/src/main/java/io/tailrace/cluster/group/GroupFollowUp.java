// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

/** What a group wants to be told once records are durable or refused; brought back to the kind that {@linkplain GroupKind#owns owns} it. */
public interface GroupFollowUp {}
