// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.net.RawClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopicCollection;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceDataCollection;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.message.ProduceResponseData.PartitionProduceResponse;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data APIs byte by byte, where stock clients would hide what was answered. */
class DataProtocolIT {

    @TempDir
    static Path dir;

    private static BrokerFixture broker;
    private static Uuid topicId;
    private static int topics;

    private RawClient client;
    private String topic;

    @BeforeAll
    static void start() {
        broker = BrokerFixture.start(dir);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @BeforeEach
    void connect() throws Exception {
        topic = "raw-" + topics++;
        broker.topic(topic, 1, "retention.ms", "-1");
        try (Admin admin = broker.admin()) {
            topicId = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get()
                    .get(topic)
                    .topicId();
        }
        client = new RawClient(broker.port());
    }

    @AfterEach
    void disconnect() throws Exception {
        client.close();
    }

    // Produce

    @Test
    void answersNothingToAcksZero() throws Exception {
        client.send(ApiKeys.PRODUCE, 9, 1, produce((short) 0, records("a")));
        client.send(ApiKeys.API_VERSIONS, 0, 2, new ApiVersionsRequestData());

        client.receive(ApiKeys.API_VERSIONS, 0, 2, new ApiVersionsResponseData());
        PartitionData written = fetched(18, fetch(0).setMaxWaitMs(10_000));
        assertThat(written.records().sizeInBytes()).isPositive();
    }

    @Test
    void refusesAcksThatDoNotExist() throws Exception {
        assertThat(error(produced(9, produce((short) 2, records("a"))))).isEqualTo(Errors.INVALID_REQUIRED_ACKS);
    }

    @Test
    void takesZstdFromVersionsThatKnowItOnly() throws Exception {
        MemoryRecords zstd = MemoryRecords.withRecords(Compression.zstd().build(), record("a"));

        assertThat(error(produced(6, produce((short) 1, zstd)))).isEqualTo(Errors.UNSUPPORTED_COMPRESSION_TYPE);
        assertThat(error(produced(7, produce((short) 1, zstd)))).isEqualTo(Errors.NONE);
    }

    @Test
    void givesARepeatedBatchItsFirstOffsetAndRefusesAGap() throws Exception {
        MemoryRecords first =
                MemoryRecords.withIdempotentRecords(Compression.NONE, 7_777, (short) 0, 0, record("a"), record("b"));
        MemoryRecords second = MemoryRecords.withIdempotentRecords(Compression.NONE, 7_777, (short) 0, 2, record("c"));
        MemoryRecords gap = MemoryRecords.withIdempotentRecords(Compression.NONE, 7_777, (short) 0, 9, record("d"));

        assertThat(produced(9, produce((short) -1, first)).baseOffset()).isEqualTo(0);
        assertThat(produced(9, produce((short) -1, second)).baseOffset()).isEqualTo(2);
        PartitionProduceResponse again = produced(9, produce((short) -1, first));
        assertThat(error(again)).isEqualTo(Errors.NONE);
        assertThat(again.baseOffset()).isEqualTo(0);
        assertThat(error(produced(9, produce((short) -1, gap)))).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(listOffsets(11, -1).offset()).isEqualTo(3);
    }

    @Test
    void refusesTheSecondBatchOfAProducerUntilTheFirstHasCome() throws Exception {
        MemoryRecords first = MemoryRecords.withIdempotentRecords(Compression.NONE, 7_777, (short) 0, 0, record("a"));
        MemoryRecords second = MemoryRecords.withIdempotentRecords(Compression.NONE, 7_777, (short) 0, 1, record("b"));
        assertThat(error(produced(9, produce((short) -1, records("of somebody else")))))
                .isEqualTo(Errors.NONE);

        assertThat(error(produced(9, produce((short) -1, second)))).isEqualTo(Errors.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(produced(9, produce((short) -1, first)).baseOffset()).isEqualTo(1);
        assertThat(produced(9, produce((short) -1, second)).baseOffset()).isEqualTo(2);
    }

    @Test
    void refusesACorruptBatch() throws Exception {
        MemoryRecords records = records("some value");
        ByteBuffer bytes = records.buffer();
        bytes.put(bytes.limit() - 3, (byte) (bytes.get(bytes.limit() - 3) ^ 1));

        assertThat(error(produced(9, produce((short) 1, MemoryRecords.readableRecords(bytes)))))
                .isEqualTo(Errors.CORRUPT_MESSAGE);
    }

    @Test
    void refusesTwoBatchesForOnePartition() throws Exception {
        ByteBuffer one = records("a").buffer();
        ByteBuffer two = ByteBuffer.allocate(one.remaining() * 2)
                .put(one.duplicate())
                .put(one.duplicate())
                .flip();

        assertThat(error(produced(9, produce((short) 1, MemoryRecords.readableRecords(two)))))
                .isEqualTo(Errors.INVALID_RECORD);
    }

    @Test
    void refusesTransactionsThatNobodyCouldEnd() throws Exception {
        MemoryRecords transactional =
                MemoryRecords.withTransactionalRecords(Compression.NONE, 1, (short) 0, 0, record("a"));

        assertThat(error(produced(9, produce((short) -1, transactional))))
                .isEqualTo(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
        assertThat(error(produced(9, produce((short) -1, transactional).setTransactionalId("t"))))
                .isEqualTo(Errors.INVALID_TXN_STATE);
    }

    @Test
    void tellsUnknownTopicsByTheKindOfTheirName() throws Exception {
        ProduceRequestData byName = produce((short) 1, records("a"));
        byName.topicData().forEach(data -> data.setName("no-such-topic"));
        assertThat(error(produced(12, byName))).isEqualTo(Errors.UNKNOWN_TOPIC_OR_PARTITION);

        ProduceRequestData byId = produce((short) 1, records("a"));
        byId.topicData().forEach(data -> data.setTopicId(new Uuid(5, 6)));
        assertThat(error(produced(13, byId))).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
    }

    // Fetch

    @Test
    void sendsTheWholeBatchThatContainsTheOffset() throws Exception {
        produced(13, produce((short) 1, records("a", "b", "c")));
        produced(13, produce((short) 1, records("d")));

        ByteBuffer bytes = ((MemoryRecords) fetched(18, fetch(2)).records()).buffer();
        assertThat(bytes.getLong(0)).isEqualTo(0);
        assertThat(((MemoryRecords) fetched(4, fetch(3)).records()).buffer().getLong(0))
                .isEqualTo(3);
    }

    @Test
    void answersEmptyAtTheEndAndOutOfRangeBeyond() throws Exception {
        produced(13, produce((short) 1, records("a")));

        PartitionData atEnd = fetched(18, fetch(1));
        assertThat(atEnd.errorCode()).isZero();
        assertThat(atEnd.highWatermark()).isEqualTo(1);
        assertThat(atEnd.records().sizeInBytes()).isZero();
        assertThat(Errors.forCode(fetched(18, fetch(2)).errorCode())).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
        assertThat(Errors.forCode(fetched(18, fetch(-5)).errorCode())).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void namesAbortedTransactionsToCommittedReadersOnly() throws Exception {
        produced(13, produce((short) 1, records("a")));

        assertThat(fetched(18, fetch(0)).abortedTransactions()).isNull();
        assertThat(fetched(18, fetch(0).setIsolationLevel((byte) 1)).abortedTransactions())
                .isEmpty();
    }

    @Test
    void namesNoPreferredReplicaWhateverTheRack() throws Exception {
        produced(13, produce((short) 1, records("a")));

        PartitionData answer = fetched(18, fetch(0).setRackId("somewhere"));
        assertThat(answer.preferredReadReplica()).isEqualTo(-1);
        assertThat(answer.records().sizeInBytes()).isPositive();
    }

    @Test
    void refusesAReaderThatPosesAsAFollower() throws Exception {
        assertThat(Errors.forCode(fetched(12, fetch(0).setReplicaId(2)).errorCode()))
                .isEqualTo(Errors.TOPIC_AUTHORIZATION_FAILED);
    }

    @Test
    void checksTheReadersLeaderEpoch() throws Exception {
        FetchRequestData request = fetch(0);
        request.topics().get(0).partitions().get(0).setCurrentLeaderEpoch(9);

        assertThat(Errors.forCode(fetched(18, request).errorCode())).isEqualTo(Errors.UNKNOWN_LEADER_EPOCH);
    }

    @Test
    void tellsAReaderWhereItsLogLeavesOurs() throws Exception {
        produced(13, produce((short) 1, records("a", "b")));
        FetchRequestData request = fetch(5);
        request.topics().get(0).partitions().get(0).setLastFetchedEpoch(0);

        PartitionData answer = fetched(18, request);
        assertThat(answer.divergingEpoch().epoch()).isEqualTo(0);
        assertThat(answer.divergingEpoch().endOffset()).isEqualTo(2);
        assertThat(answer.records().sizeInBytes()).isZero();
        request.topics().get(0).partitions().get(0).setLastFetchedEpoch(3); // of which nobody knows anything here
        assertThat(Errors.forCode(fetched(18, request).errorCode())).isEqualTo(Errors.OFFSET_OUT_OF_RANGE);
    }

    @Test
    void tellsASessionOnlyWhatIsNew() throws Exception {
        produced(13, produce((short) 1, records("a")));
        FetchResponseData opened = exchange(18, fetch(1).setSessionEpoch(0));
        assertThat(opened.sessionId()).isNotZero();
        FetchRequestData next =
                new FetchRequestData().setMaxWaitMs(50).setMinBytes(1).setMaxBytes(1 << 20);

        assertThat(exchange(18, next.setSessionId(opened.sessionId()).setSessionEpoch(1))
                        .responses())
                .isEmpty();
        produced(13, produce((short) 1, records("b")));
        assertThat(exchange(18, next.setSessionEpoch(2)).responses()).hasSize(1);
        assertThat(Errors.forCode(exchange(18, next.setSessionEpoch(2)).errorCode()))
                .isEqualTo(Errors.INVALID_FETCH_SESSION_EPOCH);
        assertThat(Errors.forCode(exchange(12, next.setSessionEpoch(3)).errorCode()))
                .isEqualTo(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        assertThat(Errors.forCode(exchange(18, next.setSessionId(1)).errorCode()))
                .isEqualTo(Errors.FETCH_SESSION_ID_NOT_FOUND);
    }

    @Test
    void doesNotKnowTheIdOfNoTopic() throws Exception {
        FetchRequestData request = fetch(0);
        request.topics().get(0).setTopicId(new Uuid(8, 9));

        assertThat(Errors.forCode(fetched(18, request).errorCode())).isEqualTo(Errors.UNKNOWN_TOPIC_ID);
    }

    // ListOffsets, OffsetForLeaderEpoch, InitProducerId

    @Test
    void answersTheSpecialTimestampsOfEachVersion() throws Exception {
        produced(13, produce((short) 1, records("a", "b")));

        assertThat(listOffsets(1, -1).offset()).isEqualTo(2);
        assertThat(listOffsets(1, -2).offset()).isEqualTo(0);
        assertThat(error(listOffsets(6, -3))).isEqualTo(Errors.UNSUPPORTED_VERSION);
        assertThat(listOffsets(7, -3).offset()).isEqualTo(1);
        assertThat(listOffsets(8, -4).offset()).isEqualTo(0);
        assertThat(listOffsets(9, -5).offset()).isEqualTo(-1);
        assertThat(error(listOffsets(10, -6))).isEqualTo(Errors.UNSUPPORTED_VERSION);
        assertThat(listOffsets(11, -6).offset()).isEqualTo(-1);
        assertThat(listOffsets(11, -1).leaderEpoch()).isEqualTo(0);
    }

    /** What was compressed is not looked into when it is written. A search by time does, and must survive what it finds. */
    @Test
    void findsTheBeginningOfABatchThatCannotBeDecompressed() throws Exception {
        produced(13, produce((short) 1, records("a", "b")));
        for (int compression = 1; compression <= 4; compression++) {
            MemoryRecords broken = records("these are no compressed bytes");
            ByteBuffer batch = broken.buffer();
            batch.putShort(21, (short) compression);
            batch.putLong(35, 5_000 + compression); // the greatest timestamp: it is this batch that is asked
            CRC32C crc = new CRC32C();
            crc.update(batch.slice(21, batch.limit() - 21));
            batch.putInt(17, (int) crc.getValue());
            PartitionProduceResponse written = produced(13, produce((short) 1, broken));
            assertThat(error(written)).isEqualTo(Errors.NONE);

            ListOffsetsPartitionResponse found = listOffsets(7, 5_000 + compression);
            assertThat(error(found)).isEqualTo(Errors.NONE);
            assertThat(found.offset()).isEqualTo(written.baseOffset());
        }
    }

    @Test
    void tellsWhereALeaderEpochEnds() throws Exception {
        produced(13, produce((short) 1, records("a", "b")));
        for (int version : new int[] {2, 4}) {
            OffsetForLeaderEpochRequestData request = new OffsetForLeaderEpochRequestData();
            OffsetForLeaderTopicCollection asked = new OffsetForLeaderTopicCollection();
            asked.add(new OffsetForLeaderTopic()
                    .setTopic(topic)
                    .setPartitions(List.of(new OffsetForLeaderPartition()
                            .setPartition(0)
                            .setCurrentLeaderEpoch(0)
                            .setLeaderEpoch(0))));
            client.send(ApiKeys.OFFSET_FOR_LEADER_EPOCH, version, 5, request.setTopics(asked));
            var end = client.receive(
                            ApiKeys.OFFSET_FOR_LEADER_EPOCH, version, 5, new OffsetForLeaderEpochResponseData())
                    .topics()
                    .find(topic)
                    .partitions()
                    .get(0);
            assertThat(end.leaderEpoch()).isEqualTo(0);
            assertThat(end.endOffset()).isEqualTo(2);
        }
    }

    @Test
    void givesEachProducerAnIdOfItsOwn() throws Exception {
        InitProducerIdRequestData request = new InitProducerIdRequestData().setTransactionalId(null);

        InitProducerIdResponseData one = init(request);
        InitProducerIdResponseData two = init(request);
        assertThat(one.errorCode()).isZero();
        assertThat(two.producerId()).isNotEqualTo(one.producerId());
        assertThat(two.producerEpoch()).isZero();
    }

    @Test
    void refusesATransactionThatMayLastTooLong() throws Exception {
        InitProducerIdRequestData request =
                new InitProducerIdRequestData().setTransactionalId("t").setTransactionTimeoutMs(Integer.MAX_VALUE);

        assertThat(Errors.forCode(init(request).errorCode())).isEqualTo(Errors.INVALID_TRANSACTION_TIMEOUT);
    }

    // Requests

    private InitProducerIdResponseData init(InitProducerIdRequestData request) throws Exception {
        client.send(ApiKeys.INIT_PRODUCER_ID, 5, 6, request);
        return client.receive(ApiKeys.INIT_PRODUCER_ID, 5, 6, new InitProducerIdResponseData());
    }

    private ProduceRequestData produce(short acks, MemoryRecords records) {
        TopicProduceDataCollection data = new TopicProduceDataCollection();
        data.add(new TopicProduceData()
                .setName(topic)
                .setTopicId(topicId)
                .setPartitionData(List.of(new PartitionProduceData().setIndex(0).setRecords(records))));
        return new ProduceRequestData().setAcks(acks).setTimeoutMs(10_000).setTopicData(data);
    }

    private PartitionProduceResponse produced(int version, ProduceRequestData request) throws Exception {
        client.send(ApiKeys.PRODUCE, version, 3, request);
        return client.receive(ApiKeys.PRODUCE, version, 3, new ProduceResponseData()).responses().stream()
                .findFirst()
                .orElseThrow()
                .partitionResponses()
                .get(0);
    }

    private FetchRequestData fetch(long offset) {
        return new FetchRequestData()
                .setMaxWaitMs(10)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setSessionEpoch(-1)
                .setTopics(List.of(new FetchTopic()
                        .setTopic(topic)
                        .setTopicId(topicId)
                        .setPartitions(List.of(new FetchPartition()
                                .setPartition(0)
                                .setFetchOffset(offset)
                                .setPartitionMaxBytes(1 << 20)))));
    }

    private PartitionData fetched(int version, FetchRequestData request) throws Exception {
        return exchange(version, request).responses().get(0).partitions().get(0);
    }

    private FetchResponseData exchange(int version, FetchRequestData request) throws Exception {
        client.send(ApiKeys.FETCH, version, 4, request);
        return client.receive(ApiKeys.FETCH, version, 4, new FetchResponseData());
    }

    private ListOffsetsPartitionResponse listOffsets(int version, long timestamp) throws Exception {
        client.send(
                ApiKeys.LIST_OFFSETS,
                version,
                7,
                new ListOffsetsRequestData()
                        .setTopics(List.of(new ListOffsetsTopic()
                                .setName(topic)
                                .setPartitions(List.of(new ListOffsetsPartition()
                                        .setPartitionIndex(0)
                                        .setTimestamp(timestamp))))));
        return client.receive(ApiKeys.LIST_OFFSETS, version, 7, new ListOffsetsResponseData())
                .topics()
                .get(0)
                .partitions()
                .get(0);
    }

    private static Errors error(PartitionProduceResponse answer) {
        return Errors.forCode(answer.errorCode());
    }

    private static Errors error(ListOffsetsPartitionResponse answer) {
        return Errors.forCode(answer.errorCode());
    }

    private static MemoryRecords records(String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(1_000 + i, null, values[i].getBytes(UTF_8));
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }

    private static SimpleRecord record(String value) {
        return new SimpleRecord(1_000, null, value.getBytes(UTF_8));
    }
}
