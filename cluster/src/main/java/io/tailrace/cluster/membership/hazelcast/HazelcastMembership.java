// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership.hazelcast;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.config.CRDTReplicationConfig;
import com.hazelcast.config.Config;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.ListenerConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.spi.properties.ClusterProperty;
import io.tailrace.cluster.membership.MembershipConfig;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.IntConsumer;

/**
 * Hazelcast's configuration for the membership, made in code: nothing is read from a file or the class path, and everything that is not
 * membership is off. The community edition has neither TLS nor authentication: its port belongs on a network that only nodes reach.
 *
 * <p>A member that dies is missed after half a second (its connections break), one that hangs after {@link #SILENCE_S}. Both are hints.
 */
public final class HazelcastMembership {

    /** A member that is asked to speak every 2 s has 3 s to do so: under that, pauses of a collector or of a virtual machine begin to look like death. */
    static final int SILENCE_S = 5;

    private static final int HEARTBEAT_S = 2;

    private static final String NODE = "tailrace.node";

    private static final int NEVER_MS = Integer.MAX_VALUE;

    private HazelcastMembership() {}

    /**
     * Both listeners are called on a thread of Hazelcast's, which must not be held.
     *
     * @param lost told the id of each node that has left or is missed
     * @param ended told when this member has ended by itself, which it does when it finds its way back from an island barred: with it
     *     went the event bus, and the node can only stop
     */
    public static Config configure(MembershipConfig membership, IntConsumer lost, Runnable ended) {
        Config config = new Config();
        config.setClusterName(membership.clusterName());
        config.setInstanceName("tailrace-" + membership.nodeId() + "-" + membership.port());
        config.getMemberAttributeConfig().setAttribute(NODE, Integer.toString(membership.nodeId()));
        properties(membership, config);
        network(membership, config.getNetworkConfig());
        config.getAdvancedNetworkConfig().setEnabled(false);
        config.getJetConfig().setEnabled(false);
        // Nothing is copied that way; looked at once a second by default.
        config.setCRDTReplicationConfig(new CRDTReplicationConfig().setReplicationPeriodMillis(NEVER_MS));
        config.getMetricsConfig().setEnabled(false);
        config.getMultiMapConfigs()
                .put(
                        "__vertx.subs",
                        new MultiMapConfig("__vertx.subs")
                                .setBackupCount(1)
                                .setValueCollectionType(MultiMapConfig.ValueCollectionType.SET));
        config.getMapConfig("__vertx.nodeInfo").setBackupCount(1);
        config.getMapConfig("__vertx.haInfo").setBackupCount(1);
        filter(config);
        config.addListenerConfig(new ListenerConfig(new Losses(lost)));
        config.addListenerConfig(new ListenerConfig(new FailedMerge(ended)));
        return config;
    }

    private static void properties(MembershipConfig membership, Config config) {
        config.setProperty(ClusterProperty.PHONE_HOME_ENABLED.getName(), "false");
        config.setProperty(ClusterProperty.SHUTDOWNHOOK_ENABLED.getName(), "false");
        // The cluster's name is in the details, and is not for logs.
        config.setProperty(ClusterProperty.LOGGING_ENABLE_DETAILS.getName(), "false");
        config.setProperty(ClusterProperty.LOGGING_TYPE.getName(), "slf4j");
        config.setProperty(ClusterProperty.WAIT_SECONDS_BEFORE_JOIN.getName(), "0");
        config.setProperty(ClusterProperty.MAX_JOIN_SECONDS.getName(), "30");
        config.setProperty(ClusterProperty.HEARTBEAT_INTERVAL_SECONDS.getName(), Integer.toString(HEARTBEAT_S));
        config.setProperty(ClusterProperty.MAX_NO_HEARTBEAT_SECONDS.getName(), Integer.toString(SILENCE_S));
        config.setProperty(ClusterProperty.MERGE_FIRST_RUN_DELAY_SECONDS.getName(), "5");
        config.setProperty(ClusterProperty.MERGE_NEXT_RUN_DELAY_SECONDS.getName(), "5");
        config.setProperty(ClusterProperty.OPERATION_CALL_TIMEOUT_MILLIS.getName(), "20000");
        quiet(config);
        config.setProperty(
                ClusterProperty.SOCKET_BIND_ANY.getName(), Boolean.toString(isEverywhere(membership.host())));
    }

    /** Nothing is kept in Hazelcast: what looks after its data, and most of its threads, have nothing to do but to wake up. */
    private static void quiet(Config config) {
        config.setProperty(ClusterProperty.PARTITION_COUNT.getName(), "1");
        config.setProperty(ClusterProperty.PARTITION_OPERATION_THREAD_COUNT.getName(), "1");
        config.setProperty(ClusterProperty.GENERIC_OPERATION_THREAD_COUNT.getName(), "1");
        config.setProperty(ClusterProperty.EVENT_THREAD_COUNT.getName(), "1");
        config.setProperty(ClusterProperty.IO_INPUT_THREAD_COUNT.getName(), "1");
        config.setProperty(ClusterProperty.IO_OUTPUT_THREAD_COUNT.getName(), "1");
        config.setProperty(ClusterProperty.IO_BALANCER_INTERVAL_SECONDS.getName(), "86400");
        config.setProperty(ClusterProperty.SLOW_OPERATION_DETECTOR_ENABLED.getName(), "false");
        config.setProperty(ClusterProperty.HEALTH_MONITORING_LEVEL.getName(), "OFF");
    }

    private static void network(MembershipConfig membership, NetworkConfig network) {
        network.setPort(membership.port()).setPortAutoIncrement(false).setReuseAddress(true);
        network.setPublicAddress(membership.publicHost() + ":" + membership.port());
        if (!isEverywhere(membership.host())) {
            network.getInterfaces().setEnabled(true).addInterface(address(membership.host()));
        }
        network.getMemcacheProtocolConfig().setEnabled(false);
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.setTcpIpConfig(new NamedMembers(membership.members()));
        join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(2);
    }

    private static boolean isEverywhere(String host) {
        return host.equals("0.0.0.0") || host.equals("::");
    }

    /** Hazelcast compares interfaces by address. */
    private static String address(String host) {
        try {
            return InetAddress.getByName(host).getHostAddress();
        } catch (UnknownHostException e) {
            throw new UncheckedIOException("the host of cluster.listener cannot be resolved: " + host, e);
        }
    }

    /** Only what Vert.x' cluster manager and Hazelcast itself send is read; a stranger's object is not. */
    private static void filter(Config config) {
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig().setDefaultsDisabled(true);
        filter.getWhitelist()
                .addPrefixes(
                        "io.vertx.spi.cluster.hazelcast.impl",
                        "com.hazelcast",
                        "java.lang.",
                        "java.util.",
                        "[Ljava.lang.",
                        "[Ljava.util.",
                        "[Lcom.hazelcast");
        config.getSerializationConfig().setJavaSerializationFilterConfig(filter);
    }

    private record Losses(IntConsumer lost) implements MembershipListener {
        @Override
        public void memberAdded(MembershipEvent event) {
            // Who comes shows itself to the controller by registering.
        }

        @Override
        public void memberRemoved(MembershipEvent event) {
            Member member = event.getMember();
            String node = member.getAttribute(NODE);
            if (node != null) {
                lost.accept(Integer.parseInt(node));
            }
        }
    }
}
