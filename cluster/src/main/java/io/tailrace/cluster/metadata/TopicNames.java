// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;

/**
 * Which topic names may be used. Kafka lets a metric's name stand for a topic's, in which {@code .} becomes {@code _}; so of two names that
 * differ in nothing but these, only one can exist.
 *
 * <p>Keeps the names in use that have such a character, so that a check need not walk through all topics.
 */
final class TopicNames {

    private final Map<String, TreeSet<String>> colliding = new HashMap<>();

    void reset(Collection<String> names) {
        colliding.clear();
        names.forEach(this::add);
    }

    void add(String name) {
        if (Topic.hasCollisionChars(name)) {
            colliding
                    .computeIfAbsent(Topic.unifyCollisionChars(name), any -> new TreeSet<>())
                    .add(name);
        }
    }

    void remove(String name) {
        if (Topic.hasCollisionChars(name)) {
            colliding.computeIfPresent(Topic.unifyCollisionChars(name), (any, names) -> {
                names.remove(name);
                return names.isEmpty() ? null : names;
            });
        }
    }

    /** Another name in use that this one cannot stand beside. */
    Optional<String> collision(String name) {
        TreeSet<String> names = Topic.hasCollisionChars(name) ? colliding.get(Topic.unifyCollisionChars(name)) : null;
        return names == null
                ? Optional.empty()
                : names.stream().filter(other -> !other.equals(name)).findFirst();
    }

    /** What is wrong with the name itself: its length, a character, {@code .} or {@code ..}. */
    static Optional<String> defect(String name) {
        try {
            Topic.validate(name);
            return Optional.empty();
        } catch (InvalidTopicException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
