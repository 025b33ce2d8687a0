// SPDX-License-Identifier: Apache-2.0
package io.tailrace.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests as real clients write them are understood, and nothing of them is lost. */
final class RequestReadingTest {

    private static final int READS = FrameLimits.afterAuthentication().readCount();

    @ParameterizedTest
    @MethodSource("io.tailrace.protocol.Frames#captured")
    void readsWhatRealClientsSendAndWritesTheSameBytes(Frames.Captured captured) {
        GuardedReader reader = new GuardedReader(ByteBuffer.wrap(captured.frame()), READS);

        RequestHead head = RequestHead.read(reader);
        ApiMessage body = RequestBody.read(head, reader).data();

        assertThat(head.clientId()).isEqualTo(captured.client());
        assertThat(head.api().id).isEqualTo(captured.key());
        assertThat(reader.remaining()).isZero();
        assertThat(Frames.write(head.api(), head.version(), head.correlationId(), head.clientId(), body))
                .isEqualTo(captured.frame());
    }

    @Test
    void readsEveryVersionOfEveryApi() {
        List<String> read = new ArrayList<>();
        for (ApiKeys api : ApiKeys.values()) {
            if (!api.hasValidVersion()) {
                continue;
            }
            for (short version = api.oldestVersion(); version <= api.latestVersion(true); version++) {
                ApiMessage sent = valid(api.messageType.newRequest());
                byte[] frame = Frames.write(api, version, 77, "client", sent);
                GuardedReader reader = new GuardedReader(ByteBuffer.wrap(frame), READS);

                RequestHead head = RequestHead.read(reader);
                ApiMessage body = RequestBody.read(head, reader).data();

                assertThat(head).isEqualTo(new RequestHead(api, version, 77, "client"));
                assertThat(Frames.write(api, version, 77, "client", body))
                        .as("%s v%d", api, version)
                        .isEqualTo(frame);
                read.add(api + " v" + version);
            }
        }
        assertThat(read).hasSizeGreaterThan(200);
    }

    /** Where kafka-clients also checks what a message means, its defaults mean nothing. */
    private static ApiMessage valid(ApiMessage message) {
        if (message instanceof DescribeAclsRequestData acls) {
            acls.setResourceTypeFilter(ResourceType.TOPIC.code())
                    .setPatternTypeFilter(PatternType.LITERAL.code())
                    .setOperation(AclOperation.ANY.code())
                    .setPermissionType(AclPermissionType.ANY.code());
        }
        return message;
    }

    @Test
    void tellsWhetherTheFrameMustBeKept() {
        for (Frames.Captured captured : Frames.captured()) {
            GuardedReader reader = new GuardedReader(ByteBuffer.wrap(captured.frame()), READS);
            RequestHead head = RequestHead.read(reader);
            assertThat(RequestBody.read(head, reader)).isNotNull();

            assertThat(reader.handedOutSlices()).as("%s", captured).isEqualTo(head.api() == ApiKeys.PRODUCE);
        }
    }

    @Test
    void readsNoFurtherThanTheCorrelationIdOfUnknownVersions() {
        ByteBuffer frame = ByteBuffer.allocate(8)
                .putShort(ApiKeys.API_VERSIONS.id)
                .putShort((short) 99)
                .putInt(5)
                .flip();

        RequestHead head = RequestHead.read(new GuardedReader(frame, READS));

        assertThat(head).isEqualTo(new RequestHead(ApiKeys.API_VERSIONS, (short) 99, 5, ""));
        assertThat(head.responseHeaderVersion()).isZero();
    }

    @Test
    void knowsWhichHeaderComesBeforeResponses() {
        assertThat(new RequestHead(ApiKeys.API_VERSIONS, (short) 4, 1, "").responseHeaderVersion())
                .isZero();
        assertThat(new RequestHead(ApiKeys.METADATA, (short) 8, 1, "").responseHeaderVersion())
                .isZero();
        assertThat(new RequestHead(ApiKeys.METADATA, (short) 9, 1, "").responseHeaderVersion())
                .isEqualTo((short) 1);
        assertThat(new RequestHead(ApiKeys.SASL_HANDSHAKE, (short) 1, 1, "").responseHeaderVersion())
                .isZero();
    }

    @Test
    void nullClientIdIsEmpty() {
        ByteBuffer frame = ByteBuffer.allocate(10)
                .putShort(ApiKeys.METADATA.id)
                .putShort((short) 4)
                .putInt(5)
                .putShort((short) -1)
                .flip();

        assertThat(RequestHead.read(new GuardedReader(frame, READS)).clientId()).isEmpty();
    }

    @Test
    void refusesFramesShorterThanAnyHeader() {
        for (int length = 0; length < RequestHead.MIN_BYTES; length++) {
            GuardedReader reader = new GuardedReader(ByteBuffer.allocate(length), READS);
            assertThatThrownBy(() -> RequestHead.read(reader)).isInstanceOf(MalformedFrameException.class);
        }
    }
}
