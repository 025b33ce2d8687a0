// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tailrace.protocol.GuardedReader;
import io.tailrace.protocol.MalformedFrameException;
import io.tailrace.protocol.RequestBody;
import io.tailrace.protocol.RequestHead;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.junit.jupiter.api.Test;

/**
 * What a request becomes on the heap is no more than is taken for it: of each API and version, the densest requests that its schema allows, with
 * one array at a time of hundreds of smallest elements. Counted is all that reading allocates, garbage included.
 */
final class RequestWeightTest {

    private static final int ELEMENTS = 250;
    private static final int FRAME_BYTES = 2 << 20;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private int different;
    private String heaviest = "";
    private double heaviestWeight;

    @Test
    void noRequestWeighsMoreThanIsTakenForIt() {
        for (ApiKeys api : ApiKeys.values()) {
            if (api.hasValidVersion()) {
                for (short version = api.oldestVersion(); version <= api.latestVersion(true); version++) {
                    Schema schema = api.messageType.requestSchemas()[version];
                    for (List<Object> path : arraysOf(schema)) {
                        for (Object dense : path) {
                            weigh(api, version, frame(api, version, schema, path, dense));
                        }
                    }
                }
            }
        }
        assertThat(heaviestWeight).as(heaviest).isBetween(20.0, (double) HeapShare.REQUEST_BYTES_PER_READ);
    }

    @Test
    void longStringsArePaidForByTheirBytes() {
        for (int length : new int[] {1, 31, 32, 1_000, 30_000}) {
            ByteBuffer frame = head(ApiKeys.METADATA, (short) 1).putInt(50);
            for (int i = 0; i < 50; i++) {
                frame.putShort((short) length).put(new byte[length]);
            }
            weigh(ApiKeys.METADATA, (short) 1, frame.flip());
        }
        assertThat(heaviestWeight)
                .as(heaviest)
                .isLessThan(HeapShare.REQUEST_BYTES_PER_READ + HeapShare.ANSWER_BYTES_PER_READ);
    }

    private void weigh(ApiKeys api, short version, ByteBuffer frame) {
        read(api, version, frame); // class loading
        long before = threads.getCurrentThreadAllocatedBytes();
        int reads = read(api, version, frame);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before - HeapShare.REQUEST_BYTES;
        double weight = (double) bytes / reads;
        // Of ACLs two objects are made of each, and the answers are small.
        boolean acls = api == ApiKeys.CREATE_ACLS || api == ApiKeys.DELETE_ACLS;
        if (acls) {
            assertThat(weight)
                    .as(api.name)
                    .isLessThan(HeapShare.REQUEST_BYTES_PER_READ + HeapShare.ANSWER_BYTES_PER_READ);
        } else if (weight > heaviestWeight) {
            heaviestWeight = weight;
            heaviest = api + " v" + version + ": " + bytes + " bytes, " + reads + " reads";
        }
    }

    private static int read(ApiKeys api, short version, ByteBuffer frame) {
        GuardedReader reader = new GuardedReader(frame.duplicate(), 1_000_000);
        RequestHead head = RequestHead.read(reader);
        try {
            assertThat(RequestBody.read(head, reader).data()).isNotNull();
        } catch (MalformedFrameException broken) {
            // Read to its end, and then found to make no sense: it was made all the same.
            assertThat(broken).hasMessageStartingWith("broken");
        }
        return reader.readsDone();
    }

    /** The paths to all arrays, from the outermost on. */
    private static List<List<Object>> arraysOf(Schema schema) {
        List<List<Object>> paths = new ArrayList<>();
        collect(schema, List.of(), paths);
        return paths;
    }

    private static void collect(Schema schema, List<Object> above, List<List<Object>> paths) {
        for (BoundField field : schema.fields()) {
            if (field.def.type.isArray()) {
                List<Object> path = new ArrayList<>(above);
                path.add(field);
                paths.add(path);
                if (field.def.type.arrayElementType().orElseThrow() instanceof Schema element) {
                    collect(element, path, paths);
                }
            } else if (field.def.type instanceof Schema inner) {
                collect(inner, above, paths);
            }
        }
    }

    private ByteBuffer frame(ApiKeys api, short version, Schema schema, List<Object> path, Object dense) {
        ByteBuffer frame = head(api, version);
        write(frame, schema, path, dense);
        return frame.flip();
    }

    private static ByteBuffer head(ApiKeys api, short version) {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_BYTES);
        frame.putShort(api.id).putShort(version).putInt(1).putShort((short) -1);
        if (api.requestHeaderVersion(version) >= 2) {
            frame.put((byte) 0);
        }
        return frame;
    }

    private void write(ByteBuffer out, Schema schema, List<Object> path, Object dense) {
        for (BoundField field : schema.fields()) {
            Type type = field.def.type;
            if (type.isArray()) {
                int count = field.equals(dense) ? ELEMENTS : path.contains(field) ? 1 : 0;
                putLength(out, type, count);
                for (int i = 0; i < count; i++) {
                    writeOne(out, type.arrayElementType().orElseThrow(), path, dense);
                }
            } else {
                writeOne(out, type, path, dense);
            }
        }
    }

    private void writeOne(ByteBuffer out, Type type, List<Object> path, Object dense) {
        if (type instanceof Schema schema) {
            if (type.isNullable()) {
                out.put((byte) 1);
            }
            write(out, schema, path, dense);
        } else if (type instanceof TaggedFields) {
            out.put((byte) 0);
        } else {
            switch (type.toString()) {
                // Different each time: many equal keys are another matter, see HostileClientsTest.
                case "BOOLEAN", "INT8" -> out.put((byte) ++different);
                case "INT16", "UINT16" -> out.putShort((short) ++different);
                case "INT32", "UINT32" -> out.putInt(++different);
                case "INT64", "FLOAT64" -> out.putLong(++different);
                case "UUID" -> out.putLong(1).putLong(++different);
                case "STRING", "NULLABLE_STRING" -> out.putShort((short) 2).put(name());
                case "COMPACT_STRING", "COMPACT_NULLABLE_STRING" ->
                    out.put((byte) 3).put(name());
                case "BYTES", "NULLABLE_BYTES", "RECORDS", "NULLABLE_RECORDS" -> out.putInt(0);
                case "COMPACT_BYTES", "COMPACT_NULLABLE_BYTES", "COMPACT_RECORDS", "COMPACT_NULLABLE_RECORDS" ->
                    out.put((byte) 1);
                default -> throw new IllegalArgumentException(type.toString());
            }
        }
    }

    private byte[] name() {
        different++;
        return new byte[] {(byte) ('0' + different / 64 % 64), (byte) ('0' + different % 64)};
    }

    private static void putLength(ByteBuffer out, Type type, int count) {
        if (type instanceof CompactArrayOf) {
            int rest = count + 1;
            while (rest > 0x7f) {
                out.put((byte) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            out.put((byte) rest);
        } else {
            out.putInt(count);
        }
    }
}
