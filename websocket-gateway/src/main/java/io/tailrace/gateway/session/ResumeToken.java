// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * Where a subscriber was, as a text that it keeps and gives back; good on every node. It gives no rights: whoever resumes must still be allowed
 * to read the topic. So it is not signed.
 *
 * <p>Base64 (URL alphabet, no padding) of, in network byte order:
 *
 * <pre>
 *  byte  0       version, 1
 *  byte  1-16    topic id
 *  then for each partition, 24 bytes:
 *        0-3     partition
 *        4-7     leader epoch of the last record seen, or -1
 *        8-15    offset of the next record
 *       16-23    timestamp of the last record seen, ms since 1970, or -1: where to look if the topic is another by now
 * </pre>
 */
public record ResumeToken(Uuid topicId, List<Mark> marks) {

    private static final byte VERSION = 1;
    private static final int HEAD_BYTES = 17;
    private static final int MARK_BYTES = 24;

    /** The place in one partition. */
    public record Mark(int partition, Position position, long timestampMs) {}

    public ResumeToken {
        marks = List.copyOf(marks);
    }

    public String text() {
        ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + MARK_BYTES * marks.size());
        bytes.put(VERSION).putLong(topicId.getMostSignificantBits()).putLong(topicId.getLeastSignificantBits());
        for (Mark mark : marks) {
            bytes.putInt(mark.partition)
                    .putInt(mark.position.leaderEpoch())
                    .putLong(mark.position.offset())
                    .putLong(mark.timestampMs);
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** What a text stands for; empty if it is none of ours. */
    public static Optional<ResumeToken> parse(String text) {
        byte[] decoded;
        try {
            decoded = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        if (decoded.length < HEAD_BYTES || (decoded.length - HEAD_BYTES) % MARK_BYTES != 0 || decoded[0] != VERSION) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(decoded, 1, decoded.length - 1);
        Uuid topicId = new Uuid(bytes.getLong(), bytes.getLong());
        List<Mark> marks = new ArrayList<>();
        while (bytes.hasRemaining()) {
            int partition = bytes.getInt();
            int leaderEpoch = bytes.getInt();
            Mark mark = new Mark(partition, new Position(bytes.getLong(), leaderEpoch), bytes.getLong());
            if (partition < 0 || mark.position.offset() < 0 || leaderEpoch < Position.NO_EPOCH) {
                return Optional.empty();
            }
            marks.add(mark);
        }
        return Optional.of(new ResumeToken(topicId, marks));
    }
}
