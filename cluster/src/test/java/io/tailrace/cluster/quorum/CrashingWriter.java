// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import io.tailrace.cluster.quorum.QuorumConfig.Voter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Appends numbers on from what the log holds, and prints each after it is committed, until it is killed. */
final class CrashingWriter {

    private CrashingWriter() {}

    public static void main(String[] args) throws Exception {
        RecordingListener listener = new RecordingListener();
        Voter self = new Voter(1, "dir", "127.0.0.1:1");
        RatisMetadataLog log = new RatisMetadataLog(
                QuorumConfig.single(Path.of(args[0]), "cluster", self, 2_000), PeerTransport.none());
        log.start(listener);
        listener.await(() -> listener.leader() == 1);
        int next = listener.texts().size();
        System.out.println("has " + next);
        while (true) {
            log.append(Integer.toString(next).getBytes(StandardCharsets.UTF_8))
                    .toCompletableFuture()
                    .get();
            System.out.println(next++);
        }
    }
}
