// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.http;

import io.tailrace.cluster.metadata.MetadataView;
import io.tailrace.cluster.metadata.TopicImage;
import io.tailrace.gateway.access.Visitor;
import io.tailrace.gateway.session.ErrorCode;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.common.acl.AclOperation;
import org.jspecify.annotations.Nullable;

/** Finds topics for visitors; whoever may not use one learns nothing about it. */
record Topics(MetadataView metadata) {

    /** A topic, or why there is none for this visitor. */
    record Found(@Nullable TopicImage topic, ErrorCode error) {

        String text(String name) {
            return error == ErrorCode.NOT_AUTHORIZED ? "not allowed on " + name : "there is no topic " + name;
        }
    }

    Found find(String name, Visitor visitor, AclOperation operation) {
        if (!visitor.may(operation, name)) {
            return new Found(null, ErrorCode.NOT_AUTHORIZED);
        }
        return new Found(metadata.image().topics().get(name), ErrorCode.UNKNOWN_TOPIC);
    }

    /** The partitions asked for; all if none were. Null if one of them does not exist. */
    static @Nullable List<Integer> partitions(TopicImage topic, List<Integer> asked) {
        int count = topic.partitions().size();
        if (asked.isEmpty()) {
            return IntStream.range(0, count).boxed().toList();
        }
        return asked.stream().allMatch(partition -> partition < count)
                ? asked.stream().distinct().toList()
                : null;
    }
}
