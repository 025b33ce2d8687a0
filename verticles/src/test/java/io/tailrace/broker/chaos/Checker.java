// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.chaos;

import io.tailrace.broker.chaos.Operation.Commit;
import io.tailrace.broker.chaos.Operation.Committed;
import io.tailrace.broker.chaos.Operation.Mode;
import io.tailrace.broker.chaos.Operation.Outcome;
import io.tailrace.broker.chaos.Operation.Poll;
import io.tailrace.broker.chaos.Operation.Seen;
import io.tailrace.broker.chaos.Operation.Send;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * The judge: finds in a history what a log must not do. Pure: the same history gives the same anomalies in the same order.
 *
 * <p>It knows nothing of brokers. All it takes for granted is that values are unique, that producers were idempotent, that a producer's
 * sequence is the order of its calls, and that the final reader read every partition from its beginning to its end when nobody wrote any more.
 *
 * <p>What is <em>known</em> of a partition is a map from offset to the values seen there: by whoever was acknowledged there, and by whoever
 * polled there. Offsets may have holes (control batches take some), so only known offsets are ever missed.
 */
final class Checker {

    /** Of one partition. */
    private static final class Partition {

        final NavigableMap<Long, Set<Long>> known = new TreeMap<>();
        final Map<Long, Set<Long>> offsetsOfValue = new HashMap<>();
        final Set<Long> finalValues = new HashSet<>();
        final Set<Long> polledValues = new HashSet<>();
        final List<Send> sends = new ArrayList<>();
        long finalEnd = -1;
        boolean finallyRead;

        void know(long offset, long value) {
            known.computeIfAbsent(offset, any -> new HashSet<>()).add(value);
            offsetsOfValue.computeIfAbsent(value, any -> new HashSet<>()).add(offset);
        }
    }

    private record Position(int consumer, TopicPartition partition) {}

    private record Reached(int span, long offset) {}

    private record GroupPartition(String group, TopicPartition partition) {}

