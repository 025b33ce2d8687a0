// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.Arrays;
import java.util.List;

/**
 * What a consumer group remembers of a member that speaks the classic protocol, so that it can serve it, and make a classic group of it
 * again. Never changed once made.
 *
 * @param sessionTimeoutMs its own: in the classic protocol the member decides
 * @param protocols as in its last JoinGroup, in its order of preference; at least one
 */
public record ClassicTraits(int sessionTimeoutMs, List<Protocol> protocols) {

    public ClassicTraits {
        protocols = List.copyOf(protocols);
    }

    /** One way to assign that the member knows; the subscription is in the consumer's embedded format. Equal if the bytes are. */
    @SuppressWarnings("ArrayRecordComponent")
    public record Protocol(String name, byte[] subscription) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Protocol that
                    && name.equals(that.name)
                    && Arrays.equals(subscription, that.subscription);
        }

        @Override
        public int hashCode() {
            return 31 * name.hashCode() + Arrays.hashCode(subscription);
        }

        @Override
        public String toString() {
            return name + Arrays.toString(subscription);
        }
    }
}
