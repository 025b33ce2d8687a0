// SPDX-License-Identifier: Apache-2.0
/**
 * Frames and records as JSON and as server-sent events. Start reading at {@link io.tailrace.gateway.wire.ClientFrames} for what comes
 * in, {@link io.tailrace.gateway.wire.BacklogDecoder} and {@link io.tailrace.gateway.wire.SharedDecoder} for records on their way out.
 *
 * <p>Functions and single-use objects; nothing here knows a socket.
 */
@NullMarked
package io.tailrace.gateway.wire;

import org.jspecify.annotations.NullMarked;
