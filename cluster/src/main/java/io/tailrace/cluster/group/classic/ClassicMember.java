// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One member of a classic group. Soft state: owned and changed by its {@link ClassicGroup} and the round it is in. */
final class ClassicMember {

    private static final long NOT_WAITING = -1;
    static final byte[] NOTHING = {};

    private final String memberId;
    private final @Nullable String instanceId;
    private final ClassicRequest.Client client;
    private List<ClassicRequest.Protocol> protocols;
    private int sessionTimeoutMs;
    private int rebalanceTimeoutMs;
    private byte[] assignment = NOTHING;

    private long joinTicket = NOT_WAITING;
    private long syncTicket = NOT_WAITING;
    /** Has not been part of a generation yet: its client may be gone without our knowing, as it has no heartbeat to miss. */
    private boolean fresh;

    private boolean disconnected;

    ClassicMember(
            String memberId,
            @Nullable String instanceId,
            ClassicRequest.Client client,
            List<ClassicRequest.Protocol> protocols,
            int sessionTimeoutMs,
            int rebalanceTimeoutMs) {
        this.memberId = memberId;
        this.instanceId = instanceId;
        this.client = client;
        this.protocols = List.copyOf(protocols);
        this.sessionTimeoutMs = sessionTimeoutMs;
        this.rebalanceTimeoutMs = rebalanceTimeoutMs;
    }

    /** The same member of the same instance under another id, with nothing parked. */
    ClassicMember renamed(String newMemberId) {
        ClassicMember renamed =
                new ClassicMember(newMemberId, instanceId, client, protocols, sessionTimeoutMs, rebalanceTimeoutMs);
        renamed.assignment = assignment;
        return renamed;
    }

    void update(ClassicRequest.Join join) {
        protocols = List.copyOf(join.protocols());
        sessionTimeoutMs = join.sessionTimeoutMs();
        rebalanceTimeoutMs = join.rebalanceTimeoutMs();
    }

    boolean matches(List<ClassicRequest.Protocol> others) {
        if (protocols.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < others.size(); i++) {
            ClassicRequest.Protocol mine = protocols.get(i);
            ClassicRequest.Protocol other = others.get(i);
            if (!mine.name().equals(other.name()) || !Arrays.equals(mine.metadata(), other.metadata())) {
                return false;
            }
        }
        return true;
    }

    byte[] metadata(String protocol) {
        return find(protocol).map(ClassicRequest.Protocol::metadata).orElse(NOTHING);
    }

    boolean knows(String protocol) {
        return find(protocol).isPresent();
    }

    private Optional<ClassicRequest.Protocol> find(String protocol) {
        return protocols.stream().filter(known -> known.name().equals(protocol)).findFirst();
    }

    /** Its ballot: the first protocol of its own that every member knows. */
    Optional<String> vote(List<String> candidates) {
        return protocols.stream()
                .map(ClassicRequest.Protocol::name)
                .filter(candidates::contains)
                .findFirst();
    }

    boolean awaitsJoin() {
        return joinTicket != NOT_WAITING;
    }

    boolean awaitsSync() {
        return syncTicket != NOT_WAITING;
    }

    void parkJoin(long ticket) {
        joinTicket = ticket;
    }

    void parkSync(long ticket) {
        syncTicket = ticket;
    }

    /** The parked join, which is then parked no more; negative if there was none. */
    long takeJoin() {
        long ticket = joinTicket;
        joinTicket = NOT_WAITING;
        return ticket;
    }

    long takeSync() {
        long ticket = syncTicket;
        syncTicket = NOT_WAITING;
        return ticket;
    }

    String memberId() {
        return memberId;
    }

    @Nullable
    String instanceId() {
        return instanceId;
    }

    boolean isStatic() {
        return instanceId != null;
    }

    ClassicRequest.Client client() {
        return client;
    }

    List<ClassicRequest.Protocol> protocols() {
        return protocols;
    }

    int sessionTimeoutMs() {
        return sessionTimeoutMs;
    }

    int rebalanceTimeoutMs() {
        return rebalanceTimeoutMs;
    }

    byte[] assignment() {
        return assignment;
    }

    void assign(byte[] bytes) {
        assignment = bytes;
    }

    /** Whether its connection closed and nothing was heard of it since. */
    boolean isDisconnected() {
        return disconnected;
    }

    void setDisconnected(boolean isDisconnected) {
        disconnected = isDisconnected;
    }

    boolean isFresh() {
        return fresh;
    }

    void setFresh(boolean isFresh) {
        fresh = isFresh;
    }
}
