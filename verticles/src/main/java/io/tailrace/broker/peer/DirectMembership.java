// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.config.Config;
import com.hazelcast.core.LifecycleEvent;
import io.tailrace.cluster.bus.Addresses;
import io.tailrace.cluster.membership.hazelcast.UnusedTasks;
import io.vertx.core.Completable;
import io.vertx.core.Promise;
import io.vertx.core.VertxException;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.core.spi.cluster.RegistrationListener;
import io.vertx.core.spi.cluster.RegistrationUpdateEvent;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How the event bus finds a node: by what each member of the membership says of itself, and nothing that is shared.
 *
 * <p>Vert.x keeps who listens where in Hazelcast's maps. A map has its parts on members; if one of them hangs, a look-up that needs its part waits
 * until the member is given up, some five seconds later, and so does every message to an address that was not used before: just those to the new leader and
 * to the new controller. Here addresses name nodes ({@link Addresses}), and a member's attributes tell its node, its id on the bus and its bus'
 * address. They come with the list of members, which every member has. So a look-up is one in memory.
 *
 * <p>A message to a node that does not serve an address yet fails at once all the same: its bus does not know the codec, and says so. One to a
 * node that membership does not know, too.
 */
public final class DirectMembership extends HazelcastClusterManager {

    /** Node id, and the host and port of its cluster listener. */
    private static final String SEAT = "tailrace.seat";

    /** Where the super class notes its id on the bus. */
    private static final String BUS_ID = "__vertx.nodeId";

    /** Where a node is to be found. */
    private record Seat(String busId, NodeInfo bus, PeerAddress address) {}

    private final NodeInfo own;
    private final Map<Integer, Seat> seats = new ConcurrentHashMap<>();
    private volatile @Nullable RegistrationListener listener;

    /** @param advertised the cluster listener that other nodes are to dial; the bus is beside it */
    public DirectMembership(Config config, int nodeId, PeerAddress advertised) {
        super(config);
        config.getMemberAttributeConfig().setAttribute(SEAT, nodeId + "@" + advertised);
        own = bus(advertised);
    }

    private static NodeInfo bus(PeerAddress address) {
        return new NodeInfo(address.host(), address.busPort(), null);
    }

    /** The cluster port of a node that is a member; empty for any other. Any thread. */
    public Optional<PeerAddress> addressOf(int nodeId) {
        return Optional.ofNullable(seats.get(nodeId)).map(Seat::address);
    }

    @Override
    public void registrationListener(RegistrationListener told) {
        listener = told;
        super.registrationListener(told);
    }

    @Override
    public void join(Completable<Void> promise) {
        Promise<Void> joined = Promise.promise();
        super.join(joined);
        joined.future()
                .onSuccess(done -> {
                    UnusedTasks.end(getHazelcastInstance());
                    lookAtMembers();
                })
                .onComplete(promise);
    }

    private void lookAtMembers() {
        getHazelcastInstance().getCluster().getMembers().forEach(this::seen);
    }

    @Override
    public void memberAdded(MembershipEvent event) {
        seen(event.getMember());
    }

    @Override
    public void memberRemoved(MembershipEvent event) {
        String busId = event.getMember().getAttribute(BUS_ID);
        seats.forEach((node, seat) -> {
            if (seat.busId().equals(busId) && seats.remove(node, seat)) {
                moved(node, List.of());
            }
        });
    }

    @Override
    public void stateChanged(LifecycleEvent event) {
        // Members that were there before a merge are not told of as added.
        if (event.getState() == LifecycleEvent.LifecycleState.MERGED) {
            lookAtMembers();
        }
    }

    private void seen(Member member) {
        String told = member.getAttribute(SEAT);
        String busId = member.getAttribute(BUS_ID);
        if (told == null || busId == null) {
            return; // of no node of ours
        }
        int at = told.indexOf('@');
        int node = Integer.parseInt(told.substring(0, at));
        PeerAddress address = PeerAddress.parse(told.substring(at + 1));
        Seat seat = new Seat(busId, bus(address), address);
        if (!seat.equals(seats.put(node, seat))) {
            moved(node, registrations(seat));
        }
    }

    /** The bus remembers what it was told once. */
    private void moved(int node, List<RegistrationInfo> registrations) {
        RegistrationListener told = listener;
        if (told != null) {
            Addresses.clustered(node)
                    .forEach(address -> told.registrationsUpdated(new RegistrationUpdateEvent(address, registrations)));
        }
    }

    private static List<RegistrationInfo> registrations(Seat seat) {
        return List.of(new RegistrationInfo(seat.busId(), 0, false));
    }

    @Override
    public void getRegistrations(String address, Completable<List<RegistrationInfo>> promise) {
        OptionalInt node = Addresses.nodeOf(address);
        Seat seat = node.isPresent() ? seats.get(node.getAsInt()) : null;
        promise.succeed(seat == null ? List.of() : registrations(seat));
    }

    /** An address tells its node; who listens there needs no note. */
    @Override
    public void addRegistration(String address, RegistrationInfo registration, Completable<Void> promise) {
        promise.succeed(null);
    }

    @Override
    public void removeRegistration(String address, RegistrationInfo registration, Completable<Void> promise) {
        promise.succeed(null);
    }

    /** A member's attributes were there first. */
    @Override
    public void setNodeInfo(NodeInfo bound, Completable<Void> promise) {
        promise.succeed(null);
    }

    @Override
    public NodeInfo getNodeInfo() {
        return own;
    }

    @Override
    public void getNodeInfo(String busId, Completable<NodeInfo> promise) {
        for (Seat seat : seats.values()) {
            if (seat.busId().equals(busId)) {
                promise.succeed(seat.bus());
                return;
            }
        }
        promise.fail(new VertxException("no node has the id " + busId + " on the bus", true));
    }
}
