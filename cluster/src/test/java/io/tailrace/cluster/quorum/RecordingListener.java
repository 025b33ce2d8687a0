// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.MetadataLog;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** Applies texts by adding them to a list; the list is the snapshot. */
final class RecordingListener implements MetadataLog.Listener {

    private final List<String> texts = new ArrayList<>();
    private LogPosition position = LogPosition.START;
    private int leader = -1;
    private boolean restored;

    @Override
    public synchronized void onRestored(LogPosition at, byte[] snapshot) {
        texts.clear();
        String all = new String(snapshot, StandardCharsets.UTF_8);
        if (!all.isEmpty()) {
            texts.addAll(Arrays.asList(all.split("\n")));
        }
        position = at;
        restored = true;
        notifyAll();
    }

    @Override
    public synchronized void onCommitted(LogPosition at, byte[] entry) {
        texts.add(new String(entry, StandardCharsets.UTF_8));
        position = at;
        notifyAll();
    }

    @Override
    public synchronized void onLeadership(long term, int leaderId) {
        leader = leaderId;
        notifyAll();
    }

    @Override
    public void onFailed(Throwable cause) {
        throw new AssertionError(cause);
    }

    @Override
    public synchronized MetadataLog.Snapshot snapshot() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(String.join("\n", texts).getBytes(StandardCharsets.UTF_8));
        return new MetadataLog.Snapshot(position, all.toByteArray());
    }

    synchronized List<String> texts() {
        return List.copyOf(texts);
    }

    synchronized boolean wasRestored() {
        return restored;
    }

    synchronized int leader() {
        return leader;
    }

    /** Waits until the condition holds, looked at after each thing that happens. */
    synchronized void await(BooleanSupplier condition) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                throw new TimeoutException("still " + texts + ", leader " + leader);
            }
            wait(left);
        }
    }
}
