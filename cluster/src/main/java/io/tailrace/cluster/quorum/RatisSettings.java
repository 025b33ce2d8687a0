// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.ratis.RaftConfigKeys;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.util.SizeInBytes;
import org.apache.ratis.util.TimeDuration;

/** Ratis' settings, where its defaults are not for a log of a few megabytes inside a broker. */
final class RatisSettings {

    /**
     * The longest entry with its head. The controller closes an entry at 256 KiB and adds at most one unit of 1 MiB to it; a longer one would
     * be refused by Ratis.
     */
    static final int ENTRY_BYTES_MAX = (256 << 10) + (1 << 20) + (64 << 10);

    /** Ratis checks that an entry, its length and its checksum fit. */
    private static final int WRITE_BUFFER_BYTES = ENTRY_BYTES_MAX + 1024;

    /** A segment must hold several of the longest entries; whole segments are what a snapshot lets go. */
    private static final int SEGMENT_BYTES = 4 << 20;

    /** As long as the longest entry is about: no message between voters is much longer. */
    private static final int SNAPSHOT_CHUNK_BYTES = 1 << 20;

    /** Entries after which a snapshot is taken: bounds the replay at start to some hundred milliseconds. */
    private static final long SNAPSHOT_ENTRIES = 20_000;

    private RatisSettings() {}

    static RaftProperties of(Path dir, boolean alone) {
        RaftProperties it = new RaftProperties();
        it.set(RaftConfigKeys.Rpc.TYPE_KEY, QuorumRpcType.class.getName());
        RaftServerConfigKeys.setStorageDir(it, List.of(dir.toFile()));
        RaftServerConfigKeys.setRemovedGroupsDir(it, dir.resolve("removed").toFile());
        // A pause of the whole machine is no reason to close the log for good. That leadership ends by it, is.
        RaftServerConfigKeys.setCloseThreshold(it, TimeDuration.valueOf(3650, TimeUnit.DAYS));

        // A leader speaks each half of the shorter time. The span is what keeps voters from standing at the same time:
        // 700 to 1000 ms made heartbeats cheaper, and elections longer.
        RaftServerConfigKeys.Rpc.setTimeoutMin(it, ms(500));
        RaftServerConfigKeys.Rpc.setTimeoutMax(it, ms(1000));
        // How long an appender rests when a voter cannot be reached.
        RaftServerConfigKeys.Rpc.setSleepTime(it, ms(100));
        if (alone) {
            // Nobody else can lead: there is nothing to wait for.
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMin(it, ms(10));
            RaftServerConfigKeys.Rpc.setFirstElectionTimeoutMax(it, ms(20));
        }
        RaftServerConfigKeys.Read.setOption(it, RaftServerConfigKeys.Read.Option.LINEARIZABLE);

        RaftServerConfigKeys.Log.setSegmentSizeMax(it, bytes(SEGMENT_BYTES));
        RaftServerConfigKeys.Log.setPreallocatedSize(it, bytes(128 << 10));
        RaftServerConfigKeys.Log.setWriteBufferSize(it, bytes(WRITE_BUFFER_BYTES));
        RaftServerConfigKeys.Log.Appender.setBufferByteLimit(it, bytes(ENTRY_BYTES_MAX));
        RaftServerConfigKeys.Log.setSegmentCacheNumMax(it, 2);
        RaftServerConfigKeys.Log.setSegmentCacheSizeMax(it, bytes(2 * SEGMENT_BYTES));
        RaftServerConfigKeys.Log.setPurgeGap(it, 1);

        RaftServerConfigKeys.Log.Appender.setSnapshotChunkSizeMax(it, bytes(SNAPSHOT_CHUNK_BYTES));

        RaftServerConfigKeys.Snapshot.setAutoTriggerEnabled(it, true);
        RaftServerConfigKeys.Snapshot.setAutoTriggerThreshold(it, SNAPSHOT_ENTRIES);
        RaftServerConfigKeys.Snapshot.setCreationGap(it, 1);
        RaftServerConfigKeys.Snapshot.setRetentionFileNum(it, 2);
        return it;
    }

    private static TimeDuration ms(int count) {
        return TimeDuration.valueOf(count, TimeUnit.MILLISECONDS);
    }

    private static SizeInBytes bytes(int count) {
        return SizeInBytes.valueOf(count);
    }
}
