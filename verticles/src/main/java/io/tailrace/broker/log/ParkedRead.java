// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.broker.bus.Call;
import io.tailrace.cluster.bus.Read;

/** A read that waits for bytes, at every partition it names. */
final class ParkedRead extends DeadlineWheel.Deadline {

    private final Reads host;
    private final Call<?> call;
    private final Read request;
    private final HostedPartition[] partitions;

    /** Where this read stands in the wait list of each partition; kept by {@link WaitList}. */
    private final int[] places;

    ParkedRead(Reads host, Call<?> call, Read request, HostedPartition[] partitions) {
        this.host = host;
        this.call = call;
        this.request = request;
        this.partitions = partitions;
        this.places = new int[partitions.length];
    }

    Call<?> call() {
        return call;
    }

    Read request() {
        return request;
    }

    HostedPartition[] partitions() {
        return partitions;
    }

    void park() {
        for (int part = 0; part < partitions.length; part++) {
            places[part] = partitions[part].readers().add(this, part);
        }
    }

    void unpark() {
        for (int part = 0; part < partitions.length; part++) {
            partitions[part].readers().remove(places[part]);
        }
    }

    void moved(int part, int place) {
        places[part] = place;
    }

    @Override
    void expire(long nowMs) {
        host.complete(this, nowMs);
    }
}
