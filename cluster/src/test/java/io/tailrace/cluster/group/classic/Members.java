// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.group.classic;

import io.tailrace.cluster.group.GroupHarness;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests of members, with everyday defaults. */
final class Members {

    static final String GROUP = "g";
    static final ClassicRequest.Client CLIENT = new ClassicRequest.Client("c", "/127.0.0.1");

    private Members() {}

    static ClassicRequest.Join join(String memberId, String freshId) {
        return join(memberId, null, freshId, List.of("range"));
    }

    static ClassicRequest.Join join(
            String memberId, @Nullable String instanceId, String freshId, List<String> protocols) {
        return new ClassicRequest.Join(
                GROUP,
                memberId,
                instanceId,
                freshId,
                CLIENT,
                "consumer",
                protocols.stream()
                        .map(name -> new ClassicRequest.Protocol(name, bytes(name)))
                        .toList(),
                10_000,
                30_000,
                false,
                true);
    }

    static ClassicRequest.Sync sync(String memberId, int generation, Map<String, byte[]> assignments) {
        return new ClassicRequest.Sync(GROUP, memberId, null, generation, "consumer", null, assignments);
    }

    static ClassicRequest.Heartbeat beat(String memberId, int generation) {
        return new ClassicRequest.Heartbeat(GROUP, memberId, null, generation);
    }

    static ClassicRequest.Leave leave(String memberId) {
        return new ClassicRequest.Leave(GROUP, List.of(new ClassicRequest.Leaver(memberId, null)));
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static ClassicGroup group(GroupHarness harness) {
        return harness.machine().groups().find(GROUP, ClassicGroup.class).orElseThrow();
    }

    /** One member, joined and synced: the group is stable in generation 1. Returns its id. */
    static String stableWithOne(GroupHarness harness) {
        long ticket = harness.send(join("", "1"));
        harness.advance(3_000);
        ClassicRequest.Joined joined = harness.answer(ticket, ClassicRequest.Joined.class);
        harness.ask(
                sync(joined.memberId(), joined.generation(), Map.of(joined.memberId(), bytes("all"))),
                ClassicRequest.Synced.class);
        return joined.memberId();
    }
}
