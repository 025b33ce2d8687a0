// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** Frames that are no requests: one exception, little memory, whatever the bytes. */
final class HostileFramesTest {

    private static final FrameLimits KNOWN = FrameLimits.afterAuthentication();
    private static final FrameLimits STRANGER = FrameLimits.beforeAuthentication();

    @Test
    void randomBytesRaiseNothingButMalformedFrame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 50_000; i++) {
            byte[] frame = new byte[random.nextInt(300)];
            random.nextBytes(frame);
            readOrRefuse(frame, seed);
        }
    }

    @Test
    void randomBodiesOfEveryApiRaiseNothingButMalformedFrame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (ApiKeys api : ApiKeys.values()) {
            if (api.hasValidVersion()) {
                for (int i = 0; i < 400; i++) {
                    byte[] frame = new byte[10 + random.nextInt(200)];
                    random.nextBytes(frame);
                    int versions = api.latestVersion(true) - api.oldestVersion() + 1;
                    ByteBuffer.wrap(frame)
                            .putShort(api.id)
                            .putShort((short) (api.oldestVersion() + random.nextInt(versions)))
                            .putInt(1)
                            .putShort((short) -1);
                    // Small numbers are believable lengths; without them hardly any body gets past its first field.
                    for (int at = 10; at < frame.length; at++) {
                        if (random.nextInt(3) > 0) {
                            frame[at] = (byte) random.nextInt(4);
                        }
                    }
                    readOrRefuse(frame, seed);
                }
            }
        }
    }

    @Test
    void mutatedFramesOfRealClientsRaiseNothingButMalformedFrame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Frames.Captured> all = Frames.captured();
        for (int i = 0; i < 50_000; i++) {
            byte[] frame = all.get(random.nextInt(all.size())).frame().clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                frame[random.nextInt(frame.length)] =
                        random.nextBoolean() ? (byte) random.nextInt() : (byte) (random.nextInt(3) - 1);
            }
            readOrRefuse(frame, seed);
        }
    }

    @Test
    void truncatedFramesOfRealClientsRaiseNothingButMalformedFrame() {
        for (Frames.Captured captured : Frames.captured()) {
            for (int length = 0; length < captured.frame().length; length++) {
                byte[] frame = new byte[length];
                System.arraycopy(captured.frame(), 0, frame, 0, length);
                assertThatThrownBy(() -> read(frame, KNOWN))
                        .as("%s cut to %d", captured, length)
                        .isInstanceOf(MalformedFrameException.class);
            }
        }
    }

    @Test
    void millionTaggedFieldsOfHeaderAreRefusedCheaply() {
        byte[] frame = header(ApiKeys.METADATA, 12, 2_000_000)
                .put(new byte[] {(byte) 0xc0, (byte) 0x84, 0x3d})
                .array();
        assertRefusedCheaply(frame, STRANGER, 1_000_000);
    }

    @Test
    void millionTaggedFieldsOfBodyAreRefusedCheaply() {
        // no tags in the header, null topics, two booleans, then a million tags
        byte[] frame = header(ApiKeys.METADATA, 12, 2_000_000)
                .put(new byte[] {0, 0, 0, 0, (byte) 0xc0, (byte) 0x84, 0x3d})
                .array();
        assertRefusedCheaply(frame, STRANGER, 1_000_000);
    }

    @Test
    void tinyElementsCostStrangersLittle() {
        // A million topics without a name would be 50 MB of objects for 18 MB of frame.
        byte[] frame = header(ApiKeys.METADATA, 12, 18_000_000)
                .put(new byte[] {0, (byte) 0xc1, (byte) 0x84, 0x3d})
                .array();
        assertRefusedCheaply(frame, STRANGER, 2_000_000);
    }

    @Test
    void nestedArraysCostNobodyMoreThanTheReadsAllow() {
        // OffsetFetch v8: groups of (empty id, topics of (empty name, no partitions))
        ByteBuffer frame =
                header(ApiKeys.OFFSET_FETCH, 8, 90_000_000).put(new byte[] {0, (byte) 0x90, 0x4e}); // 9,999 groups
        while (frame.remaining() > 8_010) {
            frame.put(new byte[] {1, (byte) 0xe9, 0x07}); // a thousand topics, set aside at once
            for (int topic = 0; topic < 1_000; topic++) {
                frame.put(new byte[] {1, 1, 0});
            }
            frame.put((byte) 0);
        }
        assertRefusedCheaply(frame.array(), KNOWN, 200_000_000);
    }

    @Test
    void lengthsBeyondTheFrameAllocateNothing() {
        // Produce v9 with a transactional id of 2 GiB; JoinGroup v9 likewise in its protocols
        byte[] frame = header(ApiKeys.PRODUCE, 9, 100)
                .put(new byte[] {0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x07})
                .array();
        assertRefusedCheaply(frame, KNOWN, 100_000);
    }

    @Test
    void readsArrayOfHundredThousandPartitions() {
        assertThatCode(() -> {
                    // Fetch v12 header, fixed fields, then one topic of 100,000 partitions
                    ByteBuffer frame = header(ApiKeys.FETCH, 12, 4_000_000)
                            .put((byte) 0)
                            .putInt(-1)
                            .putInt(500)
                            .putInt(1)
                            .putInt(1 << 20)
                            .put((byte) 0)
                            .putInt(0)
                            .putInt(0)
                            .put(new byte[] {2, 2, 't', (byte) 0xa1, (byte) 0x8d, 0x06});
                    for (int partition = 0; partition < 100_000; partition++) {
                        frame.putInt(partition)
                                .putInt(-1)
                                .putLong(0)
                                .putInt(-1)
                                .putLong(-1)
                                .putInt(1 << 20)
                                .put((byte) 0);
                    }
                    frame.put(new byte[] {0, 1, 1, 0});
                    read(frame.array(), KNOWN);
                })
                .doesNotThrowAnyException();
    }

    private static ByteBuffer header(ApiKeys api, int version, int frameBytes) {
        return ByteBuffer.allocate(frameBytes)
                .putShort(api.id)
                .putShort((short) version)
                .putInt(1)
                .putShort((short) -1);
    }

    /** Reads twice and measures the second time: the first also loads classes. */
    private static void assertRefusedCheaply(byte[] frame, FrameLimits limits, long bytes) {
        assertThatThrownBy(() -> read(frame, limits)).isInstanceOf(MalformedFrameException.class);
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Throwable> refusal = new ArrayList<>(1);
        long before = thread.getCurrentThreadAllocatedBytes();
        try {
            read(frame, limits);
        } catch (MalformedFrameException e) {
            refusal.add(e);
        }
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;
        assertThat(refusal).hasSize(1);
        assertThat(allocated).isLessThan(bytes);
    }

    private static void readOrRefuse(byte[] frame, long seed) {
        try {
            read(frame, KNOWN);
        } catch (MalformedFrameException e) {
            assertThat(e.reason()).isNotEmpty();
        } catch (RuntimeException | Error e) {
            throw new AssertionError(
                    "seed " + seed + ", frame " + java.util.HexFormat.of().formatHex(frame), e);
        }
    }

    private static void read(byte[] frame, FrameLimits limits) {
        GuardedReader reader = new GuardedReader(ByteBuffer.wrap(frame), limits.readCount());
        RequestHead head = RequestHead.read(reader);
        if (head.api().isVersionSupported(head.version())) {
            assertThat(RequestBody.read(head, reader)).isNotNull();
        } else {
            throw new MalformedFrameException("version not served");
        }
    }
}