    private final List<Operation> history;
    private final Map<TopicPartition, Partition> partitions =
            new TreeMap<>(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition));
    private final List<Anomaly> found = new ArrayList<>();

    private Checker(List<Operation> history) {
        this.history = history;
    }

    /** @param history in the order in which operations ended */
    static List<Anomaly> check(List<Operation> history) {
        Checker checker = new Checker(history);
        checker.gather();
        checker.partitions.forEach((name, it) -> {
            checker.offsets(name, it);
            checker.losses(name, it);
            checker.order(name, it);
        });
        checker.polls();
        checker.commits();
        checker.groups();
        return checker.found;
    }

    private void gather() {
        for (Operation operation : history) {
            if (operation instanceof Send send) {
                Partition partition = partition(send.partition());
                partition.sends.add(send);
                if (send.outcome() == Outcome.OK && send.offset() >= 0) {
                    partition.know(send.offset(), send.value());
                }
            } else if (operation instanceof Poll poll) {
                for (Seen seen : poll.seen()) {
                    Partition partition = partition(seen.partition());
                    partition.know(seen.offset(), seen.value());
                    partition.polledValues.add(seen.value());
                    if (poll.mode() == Mode.FINAL) {
                        partition.finallyRead = true;
                        partition.finalValues.add(seen.value());
                        partition.finalEnd = Math.max(partition.finalEnd, seen.offset());
                    }
                }
            }
        }
    }

    private Partition partition(TopicPartition name) {
        return partitions.computeIfAbsent(name, any -> new Partition());
    }

    private void offsets(TopicPartition name, Partition it) {
        it.known.forEach((offset, values) -> {
            if (values.size() > 1) {
                tell(Anomaly.Kind.INCONSISTENT_OFFSET, name + " offset " + offset + " holds values " + sorted(values));
            }
        });
        new TreeMap<>(it.offsetsOfValue).forEach((value, offsets) -> {
            if (offsets.size() > 1) {
                tell(Anomaly.Kind.DUPLICATE, name + " value " + value + " stands at offsets " + sorted(offsets));
            }
        });
    }

    /** What was acknowledged or shown is in the final read; what was shown was sent. */
    private void losses(TopicPartition name, Partition it) {
        Set<Long> left = it.finallyRead ? it.finalValues : it.polledValues;
        long end = it.finallyRead ? it.finalEnd : it.known.isEmpty() ? -1 : it.known.lastKey();
        Set<Long> sent = new HashSet<>();
        for (Send send : it.sends) {
            sent.add(send.value());
            if (send.outcome() == Outcome.OK && !left.contains(send.value())) {
                tell(
                        send.offset() < end ? Anomaly.Kind.LOST_WRITE : Anomaly.Kind.UNSEEN_WRITE,
                        name + " value " + send.value() + " of producer " + send.producer()
                                + " was acknowledged at offset " + send.offset() + ", " + send.endedMs()
                                + " ms; the log ends with " + end);
            } else if (send.outcome() == Outcome.FAILED && it.polledValues.contains(send.value())) {
                tell(
                        Anomaly.Kind.PHANTOM_READ,
                        name + " value " + send.value() + " failed (" + send.error() + ") and was read");
            }
        }
        for (long value : sorted(it.polledValues)) {
            if (!sent.contains(value)) {
                tell(Anomaly.Kind.PHANTOM_READ, name + " value " + value + " was read and never sent");
            } else if (!left.contains(value)) {
                tell(
                        Anomaly.Kind.VANISHED_READ,
                        name + " value " + value + " was read at " + it.offsetsOfValue.get(value)
                                + " and is not there at the end, which is " + end);
            }
        }
    }

    /** A later record of the same producer stands later. Records without an acknowledgement count where a reader saw them. */
    private void order(TopicPartition name, Partition it) {
        Map<Integer, List<Send>> byProducer = new TreeMap<>();
        it.sends.forEach(send -> byProducer
                .computeIfAbsent(send.producer(), any -> new ArrayList<>())
                .add(send));
        byProducer.forEach((producer, sends) -> {
            sends.sort(Comparator.comparingLong(Send::sequence));
            Send before = null;
            long beforeOffset = -1;
            for (Send send : sends) {
                Set<Long> offsets = it.offsetsOfValue.getOrDefault(send.value(), Set.of());
                if (offsets.size() != 1) {
                    continue; // not there, or a duplicate, which is told of already
                }
                long offset = offsets.iterator().next();
                if (before != null && offset <= beforeOffset) {
                    tell(
                            Anomaly.Kind.REORDERED_SEND,
                            name + " producer " + producer + " sent value " + send.value() + " after " + before.value()
                                    + ", and they stand at " + offset + " and " + beforeOffset);
                }
                before = send;
                beforeOffset = offset;
            }
        });
    }

    private void polls() {
        Map<Position, Reached> reached = new HashMap<>();
        for (Operation operation : history) {
            if (!(operation instanceof Poll poll)) {
                continue;
            }
            for (Seen seen : poll.seen()) {
                Position key = new Position(poll.consumer(), seen.partition());
                Reached before = reached.get(key);
                if (before == null && poll.mode() == Mode.FINAL) {
                    before = new Reached(poll.span(), -1);
                }
                if (before != null && before.span() == poll.span()) {
                    step(poll, seen, before.offset());
                }
                reached.put(key, new Reached(poll.span(), seen.offset()));
            }
        }
    }

    private void step(Poll poll, Seen seen, long before) {
        String who = seen.partition() + " consumer " + poll.consumer() + " (" + poll.mode() + ") at " + poll.endedMs()
                + " ms went from " + before + " to " + seen.offset();
        if (seen.offset() <= before) {
            tell(Anomaly.Kind.NONMONOTONIC_POLL, who);
            return;
        }
        NavigableMap<Long, Set<Long>> missed =
                partition(seen.partition()).known.subMap(before, false, seen.offset(), false);
        if (!missed.isEmpty()) {
            tell(Anomaly.Kind.POLL_SKIP, who + ", past " + shortened(missed.keySet()));
        }
    }

    /** What is read of a group's position is not lower than what was acknowledged before the question. */
    private void commits() {
        Map<GroupPartition, List<Commit>> byGroup = new HashMap<>();
        for (Operation operation : history) {
            if (operation instanceof Commit commit) {
                byGroup.computeIfAbsent(
                                new GroupPartition(commit.group(), commit.partition()), any -> new ArrayList<>())
                        .add(commit);
            }
        }
        for (Operation operation : history) {
            if (operation instanceof Committed read) {
                List<Commit> commits =
                        byGroup.getOrDefault(new GroupPartition(read.group(), read.partition()), List.of());
                commits.stream()
                        .filter(it -> it.outcome() == Outcome.OK
                                && it.endedMs() < read.beganMs()
                                && it.offset() > read.offset())
                        .max(Comparator.comparingLong(Commit::offset))
                        .ifPresent(lost -> tellOfCommit(read, lost, commits));
            }
        }
    }

    private void tellOfCommit(Committed read, Commit lost, List<Commit> commits) {
        boolean late = commits.stream().anyMatch(it -> it.outcome() == Outcome.UNKNOWN && it.offset() == read.offset());
        tell(
                late ? Anomaly.Kind.LATE_COMMIT : Anomaly.Kind.COMMIT_WENT_BACK,
                read.partition() + " group " + read.group() + " had " + lost.offset() + " acknowledged at "
                        + lost.endedMs() + " ms and " + read.offset() + " read at " + read.beganMs() + " ms");
    }

    /** A group starts at the beginning and commits what it was shown: all below its position was shown to a member. */
    private void groups() {
        Map<Integer, String> groupOf = new HashMap<>();
        Map<GroupPartition, Long> end = new HashMap<>();
        for (Operation operation : history) {
            if (operation instanceof Commit commit) {
                groupOf.put(commit.consumer(), commit.group());
                if (commit.outcome() == Outcome.OK) {
                    end.merge(new GroupPartition(commit.group(), commit.partition()), commit.offset(), Math::max);
                }
            }
        }
        Map<GroupPartition, Set<Long>> shown = new HashMap<>();
        for (Operation operation : history) {
            if (operation instanceof Poll poll && groupOf.containsKey(poll.consumer())) {
                String group = groupOf.get(poll.consumer());
                poll.seen().forEach(seen -> shown.computeIfAbsent(
                                new GroupPartition(group, seen.partition()), any -> new HashSet<>())
                        .add(seen.offset()));
            }
        }
        end.forEach((where, position) -> {
            Set<Long> missed = new HashSet<>(
                    partition(where.partition()).known.headMap(position, false).keySet());
            missed.removeAll(shown.getOrDefault(where, Set.of()));
            if (!missed.isEmpty()) {
                tell(
                        Anomaly.Kind.GROUP_SKIP,
                        where.partition() + " group " + where.group() + " committed " + position
                                + " and was never shown " + shortened(missed));
            }
        });
    }

    private void tell(Anomaly.Kind kind, String detail) {
        found.add(new Anomaly(kind, detail));
    }

    private static List<Long> sorted(Set<Long> numbers) {
        return numbers.stream().sorted().toList();
    }

    private static String shortened(Set<Long> offsets) {
        List<Long> sorted = sorted(offsets);
        return sorted.size() <= 8 ? sorted.toString() : sorted.subList(0, 8) + " and " + (sorted.size() - 8) + " more";
    }
}
