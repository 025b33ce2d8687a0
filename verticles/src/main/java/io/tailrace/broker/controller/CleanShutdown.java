// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.quorum.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The broker epoch of a node that was stopped cleanly, and the ids of its log directories, a line each, in the file {@code clean-shutdown.epoch}
 * beside the metadata log. It says that nothing
 * which the node confirmed under that epoch is missing from its disks (KIP-966). Written last of all at a clean stop.
 *
 * <p>Forgotten only when the node has registered: a node that is stopped again before that has confirmed nothing since, and is as clean as it was. A
 * note that a crash leaves behind does no harm, as the registration that followed has a newer epoch, and the controller compares.
 */
public final class CleanShutdown {

    private static final String FILE = "clean-shutdown.epoch";

    private CleanShutdown() {}

    /**
     * @param directoryIds of the log directories that are there now
     * @return the epoch, or -1 if the last stop was not clean, there was none, or one of the directories of then is not there
     */
    public static long read(Path dir, List<String> directoryIds) throws IOException {
        Path file = dir.resolve(FILE);
        if (!Files.exists(file)) {
            return -1;
        }
        List<String> noted = List.of(Files.readString(file).strip().split("\\s+"));
        if (!directoryIds.containsAll(noted.subList(1, noted.size()))) {
            return -1;
        }
        try {
            return Long.parseLong(noted.get(0));
        } catch (NumberFormatException damaged) {
            return -1; // as good as none: the node is trusted with less, not with more
        }
    }

    /** To be called once a registration has told the controller what {@link #read} found. */
    public static void forget(Path dir) throws IOException {
        Path file = dir.resolve(FILE);
        if (Files.deleteIfExists(file)) {
            DurableFile.syncFolderOf(file);
        }
    }

    /** @param directoryIds of the log directories, all of them sound */
    public static void leave(Path dir, long brokerEpoch, List<String> directoryIds) throws IOException {
        String text = brokerEpoch + "\n" + String.join("\n", directoryIds) + "\n";
        DurableFile.write(dir.resolve(FILE), text.getBytes(StandardCharsets.UTF_8));
    }
}
