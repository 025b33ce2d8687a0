// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.cluster.metadata.BrokerImage.Endpoint;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerFencingChanged;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerLeaving;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerRegistered;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerUnregistered;
import io.tailrace.cluster.metadata.MetadataRecord.ClusterFormed;
import io.tailrace.cluster.metadata.MetadataRecord.ConfigChanged;
import io.tailrace.cluster.metadata.MetadataRecord.FeatureChanged;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionChanged;
import io.tailrace.cluster.metadata.MetadataRecord.PartitionsAdded;
import io.tailrace.cluster.metadata.MetadataRecord.ProducerIdsAllocated;
import io.tailrace.cluster.metadata.MetadataRecord.TopicCreated;
import io.tailrace.cluster.metadata.MetadataRecord.TopicDeleted;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

class MetadataRecordCodecTest {

    private static final Uuid ID = new Uuid(0x0123456789ABCDEFL, -2);
    private static final PartitionImage EVERYTHING = new PartitionImage(
            1, List.of(1, 2, 300), List.of(2), List.of(1), List.of(300), List.of(300), List.of(1), 2, 7, 12);

    private static final List<MetadataRecord> SAMPLES = List.of(
            new ClusterFormed("cluster-ä"),
            new BrokerRegistered(
                    3,
                    Long.MAX_VALUE,
                    ID,
                    List.of(new Endpoint("PLAIN", "PLAINTEXT", "", 9092), new Endpoint("TLS", "SSL", "host", 65535)),
                    Optional.of("rack"),
                    true),
            new BrokerRegistered(0, 0, Uuid.ZERO_UUID, List.of(), Optional.empty(), false),
            new BrokerUnregistered(Integer.MAX_VALUE, 5),
            new BrokerFencingChanged(1, 6, true),
            new BrokerLeaving(1, 6),
            new TopicCreated(
                    "topic",
                    ID,
                    List.of(
                            PartitionImage.created(0, List.of(1)),
                            EVERYTHING,
                            PartitionImage.created(2, List.of(1, 2))
                                    .withIsr(List.of(2))
                                    .withLeader(PartitionImage.NO_LEADER)),
                    Map.of("a", "", "b", "long ".repeat(100))),
            new TopicDeleted(ID),
            new PartitionsAdded(
                    ID, List.of(PartitionImage.created(9, List.of(1)), PartitionImage.created(10, List.of(2)))),
            new PartitionChanged(ID, EVERYTHING),
            new ConfigChanged(ConfigTarget.brokerDefaults(), Map.of("k", "v"), List.of("x", "y")),
            new ConfigChanged(ConfigTarget.group("g"), Map.of(), List.of()),
            new FeatureChanged("metadata.version", (short) -1),
            new ProducerIdsAllocated(-1, -1, Long.MAX_VALUE));

    @Test
    void readsBackEveryKindOfRecord() {
        byte[] entry = MetadataRecordCodec.entry(
                SAMPLES.stream().map(MetadataRecordCodec::encode).toList());
        assertThat(MetadataRecordCodec.decodeEntry(entry)).isEqualTo(SAMPLES);
    }

    @Test
    void hasASampleOfEveryKind() {
        Set<Class<?>> kinds =
                Arrays.stream(MetadataRecord.class.getPermittedSubclasses()).collect(Collectors.toSet());
        assertThat(SAMPLES.stream().map(Object::getClass).collect(Collectors.toSet()))
                .isEqualTo(kinds);
    }

    @Test
    void writesTheBytesThatTheFormatSays() {
        byte[] record = MetadataRecordCodec.encode(new TopicCreated(
                "t", new Uuid(1, 2), List.of(PartitionImage.created(0, List.of(1))), Map.of("k", "v")));
        assertThat(HexFormat.of().formatHex(record))
                .isEqualTo("0a" + "00" + "1b" + "0174" + "0000000000000001" + "0000000000000002" + "01016b0176" + "01"
                        + "000102");
    }

    @Test
    void refusesARecordOfANewerVersion() {
        byte[] entry = {1, 11, 1, 0};
        assertThatThrownBy(() -> MetadataRecordCodec.decodeEntry(entry))
                .isInstanceOf(MetadataFormatException.class)
                .hasMessageContaining("older than the data");
    }

    @Test
    void refusesARecordOfAnUnknownType() {
        byte[] entry = {1, 99, 0, 0};
        assertThatThrownBy(() -> MetadataRecordCodec.decodeEntry(entry))
                .isInstanceOf(MetadataFormatException.class)
                .hasMessageContaining("unknown type 99");
    }

    @Test
    void refusesEveryTruncation() {
        for (MetadataRecord sample : SAMPLES) {
            byte[] entry = MetadataRecordCodec.entry(List.of(MetadataRecordCodec.encode(sample)));
            for (int length = 2; length < entry.length; length++) {
                byte[] cut = Arrays.copyOf(entry, length);
                assertThatThrownBy(() -> MetadataRecordCodec.decodeEntry(cut))
                        .as("%s cut to %d bytes", sample, length)
                        .isInstanceOf(MetadataFormatException.class);
            }
        }
    }
}
