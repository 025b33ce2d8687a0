// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.compaction;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OffsetMapTest {

    @Test
    void agreesWithAMapOfKeys() {
        long seed = 99;
        var random = new Random(seed);
        var map = new OffsetMap(OffsetMap.SLOT_BYTES * 1000);
        for (int round = 0; round < 3; round++) {
            map.clear(0);
            Map<String, Long> model = new HashMap<>();
            for (long offset = 0; offset < 5000; offset++) {
                String key = "key" + random.nextInt(1200);
                boolean fits = model.containsKey(key) || model.size() < map.capacity();
                assertThat(map.put(bytes(key), offset)).isEqualTo(fits);
                if (fits) {
                    model.put(key, offset);
                }
            }
            assertThat(map.size()).isEqualTo(model.size());
            for (int i = 0; i < 1200; i++) {
                assertThat(map.get(bytes("key" + i)))
                        .as("seed %d, key%d", seed, i)
                        .isEqualTo(model.getOrDefault("key" + i, -1L));
            }
        }
    }

    @Test
    void anEmptyKeyIsAKeyAndKeysStayAsTheyAre() {
        var map = new OffsetMap(1000);
        assertThat(map.get(bytes(""))).isEqualTo(-1);
        map.put(bytes(""), 0);
        assertThat(map.get(bytes(""))).isZero();
        ByteBuffer key = bytes("key");
        map.get(key);
        assertThat(key.remaining()).isEqualTo(3);
    }

    private static ByteBuffer bytes(String key) {
        return ByteBuffer.wrap(key.getBytes(UTF_8));
    }
}
