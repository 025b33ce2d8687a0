// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.gateway.session.Position;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Members of a {@link Tail} that look at it in the same way. Most often there is one: who asks for a key is seldom in company. */
final class Cohort {

    private static final TailMember[] NOBODY = {};

    private @Nullable TailMember first;

    /** The others, in the order of coming; null while there is none. */
    private @Nullable Set<TailMember> more;

    /** Where those joined that joined while a pass was under way that may not know of them; null when there is none. */
    private @Nullable Map<TailMember, Position> joined;

    Cohort(boolean isNew) {
        this.joined = isNew ? new HashMap<>(2) : null;
    }

    /** Whether what comes of the pass that is under way is not for them. */
    boolean isNew() {
        return joined != null;
    }

    boolean isEmpty() {
        return first == null && more == null;
    }

    void add(TailMember member, Position at) {
        if (isEmpty()) {
            first = member;
        } else if (member != first) {
            if (more == null) {
                more = new LinkedHashSet<>();
            }
            more.add(member);
        }
        if (joined != null) {
            joined.put(member, at);
        }
    }

    /** True if that was the last one. */
    boolean remove(TailMember member) {
        if (joined != null) {
            joined.remove(member);
        }
        if (!contains(member)) {
            return false;
        }
        if (member == first) {
            first = null;
        } else if (more != null) {
            more.remove(member);
            more = more.isEmpty() ? null : more;
        }
        return isEmpty();
    }

    boolean contains(TailMember member) {
        return member == first || more != null && more.contains(member);
    }

    TailMember[] members() {
        TailMember one = first;
        if (more == null) {
            return one == null ? NOBODY : new TailMember[] {one};
        }
        TailMember[] rest = more.toArray(NOBODY);
        if (one == null) {
            return rest;
        }
        TailMember[] all = new TailMember[rest.length + 1];
        all[0] = one;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /** Up to where a member was given all there is for it, if the others of its view were up to {@code served}. */
    Position served(TailMember member, Position served) {
        return joined == null ? served : joined.getOrDefault(member, served);
    }

    /** The pass is over, and was not for those who joined before {@code next}: they are taken out and returned, with where they stand. */
    Map<TailMember, Position> settle(Position next) {
        Map<TailMember, Position> missed = new HashMap<>();
        if (joined != null) {
            joined.forEach((member, at) -> {
                if (at.offset() < next.offset()) {
                    missed.put(member, at);
                }
            });
            joined = null;
            missed.keySet().forEach(this::remove);
        }
        return missed;
    }
}
