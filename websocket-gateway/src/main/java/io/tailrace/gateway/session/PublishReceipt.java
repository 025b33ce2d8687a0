// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import org.apache.kafka.common.Uuid;

/**
 * How far a publish session is in one partition, as a text that the client keeps and gives back to another node, or to this one after a restart.
 * It gives no rights, and is not signed: whoever makes one up spoils but the numbers of a producer, which Kafka's protocol lets him do as well.
 *
 * <p>Base64 (URL alphabet, no padding) of the topic id, the partition, and the sequence of the last record answered, in network byte order.
 *
 * @param sequence from 0; after {@link Integer#MAX_VALUE} comes 0
 */
public record PublishReceipt(Uuid topicId, int partition, int sequence) {

    private static final int BYTES = 24;

    public String text() {
        byte[] bytes = ByteBuffer.allocate(BYTES)
                .putLong(topicId.getMostSignificantBits())
                .putLong(topicId.getLeastSignificantBits())
                .putInt(partition)
                .putInt(sequence)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What a text stands for; empty if it is none of ours. */
    public static Optional<PublishReceipt> parse(String text) {
        byte[] decoded;
        try {
            decoded = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        if (decoded.length != BYTES) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(decoded);
        PublishReceipt receipt =
                new PublishReceipt(new Uuid(bytes.getLong(), bytes.getLong()), bytes.getInt(), bytes.getInt());
        return receipt.partition < 0 || receipt.sequence < 0 ? Optional.empty() : Optional.of(receipt);
    }

    /** The sequence of the next record. */
    int next() {
        return after(sequence, 1);
    }

    /** Sequences count 0 to 2^31 - 1 and begin again. */
    static int after(int sequence, int count) {
        return sequence + count & Integer.MAX_VALUE;
    }
}
