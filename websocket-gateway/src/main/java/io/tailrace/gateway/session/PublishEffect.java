// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.util.List;

/** What a {@link PublishSession} wants done. */
public sealed interface PublishEffect {

    /** Get a producer id; answer by Given or NotGiven. */
    record AskProducer() implements PublishEffect {}

    /** Tell the client. */
    record Tell(ServerFrame frame) implements PublishEffect {}

    /** Ask the client to prove that it has received everything up to here; answer by Heard. */
    record Probe(long number) implements PublishEffect {}

    /** Write records as one batch; answer by Written, NotWritten, OutOfOrder or NotKnown. */
    record Write(PublishEvent.Lane lane, long producerId, int sequence, List<NewRecord> records)
            implements PublishEffect {}

    /** Come again with Due after a while. */
    record Wait(PublishEvent.Lane lane) implements PublishEffect {}
}
