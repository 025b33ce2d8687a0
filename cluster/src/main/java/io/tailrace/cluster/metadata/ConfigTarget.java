// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

/**
 * Whose configuration: one topic, one node, all nodes, or one group.
 *
 * @param name topic or group name; for {@link Kind#BROKER} the node id as text, empty for the cluster-wide defaults
 */
public record ConfigTarget(Kind kind, String name) {

    /** What has dynamic configuration. Written to the metadata log by {@link #code}: never renumber. */
    public enum Kind {
        TOPIC(1),
        BROKER(2),
        GROUP(3),
        CLIENT_METRICS(4);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }

        static Kind ofCode(int code) {
            for (Kind kind : values()) {
                if (kind.code == code) {
                    return kind;
                }
            }
            throw new MetadataFormatException("unknown kind of configuration " + code);
        }
    }

    public static ConfigTarget topic(String name) {
        return new ConfigTarget(Kind.TOPIC, name);
    }

    public static ConfigTarget broker(int nodeId) {
        return new ConfigTarget(Kind.BROKER, Integer.toString(nodeId));
    }

    public static ConfigTarget brokerDefaults() {
        return new ConfigTarget(Kind.BROKER, "");
    }

    public static ConfigTarget group(String name) {
        return new ConfigTarget(Kind.GROUP, name);
    }
}
