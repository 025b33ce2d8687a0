// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.log;

import io.tailrace.gateway.session.Position;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Members of a {@link Tail} that look at it in the same way. */
final class Cohort {

    private final Set<TailMember> members = new LinkedHashSet<>(2);

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
        return members.isEmpty();
    }

    void add(TailMember member, Position at) {
        members.add(member);
        if (joined != null) {
            joined.put(member, at);
        }
    }

    /** True if that was the last one. */
    boolean remove(TailMember member) {
        if (joined != null) {
            joined.remove(member);
        }
        return members.remove(member) && members.isEmpty();
    }

    boolean contains(TailMember member) {
        return members.contains(member);
    }

    TailMember[] members() {
        return members.toArray(TailMember[]::new);
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
            members.removeAll(missed.keySet());
            joined = null;
        }
        return missed;
    }
}
