// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PersistentMapTest {

    /** A key whose hash codes clash as often as asked. */
    private record Key(int value, int hash) {
        @Override
        public int hashCode() {
            return hash;
        }
    }

    @Test
    void behavesAsAHashMapAndLeavesOlderVersionsAlone() {
        for (int hashes : new int[] {1, 3, 40, 1 << 20}) {
            long seed = 77L + hashes;
            Random random = new Random(seed);
            Map<Key, Integer> model = new HashMap<>();
            PersistentMap<Key, Integer> map = PersistentMap.empty();
            List<Map<Key, Integer>> models = new ArrayList<>();
            List<PersistentMap<Key, Integer>> versions = new ArrayList<>();
            for (int i = 0; i < 3000; i++) {
                int value = random.nextInt(200);
                Key key = new Key(value, (value % hashes) * 0x9E3779B9);
                if (random.nextInt(3) == 0) {
                    model.remove(key);
                    map = map.without(key);
                } else {
                    model.put(key, i);
                    map = map.with(key, i);
                }
                if (i % 100 == 0) {
                    models.add(new HashMap<>(model));
                    versions.add(map);
                }
                assertThat(map.get(key)).as("seed %d step %d", seed, i).isEqualTo(model.get(key));
            }
            models.add(model);
            versions.add(map);
            for (int v = 0; v < models.size(); v++) {
                assertThat(new HashMap<>(versions.get(v)))
                        .as("seed %d version %d", seed, v)
                        .isEqualTo(models.get(v));
                assertThat(versions.get(v)).as("seed %d version %d", seed, v).isEqualTo(models.get(v));
                assertThat(versions.get(v)).hasSameSizeAs(models.get(v).entrySet());
            }
        }
    }

    @Test
    void iteratesEqualMapsInEqualOrderHoweverTheyWereMade() {
        PersistentMap<String, Integer> up = PersistentMap.empty();
        PersistentMap<String, Integer> down = PersistentMap.empty();
        for (int i = 0; i < 1000; i++) {
            up = up.with("k" + i, i);
            down = down.with("k" + (1999 - i), 1999 - i);
        }
        for (int i = 1000; i < 2000; i++) {
            down = down.without("k" + i);
        }
        for (int i = 0; i < 1000; i++) {
            down = down.with("k" + i, i);
        }
        assertThat(List.copyOf(down.entrySet())).isEqualTo(List.copyOf(up.entrySet()));
    }
}
