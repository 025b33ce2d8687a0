// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.ControllerReply.DeletedTopic;
import io.tailrace.cluster.metadata.ControllerReply.PartitionsCreated;
import io.tailrace.cluster.metadata.ControllerReply.TopicOutcome;
import io.tailrace.cluster.metadata.ControllerReply.TopicsDeleted;
import io.tailrace.cluster.metadata.ControllerRequest.CreatePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.DeleteTopics;
import io.tailrace.cluster.metadata.ControllerRequest.MorePartitions;
import io.tailrace.cluster.metadata.ControllerRequest.TopicRef;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionsAdded;
import io.tailrace.cluster.metadata.MetadataRecord.TopicDeleted;
import io.tailrace.cluster.metadata.TopicCreation.Assignment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.Errors;

/** Decides DeleteTopics and CreatePartitions. */
final class TopicChanges {

    private final ControllerConfig config;
    private final TopicNames names;

    TopicChanges(ControllerConfig config, TopicNames names) {
        this.config = config;
        this.names = names;
    }

    ControllerReply delete(DeleteTopics request, Draft draft) {
        Map<Object, Integer> counts = new HashMap<>();
        ClusterImage before = draft.image();
        request.topics().forEach(ref -> counts.merge(identity(ref, before), 1, Integer::sum));
        List<DeletedTopic> results = new ArrayList<>(request.topics().size());
        for (TopicRef ref : request.topics()) {
            results.add(
                    counts.getOrDefault(identity(ref, before), 0) > 1
                            ? refused(ref, Errors.INVALID_REQUEST, "The topic is named more than once in the request.")
                            : delete(ref, draft));
        }
        return new TopicsDeleted(results);
    }

    private DeletedTopic delete(TopicRef ref, Draft draft) {
        boolean byId = !ref.id().equals(Uuid.ZERO_UUID);
        if (byId == ref.name().isPresent()) {
            return refused(ref, Errors.INVALID_REQUEST, "A topic must be told by its name or its id, and not by both.");
        }
        Optional<TopicImage> topic = find(ref, draft.image());
        if (topic.isEmpty()) {
            return byId
                    ? refused(ref, Errors.UNKNOWN_TOPIC_ID, "There is no topic with this id.")
                    : refused(ref, Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no topic with this name.");
        }
        if (!config.topics().deletionAllowed()) {
            return refused(
                    ref, Errors.TOPIC_DELETION_DISABLED, "Topics cannot be deleted: delete.topic.enable is false.");
        }
        Outcome outcome = draft.emit(new TopicDeleted(topic.get().id()));
        names.remove(topic.get().name());
        return new DeletedTopic(Optional.of(topic.get().name()), topic.get().id(), outcome);
    }

    /** One topic told twice, by name and by id, is told twice. */
    private static Object identity(TopicRef ref, ClusterImage image) {
        return find(ref, image).<Object>map(TopicImage::id).orElse(ref);
    }

    private static Optional<TopicImage> find(TopicRef ref, ClusterImage image) {
        return ref.name().isPresent() ? image.topic(ref.name().get()) : image.topic(ref.id());
    }

    private static DeletedTopic refused(TopicRef ref, Errors error, String message) {
        return new DeletedTopic(ref.name(), ref.id(), Outcome.refused(error, message));
    }

    ControllerReply extend(CreatePartitions request, Draft draft) {
        Map<String, Integer> counts = new HashMap<>();
        request.topics().forEach(it -> counts.merge(it.topic(), 1, Integer::sum));
        List<TopicOutcome> results = new ArrayList<>(request.topics().size());
        for (MorePartitions more : request.topics()) {
            Outcome outcome = counts.getOrDefault(more.topic(), 0) > 1
                    ? Outcome.refused(Errors.INVALID_REQUEST, "The topic is named more than once in the request.")
                    : extend(more, draft);
            results.add(new TopicOutcome(more.topic(), outcome));
        }
        return new PartitionsCreated(results);
    }

    private static Outcome extend(MorePartitions more, Draft draft) {
        Optional<TopicImage> found = draft.image().topic(more.topic());
        if (found.isEmpty()) {
            return Outcome.refused(Errors.UNKNOWN_TOPIC_OR_PARTITION, "There is no topic with this name.");
        }
        TopicImage topic = found.get();
        int current = topic.partitions().size();
        if (more.totalCount() <= current) {
            return Outcome.refused(
                    Errors.INVALID_PARTITIONS,
                    "Topic '" + topic.name() + "' has " + current + " partitions; " + more.totalCount()
                            + " would be no increase.");
        }
        int added = more.totalCount() - current;
        int factor = topic.partitions().get(0).replicas().size();
        if (more.assignments().isPresent() && more.assignments().get().size() != added) {
            return Outcome.refused(
                    Errors.INVALID_REPLICA_ASSIGNMENT,
                    added + " partitions are to be added, but replicas were assigned for "
                            + more.assignments().get().size() + ".");
        }
        if ((long) added * factor > TopicCreation.REPLICAS_PER_REQUEST_MAX) {
            return TopicCreation.tooMany();
        }
        Assignment assignment = more.assignments().isPresent()
                ? TopicCreation.choose(
                        draft.image(), current, more.assignments().get(), factor)
                : TopicCreation.place(draft.image(), topic.id(), current, added, factor);
        return assignment.outcome().isOk()
                ? draft.emit(new PartitionsAdded(topic.id(), assignment.partitions()))
                : assignment.outcome();
    }
}
