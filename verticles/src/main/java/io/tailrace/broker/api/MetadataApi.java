// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.tailrace.broker.controller.ControllerClient;
import io.tailrace.cluster.metadata.ClusterImage;
import io.tailrace.cluster.metadata.ControllerReply;
import io.tailrace.cluster.metadata.ControllerReply.CreatedTopic;
import io.tailrace.cluster.metadata.ControllerReply.TopicsCreated;
import io.tailrace.cluster.metadata.ControllerRequest.CreateTopics;
import io.tailrace.cluster.metadata.ControllerRequest.NewTopic;
import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.PartitionImage;
import io.tailrace.cluster.metadata.TopicImage;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Metadata (key 3, versions 0-13): nodes, topics, partitions and who leads them.
 *
 * <p><b>Which topics.</b> Null is all, empty is none; in v0, which has no null, empty is all. Who asks for a topic several times is told once. From v12 topics can be asked for by id
 * (KIP-516). Who may not describe a topic finds it missing from "all", and gets TOPIC_AUTHORIZATION_FAILED when asking for it, whether
 * or not it exists.
 *
 * <p><b>Auto-creation.</b> A topic that does not exist is created if {@code auto.create.topics.enable} and the request (v4+) allow it and
 * its sender may create it, up to {@value #MOST_CREATED} with one request. The answer waits for the new topic to be there and tells its leaders at once, where Kafka answers with an error
 * and has clients ask again. Internal topics are created by who needs them, not by who asks for them.
 *
 * <p><b>Partitions</b> are always listed without gaps; one whose leader cannot be reached has an error and is listed all the same. Authorised
 * operations are told from v8 (KIP-430), those of the cluster in v8-10 only; leader epochs from v7 (KIP-320); offline replicas from v5.
 */
public final class MetadataApi implements KafkaApi<MetadataRequestData> {

    /** How long the creation of a topic may keep a Metadata request waiting; well below any client's request time-out. */
    private static final long CREATION_TIMEOUT_MS = 5000;

    /** More than this would keep the controller from other work for long; a client that wants more asks again. */
    private static final int MOST_CREATED = 1000;

    /** What a partition takes in an answer that is being built, with its lists; and a topic, with its place among those told already. */
    private static final long PARTITION_BYTES = 200;

    private static final long TOPIC_BYTES = 160;

    private final MetadataView metadata;
    private final ControllerClient controller;
    private final Authorizer authorizer;
    private final boolean autoCreate;

    /** @param autoCreate {@code auto.create.topics.enable} */
    public MetadataApi(MetadataView metadata, ControllerClient controller, Authorizer authorizer, boolean autoCreate) {
        this.metadata = metadata;
        this.controller = controller;
        this.authorizer = authorizer;
        this.autoCreate = autoCreate;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.METADATA;
    }

    @Override
    public long answerBytes(RequestContext context, MetadataRequestData request) {
        ClusterImage image = metadata.image();
        if (asksForAll(request, context.apiVersion())) {
            return bytesOfAll(image);
        }
        long bytes = 0;
        for (MetadataRequestTopic topic : request.topics()) {
            TopicImage known = topic.name() == null ? null : image.topics().get(topic.name());
            bytes += TOPIC_BYTES
                    + (known == null ? 0 : PARTITION_BYTES * known.partitions().size());
        }
        return Math.min(
                bytes, bytesOfAll(image) + TOPIC_BYTES * request.topics().size());
    }

    private static long bytesOfAll(ClusterImage image) {
        long bytes = 0;
        for (TopicImage topic : image.topics().values()) {
            bytes += TOPIC_BYTES + PARTITION_BYTES * topic.partitions().size();
        }
        return bytes;
    }

    @Override
    public Future<MetadataResponseData> handle(RequestContext context, MetadataRequestData request) {
        Permissions sender = new Permissions(authorizer, context);
        if (!wellFormed(request, context.apiVersion())) {
            return Future.succeededFuture(invalid(request, context.apiVersion()));
        }
        Set<String> missing = creatable(request, context.apiVersion(), sender);
        if (missing.isEmpty()) {
            return Future.succeededFuture(answer(request, context, sender, Map.of()));
        }
        return create(missing).map(errors -> answer(request, context, sender, errors));
    }

    /** Ids are for v12 and later, although v10 and v11 have a field for them; each topic is told by its name or its id. */
    private static boolean wellFormed(MetadataRequestData request, short version) {
        return request.topics() == null
                || request.topics().stream()
                        .allMatch(topic -> version >= 12
                                ? topic.name() != null || !topic.topicId().equals(Uuid.ZERO_UUID)
                                : topic.name() != null && topic.topicId().equals(Uuid.ZERO_UUID));
    }

    private static MetadataResponseData invalid(MetadataRequestData request, short version) {
        MetadataResponseData response = new MetadataResponseData().setErrorCode(Errors.INVALID_REQUEST.code());
        for (MetadataRequestTopic topic : request.topics()) {
            String name = topic.name() == null && version < 12 ? "" : topic.name();
            response.topics().add(failed(name, topic.topicId(), Errors.INVALID_REQUEST));
        }
        return response;
    }

    private static boolean asksForAll(MetadataRequestData request, short version) {
        return request.topics() == null || (version == 0 && request.topics().isEmpty());
    }

    private Set<String> creatable(MetadataRequestData request, short version, Permissions sender) {
        boolean allowed = autoCreate && (version < 4 || request.allowAutoTopicCreation());
        if (!allowed || asksForAll(request, version)) {
            return Set.of();
        }
        ClusterImage image = metadata.image();
        Set<String> names = new LinkedHashSet<>();
        for (MetadataRequestTopic topic : request.topics()) {
            String name = topic.name();
            if (names.size() < MOST_CREATED
                    && name != null
                    && topic.topicId().equals(Uuid.ZERO_UUID)
                    && mayCreate(name, image, sender)) {
                names.add(name);
            }
        }
        return names;
    }

    private static boolean mayCreate(String name, ClusterImage image, Permissions sender) {
        return !image.topics().containsKey(name)
                && !Topic.isInternal(name)
                && nameError(name) == Errors.NONE
                && sender.onTopic(AclOperation.DESCRIBE, name)
                && (sender.onCluster(AclOperation.CREATE) || sender.onTopic(AclOperation.CREATE, name));
    }

    /** Creates topics with the cluster's defaults; completes with why those were not created that were not. */
    private Future<Map<String, Errors>> create(Set<String> names) {
        List<NewTopic> topics = names.stream()
                .map(name -> new NewTopic(name, -1, -1, new TreeMap<>(), Map.of()))
                .toList();
        return controller
                .submit(new CreateTopics(topics, false), CREATION_TIMEOUT_MS)
                .map(MetadataApi::creationErrors);
    }

    private static Map<String, Errors> creationErrors(ControllerReply reply) {
        return Answer.of(
                reply,
                TopicsCreated.class,
                created -> {
                    Map<String, Errors> errors = new HashMap<>();
                    for (CreatedTopic topic : created.topics()) {
                        if (!topic.outcome().isOk()) {
                            errors.put(topic.name(), topic.outcome().error());
                        }
                    }
                    return errors;
                },
                // Retriable: the client asks again, and again sets off the creation.
                refused -> Map.of());
    }

    private MetadataResponseData answer(
            MetadataRequestData request, RequestContext context, Permissions sender, Map<String, Errors> creation) {
        Reachable reachable = new Reachable(metadata.image(), context);
        MetadataResponseData response = new MetadataResponseData()
                .setClusterId(reachable.image().clusterId())
                .setControllerId(reachable.controllerId());
        for (Reachable.Node node : reachable.nodes(false)) {
            response.brokers()
                    .add(new MetadataResponseBroker()
                            .setNodeId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack().orElse(null)));
        }
        boolean operations = context.apiVersion() >= 8 && request.includeTopicAuthorizedOperations();
        if (asksForAll(request, context.apiVersion())) {
            for (String name : new TreeSet<>(reachable.image().topics().keySet())) {
                if (sender.onTopic(AclOperation.DESCRIBE, name)) {
                    response.topics().add(described(reachable, name, sender, operations));
                }
            }
        } else {
            Set<Object> told = new HashSet<>();
            for (MetadataRequestTopic topic : request.topics()) {
                if (told.add(topic.topicId().equals(Uuid.ZERO_UUID) ? topic.name() : topic.topicId())) {
                    response.topics().add(topic(topic, reachable, sender, operations, creation));
                }
            }
        }
        if (context.apiVersion() >= 8 && context.apiVersion() <= 10 && request.includeClusterAuthorizedOperations()) {
            boolean describes = sender.onCluster(AclOperation.DESCRIBE);
            response.setClusterAuthorizedOperations(describes ? sender.clusterOperations() : 0);
        }
        return response;
    }

    private static MetadataResponseTopic topic(
            MetadataRequestTopic asked,
            Reachable reachable,
            Permissions sender,
            boolean operations,
            Map<String, Errors> creation) {
        if (!asked.topicId().equals(Uuid.ZERO_UUID)) {
            String name = reachable.image().topicNames().get(asked.topicId());
            if (name == null) {
                return failed(null, asked.topicId(), Errors.UNKNOWN_TOPIC_ID);
            }
            return sender.onTopic(AclOperation.DESCRIBE, name)
                    ? described(reachable, name, sender, operations)
                    : failed(null, asked.topicId(), Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        String name = asked.name();
        if (!sender.onTopic(AclOperation.DESCRIBE, name)) {
            return failed(name, Uuid.ZERO_UUID, Errors.TOPIC_AUTHORIZATION_FAILED);
        }
        if (reachable.image().topics().containsKey(name)) {
            return described(reachable, name, sender, operations);
        }
        Errors name1 = nameError(name);
        Errors error = name1 != Errors.NONE ? name1 : creation.getOrDefault(name, Errors.UNKNOWN_TOPIC_OR_PARTITION);
        // Somebody else created it, and this node has yet to hear of it.
        Errors told = error == Errors.TOPIC_ALREADY_EXISTS ? Errors.LEADER_NOT_AVAILABLE : error;
        return failed(name, Uuid.ZERO_UUID, told);
    }

    private static MetadataResponseTopic described(
            Reachable reachable, String name, Permissions sender, boolean operations) {
        TopicImage topic = reachable.image().topic(name).orElseThrow();
        MetadataResponseTopic described =
                new MetadataResponseTopic().setName(name).setTopicId(topic.id()).setIsInternal(Topic.isInternal(name));
        for (PartitionImage partition : topic.partitions()) {
            described.partitions().add(partition(reachable, partition));
        }
        if (operations) {
            described.setTopicAuthorizedOperations(sender.topicOperations(name));
        }
        return described;
    }

    private static MetadataResponsePartition partition(Reachable reachable, PartitionImage partition) {
        Errors error = reachable.leaderError(partition);
        // LISTENER_NOT_FOUND came with v6; older clients understand only that there is no leader for them.
        boolean tells =
                error != Errors.LISTENER_NOT_FOUND || reachable.context().apiVersion() >= 6;
        return new MetadataResponsePartition()
                .setErrorCode((tells ? error : Errors.LEADER_NOT_AVAILABLE).code())
                .setPartitionIndex(partition.index())
                .setLeaderId(error == Errors.NONE ? partition.leader() : PartitionImage.NO_LEADER)
                .setLeaderEpoch(partition.leaderEpoch())
                .setReplicaNodes(partition.replicas())
                .setIsrNodes(partition.isr())
                .setOfflineReplicas(reachable.offline(partition));
    }

    private static MetadataResponseTopic failed(@Nullable String name, Uuid id, Errors error) {
        return new MetadataResponseTopic()
                .setName(name)
                .setTopicId(id)
                .setErrorCode(error.code())
                .setIsInternal(name != null && Topic.isInternal(name));
    }

    private static Errors nameError(String name) {
        try {
            Topic.validate(name);
            return Errors.NONE;
        } catch (InvalidTopicException e) {
            return Errors.INVALID_TOPIC_EXCEPTION;
        }
    }
}
