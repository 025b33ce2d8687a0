// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.consumer;

import java.util.Locale;

/** Which live groups may change between the classic and the consumer protocol; a group without members always may. */
public enum MigrationPolicy {
    DISABLED(false, false),
    /** From classic to consumer only. */
    UPGRADE(true, false),
    /** From consumer to classic only. */
    DOWNGRADE(false, true),
    BIDIRECTIONAL(true, true);

    private final boolean upgrades;
    private final boolean downgrades;

    MigrationPolicy(boolean upgrades, boolean downgrades) {
        this.upgrades = upgrades;
        this.downgrades = downgrades;
    }

    /** By the value of {@code group.consumer.migration.policy}, in any case. */
    public static MigrationPolicy of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    boolean upgrades() {
        return upgrades;
    }

    boolean downgrades() {
        return downgrades;
    }
}
