// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * The content of {@code partition.metadata}, Kafka's: which incarnation of a topic the directory belongs to (KIP-516).
 *
 * <pre>
 * version: 0
 * topic_id: &lt;22 characters, URL-safe Base64&gt;
 * </pre>
 */
public final class PartitionMetadata {

    public static final String FILE = "partition.metadata";

    private static final String VERSION = "version: 0";
    private static final String TOPIC_ID = "topic_id: ";

    private PartitionMetadata() {}

    public static byte[] encode(Uuid topicId) {
        return (VERSION + "\n" + TOPIC_ID + topicId + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The topic id; empty if the content is torn or of another version. */
    public static Optional<Uuid> decode(byte[] content) {
        String[] lines = new String(content, StandardCharsets.UTF_8).split("\n", -1);
        if (lines.length < 3 || !lines[0].trim().equals(VERSION) || !lines[1].startsWith(TOPIC_ID)) {
            return Optional.empty();
        }
        try {
            Uuid id = Uuid.fromString(lines[1].substring(TOPIC_ID.length()).trim());
            return Uuid.ZERO_UUID.equals(id) ? Optional.empty() : Optional.of(id);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
