// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The addresses that a node was told of, looked up anew each time: a name may stand for many nodes (the headless service of a StatefulSet), and for
 * more tomorrow than today. A name that stands for one address stays a name.
 */
final class PeerNames {

    private static final Logger LOG = LoggerFactory.getLogger(PeerNames.class);

    /** What a name stands for; blocks. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private final Vertx vertx;
    private final List<PeerAddress> listed;
    private final Lookup lookup;

    PeerNames(Vertx vertx, List<PeerAddress> listed, Lookup lookup) {
        this.vertx = vertx;
        this.listed = List.copyOf(listed);
        this.lookup = lookup;
    }

    /** How many are listed, {@code self} among them or not. */
    int count(PeerAddress self) {
        Set<PeerAddress> all = new LinkedHashSet<>(listed);
        all.add(self);
        return all.size();
    }

    /** All that there are now, without {@code self}. Never fails: a name that nobody knows stays in the list, and nobody answers there. */
    Future<Set<PeerAddress>> others(PeerAddress self) {
        return vertx.executeBlocking(this::addresses, false)
                .otherwise(failure -> new LinkedHashSet<>(listed))
                .map(all -> {
                    all.remove(self);
                    return all;
                });
    }

    private Set<PeerAddress> addresses() {
        Set<PeerAddress> all = new LinkedHashSet<>();
        for (PeerAddress address : listed) {
            try {
                InetAddress[] found = lookup.addresses(address.host());
                if (found.length == 1) {
                    all.add(address);
                } else {
                    Stream.of(found).forEach(it -> all.add(new PeerAddress(it.getHostAddress(), address.port())));
                }
            } catch (UnknownHostException unknown) {
                LOG.debug("{} has no address", address.host(), unknown);
                all.add(address);
            }
        }
        return all;
    }
}
