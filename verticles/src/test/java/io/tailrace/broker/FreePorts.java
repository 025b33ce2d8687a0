// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Ports for nodes that come back where they were, or that must know of each other before they start. Whoever can do with any port binds port 0.
 *
 * <p>A port found here is free until it is bound, perhaps seconds later, and again while its node is down. So it is below those that the system
 * hands out by itself (from 32768 on Linux), and never given twice.
 */
public final class FreePorts {

    private static final int FIRST = 20_000;
    private static final int RANGE = 12_000;
    private static final Random RANDOM = new Random(System.nanoTime());
    private static final Set<Integer> GIVEN = new HashSet<>();

    private FreePorts() {}

    public static int one() throws IOException {
        return inARow(1);
    }

    /** The first of so many. */
    public static synchronized int inARow(int count) throws IOException {
        while (true) {
            int first = FIRST + RANDOM.nextInt(RANGE - count);
            Set<Integer> wanted = IntStream.range(first, first + count).boxed().collect(Collectors.toSet());
            if (Collections.disjoint(GIVEN, wanted) && areFree(first, count)) {
                GIVEN.addAll(wanted);
                return first;
            }
        }
    }

    private static boolean areFree(int first, int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int port = first; port < first + count; port++) {
                held.add(new ServerSocket(port));
            }
            return true;
        } catch (IOException taken) {
            return false;
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }
}
