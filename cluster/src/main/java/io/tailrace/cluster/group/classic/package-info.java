// SPDX-License-Identifier: Apache-2.0
/**
 * The classic group protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup. Start reading at {@link
 * io.tailrace.cluster.group.classic.ClassicState}, the states, then {@link io.tailrace.cluster.group.classic.ClassicKind}.
 *
 * <p>Pure; the objects of one partition belong to one thread.
 */
@NullMarked
package io.tailrace.cluster.group.classic;

import org.jspecify.annotations.NullMarked;
