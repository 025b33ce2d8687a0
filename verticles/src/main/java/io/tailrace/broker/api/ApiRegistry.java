// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/**
 * The APIs one listener serves. What is registered is what ApiVersions advertises; nothing else is answered.
 *
 * <p>Immutable; any thread.
 */
public final class ApiRegistry {

    private final @Nullable KafkaApi<?>[] byKey;
    private final List<KafkaApi<?>> inKeyOrder;
    private final LongConsumer closings;

    private ApiRegistry(
            List<KafkaApi<?>> apis,
            Supplier<BrokerFeatures> features,
            Supplier<NodeIdentity> identity,
            LongConsumer closings) {
        this.closings = closings;
        List<KafkaApi<?>> all = new ArrayList<>(apis);
        all.add(new ApiVersionsApi(this, features, identity));
        all.sort((a, b) -> Short.compare(a.key().id, b.key().id));
        byKey = new KafkaApi<?>[all.get(all.size() - 1).key().id + 1];
        for (KafkaApi<?> api : all) {
            if (byKey[api.key().id] != null) {
                throw new IllegalArgumentException("two handlers for " + api.key());
            }
            byKey[api.key().id] = api;
        }
        inKeyOrder = List.copyOf(all);
    }

    /**
     * A registry of {@code apis} and of ApiVersions, which it brings itself.
     *
     * @param features asked for at each ApiVersions request; must answer at once, on any thread
     * @param identity likewise
     * @throws IllegalArgumentException two handlers have the same key
     */
    public static ApiRegistry of(
            List<? extends KafkaApi<?>> apis, Supplier<BrokerFeatures> features, Supplier<NodeIdentity> identity) {
        return of(apis, features, identity, connectionId -> {});
    }

    /**
     * As above, for APIs that tie something to connections.
     *
     * @param closings told the id of each connection that closed, on its event loop, after the last of its requests was started
     */
    public static ApiRegistry of(
            List<? extends KafkaApi<?>> apis,
            Supplier<BrokerFeatures> features,
            Supplier<NodeIdentity> identity,
            LongConsumer closings) {
        return new ApiRegistry(List.copyOf(apis), features, identity, closings);
    }

    /** A connection is no more. */
    public void connectionClosed(long connectionId) {
        closings.accept(connectionId);
    }

    /** The handler of {@code apiKey}; null when none is registered. */
    public @Nullable KafkaApi<?> find(short apiKey) {
        return apiKey >= 0 && apiKey < byKey.length ? byKey[apiKey] : null;
    }

    /** Whether a request of this key and version is answered; a version may be advertised and refused all the same (Produce 0 to 2). */
    public boolean serves(short apiKey, short version) {
        KafkaApi<?> api = find(apiKey);
        return api != null && version >= api.lowestVersion() && version <= api.highestVersion();
    }

    /** What ApiVersions tells, in the order of the keys. */
    ApiVersionCollection advertised() {
        ApiVersionCollection versions = new ApiVersionCollection(inKeyOrder.size());
        for (KafkaApi<?> api : inKeyOrder) {
            versions.add(advertised(api));
        }
        return versions;
    }

    static ApiVersion advertised(KafkaApi<?> api) {
        // librdkafka before 2.11.1 looks for an old Produce version and sends uncompressed when it is missing
        // (librdkafka#4956).
        short lowest =
                api.key() == ApiKeys.PRODUCE ? ApiKeys.PRODUCE_API_VERSIONS_RESPONSE_MIN_VERSION : api.lowestVersion();
        return new ApiVersion().setApiKey(api.key().id).setMinVersion(lowest).setMaxVersion(api.highestVersion());
    }
}
