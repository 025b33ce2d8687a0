// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import io.tailrace.broker.api.RequestContext;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;

/**
 * Quotas, as KIP-219 has them: the response goes out at once and tells the throttle time, then the connection is not read for that long.
 */
@FunctionalInterface
public interface RequestThrottle {

    /**
     * How long not to read the connection after this response, in milliseconds; 0 for not at all. Whoever returns more than 0 also sets the
     * throttle time in {@code response}, where its version has one.
     */
    int throttleMs(RequestContext context, ApiKeys api, ApiMessage response, int requestBytes);

    /** No quotas. */
    static RequestThrottle none() {
        return (context, api, response, requestBytes) -> 0;
    }
}
