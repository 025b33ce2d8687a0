// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.gateway.session.Limits;
import io.tailrace.gateway.session.PublishSessions;
import io.tailrace.gateway.stream.Loop;
import io.tailrace.gateway.wire.Inflate;
import io.vertx.core.internal.ContextInternal;
import org.jspecify.annotations.Nullable;

/**
 * What all connections of one event loop use.
 *
 * @param inflate for what clients have compressed; null if nothing is to be compressed, in neither direction
 */
record Shared(
        int nodeId,
        ContextInternal context,
        Loop loop,
        Topics topics,
        Limits limits,
        Pulse pulse,
        PublishSessions sessions,
        @Nullable Inflate inflate) {}
