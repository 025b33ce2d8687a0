// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

/** One member. Never changed once made. */
record ConsumerMember(String memberId, Subscription subscription, Holding holding) {

    ConsumerMember with(Subscription next) {
        return new ConsumerMember(memberId, next, holding);
    }

    ConsumerMember with(Holding next) {
        return new ConsumerMember(memberId, subscription, next);
    }
}
