// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PulseTest {

    /** So long a round that its timer never ticks here; the test does. */
    private static final long ROUND_MS = Pulse.TICKS * 3_600_000L;

    private final Vertx vertx = Vertx.vertx();
    private final Pulse pulse = new Pulse(vertx, 5_000, ROUND_MS);
    private final List<Connection> connections = new ArrayList<>();
    private int seen;

    private final class Connection implements Pulsed {
        private int times;

        @Override
        public void pulse(long nowMs) {
            times++;
            seen++;
        }

        @Override
        public void drain(long afterMs) {
            pulse.remove(this);
        }
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private void connect(int count) {
        for (int i = 0; i < count; i++) {
            Connection connection = new Connection();
            connections.add(connection);
            pulse.add(connection);
        }
    }

    @Test
    void looksAfterEachConnectionOnceInARoundAndAfterFewAtATime() {
        connect(5_000);
        int most = 0;
        for (int tick = 0; tick < Pulse.TICKS; tick++) {
            int before = seen;
            pulse.tick(0);
            most = Math.max(most, seen - before);
        }

        assertThat(connections)
                .allSatisfy(connection -> assertThat(connection.times).isEqualTo(1));
        assertThat(most).isLessThan(100); // twenty on average
    }

    @Test
    void ticksOnlyWhileThereIsSomebody() {
        assertThat(pulse.isRunning()).isFalse();
        connect(3);
        assertThat(pulse.isRunning()).isTrue();
        pulse.remove(connections.get(1));
        pulse.remove(connections.get(1));
        assertThat(pulse.size()).isEqualTo(2);
        assertThat(pulse.isRunning()).isTrue();
        pulse.drain(2_000);
        assertThat(pulse.size()).isZero();
        assertThat(pulse.isRunning()).isFalse();
        connect(1);
        assertThat(pulse.isRunning()).isTrue();
    }

    @Test
    void isFullWithAsManyAsItMayHave() {
        connect(4_999);
        assertThat(pulse.isFull()).isFalse();
        connect(1);
        assertThat(pulse.isFull()).isTrue();
        pulse.remove(connections.get(0));
        assertThat(pulse.isFull()).isFalse();
    }
}
