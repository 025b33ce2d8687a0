// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.net;

import static io.tailrace.broker.net.ListenerFixture.api;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.api.Responses;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Key 18 over a real socket: what clients see first, and what some of them fail on. */
final class ApiVersionsTest {

    private final BlockingQueue<String> software = new LinkedBlockingQueue<>();
    private final ListenerFixture broker = ListenerFixture.start(
            api(ApiKeys.PRODUCE, (context, request) -> Responses.silence()),
            api(ApiKeys.LIST_GROUPS, (context, request) -> {
                software.add(context.clientSoftwareName() + " " + context.clientSoftwareVersion());
                return io.vertx.core.Future.succeededFuture(new ListGroupsResponseData());
            }));

    @AfterEach
    void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(shorts = {0, 1, 2, 3, 4, 5})
    void answersEveryVersionWithHeaderVersionZero(short version) throws IOException {
        RawClient client = broker.connect();
        client.send(ApiKeys.API_VERSIONS, version, 42, request());

        ByteBuffer frame = client.receive();

        assertThat(frame.getInt()).isEqualTo(42);
        // Were there a tagged-field count in the header, the error code would not be read as 0 and the rest not at all.
        ApiVersionsResponseData response = new ApiVersionsResponseData(new ByteBufferAccessor(frame), version);
        assertThat(response.errorCode()).isZero();
        assertThat(frame.hasRemaining()).isFalse();
        assertThat(response.apiKeys()).extracting(key -> (int) key.apiKey()).containsExactly(0, 16, 18);
    }

    @Test
    void answersUnknownVersionInVersionZeroAndKeepsTheConnection() throws IOException {
        RawClient client = broker.connect();
        byte[] frame = RawClient.frame(ApiKeys.API_VERSIONS, 4, 1, request());
        frame[7] = 99;
        client.send(frame);

        ApiVersionsResponseData response = client.receive(ApiKeys.API_VERSIONS, 0, 1, new ApiVersionsResponseData());

        assertThat(response.errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
        assertThat(response.apiKeys()).hasSize(1);
        assertThat(response.apiKeys().find(ApiKeys.API_VERSIONS.id).maxVersion())
                .isEqualTo((short) 5);
        client.send(ApiKeys.API_VERSIONS, 4, 2, request());
        assertThat(client.receive(ApiKeys.API_VERSIONS, 4, 2, new ApiVersionsResponseData())
                        .errorCode())
                .isZero();
    }

    @Test
    void advertisesProduceFromZeroButRefusesItsOldVersions() throws IOException {
        RawClient client = broker.connect();
        client.send(ApiKeys.API_VERSIONS, 3, 1, request());
        ApiVersionsResponseData response = client.receive(ApiKeys.API_VERSIONS, 3, 1, new ApiVersionsResponseData());
        assertThat(response.apiKeys().find(ApiKeys.PRODUCE.id).minVersion()).isZero();
        assertThat(response.apiKeys().find(ApiKeys.PRODUCE.id).maxVersion()).isEqualTo(ApiKeys.PRODUCE.latestVersion());

        // Produce v2: header v1, then acks, timeout, no topics
        client.send(RawClient.frame(ByteBuffer.allocate(20)
                .putShort((short) 0)
                .putShort((short) 2)
                .putInt(9)
                .putShort((short) -1)
                .putShort((short) 1)
                .putInt(1000)
                .putInt(0)
                .array()));
        assertThat(client.isHungUpOn()).isTrue();
    }

    @Test
    void tellsFeaturesAndHidesLevelZeroFromOldClients() throws IOException {
        RawClient client = broker.connect();
        client.send(ApiKeys.API_VERSIONS, 3, 1, request());
        client.send(ApiKeys.API_VERSIONS, 4, 2, request());

        ApiVersionsResponseData v3 = client.receive(ApiKeys.API_VERSIONS, 3, 1, new ApiVersionsResponseData());
        ApiVersionsResponseData v4 = client.receive(ApiKeys.API_VERSIONS, 4, 2, new ApiVersionsResponseData());

        assertThat(v3.supportedFeatures()).extracting(key -> key.name()).containsExactly("metadata.version");
        assertThat(v4.supportedFeatures())
                .extracting(key -> key.name())
                .containsExactly("group.version", "metadata.version");
        assertThat(v4.finalizedFeaturesEpoch()).isEqualTo(17);
        assertThat(v4.finalizedFeatures().find("group.version").maxVersionLevel())
                .isEqualTo((short) 1);
    }

    @Test
    void refusesSoftwareNamesThatAreNone() throws IOException {
        RawClient client = broker.connect();
        client.send(ApiKeys.API_VERSIONS, 3, 1, request().setClientSoftwareName("{evil}"));

        assertThat(client.receive(ApiKeys.API_VERSIONS, 3, 1, new ApiVersionsResponseData())
                        .errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
    }

    @Test
    void sendsClientsOfAnotherNodeBackToBootstrap() throws IOException {
        RawClient client = broker.connect();
        client.send(
                ApiKeys.API_VERSIONS,
                5,
                1,
                request().setClusterId("this-cluster").setNodeId(8));
        client.send(
                ApiKeys.API_VERSIONS,
                5,
                2,
                request().setClusterId("this-cluster").setNodeId(7));

        assertThat(client.receive(ApiKeys.API_VERSIONS, 5, 1, new ApiVersionsResponseData())
                        .errorCode())
                .isEqualTo(Errors.REBOOTSTRAP_REQUIRED.code());
        assertThat(client.receive(ApiKeys.API_VERSIONS, 5, 2, new ApiVersionsResponseData())
                        .errorCode())
                .isZero();
    }

    @Test
    void remembersSoftwareForLaterRequests() throws Exception {
        RawClient client = broker.connect();
        client.send(ApiKeys.API_VERSIONS, 3, 1, request());
        client.send(ApiKeys.LIST_GROUPS, 3, 2, new ListGroupsRequestData());

        assertThat(software.poll(10, TimeUnit.SECONDS)).isEqualTo("raw-client 1.0");
    }

    private static ApiVersionsRequestData request() {
        return new ApiVersionsRequestData().setClientSoftwareName("raw-client").setClientSoftwareVersion("1.0");
    }
}
