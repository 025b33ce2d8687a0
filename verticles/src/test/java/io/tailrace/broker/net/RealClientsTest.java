// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static io.tailrace.broker.net.ListenerFixture.api;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseBroker;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponsePartition;
import org.apache.kafka.common.message.MetadataResponseData.MetadataResponseTopic;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.message.ProduceResponseData.TopicProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The Java clients of Kafka shake hands with the listener and work. */
final class RealClientsTest {

    private static final Uuid TOPIC = new Uuid(1, 2);

    private final AtomicReference<Integer> port = new AtomicReference<>(0);
    private final BlockingQueue<String> produced = new LinkedBlockingQueue<>();
    private final ListenerFixture broker = ListenerFixture.start(
            api(ApiKeys.METADATA, (context, request) -> Future.succeededFuture(metadata())),
            api(ApiKeys.DESCRIBE_CLUSTER, (context, request) -> Future.succeededFuture(cluster())),
            api(ApiKeys.PRODUCE, (context, request) -> Future.succeededFuture(produce((ProduceRequestData) request))));

    RealClientsTest() {
        port.set(broker.port());
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void adminClientDescribesTheCluster() throws Exception {
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address()))) {
            DescribeClusterResult cluster = admin.describeCluster();

            assertThat(cluster.clusterId().get(20, TimeUnit.SECONDS)).isEqualTo("this-cluster");
            assertThat(cluster.nodes().get(20, TimeUnit.SECONDS))
                    .extracting(Node::port)
                    .containsExactly(port.get());
            FeatureMetadata features =
                    admin.describeFeatures().featureMetadata().get(20, TimeUnit.SECONDS);
            assertThat(features.finalizedFeatures()).containsKey("group.version");
            assertThat(features.supportedFeatures()).containsKeys("group.version", "metadata.version");
        }
    }

    @Test
    void producerSendsRecords() throws Exception {
        Map<String, Object> config = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                address(),
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                false,
                ProducerConfig.ACKS_CONFIG,
                "1");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            long offset = producer.send(new ProducerRecord<>("t", "key", "value"))
                    .get(20, TimeUnit.SECONDS)
                    .offset();

            assertThat(offset).isEqualTo(41);
            assertThat(produced.poll()).isEqualTo("value");
        }
    }

    private String address() {
        return "127.0.0.1:" + port.get();
    }

    private ApiMessage metadata() {
        MetadataResponseData response =
                new MetadataResponseData().setClusterId("this-cluster").setControllerId(7);
        response.brokers()
                .add(new MetadataResponseBroker()
                        .setNodeId(7)
                        .setHost("127.0.0.1")
                        .setPort(port.get()));
        response.topics()
                .add(new MetadataResponseTopic()
                        .setName("t")
                        .setTopicId(TOPIC)
                        .setPartitions(List.of(new MetadataResponsePartition()
                                .setPartitionIndex(0)
                                .setLeaderId(7)
                                .setLeaderEpoch(0)
                                .setReplicaNodes(List.of(7))
                                .setIsrNodes(List.of(7)))));
        return response;
    }

    private ApiMessage cluster() {
        DescribeClusterResponseData response =
                new DescribeClusterResponseData().setClusterId("this-cluster").setControllerId(7);
        response.brokers()
                .add(new DescribeClusterBroker()
                        .setBrokerId(7)
                        .setHost("127.0.0.1")
                        .setPort(port.get()));
        return response;
    }

    private ApiMessage produce(ProduceRequestData request) {
        MemoryRecords records = (MemoryRecords)
                request.topicData().iterator().next().partitionData().get(0).records();
        records.records()
                .forEach(record -> produced.add(java.nio.charset.StandardCharsets.UTF_8
                        .decode(record.value())
                        .toString()));
        ProduceResponseData response = new ProduceResponseData();
        response.responses()
                .add(new TopicProduceResponse()
                        .setName("t")
                        .setTopicId(TOPIC)
                        .setPartitionResponses(List.of(new PartitionProduceResponse().setBaseOffset(41))));
        return response;
    }
}
