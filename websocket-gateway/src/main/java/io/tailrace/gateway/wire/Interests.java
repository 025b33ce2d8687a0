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
 * <p>Changed by one thread at a time while a worker may look; the worker may or may not see the change.
 */
public final class Interests {

    private final Map<ByteBuffer, List<Interest>> byKey = new ConcurrentHashMap<>();
    private final List<Interest> others = new CopyOnWriteArrayList<>();

    private static final class Interest {
        private final View view;
        private int times = 1;

        Interest(View view) {
            this.view = view;
        }
    }

    /** A view may be added more than once, and is looked for until it was removed as often. */
    public void add(View view) {
        ByteBuffer key = view.filter().key();
        List<Interest> same = key == null ? others : byKey.getOrDefault(key, List.of());
        Interest known = find(same, view);
        if (known != null) {
            known.times++;
        } else if (key == null) {
            others.add(new Interest(view));
        } else {
            byKey.put(
                    key,
                    Stream.concat(same.stream(), Stream.of(new Interest(view))).toList());
        }
    }

    public void remove(View view) {
        ByteBuffer key = view.filter().key();
        List<Interest> same = key == null ? others : byKey.getOrDefault(key, List.of());
        Interest known = find(same, view);
        if (known == null || --known.times > 0) {
            return;
        }
        if (key == null) {
            others.remove(known);
        } else if (same.size() == 1) {
            byKey.remove(key);
        } else {
            byKey.put(key, same.stream().filter(one -> one != known).toList());
        }
    }

    private static @Nullable Interest find(List<Interest> some, View view) {
        for (Interest one : some) {
            if (one.view.equals(view)) {
                return one;
            }
        }
        return null;
    }

    void forEach(Record record, Consumer<View> shown) {
        for (Interest interest : others) {
            if (interest.view.shows(record)) {
                shown.accept(interest.view);
            }
        }
        @Nullable ByteBuffer key = byKey.isEmpty() ? null : record.key();
        if (key != null) {
            for (Interest interest : byKey.getOrDefault(key, List.of())) {
                if (interest.view.shows(record)) {
                    shown.accept(interest.view);
                }
            }
        }
    }
}
