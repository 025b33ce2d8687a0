// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** All orders in which five handlers can finish give the one order of the requests. */
final class ResponseQueueTest {

    private static final List<Integer> REQUESTS = List.of(1, 2, 3, 4, 5);

    @Test
    void restoresTheOrderOfRequestsWhateverTheOrderOfAnswers() {
        for (List<Integer> order : permutations(REQUESTS)) {
            Set<Integer> finished = new HashSet<>();
            List<Integer> written = new ArrayList<>();
            ResponseQueue<Integer> queue = new ResponseQueue<>(finished::contains);
            REQUESTS.forEach(queue::add);
            for (Integer one : order) {
                finished.add(one);
                queue.drainTo(written::add);
                assertThat(written).isEqualTo(REQUESTS.subList(0, written.size()));
            }
            assertThat(written).as("after %s", order).isEqualTo(REQUESTS);
            assertThat(queue.size()).isZero();
        }
    }

    @Test
    void abandonsAllWhateverTheirState() {
        List<Integer> abandoned = new ArrayList<>();
        ResponseQueue<Integer> queue = new ResponseQueue<>(one -> one == 2);
        REQUESTS.forEach(queue::add);

        queue.abandon(abandoned::add);

        assertThat(abandoned).isEqualTo(REQUESTS);
        assertThat(queue.size()).isZero();
    }

    private static List<List<Integer>> permutations(List<Integer> items) {
        if (items.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Integer>> all = new ArrayList<>();
        for (Integer first : items) {
            List<Integer> others =
                    items.stream().filter(item -> !item.equals(first)).toList();
            for (List<Integer> rest : permutations(others)) {
                List<Integer> one = new ArrayList<>(rest);
                one.add(0, first);
                all.add(one);
            }
        }
        return all;
    }
}
