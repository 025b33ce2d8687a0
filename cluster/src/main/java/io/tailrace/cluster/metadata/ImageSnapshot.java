// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import io.tailrace.cluster.metadata.MetadataRecord.BrokerLeaving;
import io.tailrace.cluster.metadata.MetadataRecord.BrokerRegistered;
import io.tailrace.cluster.metadata.MetadataRecord.ClusterFormed;
import io.tailrace.cluster.metadata.MetadataRecord.ConfigChanged;
import io.tailrace.cluster.metadata.MetadataRecord.FeatureChanged;
import io.tailrace.cluster.metadata.MetadataRecord.ProducerIdsAllocated;
import io.tailrace.cluster.metadata.MetadataRecord.TopicCreated;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * An image as the shortest list of records that makes it, and as bytes.
 *
 * <pre>
 * snapshot := version i64 (big-endian), entry (as in {@link MetadataRecordCodec}), CRC-32C of all before, as i64
 * </pre>
 *
 * Equal images give equal bytes. Who is the controller is not part of it: the log itself knows that.
 */
public final class ImageSnapshot {

    private ImageSnapshot() {}

    /** Records that make this image of an empty one, but for {@code version} and {@code controllerId}. */
    public static List<MetadataRecord> records(ClusterImage image) {
        List<MetadataRecord> records = new ArrayList<>();
        records.add(new ClusterFormed(image.clusterId()));
        new TreeMap<>(image.features()).forEach((feature, level) -> records.add(new FeatureChanged(feature, level)));
        new TreeMap<>(image.brokers()).values().forEach(it -> {
            records.add(new BrokerRegistered(
                    it.id(), it.epoch(), it.incarnationId(), it.endpoints(), it.rack(), it.fenced()));
            if (it.leaving()) {
                records.add(new BrokerLeaving(it.id(), it.epoch()));
            }
        });
        new TreeMap<>(image.topics())
                .values()
                .forEach(it -> records.add(new TopicCreated(it.name(), it.id(), it.partitions(), it.configs())));
        addConfigs(ConfigTarget.Kind.BROKER, image.brokerConfigs(), records);
        addConfigs(ConfigTarget.Kind.GROUP, image.groupConfigs(), records);
        addConfigs(ConfigTarget.Kind.CLIENT_METRICS, image.clientMetricsConfigs(), records);
        if (image.nextProducerId() > 0) {
            records.add(new ProducerIdsAllocated(-1, -1, image.nextProducerId()));
        }
        return records;
    }

    public static byte[] encode(ClusterImage image) {
        List<byte[]> encoded =
                records(image).stream().map(MetadataRecordCodec::encode).toList();
        byte[] entry = MetadataRecordCodec.entry(encoded);
        ByteWriter out = new ByteWriter(entry.length + 16);
        out.i64(image.version());
        out.raw(entry);
        out.i64(checksum(out.toBytes(), out.length()));
        return out.toBytes();
    }

    /** @throws MetadataFormatException if damaged, or written by a newer program */
    public static ClusterImage decode(byte[] snapshot) {
        int end = snapshot.length - 8;
        if (end < 8 || checksum(snapshot, end) != new ByteReader(snapshot, end, snapshot.length).i64()) {
            throw new MetadataFormatException("metadata snapshot of " + snapshot.length + " bytes fails its checksum");
        }
        long version = new ByteReader(snapshot, 0, 8).i64();
        ImageBuilder builder = ImageBuilder.from(ClusterImage.empty(""));
        MetadataRecordCodec.decodeEntry(snapshot, 8, end).forEach(builder::apply);
        return builder.buildAt(version);
    }

    private static void addConfigs(
            ConfigTarget.Kind kind, Map<String, Map<String, String>> configs, List<MetadataRecord> records) {
        new TreeMap<>(configs)
                .forEach((name, set) -> records.add(new ConfigChanged(new ConfigTarget(kind, name), set, List.of())));
    }

    private static long checksum(byte[] bytes, int toExclusive) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, toExclusive);
        return crc.getValue();
    }
}
