// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.admin;

import io.tailrace.cluster.metadata.MetadataView;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.ListGroupsResponseData.ListedGroup;
import org.apache.kafka.common.protocol.Errors;

/** Consumer groups: who is in them, and how far behind. Members and lag are asked for the groups of a page alone. */
final class GroupPages {

    private static final String CONSUMER = "consumer";

    private final MetadataView metadata;
    private final KafkaApis apis;
    private final GroupOffsets offsets;

    GroupPages(MetadataView metadata, KafkaApis apis, GroupOffsets offsets) {
        this.metadata = metadata;
        this.apis = apis;
        this.offsets = offsets;
    }

    Future<JsonObject> list(Ask ask) {
        Page page = Page.of(ask);
        String search = ask.text("search").toLowerCase(Locale.ROOT);
        ListGroupsRequestData request = new ListGroupsRequestData();
        String state = ask.text("state");
        if (!state.isEmpty()) {
            request.setStatesFilter(List.of(state));
        }
        return apis.ask(ask.visitor(), 5, request, ListGroupsResponseData.class).compose(response -> {
            AdminException.check(response.errorCode(), null);
            List<ListedGroup> found = response.groups().stream()
                    .filter(group -> group.groupId().toLowerCase(Locale.ROOT).contains(search))
                    .sorted(Comparator.comparing(ListedGroup::groupId))
                    .toList();
            return rows(ask, page.cut(found)).map(rows -> page.json(rows, found.size()));
        });
    }

    private Future<JsonArray> rows(Ask ask, List<ListedGroup> groups) {
        List<String> ids = groups.stream().map(ListedGroup::groupId).toList();
        Future<Map<String, List<GroupMember>>> members = members(ask, groups);
        Future<Map<String, List<GroupOffsets.Committed>>> committed = offsets.committed(ask.visitor(), ids);
        return Future.all(members, committed).map(done -> {
            JsonArray rows = new JsonArray();
            for (ListedGroup group : groups) {
                List<GroupOffsets.Committed> positions = committed.result().getOrDefault(group.groupId(), List.of());
                rows.add(new JsonObject()
                        .put("group", group.groupId())
                        .put("state", group.groupState())
                        .put("type", group.groupType())
                        .put("protocol", group.protocolType())
                        .put(
                                "members",
                                members.result()
                                        .getOrDefault(group.groupId(), List.of())
                                        .size())
                        .put(
                                "topics",
                                positions.stream()
                                        .map(position -> position.partition().topic())
                                        .distinct()
                                        .count())
                        .put("lag", lag(positions)));
            }
            return rows;
        });
    }

    private static long lag(List<GroupOffsets.Committed> positions) {
        return positions.stream()
                .mapToLong(position -> Math.max(0, position.lag()))
                .sum();
    }

    private Future<Map<String, List<GroupMember>>> members(Ask ask, List<ListedGroup> groups) {
        List<String> modern = new ArrayList<>();
        List<String> classic = new ArrayList<>();
        groups.forEach(group -> (CONSUMER.equalsIgnoreCase(group.groupType()) ? modern : classic).add(group.groupId()));
        return Future.all(modern(ask, modern), classic(ask, classic)).map(both -> {
            Map<String, List<GroupMember>> all = new HashMap<>();
            Stream.of(both.<List<Described>>resultAt(0), both.<List<Described>>resultAt(1))
                    .flatMap(List::stream)
                    .forEach(group -> all.put(group.id(), group.members()));
            return all;
        });
    }

    /** A group of either kind. */
    private record Described(
            String id,
            Errors error,
            String state,
            String type,
            String assignor,
            int epoch,
            List<GroupMember> members) {}

    private Future<List<Described>> modern(Ask ask, List<String> ids) {
        if (ids.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        ConsumerGroupDescribeRequestData request = new ConsumerGroupDescribeRequestData().setGroupIds(ids);
        return apis.ask(ask.visitor(), 1, request, ConsumerGroupDescribeResponseData.class)
                .map(response -> response.groups().stream()
                        .map(group -> new Described(
                                group.groupId(),
                                Errors.forCode(group.errorCode()),
                                group.groupState(),
                                CONSUMER,
                                group.assignorName(),
                                group.groupEpoch(),
                                group.members().stream().map(GroupMember::of).toList()))
                        .toList());
    }

    private Future<List<Described>> classic(Ask ask, List<String> ids) {
        if (ids.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        DescribeGroupsRequestData request = new DescribeGroupsRequestData().setGroups(ids);
        return apis.ask(ask.visitor(), 6, request, DescribeGroupsResponseData.class)
                .map(response -> response.groups().stream()
                        .map(group -> new Described(
                                group.groupId(),
                                Errors.forCode(group.errorCode()),
                                group.groupState(),
                                "classic",
                                group.protocolData(),
                                -1,
                                group.members().stream()
                                        .map(member -> GroupMember.of(member, group.protocolType()))
                                        .toList()))
                        .toList());
    }

    Future<JsonObject> describe(Ask ask) {
        String id = ask.name();
        Future<List<Described>> modern = modern(ask, List.of(id));
        Future<List<Described>> classic = classic(ask, List.of(id));
        Future<Map<String, List<GroupOffsets.Committed>>> committed = offsets.committed(ask.visitor(), List.of(id));
        return Future.all(modern, classic, committed).map(done -> {
            Described group = Stream.concat(modern.result().stream(), classic.result().stream())
                    .filter(found -> found.error() == Errors.NONE)
                    .findFirst()
                    .orElseThrow(() -> missing(id, classic.result().get(0).error()));
            List<GroupOffsets.Committed> positions = committed.result().getOrDefault(id, List.of());
            return json(group, positions);
        });
    }

    /** Before the first group there is no topic that holds groups, and so no coordinator to say that there is no such group. */
    private AdminException missing(String id, Errors error) {
        boolean none = metadata.image().topic(Topic.GROUP_METADATA_TOPIC_NAME).isEmpty();
        return none || error == Errors.GROUP_ID_NOT_FOUND
                ? new AdminException(Errors.GROUP_ID_NOT_FOUND, "there is no group " + id)
                : new AdminException(error, null);
    }

    private static JsonObject json(Described group, List<GroupOffsets.Committed> positions) {
        JsonArray members = new JsonArray();
        group.members().forEach(member -> members.add(member.json()));
        JsonArray offsets = new JsonArray();
        positions.forEach(position -> {
            JsonObject offset = position.json();
            group.members().stream()
                    .filter(member -> member.assigned().contains(position.partition()))
                    .findFirst()
                    .ifPresent(member -> offset.put("member", member.id()));
            offsets.add(offset);
        });
        return new JsonObject()
                .put("group", group.id())
                .put("state", group.state())
                .put("type", group.type())
                .put("assignor", group.assignor())
                .put("epoch", group.epoch())
                .put("lag", lag(positions))
                .put("members", members)
                .put("offsets", offsets);
    }
}
