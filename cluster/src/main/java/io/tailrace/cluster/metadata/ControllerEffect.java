// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

/** What a {@link Controller} wants done. */
public sealed interface ControllerEffect {

    /**
     * Append one entry to the metadata log. There is never a second one before the first came back as {@link ControllerEvent.Committed} or
     * {@link ControllerEvent.AppendFailed}.
     */
    record Append(byte[] entry) implements ControllerEffect {}

    /**
     * Answer a request.
     *
     * @param version of the image that holds what the reply tells; who reads an older image must wait
     */
    record Reply(long requestId, ControllerReply reply, long version) implements ControllerEffect {}

    /**
     * Let the node see this image.
     *
     * @param position of the last entry that is in it
     */
    record Publish(LogPosition position, ClusterImage image) implements ControllerEffect {}

    /** Give up leading the log, if it still leads: an append failed, and only another election can tell what became of it. */
    record Resign(String reason) implements ControllerEffect {}

    /** Stop this node: what the log says cannot be, or cannot be read. Nothing follows this effect. */
    record Fail(String reason) implements ControllerEffect {}
}
