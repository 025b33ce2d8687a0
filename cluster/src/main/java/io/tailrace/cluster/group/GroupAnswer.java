// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group;

/** The answer to a {@link GroupRequest}; which one belongs to which request stands at the request. Immutable. */
public interface GroupAnswer {}
