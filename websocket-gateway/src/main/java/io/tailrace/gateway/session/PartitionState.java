// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

/** How a subscription stands at one partition, as its subscriber is told. */
public enum PartitionState {
    /** Behind the end of the log, reading. */
    CATCHING_UP("catching-up"),
    /** At the end; new records are sent as they come. */
    LIVE("live"),
    /** Cannot be read now; is tried again. Other partitions go on. */
    OFFLINE("offline");

    private final String text;

    PartitionState(String text) {
        this.text = text;
    }

    /** As it stands in the protocol. */
    public String text() {
        return text;
    }
}
