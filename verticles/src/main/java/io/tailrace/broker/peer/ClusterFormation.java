// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import io.tailrace.broker.peer.FormationVote.Told;
import io.tailrace.broker.peer.FormationVote.Verdict;
import io.tailrace.cluster.metadata.QuorumView;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node comes into its cluster: finds the others, learns which cluster they are, or agrees with them who begins one ({@link
 * FormationVote}); then asks whoever leads the metadata log to be let in, until it is.
 *
 * <p>It also remembers where each node said it is: a node that moved is found at its new address as soon as one of the two has greeted the
 * other.
 *
 * <p>Messages are small JSON objects: {@code HELLO {nodeId, address, clusterId, candidate}} is answered by {@code {nodeId, address, clusterId,
 * consent, leaderId}}; {@code JOIN {nodeId, directoryId, address, clusterId}} by an empty object, or by a failure as a text.
 */
public final class ClusterFormation {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterFormation.class);

    private static final QuorumView NOTHING = new QuorumView(-1, 0, 0, List.of(), List.of());

    private static final long ROUND_MS = 300;
    private static final long HELLO_TIMEOUT_MS = 2_000;
    private static final long JOIN_TIMEOUT_MS = 20_000;

    /** Once this node is in: to notice that somebody moved. */
    private static final long GREETING_MS = 5_000;

    /** Who this node is, for all time. */
    public record Self(int nodeId, PeerAddress address) {}

    /** Lets a node into the metadata log, if this node leads it. */
    @FunctionalInterface
    public interface Admission {
        Future<Void> admit(int nodeId, String directoryId, PeerAddress address);
    }

    /**
     * What a node finds out before it opens its data.
     *
     * @param begins whether this node is the first of a new cluster
     */
    public record Identity(Optional<String> clusterId, boolean begins) {}

    private final Vertx vertx;
    private final PeerVerticle peers;
    private final Self self;
    private final PeerNames names;
    private final int nodes;
    private final FormationVote vote;
    private final Map<Integer, PeerAddress> found = new ConcurrentHashMap<>();
    private volatile String clusterId = "";
    private volatile @Nullable Supplier<QuorumView> quorum;
    private volatile @Nullable Admission admission;
    private volatile boolean stopped;
    private String lastReason = "";

    /**
     * @param addresses of all nodes that this one was told of; its own may be among them, and a name may stand for many
     * @param nodes how many there are when a cluster begins; 0 for as many as there are addresses in the list
     */
    public ClusterFormation(Vertx vertx, PeerVerticle peers, Self self, List<PeerAddress> addresses, int nodes) {
        this(vertx, peers, self, new PeerNames(vertx, addresses, InetAddress::getAllByName), nodes);
    }

    ClusterFormation(Vertx vertx, PeerVerticle peers, Self self, PeerNames names, int nodes) {
        this.vertx = vertx;
        this.peers = peers;
        this.self = self;
        this.vote = new FormationVote(self.nodeId());
        this.names = names;
        this.nodes = nodes > 0 ? nodes : names.count(self.address());
        peers.serve(PeerVerticle.HELLO, this::greeted);
        peers.serve(PeerVerticle.JOIN, this::asked);
    }

    /** Where a node said it is. */
    public Optional<PeerAddress> addressOf(int nodeId) {
        return Optional.ofNullable(found.get(nodeId));
    }

    /**
     * Finds out which cluster this node belongs to. Does not end before that is known.
     *
     * @param known what the node's data says; empty if it has none
     * @param hasLog whether the node has a part of the metadata log
     */
    public Future<Identity> identify(Optional<String> known, boolean hasLog) {
        if (known.isPresent() && hasLog) {
            clusterId = known.get();
            return Future.succeededFuture(new Identity(known, false));
        }
        Promise<Identity> identified = Promise.promise();
        round(false, identified);
        return identified.future();
    }

    private void round(boolean candidate, Promise<Identity> identified) {
        long startNanos = System.nanoTime();
        greetAll(candidate).onSuccess(told -> {
            long nowMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
            long tookMs = nowMs - TimeUnit.NANOSECONDS.toMillis(startNanos);
            Verdict verdict;
            synchronized (vote) {
                verdict = vote.verdict(nodes, told, candidate, tookMs, nowMs);
            }
            switch (verdict) {
                case Verdict.Join it -> {
                    clusterId = it.clusterId();
                    LOG.info("node={} joins cluster {}", self.nodeId(), it.clusterId());
                    identified.complete(new Identity(Optional.of(it.clusterId()), false));
                }
                case Verdict.Begin it -> {
                    LOG.info("node={} begins a cluster", self.nodeId());
                    identified.complete(new Identity(Optional.empty(), true));
                }
                case Verdict.Candidate it -> again(true, identified);
                case Verdict.Wait it -> {
                    if (!it.why().equals(lastReason)) {
                        lastReason = it.why();
                        LOG.info("node={} waits: {}", self.nodeId(), it.why());
                    }
                    again(false, identified);
                }
            }
        });
    }

    private void again(boolean candidate, Promise<Identity> identified) {
        if (stopped) {
            identified.tryFail("the node was stopped before it found its cluster");
            return;
        }
        vertx.timer(candidate ? 1 : ROUND_MS, TimeUnit.MILLISECONDS).onSuccess(any -> round(candidate, identified));
    }

    /** Never fails: who does not answer is not in the list. */
    private Future<List<Told>> greetAll(boolean candidate) {
        JsonObject hello = new JsonObject()
                .put("nodeId", self.nodeId())
                .put("address", self.address().toString())
                .put("clusterId", clusterId)
                .put("candidate", candidate);
        return names.others(self.address()).compose(others -> {
            List<Future<Optional<Told>>> asked = new ArrayList<>();
            for (PeerAddress other : others) {
                asked.add(peers.call(other, PeerVerticle.HELLO, hello.toBuffer(), HELLO_TIMEOUT_MS)
                        .map(this::told)
                        .otherwise(Optional.empty()));
            }
            return Future.join(asked).transform(any -> Future.succeededFuture(distinct(asked)));
        });
    }

    /** A node that answers at several of its addresses counts once. */
    private static List<Told> distinct(List<Future<Optional<Told>>> answers) {
        Map<Integer, Told> byNode = new LinkedHashMap<>();
        answers.stream()
                .map(Future::result)
                .flatMap(Optional::stream)
                .forEach(told -> byNode.merge(told.nodeId(), told, (one, other) -> one.consents() ? one : other));
        return List.copyOf(byNode.values());
    }

    private Optional<Told> told(Buffer bytes) {
        JsonObject answer = json(bytes);
        int nodeId = Objects.requireNonNullElse(answer.getInteger("nodeId"), -1);
        if (nodeId < 0 || nodeId == self.nodeId()) {
            return Optional.empty(); // this node, by another of its names
        }
        remember(nodeId, answer);
        return Optional.of(
                new Told(nodeId, answer.getString("clusterId", ""), Boolean.TRUE.equals(answer.getBoolean("consent"))));
    }

    private void remember(int nodeId, JsonObject message) {
        String address = message.getString("address", "");
        if (!address.isEmpty()) {
            found.put(nodeId, PeerAddress.parse(address));
        }
    }

    private static JsonObject json(Buffer bytes) {
        try {
            return bytes.length() == 0 ? new JsonObject() : bytes.toJsonObject();
        } catch (DecodeException | ClassCastException e) {
            throw new IllegalArgumentException("not a message of a node: " + e.getMessage(), e);
        }
    }

    private Future<Buffer> greeted(Buffer bytes) {
        JsonObject hello = json(bytes);
        int nodeId = Objects.requireNonNullElse(hello.getInteger("nodeId"), -1);
        if (nodeId >= 0 && nodeId != self.nodeId()) {
            remember(nodeId, hello);
        }
        boolean consents = false;
        if (clusterId.isEmpty() && Boolean.TRUE.equals(hello.getBoolean("candidate"))) {
            synchronized (vote) {
                consents = vote.consent(nodeId, TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
            }
        }
        return Future.succeededFuture(new JsonObject()
                .put("nodeId", self.nodeId())
                .put("address", self.address().toString())
                .put("clusterId", clusterId)
                .put("consent", consents)
                .put("leaderId", view().leaderId())
                .toBuffer());
    }

    private Future<Buffer> asked(Buffer bytes) {
        JsonObject join = json(bytes);
        Admission door = admission;
        if (door == null) {
            return Future.failedFuture("this node is starting itself");
        }
        if (!clusterId.equals(join.getString("clusterId", ""))) {
            return Future.failedFuture("this is cluster " + clusterId);
        }
        int nodeId = Objects.requireNonNullElse(join.getInteger("nodeId"), -1);
        PeerAddress address = PeerAddress.parse(join.getString("address", ""));
        found.put(nodeId, address);
        return door.admit(nodeId, join.getString("directoryId", ""), address).map(Buffer.buffer());
    }

    /**
     * Takes part: tells who asks which cluster this is, lets others in, and asks to be let in until this node is.
     *
     * @param directoryId of the directory that has this node's metadata log
     */
    public void takePart(String ownClusterId, String directoryId, Supplier<QuorumView> view, Admission door) {
        clusterId = ownClusterId;
        quorum = view;
        admission = door;
        participate(directoryId);
    }

    private void participate(String directoryId) {
        if (stopped) {
            return;
        }
        boolean in = isIn(view(), directoryId);
        greetAllForLeader()
                .compose(leader -> in || leader.isEmpty() ? Future.succeededFuture() : join(leader.get(), directoryId))
                .onFailure(failure -> LOG.info("node={} is not let in yet: {}", self.nodeId(), failure.getMessage()))
                .onComplete(any -> vertx.timer(in ? GREETING_MS : ROUND_MS, TimeUnit.MILLISECONDS)
                        .onSuccess(later -> participate(directoryId)));
    }

    /** Nobody leads a log that is not open, or broken. */
    private QuorumView view() {
        Supplier<QuorumView> view = quorum;
        try {
            return view == null ? NOTHING : view.get();
        } catch (RuntimeException broken) {
            LOG.debug("the metadata log does not tell of itself", broken);
            return NOTHING;
        }
    }

    private boolean isIn(QuorumView view, String directoryId) {
        return java.util.stream.Stream.concat(view.voters().stream(), view.observers().stream())
                .anyMatch(it -> it.nodeId() == self.nodeId() && it.directoryId().equals(directoryId));
    }

    private Future<Optional<PeerAddress>> greetAllForLeader() {
        JsonObject hello = new JsonObject()
                .put("nodeId", self.nodeId())
                .put("address", self.address().toString())
                .put("clusterId", clusterId);
        return names.others(self.address()).compose(others -> {
            others.addAll(found.values());
            others.remove(self.address());
            return leaderAmong(others, hello);
        });
    }

    private Future<Optional<PeerAddress>> leaderAmong(Set<PeerAddress> all, JsonObject hello) {
        List<Future<Integer>> asked = new ArrayList<>();
        for (PeerAddress other : all) {
            asked.add(peers.call(other, PeerVerticle.HELLO, hello.toBuffer(), HELLO_TIMEOUT_MS)
                    .map(bytes -> {
                        told(bytes);
                        return Objects.requireNonNullElse(json(bytes).getInteger("leaderId"), -1);
                    })
                    .otherwise(-1));
        }
        return Future.join(asked)
                .transform(any -> Future.succeededFuture(asked.stream()
                        .map(Future::result)
                        .filter(id -> id >= 0)
                        .findFirst()
                        .flatMap(this::addressOf)));
    }

    private Future<Void> join(PeerAddress leader, String directoryId) {
        JsonObject join = new JsonObject()
                .put("nodeId", self.nodeId())
                .put("directoryId", directoryId)
                .put("address", self.address().toString())
                .put("clusterId", clusterId);
        return peers.call(leader, PeerVerticle.JOIN, join.toBuffer(), JOIN_TIMEOUT_MS)
                .mapEmpty();
    }

    public void stop() {
        stopped = true;
    }
}
