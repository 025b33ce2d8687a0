// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * What is looked for in a partition: finds the views that show a record. Those that ask for a whole key are found by the key, so that ten
 * thousand readers of a key each cost one look; others are tried one by one.
 *
 * <p>Most often one view looks for a key, and by nothing else: it is found with few steps, as of ten thousand of them none is in a cache.
 *
 * <p>Changed by one thread at a time while a worker may look; the worker may or may not see the change, and sees all that did not change.
 */
public final class Interests {

    /** By whole key: the first one that asked for it, which stays until all are gone that came behind it. */
    private final Map<ByteBuffer, Interest> byKey = new ConcurrentHashMap<>();

    private final Map<View, Interest> others = new ConcurrentHashMap<>();

    /** How often batches are asked for as they are stored. */
    private int stored;

    private static final class Interest {
        private final View view;
        private final boolean asksForKeyOnly;

        /** How often it was added; 0 for one that only leads to others. */
        private int times;

        /** Others that ask for the same key. */
        private volatile @Nullable Map<View, Interest> more;

        Interest(View view) {
            this.view = view;
            this.asksForKeyOnly = view.asksForKeyOnly();
        }

        Map<View, Interest> others() {
            Map<View, Interest> known = more;
            if (known == null) {
                known = new ConcurrentHashMap<>(2);
                more = known;
            }
            return known;
        }

        void show(Record record, Consumer<View> shown) {
            if (times > 0 && (asksForKeyOnly || view.shows(record))) {
                shown.accept(view);
            }
        }
    }

    /** A view may be added more than once, and is looked for until it was removed as often. */
    public void add(View view) {
        if (view.showsBatches()) {
            stored++;
            return;
        }
        ByteBuffer key = view.filter().key();
        if (key == null) {
            add(view, others);
            return;
        }
        Interest first = byKey.computeIfAbsent(key, it -> new Interest(view));
        if (first.view.equals(view)) {
            first.times++;
        } else {
            add(view, first.others());
        }
    }

    private static void add(View view, Map<View, Interest> some) {
        some.computeIfAbsent(view, Interest::new).times++;
    }

    public void remove(View view) {
        if (view.showsBatches()) {
            stored = Math.max(0, stored - 1);
            return;
        }
        ByteBuffer key = view.filter().key();
        Interest first = key == null ? null : byKey.get(key);
        if (key == null) {
            remove(view, others);
        } else if (first != null) {
            Map<View, Interest> more = first.more;
            if (first.view.equals(view)) {
                first.times = Math.max(0, first.times - 1);
            } else if (more != null) {
                remove(view, more);
            }
            if (first.times == 0 && (more == null || more.isEmpty())) {
                byKey.remove(key);
            }
        }
    }

    private static void remove(View view, Map<View, Interest> some) {
        Interest known = some.get(view);
        if (known != null && --known.times == 0) {
            some.remove(view);
        }
    }

    /** Whether somebody wants batches as they are stored. */
    boolean wantBatches() {
        return stored > 0;
    }

    /** Whether somebody wants what is in the batches. */
    boolean wantRecords() {
        return !others.isEmpty() || !byKey.isEmpty();
    }

    void forEach(Record record, Consumer<View> shown) {
        if (!others.isEmpty()) {
            others.values().forEach(interest -> interest.show(record, shown));
        }
        @Nullable ByteBuffer key = byKey.isEmpty() ? null : record.key();
        Interest first = key == null ? null : byKey.get(key);
        if (first != null) {
            first.show(record, shown);
            Map<View, Interest> more = first.more;
            if (more != null) {
                more.values().forEach(interest -> interest.show(record, shown));
            }
        }
    }
}
