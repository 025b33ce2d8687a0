// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import io.tailrace.cluster.membership.MembershipConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class UnusedTasksTest {

    @Test
    void nothingLooksTenTimesASecondForFuturesThatNobodyHas() throws IOException {
        int port = freePort();
        HazelcastInstance member = Hazelcast.newHazelcastInstance(HazelcastMembership.configure(
                new MembershipConfig(1, "unused", "127.0.0.1", "127.0.0.1", port, List.of("127.0.0.1:" + port)),
                lost -> {},
                () -> {}));
        try {
            // While it runs it is not in the queue.
            until(() -> !UnusedTasks.scheduled(member).isEmpty());
            until(() -> {
                UnusedTasks.end(member);
                return UnusedTasks.scheduled(member).stream().allMatch(Future::isCancelled);
            });
            assertThat(member.getCluster().getMembers()).hasSize(1);
        } finally {
            member.shutdown();
        }
    }

    private static void until(BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadlineNanos);
            Thread.onSpinWait();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
