// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;

/**
 * Classes that take long are first and last, so that none of them is left to run alone. Of classes that run at a time JUnit's fork-join pool takes some from the
 * front and one from the back, and what is in the middle comes last; were it ever otherwise, the whole would only take longer. The rest stay as they are.
 */
public final class LongestAtTheEnds implements ClassOrderer {

    private static final List<String> LONGEST = List.of(
            "ReplicationIT",
            "ClusterIT",
            "ChaosIT",
            "RollingIT",
            "CoordinatorFailoverIT",
            "CompactionIT",
            "GroupsIT",
            "ClusterToolsIT",
            "KilledMembersIT",
            "GatewayClusterIT",
            "FailoverIT",
            "EveryNodeIT");

    @Override
    public void orderClasses(ClassOrdererContext context) {
        context.getClassDescriptors().sort(Comparator.comparingInt(LongestAtTheEnds::place));
    }

    private static int place(ClassDescriptor test) {
        int length = LONGEST.indexOf(test.getTestClass().getSimpleName());
        if (length < 0) {
            return 0;
        }
        int fromTheEnd = LONGEST.size() - length;
        return length % 2 == 0 ? -fromTheEnd : fromTheEnd;
    }
}
