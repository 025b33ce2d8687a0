// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import io.tailrace.cluster.quorum.DurableFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.Uuid;

/**
 * Whose a data directory is: the file {@code meta.properties} in it, as Kafka 4 writes it ({@code version=1}).
 *
 * <pre>
 * version=1
 * cluster.id=...        the same in every directory of the cluster
 * node.id=...           the same in every directory of the node
 * directory.id=...      of this directory alone
 * </pre>
 *
 * A node reads the file in all its directories before it touches anything in them. A directory of another cluster or node, or one that Kafka
 * itself has used, is refused: to start on it would mix two logs.
 */
public record MetaProperties(String clusterId, int nodeId, String directoryId) {

    /** The file's name. */
    public static final String FILE = "meta.properties";

    private static final String VERSION = "1";

    /**
     * Makes the directories this node's, or finds that they are.
     *
     * @param dirs the data directories; made if missing
     * @param clusterId what the operator set; empty to take what the directories say, or a new random one
     * @return by directory, in the same order; all of one cluster and node
     * @throws IOException if one is not this node's, cannot be read, or cannot be written; the message is for the operator
     */
    public static List<MetaProperties> claim(List<Path> dirs, int nodeId, Optional<String> clusterId)
            throws IOException {
        List<Optional<MetaProperties>> found = new ArrayList<>(dirs.size());
        for (Path dir : dirs) {
            Files.createDirectories(dir);
            refuseKafka(dir);
            found.add(read(dir));
        }
        String cluster = clusterId
                .or(() -> found.stream().flatMap(Optional::stream).findFirst().map(MetaProperties::clusterId))
                .orElseGet(() -> Uuid.randomUuid().toString());
        List<MetaProperties> claimed = new ArrayList<>(dirs.size());
        for (int i = 0; i < dirs.size(); i++) {
            Path dir = dirs.get(i);
            Optional<MetaProperties> existing = found.get(i);
            if (existing.isPresent()) {
                existing.get().check(dir, nodeId, cluster);
            } else {
                refuseStrangers(dir);
            }
            claimed.add(existing.orElseGet(
                    () -> new MetaProperties(cluster, nodeId, Uuid.randomUuid().toString())));
        }
        for (int i = 0; i < dirs.size(); i++) {
            if (found.get(i).isEmpty()) {
                claimed.get(i).write(dirs.get(i));
            }
        }
        return claimed;
    }

    /** What the first directory that has the file says; empty if none has. Changes nothing. */
    public static Optional<MetaProperties> find(List<Path> dirs) throws IOException {
        for (Path dir : dirs) {
            Optional<MetaProperties> found = read(dir);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<MetaProperties> read(Path dir) throws IOException {
        Path file = dir.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(file)));
        String version = properties.getProperty("version", "");
        if (!version.equals(VERSION)) {
            throw new IOException(
                    file + " has version \"" + version + "\"; this program knows version " + VERSION + ".");
        }
        String cluster = properties.getProperty("cluster.id", "");
        String directory = properties.getProperty("directory.id", "");
        if (cluster.isBlank() || directory.isBlank()) {
            throw new IOException(file + " names no cluster.id or no directory.id.");
        }
        try {
            int node = Integer.parseInt(properties.getProperty("node.id", "").strip());
            return Optional.of(new MetaProperties(cluster.strip(), node, directory.strip()));
        } catch (NumberFormatException e) {
            throw new IOException(file + " has no number for node.id.", e);
        }
    }

    private void check(Path dir, int expectedNode, String expectedCluster) throws IOException {
        if (!clusterId.equals(expectedCluster)) {
            throw new IOException("The data in " + dir + " belongs to cluster " + clusterId + ", not to cluster "
                    + expectedCluster + ". Set log.dirs to this cluster's data, or to an empty directory.");
        }
        if (nodeId != expectedNode) {
            throw new IOException("The data in " + dir + " belongs to node " + nodeId + ", not to node " + expectedNode
                    + ". Set node.id to " + nodeId + ", or log.dirs to this node's data.");
        }
    }

    /** Kafka's file looks like ours, but its metadata log has another name and its logs are not to be written by two programs in turn. */
    private static void refuseKafka(Path dir) throws IOException {
        if (Files.isDirectory(dir.resolve("__cluster_metadata-0"))) {
            throw new IOException(
                    "The data in " + dir
                            + " was written by Apache Kafka. It cannot be taken over in place; set log.dirs to an empty directory.");
        }
    }

    /** Without the file there must be no data: somebody removed the file, or the data was never ours. */
    private static void refuseStrangers(Path dir) throws IOException {
        try (var children = Files.newDirectoryStream(dir, Files::isDirectory)) {
            for (Path child : children) {
                String name = child.getFileName().toString();
                if (name.matches(".+-\\d+") || name.equals("__cluster_metadata")) {
                    throw new IOException(
                            "There is data in " + dir + " (" + name + ") but no " + FILE
                                    + ", so it cannot be told whose it is. Put the file back, or set log.dirs to an empty directory.");
                }
            }
        }
    }

    private void write(Path dir) throws IOException {
        String text = "#Written by Tailrace; not to be edited.\nversion=" + VERSION + "\ncluster.id=" + clusterId
                + "\nnode.id=" + nodeId + "\ndirectory.id=" + directoryId + "\n";
        DurableFile.write(dir.resolve(FILE), text.getBytes(StandardCharsets.UTF_8));
    }
}
