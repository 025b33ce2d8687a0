// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.broker.net.KafkaListener;
import io.tailrace.broker.net.ListenerConfig;
import io.tailrace.broker.net.ListenerPorts;
import io.tailrace.broker.net.RequestBudget;
import io.tailrace.cluster.metadata.ControllerConfig.TopicDefaults;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.FeatureUpdate;
import org.apache.kafka.clients.admin.FeatureUpdate.UpgradeType;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.UpdateFeaturesOptions;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The admin client of Apache Kafka, over a real listener, to the real handlers and the real controller; only the log is in memory. */
class AdminClientTest {

    private static final ConfigResource TOPIC = new ConfigResource(ConfigResource.Type.TOPIC, "t");

    private final ControllerAtHand controller = new ControllerAtHand(new TopicDefaults(1, 1, true));
    private final Vertx vertx = Vertx.vertx();
    private KafkaListener listener;
    private Admin admin;

    @BeforeEach
    void start() throws Exception {
        AdminApis.Node node = new AdminApis.Node(
                ControllerAtHand.PROPERTIES,
                true,
                controller,
                controller,
                () -> Future.succeededFuture(
                        QuorumState.alone(1, 1, controller.image().version(), 1_700_000_000_000L)),
                LogbackLevels.ofThisProcess());
        ApiRegistry apis = ApiRegistry.of(
                AdminApis.all(node, Authorizer.allowAll()),
                () -> NodeFeatures.told(controller.image()),
                () -> new NodeIdentity(ControllerAtHand.CLUSTER, 1));
        listener = new KafkaListener(
                vertx,
                ListenerConfig.plaintext("127.0.0.1", 0).withLoops(1),
                apis,
                ListenerPorts.plain(RequestBudget.ofThisMachine()));
        int port = await(listener.listen());
        admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port));
    }

    @AfterEach
    void stop() throws Exception {
        admin.close();
        await(listener.close());
        await(vertx.close());
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static <T> T get(KafkaFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static Class<?> failure(KafkaFuture<?> future) {
        try {
            Object unexpected = future.get(20, TimeUnit.SECONDS);
            throw new AssertionError("succeeded with " + unexpected);
        } catch (ExecutionException e) {
            return e.getCause().getClass();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void createT(int partitions) throws Exception {
        get(admin.createTopics(List.of(new NewTopic("t", partitions, (short) 1)))
                .all());
    }

    @Test
    void createsDescribesListsAndDeletesTopics() throws Exception {
        CreateTopicsResult created = admin.createTopics(List.of(
                new NewTopic("t", 3, (short) 1).configs(Map.of("cleanup.policy", "compact")),
                new NewTopic("default", Optional.empty(), Optional.empty())));
        get(created.all());
        assertThat(get(created.numPartitions("t"))).isEqualTo(3);
        assertThat(get(created.config("t")).get("cleanup.policy").value()).isEqualTo("compact");
        assertThat(get(admin.listTopics().names())).containsExactlyInAnyOrder("t", "default");
        TopicDescription byName =
                get(admin.describeTopics(List.of("t")).allTopicNames()).get("t");
        assertThat(byName.partitions())
                .hasSize(3)
                .allSatisfy(partition -> assertThat(partition.leader().id()).isEqualTo(1));
        assertThat(byName.topicId()).isEqualTo(get(created.topicId("t")));
        Collection<TopicDescription> byId = get(admin.describeTopics(
                                org.apache.kafka.common.TopicCollection.ofTopicIds(List.of(byName.topicId())))
                        .allTopicIds())
                .values();
        assertThat(byId).singleElement().satisfies(topic -> assertThat(topic.name())
                .isEqualTo("t"));
        get(admin.deleteTopics(List.of("t", "default")).all());
        assertThat(get(admin.listTopics().names())).isEmpty();
    }

    @Test
    void tellsOfEachTopicWhetherItWasCreated() throws Exception {
        createT(1);
        Map<String, KafkaFuture<Void>> results = admin.createTopics(List.of(
                        new NewTopic("good", 1, (short) 1),
                        new NewTopic("t", 1, (short) 1),
                        new NewTopic("a b", 1, (short) 1),
                        new NewTopic("factor", 1, (short) 3),
                        new NewTopic("config", 1, (short) 1).configs(Map.of("foo", "1"))))
                .values();
        get(results.get("good"));
        assertThat(failure(results.get("t"))).isEqualTo(TopicExistsException.class);
        assertThat(failure(results.get("a b"))).isEqualTo(InvalidTopicException.class);
        assertThat(failure(results.get("factor"))).isEqualTo(InvalidReplicationFactorException.class);
        assertThat(failure(results.get("config"))).isEqualTo(InvalidConfigurationException.class);
        assertThat(failure(admin.describeTopics(List.of("absent")).allTopicNames()))
                .isEqualTo(UnknownTopicOrPartitionException.class);
        assertThat(failure(admin.deleteTopics(List.of("absent")).all()))
                .isEqualTo(UnknownTopicOrPartitionException.class);
    }

    @Test
    void pagesThroughMorePartitionsThanOnePageHas() throws Exception {
        createT(2500);
        TopicDescription topic =
                get(admin.describeTopics(List.of("t")).allTopicNames()).get("t");
        assertThat(topic.partitions().stream()
                        .map(partition -> partition.partition())
                        .toList())
                .isEqualTo(IntStream.range(0, 2500).boxed().toList());
    }

    @Test
    void addsPartitions() throws Exception {
        createT(1);
        get(admin.createPartitions(Map.of("t", NewPartitions.increaseTo(4))).all());
        assertThat(get(admin.describeTopics(List.of("t")).allTopicNames())
                        .get("t")
                        .partitions())
                .hasSize(4);
    }

    @Test
    void altersAndDescribesConfigs() throws Exception {
        createT(1);
        get(admin.incrementalAlterConfigs(Map.of(
                        TOPIC,
                        List.of(
                                new AlterConfigOp(new ConfigEntry("retention.ms", "5"), OpType.SET),
                                new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), OpType.APPEND))))
                .all());
        var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
        var config = get(admin.describeConfigs(List.of(TOPIC), options).all()).get(TOPIC);
        assertThat(config.get("retention.ms").value()).isEqualTo("5");
        assertThat(config.get("retention.ms").source()).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
        assertThat(config.get("cleanup.policy").value()).isEqualTo("delete,compact");
        assertThat(config.get("flush.messages").isDefault()).isTrue();
        assertThat(config.get("segment.bytes").documentation()).isNotEmpty();
        ConfigResource node = new ConfigResource(ConfigResource.Type.BROKER, "1");
        var broker = get(admin.describeConfigs(List.of(node)).all()).get(node);
        assertThat(broker.get("log.retention.hours").source()).isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
        assertThat(broker.get("sasl.jaas.config").value()).isNull();
        assertThatThrownBy(() -> get(admin.incrementalAlterConfigs(
                                Map.of(TOPIC, List.of(new AlterConfigOp(new ConfigEntry("foo", "5"), OpType.SET))))
                        .all()))
                .hasCauseInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("Unknown topic config name: foo");
    }

    @Test
    void altersOneNodeAndAllNodes() throws Exception {
        ConfigResource one = new ConfigResource(ConfigResource.Type.BROKER, "1");
        ConfigResource all = new ConfigResource(ConfigResource.Type.BROKER, "");
        get(admin.incrementalAlterConfigs(Map.of(
                        one, List.of(new AlterConfigOp(new ConfigEntry("log.retention.ms", "5"), OpType.SET)),
                        all, List.of(new AlterConfigOp(new ConfigEntry("log.retention.ms", "6"), OpType.SET))))
                .all());
        var configs = get(admin.describeConfigs(List.of(one, all)).all());
        assertThat(configs.get(one).get("log.retention.ms").value()).isEqualTo("5");
        assertThat(configs.get(all).get("log.retention.ms").value()).isEqualTo("6");
    }

    @Test
    void listsWhatHasConfiguration() throws Exception {
        createT(1);
        assertThat(get(admin.listConfigResources().all()))
                .containsExactlyInAnyOrder(
                        TOPIC,
                        new ConfigResource(ConfigResource.Type.BROKER, "1"),
                        new ConfigResource(ConfigResource.Type.BROKER_LOGGER, "1"));
    }

    @Test
    void describesTheClusterItsQuorumAndItsFeatures() throws Exception {
        var cluster = admin.describeCluster();
        assertThat(get(cluster.clusterId())).isEqualTo(ControllerAtHand.CLUSTER);
        assertThat(get(cluster.controller()).id()).isEqualTo(1);
        assertThat(get(cluster.nodes())).hasSize(1);
        var quorum = get(admin.describeMetadataQuorum().quorumInfo());
        assertThat(quorum.leaderId()).isEqualTo(1);
        assertThat(quorum.voters()).hasSize(1);
        var features = get(admin.describeFeatures().featureMetadata());
        assertThat(features.finalizedFeatures().get("metadata.version").maxVersionLevel())
                .isEqualTo((short) 30);
        assertThat(features.finalizedFeatures()).doesNotContainKey("transaction.version");
        get(admin.updateFeatures(
                        Map.of("metadata.version", new FeatureUpdate((short) 29, UpgradeType.SAFE_DOWNGRADE)),
                        new UpdateFeaturesOptions())
                .all());
        assertThat(get(admin.describeFeatures().featureMetadata())
                        .finalizedFeatures()
                        .get("metadata.version")
                        .maxVersionLevel())
                .isEqualTo((short) 29);
    }

    @Test
    void electsLeadersAndListsReassignments() throws Exception {
        createT(1);
        var elected = get(admin.electLeaders(ElectionType.PREFERRED, Set.of(new TopicPartition("t", 0)))
                .partitions());
        assertThat(elected.get(new TopicPartition("t", 0))).isPresent();
        assertThat(get(admin.electLeaders(ElectionType.PREFERRED, null).partitions()))
                .isEmpty();
        assertThat(get(admin.listPartitionReassignments().reassignments())).isEmpty();
    }
}
