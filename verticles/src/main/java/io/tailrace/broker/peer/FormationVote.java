// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.peer;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Decides who begins a new cluster: the one thing that cannot be left to the Raft log, which does not exist yet. Pure.
 *
 * <p>A node without data asks all the addresses that it was given. If one belongs to a cluster, the node joins that. If none does, and more than
 * half of the addresses answer (itself among them) that they are without data too, the one with the lowest node id asks for their consent, and
 * begins the cluster when more than half have given it. A node gives its consent to one node at a time, and takes it back after {@link
 * #CONSENT_MS}, long after who asked has given up; so two nodes that see different halves of the network cannot both begin.
 *
 * <p>A node that lost its disk therefore never begins a second cluster while any half of its fellows is there to tell of the first.
 */
final class FormationVote {

    /** How long a consent binds. */
    static final long CONSENT_MS = 30_000;

    /** How long who asked may use what it was given. */
    static final long USE_MS = 10_000;

    /**
     * What one address answered.
     *
     * @param clusterId empty if it has no data
     * @param consents whether it consents to this node
     */
    record Told(int nodeId, String clusterId, boolean consents) {}

    /** What to do. */
    sealed interface Verdict {

        /** Become part of this cluster. */
        record Join(String clusterId) implements Verdict {}

        /** Begin a cluster. */
        record Begin() implements Verdict {}

        /** Ask again, and for consent too. */
        record Candidate() implements Verdict {}

        /** Ask again later. */
        record Wait(String why) implements Verdict {}
    }

    private final int nodeId;
    private int consentedTo = -1;
    private long consentedMs;

    FormationVote(int nodeId) {
        this.nodeId = nodeId;
    }

    /** Whether this node, which has no data, consents that another one begins the cluster. */
    boolean consent(int candidate, long nowMs) {
        if (consentedTo != candidate && consentedTo >= 0 && nowMs - consentedMs < CONSENT_MS) {
            return false;
        }
        consentedTo = candidate;
        consentedMs = nowMs;
        return true;
    }

    /**
     * Draws the conclusion.
     *
     * @param addresses how many nodes were asked, this one among them
     * @param told the answers of all others that answered
     * @param askedForConsent whether this round asked for it
     * @param roundMs how long the round took
     */
    Verdict verdict(int addresses, List<Told> told, boolean askedForConsent, long roundMs, long nowMs) {
        Set<String> clusters = new TreeSet<>();
        told.stream().map(Told::clusterId).filter(id -> !id.isEmpty()).forEach(clusters::add);
        if (clusters.size() > 1) {
            return new Verdict.Wait("the addresses belong to different clusters: " + clusters);
        }
        Optional<String> cluster = clusters.stream().findFirst();
        if (cluster.isPresent()) {
            return new Verdict.Join(cluster.get());
        }
        int majority = addresses / 2 + 1;
        if (told.size() + 1 < majority) {
            return new Verdict.Wait("only " + (told.size() + 1) + " of " + addresses + " nodes are there; " + majority
                    + " are needed to begin a cluster");
        }
        if (told.stream().anyMatch(it -> it.nodeId() < nodeId)) {
            return new Verdict.Wait("another node begins the cluster");
        }
        if (!consent(nodeId, nowMs)) {
            return new Verdict.Wait("node " + consentedTo + " may be about to begin the cluster");
        }
        long consents = told.stream().filter(Told::consents).count() + 1;
        return askedForConsent && roundMs < USE_MS && consents >= majority
                ? new Verdict.Begin()
                : new Verdict.Candidate();
    }
}
