// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import com.google.re2j.Pattern;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.TopicImage;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/** The cluster's topics, as far as groups care for them: which exist, and how many partitions they have. */
final class Topics {

    private final Supplier<ClusterImage> image;

    /** @param image the newest that this node knows; read when requests are decided, never when records are applied */
    Topics(Supplier<ClusterImage> image) {
        this.image = image;
    }

    long version() {
        return image.get().version();
    }

    /** What to compare by identity: the same object as long as no topic changed. */
    Object identity() {
        return image.get().topics();
    }

    Map<String, String> groupConfigs(String groupId) {
        return image.get().groupConfigs().getOrDefault(groupId, Map.of());
    }

    /** Partition counts by topic id of those of the names that exist, sorted. */
    NavigableMap<Uuid, Integer> counts(NavigableSet<String> names) {
        NavigableMap<Uuid, Integer> counts = new TreeMap<>();
        for (String name : names) {
            image.get()
                    .topic(name)
                    .ifPresent(
                            topic -> counts.put(topic.id(), topic.partitions().size()));
        }
        return Collections.unmodifiableNavigableMap(counts);
    }

    /** A number that changes when one of these topics comes, goes, is made anew or grows; 0 for none. */
    long hash(NavigableSet<String> names) {
        long hash = 0;
        for (Map.Entry<Uuid, Integer> topic : counts(names).entrySet()) {
            hash = mix(hash ^ topic.getKey().getMostSignificantBits());
            hash = mix(hash ^ topic.getKey().getLeastSignificantBits());
            hash = mix(hash ^ topic.getValue());
        }
        return hash;
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014), started one step on so that 0 does not stay 0. */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** By id; what a commit names by name alone is looked up. */
    Optional<PartitionId> partition(TopicPartition partition, Uuid topicId) {
        if (!topicId.equals(Uuid.ZERO_UUID)) {
            return Optional.of(new PartitionId(topicId, partition.partition()));
        }
        return image.get().topic(partition.topic()).map(topic -> new PartitionId(topic.id(), partition.partition()));
    }

    /** By the name of its topic; empty if there is none. */
    Optional<PartitionId> partition(String topic, int number) {
        return image.get().topic(topic).map(known -> new PartitionId(known.id(), number));
    }

    Optional<String> name(Uuid topicId) {
        return image.get().topic(topicId).map(TopicImage::name);
    }

    Predicate<PartitionId> among(NavigableSet<String> names) {
        Map<Uuid, Integer> counts = new HashMap<>(counts(names));
        return partition -> partition.partition() < counts.getOrDefault(partition.topicId(), 0);
    }

    /** The topics that a pattern matches in full. RE2 runs in time linear in the names, whatever the pattern. */
    NavigableSet<String> matching(String regex, Predicate<String> visible) {
        Pattern pattern = Pattern.compile(regex);
        NavigableSet<String> names = new TreeSet<>();
        for (TopicImage topic : image.get().topics().values()) {
            if (pattern.matches(topic.name()) && visible.test(topic.name())) {
                names.add(topic.name());
            }
        }
        return names;
    }
}
