// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Bus;
import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.broker.metrics.LogMeters;
import io.tailrace.cluster.config.ConfigLayers;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.log.LogDirectories;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;

/**
 * What a log shard needs from the node around it.
 *
 * @param incarnationId drawn by this process: an image that does not know it speaks of an earlier start of the node
 * @param inTouch whether the controller has heard of this node just now, so that it knows what it leads
 * @param layers what topics inherit from this node, as an image has it
 * @param meters where it counts
 * @param onLogLost told, from a shard's thread, when a log went offline: what this node confirmed may be missing from its disks
 * @param onBroken told why, from a shard's thread, when the node must stop: no log directory is left, or the shard met a bug
 */
public record ShardPorts(
        Bus bus,
        MetadataView metadata,
        LogDirectories directories,
        Function<ClusterImage, ConfigLayers> layers,
        LogMeters meters,
        Consumer<Throwable> onBroken,
        Runnable onLogLost,
        ControllerClient controller,
        Uuid incarnationId,
        BooleanSupplier inTouch) {}
