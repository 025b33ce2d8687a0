// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.gateway.session.Limits;
import io.tailrace.gateway.session.PublishSessions;
import io.tailrace.gateway.stream.Loop;
import io.vertx.core.internal.ContextInternal;

/** What all connections of one event loop use. */
record Shared(
        int nodeId,
        ContextInternal context,
        Loop loop,
        Topics topics,
        Limits limits,
        Pulse pulse,
        PublishSessions sessions) {}
