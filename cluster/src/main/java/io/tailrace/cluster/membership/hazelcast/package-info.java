// SPDX-License-Identifier: Apache-2.0
/**
 * How Hazelcast is set up as the membership: who is there, as a hint. Nothing that counts is kept in it. Start reading at {@link
 * io.tailrace.cluster.membership.hazelcast.HazelcastMembership}.
 */
@NullMarked
package io.tailrace.cluster.membership.hazelcast;

import org.jspecify.annotations.NullMarked;
