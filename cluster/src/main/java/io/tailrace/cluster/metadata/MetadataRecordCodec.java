// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of metadata records, in the log and in snapshots.
 *
 * <p>A log entry is one batch of records that is applied whole or not at all:
 *
 * <pre>
 * entry     := 0x01 (format), record*                           to the end of the entry
 * record    := type uvarint, version uvarint, length uvarint, body of that length
 *
 * type  record                 body, version 0
 *    1  ClusterFormed          clusterId text
 *    2  BrokerRegistered       node varint, epoch uvarint, incarnation uuid, fenced u8, hasRack u8, rack text if so,
 *                              endpoints: count, { listener text, security text, host text, port uvarint }
 *    3  BrokerUnregistered     node varint, epoch uvarint
 *    4  BrokerFencingChanged   node varint, epoch uvarint, fenced u8
 *    5  BrokerLeaving          node varint, epoch uvarint
 *   10  TopicCreated           name text, id uuid, configs, partitions: count, partition*, numbered from 0
 *   11  TopicDeleted           id uuid
 *   12  PartitionsAdded        id uuid, first index uvarint, partitions: count, partition*
 *   13  PartitionChanged       id uuid, index uvarint, partition
 *   20  ConfigChanged          kind u8, name text, set: configs, removed: count, text*
 *   21  FeatureChanged         feature text, level varint
 *   22  ProducerIdsAllocated   node varint, epoch varint, next producer id uvarint
 *
 * configs   := count, { key text, value text }*                 sorted by key
 * partition := flags u8, replicas, then what the flags say:
 *              0x01 isr, 0x02 elr, 0x04 last known elr, 0x08 adding, 0x10 removing    each a list; absent: isr is replicas, others empty
 *              0x20 leader varint                               absent: the first replica
 *              0x40 leader epoch uvarint, partition epoch uvarint      absent: both 0
 * list      := count, varint*     text := bytes uvarint, UTF-8     uuid := 16 bytes, big-endian     count := uvarint
 * uvarint   := base 128, least significant group first     varint := zigzag, then uvarint
 * </pre>
 *
 * So a new partition on one node takes three bytes. Integrity (checksums, torn tails) is the log's business, not this format's.
 *
 * <p><b>Evolution.</b> A type or version that this program does not know is refused: an image that skipped a record would be wrong. A body is
 * changed by raising its version. Types are never reused; 30 to 39 are set aside for access control, 40 to 49 for credentials and delegation
 * tokens, 50 to 59 for quotas.
 */
public final class MetadataRecordCodec {

    private static final int ENTRY_FORMAT = 1;
    private static final int NEWEST_VERSION = 0;

    private MetadataRecordCodec() {}

    /** One record, without the head of an entry. */
    public static byte[] encode(MetadataRecord record) {
        ByteWriter body = new ByteWriter(64);
        int type = writeBody(record, body);
        ByteWriter framed = new ByteWriter(body.length() + 8);
        framed.uvarint(type);
        framed.uvarint(NEWEST_VERSION);
        framed.uvarint(body.length());
        framed.raw(body);
        return framed.toBytes();
    }

    /** One entry of records that are encoded already. */
    public static byte[] entry(List<byte[]> records) {
        int length = 1;
        for (byte[] record : records) {
            length += record.length;
        }
        ByteWriter entry = new ByteWriter(length);
        entry.u8(ENTRY_FORMAT);
        records.forEach(entry::raw);
        return entry.toBytes();
    }

    /**
     * The records of one entry.
     *
     * @throws MetadataFormatException if damaged, or written by a newer program
     */
    public static List<MetadataRecord> decodeEntry(byte[] entry) {
        return decodeEntry(entry, 0, entry.length);
    }

    static List<MetadataRecord> decodeEntry(byte[] bytes, int from, int toExclusive) {
        ByteReader in = new ByteReader(bytes, from, toExclusive);
        int format = in.u8();
        if (format != ENTRY_FORMAT) {
            throw new MetadataFormatException("metadata entry of format " + format + "; this program knows format "
                    + ENTRY_FORMAT + " and may be older than the data");
        }
        List<MetadataRecord> records = new ArrayList<>();
        while (in.remaining() > 0) {
            records.add(read(in, bytes));
        }
        return records;
    }

    private static MetadataRecord read(ByteReader in, byte[] bytes) {
        long type = in.uvarint();
        long version = in.uvarint();
        int length = in.count();
        if (version > NEWEST_VERSION) {
            throw new MetadataFormatException("metadata record of type " + type + " has version " + version
                    + "; this program knows versions up to " + NEWEST_VERSION + " and is older than the data");
        }
        ByteReader body = new ByteReader(bytes, in.position(), in.position() + length);
        MetadataRecord record = readBody(type, body);
        if (body.remaining() != 0) {
            throw new MetadataFormatException(
                    body.remaining() + " bytes too many in a metadata record of type " + type);
        }
        in.skip(length);
        return record;
    }

