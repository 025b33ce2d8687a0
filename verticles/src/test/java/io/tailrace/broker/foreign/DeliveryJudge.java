// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.foreign;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds what came twice though it had been committed, in what members printed. Pure; {@code DeliveryJudgeTest} plants each mistake.
 *
 * <p>A record may come again if its first reader died before it had committed it. So there are two questions, by what members tell: those that
 * print their commits are asked whether anything came <i>after</i> a commit beyond it was answered; of those that do not, it is known what the
 * broker had for them when they were dead, and nothing else excuses a second reading.
 */
final class DeliveryJudge {

    private DeliveryJudge() {}

    /** A record as a member printed it; {@code ms} is 0 for members that tell no time. */
    record Delivery(String member, int partition, long offset, String value, long ms) {}

    /** A commit that was answered. */
    record Commit(int partition, long offset, long ms) {}

    /** What was read later than a commit of an offset beyond it, in words. */
    static List<String> readAfterCommit(Collection<Delivery> deliveries, Collection<Commit> commits) {
        Map<Integer, List<Commit>> byPartition = new HashMap<>();
        for (Commit commit : commits) {
            byPartition
                    .computeIfAbsent(commit.partition(), none -> new ArrayList<>())
                    .add(commit);
        }
        List<String> wrong = new ArrayList<>();
        for (Delivery delivery : deliveries) {
            byPartition.getOrDefault(delivery.partition(), List.of()).stream()
                    .filter(commit -> commit.offset() > delivery.offset() && commit.ms() < delivery.ms())
                    .findFirst()
                    .ifPresent(commit -> wrong.add("%d at %d by %s, though %d was committed"
                            .formatted(delivery.partition(), delivery.offset(), delivery.member(), commit.offset())));
        }
        return wrong;
    }

    /**
     * What was read twice though none of its readers, but the last, was killed before it had committed it, in words.
     *
     * @param committedAtDeath by killed member, what the broker had for each partition when it was dead
     */
    static List<String> readTwiceWithoutExcuse(
            Collection<Delivery> deliveries, Map<String, Map<Integer, Long>> committedAtDeath) {
        Map<String, List<Delivery>> byRecord = new HashMap<>();
        for (Delivery delivery : deliveries) {
            byRecord.computeIfAbsent(delivery.partition() + " at " + delivery.offset(), none -> new ArrayList<>())
                    .add(delivery);
        }
        List<String> wrong = new ArrayList<>();
        byRecord.forEach((record, readings) -> {
            long excused = readings.stream()
                    .filter(reading -> excused(reading, committedAtDeath))
                    .count();
            if (readings.size() - excused > 1) {
                wrong.add(record + " by "
                        + readings.stream().map(Delivery::member).toList() + ", committed at death "
                        + committedAtDeath);
            }
        });
        return wrong;
    }

    private static boolean excused(Delivery reading, Map<String, Map<Integer, Long>> committedAtDeath) {
        Map<Integer, Long> committed = committedAtDeath.get(reading.member());
        return committed != null && reading.offset() >= committed.getOrDefault(reading.partition(), 0L);
    }
}
