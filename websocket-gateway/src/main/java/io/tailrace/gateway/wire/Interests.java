// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * What is looked for in a partition: finds the views that show a record. Those that ask for a whole key are found by the key, so that ten
 * thousand readers of a key each cost one look; others are tried one by one.
 *
 * <p>Changed on one event loop while a worker may look; the worker may or may not see the change.
 */
public final class Interests {

    private final Map<ByteBuffer, List<View>> byKey = new ConcurrentHashMap<>();
    private final List<View> others = new CopyOnWriteArrayList<>();

    /** To be called once for each view. */
    public void add(View view) {
        ByteBuffer key = view.filter().key();
        if (key == null) {
            others.add(view);
        } else {
            byKey.merge(key, List.of(view), (some, more) -> Stream.concat(some.stream(), more.stream())
                    .toList());
        }
    }

    public void remove(View view) {
        ByteBuffer key = view.filter().key();
        if (key == null) {
            others.remove(view);
        } else {
            byKey.computeIfPresent(key, (same, some) -> {
                List<View> left = some.stream().filter(one -> !one.equals(view)).toList();
                return left.isEmpty() ? null : left;
            });
        }
    }

    void forEach(Record record, Consumer<View> shown) {
        for (View view : others) {
            if (view.shows(record)) {
                shown.accept(view);
            }
        }
        @Nullable ByteBuffer key = byKey.isEmpty() ? null : record.key();
        if (key != null) {
            for (View view : byKey.getOrDefault(key, List.of())) {
                if (view.shows(record)) {
                    shown.accept(view);
                }
            }
        }
    }
}
