// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import org.apache.kafka.common.protocol.Errors;

/**
 * Why a request on the bus got no answer: the one place where failures of the bus become codes a Kafka client understands. Both are
 * retriable. Carries no stack trace: it is an outcome of the environment, not a bug.
 */
public final class BusException extends RuntimeException {

    private final transient Errors error;

    private BusException(Errors error, String message) {
        super(message, null, false, false);
        this.error = error;
    }

    /** Nobody listens at the address: a shard that is starting or stopping, a node that left. */
    static BusException unreachable(String address) {
        return new BusException(Errors.NOT_LEADER_OR_FOLLOWER, "nobody answers at " + address);
    }

    /** Too many requests wait at the address already. */
    static BusException overloaded(String address, int limit) {
        return new BusException(Errors.REQUEST_TIMED_OUT, limit + " requests wait at " + address + " already");
    }

    /** The code for the client, for each partition of the request. */
    public Errors error() {
        return error;
    }

    /** The code for whatever made a request fail; UNKNOWN_SERVER_ERROR if it is not the bus's. */
    public static Errors errorOf(Throwable failure) {
        return failure instanceof BusException bus ? bus.error : Errors.forException(failure);
    }
}
