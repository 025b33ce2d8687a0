// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.api;

import io.vertx.core.Future;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.FinalizedFeatureKeyCollection;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKey;
import org.apache.kafka.common.message.ApiVersionsResponseData.SupportedFeatureKeyCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * ApiVersions (key 18), versions 0 to 5: which APIs and versions this listener serves, and which features the cluster has (KIP-35, KIP-511,
 * KIP-584, KIP-1242).
 *
 * <p>Answered before authentication too. The response header is version 0 whatever the request's version, so that a client can read it
 * before it knows anything (kafka-clients' tables say so). A version we do not know gets a version 0 body with UNSUPPORTED_VERSION and the
 * range of key 18, never a disconnect: see {@link #unsupportedVersion()}. Client software name and version of v3+ are checked as KIP-511 says
 * and remembered by the listener.
 *
 * <p>A client of v5 names the cluster and node it believes to talk to; when either is another one, it is sent back to its bootstrap servers
 * with REBOOTSTRAP_REQUIRED.
 */
public final class ApiVersionsApi implements KafkaApi<ApiVersionsRequestData> {

    /** KIP-511: what a client may call itself, so that the name can stand in a metric. */
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");

    private final ApiRegistry registry;
    private final Supplier<BrokerFeatures> features;
    private final Supplier<NodeIdentity> identity;

    ApiVersionsApi(ApiRegistry registry, Supplier<BrokerFeatures> features, Supplier<NodeIdentity> identity) {
        this.registry = registry;
        this.features = features;
        this.identity = identity;
    }

    @Override
    public ApiKeys key() {
        return ApiKeys.API_VERSIONS;
    }

    @Override
    public Future<? extends ApiMessage> handle(RequestContext context, ApiVersionsRequestData request) {
        return Future.succeededFuture(answer(context.apiVersion(), request));
    }

    private ApiVersionsResponseData answer(short version, ApiVersionsRequestData request) {
        if (version >= 3 && !isSoftware(request.clientSoftwareName(), request.clientSoftwareVersion())) {
            return new ApiVersionsResponseData().setErrorCode(Errors.INVALID_REQUEST.code());
        }
        if (meansAnother(request)) {
            return new ApiVersionsResponseData().setErrorCode(Errors.REBOOTSTRAP_REQUIRED.code());
        }
        BrokerFeatures known = features.get();
        return new ApiVersionsResponseData()
                .setApiKeys(registry.advertised())
                .setSupportedFeatures(supported(known, version))
                .setFinalizedFeatures(finalized(known))
                .setFinalizedFeaturesEpoch(known.finalizedEpoch());
    }

    private boolean meansAnother(ApiVersionsRequestData request) {
        if (request.clusterId() == null || request.nodeId() < 0) {
            return false;
        }
        NodeIdentity self = identity.get();
        return !request.clusterId().equals(self.clusterId()) || request.nodeId() != self.nodeId();
    }

    /** What a request of an unknown version gets, to be written as version 0. */
    public static ApiVersionsResponseData unsupportedVersion(ApiRegistry registry) {
        ApiVersionCollection own = new ApiVersionCollection(1);
        KafkaApi<?> api = registry.find(ApiKeys.API_VERSIONS.id);
        if (api != null) {
            own.add(ApiRegistry.advertised(api));
        }
        return new ApiVersionsResponseData()
                .setErrorCode(Errors.UNSUPPORTED_VERSION.code())
                .setApiKeys(own);
    }

    private static boolean isSoftware(String name, String version) {
        return SOFTWARE.matcher(name).matches() && SOFTWARE.matcher(version).matches();
    }

    private static SupportedFeatureKeyCollection supported(BrokerFeatures known, short version) {
        SupportedFeatureKeyCollection keys =
                new SupportedFeatureKeyCollection(known.supported().size());
        known.supported().forEach((name, range) -> {
            // Clients before v4 fail on a lowest level of 0 (KIP-1022), so they are not told of such a feature.
            if (version >= 4 || range.lowest() > 0) {
                keys.add(new SupportedFeatureKey()
                        .setName(name)
                        .setMinVersion(range.lowest())
                        .setMaxVersion(range.highest()));
            }
        });
        return keys;
    }

    private static FinalizedFeatureKeyCollection finalized(BrokerFeatures known) {
        FinalizedFeatureKeyCollection keys =
                new FinalizedFeatureKeyCollection(known.finalized().size());
        known.finalized()
                .forEach((name, level) -> keys.add(new FinalizedFeatureKey()
                        .setName(name)
                        .setMinVersionLevel(level)
                        .setMaxVersionLevel(level)));
        return keys;
    }
}
