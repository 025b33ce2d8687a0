// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.recovery;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Says that a log was cut below a recovery point that is already written down. It is made durable in the partition's directory
 * before the cut; a start after a crash then does not take the missing batches for lost ones. It is believed unless there is
 * a checkpoint younger than it.
 *
 * <pre>
 * 0                   version
 * 77 1200 0 4711      sequence of the last checkpoint made before it, recovery point, log start offset, sequence of the
 *                     last journal entry before it: up to there the journal no longer concerns the log
 * </pre>
 */
public record TruncationNote(long checkpointSequence, long recoveryPoint, long logStartOffset, long journalFloor) {

    public static final String FILE = "truncation-checkpoint";

    public byte[] encode() {
        return ("0\n" + checkpointSequence + " " + recoveryPoint + " " + logStartOffset + " " + journalFloor + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Empty if it cannot be read: as it is written whole, someone else has been at it. */
    public static Optional<TruncationNote> decode(byte[] content) {
        String[] fields = new String(content, StandardCharsets.UTF_8).split("[ \n]");
        if (fields.length != 5 || !fields[0].equals("0")) {
            return Optional.empty();
        }
        try {
            return Optional.of(new TruncationNote(
                    Long.parseLong(fields[1]),
                    Long.parseLong(fields[2]),
                    Long.parseLong(fields[3]),
                    Long.parseLong(fields[4])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
