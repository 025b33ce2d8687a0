// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import org.apache.kafka.common.Uuid;

/** What happens to a {@link PublishSession}. */
public sealed interface PublishEvent {

    /** Where a record goes. */
    record Lane(Uuid topicId, int partition) {}

    /** The client sends a record. */
    record Came(long seq, Lane lane, NewRecord record) implements PublishEvent {}

    /** The client sends a record that cannot be written. */
    record Refused(long seq, ErrorCode code, String text) implements PublishEvent {}

    /** Here is the producer id that was asked for. */
    record Given(long producerId) implements PublishEvent {}

    /** There is none to be had now. */
    record NotGiven(ErrorCode code, String text) implements PublishEvent {}

    /** The client has received all that was said before this probe. */
    record Heard(long probe) implements PublishEvent {}

    /** The records that were to be written are on disk on all in-sync replicas. @param offset of the first, or -1 if that is not known any more */
    record Written(Lane lane, long offset) implements PublishEvent {}

    /** None of them was written by this attempt. */
    record NotWritten(Lane lane, ErrorCode code, String text) implements PublishEvent {}

    /** The log does not have what should come before them. */
    record OutOfOrder(Lane lane) implements PublishEvent {}

    /** Whether they were is not known. */
    record NotKnown(Lane lane) implements PublishEvent {}

    /** The time of a new attempt. */
    record Due(Lane lane) implements PublishEvent {}
}
