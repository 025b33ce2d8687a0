// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.log;

import io.tailrace.cluster.bus.DescribeProducers;
import io.tailrace.log.PartitionLog;
import java.util.List;

/** The producers a log remembers, as the bus tells them. */
final class ActiveProducers {

    private ActiveProducers() {}

    static List<DescribeProducers.Producer> of(PartitionLog log) {
        return log.producers().describe().stream()
                .map(producer -> new DescribeProducers.Producer(
                        producer.producerId(),
                        producer.epoch(),
                        producer.lastSequence(),
                        producer.lastTimestamp(),
                        producer.coordinatorEpoch(),
                        producer.transactionFirstOffset()))
                .toList();
    }
}
