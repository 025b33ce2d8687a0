// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.security.auth.KafkaPrincipal;

/**
 * A request of Kafka's own that did not come over a Kafka connection, at {@link Addresses#api}: the gateway's, for its administration pages.
 * Answered with the response of the API, as a client with this principal would get it; so there is one implementation of each operation, and
 * one place where it is authorised.
 *
 * @param host where the asker sits, for the authoriser
 * @param version of the API; what does not exist in it is not in the request
 * @param request must not be changed any more
 */
public record ApiCall(KafkaPrincipal principal, String host, short version, ApiMessage request) {}
