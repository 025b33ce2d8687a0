// SPDX-License-Identifier: Apache-2.0
/**
 * Addresses and messages of the event bus. Pure: the shells bring the bus. Start reading at {@link
 * io.tailrace.cluster.bus.Addresses}, then {@link io.tailrace.cluster.bus.LogRequest}.
 *
 * <p>Every message is immutable, or says in its Javadoc who may write what and until when. One sealed family per address; each request
 * names the type of its reply. Inside a process the receiver gets the very instance that was sent.
 */
@NullMarked
package io.tailrace.cluster.bus;

import org.jspecify.annotations.NullMarked;
