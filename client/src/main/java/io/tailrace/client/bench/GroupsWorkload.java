// SPDX-License-Identifier: Apache-2.0
package io.tailrace.client.bench;

import java.util.ArrayList;
import java.util.List;

/** Consumer groups: how fast they form and heal, what a member costs, and what many groups do to those who look at them. */
record GroupsWorkload(int members, int idleMembers, int groups) implements Workload {

    @Override
    public String name() {
        return "groups";
    }

    @Override
    public List<Measure> run(Target target, Progress progress) throws Exception {
        List<Workload> parts = List.of(
                new GroupRebalanceWorkload("classic", members),
                new GroupRebalanceWorkload("consumer", members),
                new GroupMembersWorkload(idleMembers),
                new GroupListWorkload(groups));
        List<Measure> found = new ArrayList<>();
        for (int part = 0; part < parts.size(); part++) {
            found.addAll(parts.get(part).run(target, progress));
            progress.at((part + 1.0) / parts.size());
        }
        return found;
    }
}
