// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.function.Consumer;

/** Where a node's shells read the newest {@link ClusterImage} that this node has applied. Safe from any thread. */
public interface MetadataView {

    /** The newest image; never null, empty before the first record. One volatile read. */
    ClusterImage image();

    /**
     * Calls back after each new image, in order, on the thread that applied it; the listener must hand over to its own context and return.
     */
    void onChange(Consumer<ClusterImage> listener);
}
