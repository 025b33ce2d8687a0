// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.io.IOException;
import java.util.concurrent.CompletionStage;

/**
 * The log that says what the cluster's metadata is: entries in one order, the same on every node, kept through crashes of any minority.
 *
 * <p>Started once and closed once. {@link #append}, {@link #resign} and {@link #close} may be called from any thread.
 */
public interface MetadataLog extends AutoCloseable {

    /**
     * Opens the log and begins to tell the listener what is in it. Blocks for as long as it takes to read the files.
     *
     * @throws IOException if the files cannot be read or belong to another cluster
     */
    void start(Listener listener) throws IOException;

    /**
     * Appends one entry, if this node leads the log. Entries are applied whole.
     *
     * @return its index, once it is committed; fails if this node does not lead, or if it is not known what became of the entry. The
     *     listener is told of every committed entry, so also of one whose stage failed. Completes on a thread of the log, which must not be held
     */
    CompletionStage<Long> append(byte[] entry);

    /**
     * Stops leading, as far as another node can lead: hands over to a voter that was heard of lately, which is then elected at once, or stops and
     * lets the others notice. Fails if it does not lead, or could not stop in time.
     */
    CompletionStage<Void> resign();

    /** Who keeps the log, as this node sees it. On any thread; answers at once. */
    QuorumView describe();

    /**
     * Lets a node take part, if this node leads the log: as a voter while there are fewer than {@code votersMost}, else as an observer that gets
     * the log and has no vote. A voter or observer of the same node id with another directory has lost its disk and is replaced by it. Done at
     * once if the node takes part already.
     *
     * <p>Fails if this node does not lead, or another change of who takes part is under way; then it is to be asked again.
     */
    CompletionStage<Void> admit(int nodeId, String directoryId, String address, int votersMost);

    /**
     * Lets a node take part no more, if this node leads the log and is not the one. Where that leaves fewer than {@code votersMost} voters, an
     * observer that was heard of lately takes the place. Done at once if the node does not take part. Fails as {@link #admit} does.
     */
    CompletionStage<Void> expel(int nodeId, int votersMost);

    /**
     * Gives a vote to a node that observes, or takes that of a voter, which observes from then on; if this node leads the log and, to lose its vote,
     * is not the one. Done at once if it is so, or if the node does not take part. Fails as {@link #admit} does.
     */
    CompletionStage<Void> setVote(int nodeId, boolean votes);

    /** Stops. Nothing is told to the listener after it. Blocks until the files are closed. */
    @Override
    void close();

    /** Who is told what is in the log. Called on threads of the log, which must not be held; one call at a time, but for {@link #snapshot}. */
    interface Listener {

        /** The log starts with this; all told before is void. */
        void onRestored(LogPosition position, byte[] snapshot);

        /** An entry is committed; in order, none left out, each once for each start of the log. */
        void onCommitted(LogPosition position, byte[] entry);

        /**
         * Another node leads, or this one.
         *
         * @param leaderId its node id, or -1 if none is known. This node's id is told after every entry of earlier terms
         */
        void onLeadership(long term, int leaderId);

        /** The log is broken and takes part no more: the node must stop. */
        void onFailed(Throwable cause);

        /** All that was applied so far, for the log to start with next time. Called on any thread at any time. */
        Snapshot snapshot();
    }

    /**
     * State made of the entries up to and including {@code position}.
     *
     * @param position {@link LogPosition#START} if nothing was applied yet; then {@code bytes} is not looked at
     */
    record Snapshot(LogPosition position, byte[] bytes) {}
}