    private static int writeBody(MetadataRecord record, ByteWriter out) {
        return switch (record) {
            case ClusterFormed it -> {
                out.text(it.clusterId());
                yield 1;
            }
            case BrokerRegistered it -> {
                writeRegistration(it, out);
                yield 2;
            }
            case BrokerUnregistered it -> {
                out.varint(it.nodeId());
                out.uvarint(it.brokerEpoch());
                yield 3;
            }
            case BrokerFencingChanged it -> {
                out.varint(it.nodeId());
                out.uvarint(it.brokerEpoch());
                out.u8(it.fenced() ? 1 : 0);
                yield 4;
            }
            case BrokerLeaving it -> {
                out.varint(it.nodeId());
                out.uvarint(it.brokerEpoch());
                yield 5;
            }
            case TopicCreated it -> {
                out.text(it.name());
                out.uuid(it.id());
                out.texts(it.configs());
                writePartitions(it.partitions(), out);
                yield 10;
            }
            case TopicDeleted it -> {
                out.uuid(it.id());
                yield 11;
            }
            case PartitionsAdded it -> {
                out.uuid(it.topicId());
                out.uvarint(
                        it.partitions().isEmpty() ? 0 : it.partitions().get(0).index());
                writePartitions(it.partitions(), out);
                yield 12;
            }
            case PartitionChanged it -> {
                out.uuid(it.topicId());
                out.uvarint(it.partition().index());
                PartitionCodec.write(it.partition(), out);
                yield 13;
            }
            case ConfigChanged it -> {
                out.u8(it.target().kind().code());
                out.text(it.target().name());
                out.texts(it.set());
                out.uvarint(it.removed().size());
                it.removed().forEach(out::text);
                yield 20;
            }
            case FeatureChanged it -> {
                out.text(it.feature());
                out.varint(it.level());
                yield 21;
            }
            case ProducerIdsAllocated it -> {
                out.varint(it.nodeId());
                out.varint(it.brokerEpoch());
                out.uvarint(it.nextProducerId());
                yield 22;
            }
        };
    }

    private static MetadataRecord readBody(long type, ByteReader in) {
        return switch ((int) type) {
            case 1 -> new ClusterFormed(in.text());
            case 2 -> readRegistration(in);
            case 3 -> new BrokerUnregistered(in.varint32(), in.uvarint());
            case 4 -> new BrokerFencingChanged(in.varint32(), in.uvarint(), in.u8() != 0);
            case 5 -> new BrokerLeaving(in.varint32(), in.uvarint());
            case 10 -> {
                String name = in.text();
                var id = in.uuid();
                var configs = in.texts();
                yield new TopicCreated(name, id, readPartitions(0, in), configs);
            }
            case 11 -> new TopicDeleted(in.uuid());
            case 12 -> new PartitionsAdded(in.uuid(), readPartitions((int) in.uvarint(), in));
            case 13 -> new PartitionChanged(in.uuid(), PartitionCodec.read((int) in.uvarint(), in));
            case 20 ->
                new ConfigChanged(
                        new ConfigTarget(ConfigTarget.Kind.ofCode(in.u8()), in.text()), in.texts(), readTexts(in));
            case 21 -> new FeatureChanged(in.text(), (short) in.varint32());
            case 22 -> new ProducerIdsAllocated(in.varint32(), in.varint(), in.uvarint());
            default ->
                throw new MetadataFormatException("metadata record of unknown type " + type
                        + "; it may have been written by a newer version of this program");
        };
    }

    private static void writeRegistration(BrokerRegistered it, ByteWriter out) {
        out.varint(it.nodeId());
        out.uvarint(it.brokerEpoch());
        out.uuid(it.incarnationId());
        out.u8(it.fenced() ? 1 : 0);
        out.u8(it.rack().isPresent() ? 1 : 0);
        it.rack().ifPresent(out::text);
        out.uvarint(it.endpoints().size());
        for (Endpoint endpoint : it.endpoints()) {
            out.text(endpoint.listener());
            out.text(endpoint.securityProtocol());
            out.text(endpoint.host());
            out.uvarint(endpoint.port());
        }
    }

    private static BrokerRegistered readRegistration(ByteReader in) {
        int node = in.varint32();
        long epoch = in.uvarint();
        var incarnation = in.uuid();
        boolean fenced = in.u8() != 0;
        Optional<String> rack = in.u8() != 0 ? Optional.of(in.text()) : Optional.empty();
        int count = in.count();
        List<Endpoint> endpoints = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            endpoints.add(new Endpoint(in.text(), in.text(), in.text(), (int) in.uvarint()));
        }
        return new BrokerRegistered(node, epoch, incarnation, endpoints, rack, fenced);
    }

    private static void writePartitions(List<PartitionImage> partitions, ByteWriter out) {
        out.uvarint(partitions.size());
        for (PartitionImage partition : partitions) {
            PartitionCodec.write(partition, out);
        }
    }

    private static List<PartitionImage> readPartitions(int firstIndex, ByteReader in) {
        int count = in.count();
        List<PartitionImage> partitions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            partitions.add(PartitionCodec.read(firstIndex + i, in));
        }
        return partitions;
    }

    private static List<String> readTexts(ByteReader in) {
        int count = in.count();
        List<String> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            texts.add(in.text());
        }
        return texts;
    }
}
