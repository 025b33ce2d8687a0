// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.List;
import java.util.Optional;

/** The assignors that this broker has. */
final class Assignors {

    static final Assignor DEFAULT = new UniformAssignor();

    private static final List<Assignor> ALL = List.of(DEFAULT, new RangeAssignor());

    private Assignors() {}

    static Optional<Assignor> find(String name) {
        return ALL.stream().filter(assignor -> assignor.name().equals(name)).findFirst();
    }

    /** For people. */
    static String names() {
        return String.join(", ", ALL.stream().map(Assignor::name).toList());
    }
}
