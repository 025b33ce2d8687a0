// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ImageSnapshot;
import io.tailrace.cluster.metadata.LogPosition;
import io.tailrace.cluster.metadata.MetadataLog;
import io.tailrace.cluster.metadata.MetadataView;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Shows the node's threads the newest image. One thread publishes, the controller's; any thread reads and listens.
 */
public final class MetadataPublisher implements MetadataView {

    private record Published(LogPosition position, ClusterImage image) {}

    private final List<Consumer<ClusterImage>> listeners = new CopyOnWriteArrayList<>();
    private volatile Published newest = new Published(LogPosition.START, ClusterImage.empty(""));

    @Override
    public ClusterImage image() {
        return newest.image();
    }

    @Override
    public void onChange(Consumer<ClusterImage> listener) {
        listeners.add(listener);
    }

    void publish(LogPosition position, ClusterImage image) {
        newest = new Published(position, image);
        for (Consumer<ClusterImage> listener : listeners) {
            listener.accept(image);
        }
    }

    /** The newest image as the metadata log keeps it. On any thread; takes time in proportion to the image. */
    MetadataLog.Snapshot snapshot() {
        Published now = newest;
        return new MetadataLog.Snapshot(now.position(), ImageSnapshot.encode(now.image()));
    }
}
