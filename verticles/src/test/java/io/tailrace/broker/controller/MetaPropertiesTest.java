// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetaPropertiesTest {

    @TempDir
    Path root;

    private List<Path> dirs;

    @BeforeEach
    void name() {
        dirs = List.of(root.resolve("a"), root.resolve("b"));
    }

    private List<MetaProperties> claim(int node, Optional<String> cluster) throws IOException {
        return MetaProperties.claim(dirs, node, cluster);
    }

    @Test
    void drawsAClusterIdOnceAndKeepsIt() throws IOException {
        List<MetaProperties> first = claim(1, Optional.empty());
        assertThat(first.get(0).clusterId()).hasSize(22).isEqualTo(first.get(1).clusterId());
        assertThat(claim(1, Optional.empty())).isEqualTo(first);
    }

    @Test
    void findsWhatItWrote() throws IOException {
        List<MetaProperties> first = claim(1, Optional.of("cluster"));
        assertThat(claim(1, Optional.empty())).isEqualTo(first);
        assertThat(first).extracting(MetaProperties::directoryId).doesNotHaveDuplicates();
        assertThat(Files.readString(dirs.get(0).resolve(MetaProperties.FILE)))
                .contains("version=1\n", "cluster.id=cluster\n", "node.id=1\n", "directory.id=");
    }

    @Test
    void refusesTheDataOfAnotherNodeOrCluster() throws IOException {
        claim(1, Optional.of("cluster"));
        assertThatThrownBy(() -> claim(2, Optional.empty()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to node 1, not to node 2");
        assertThatThrownBy(() -> claim(1, Optional.of("other")))
                .hasMessageContaining("belongs to cluster cluster, not to cluster other");
    }

    @Test
    void writesNothingWhenItRefuses() throws IOException {
        MetaProperties.claim(List.of(dirs.get(0)), 1, Optional.of("cluster"));
        assertThatThrownBy(() -> claim(2, Optional.empty())).isInstanceOf(IOException.class);
        assertThat(dirs.get(1).resolve(MetaProperties.FILE)).doesNotExist();
    }

    @Test
    void takesANewDirectoryIntoItsCluster() throws IOException {
        MetaProperties.claim(List.of(dirs.get(0)), 1, Optional.of("cluster"));
        assertThat(claim(1, Optional.empty()).get(1).clusterId()).isEqualTo("cluster");
    }

    @Test
    void refusesDataWithoutTheFile() throws IOException {
        Files.createDirectories(dirs.get(1).resolve("topic-0"));
        assertThatThrownBy(() -> claim(1, Optional.empty())).hasMessageContaining("no meta.properties");
    }

    @Test
    void refusesTheDataOfKafka() throws IOException {
        claim(1, Optional.of("cluster"));
        Files.createDirectories(dirs.get(0).resolve("__cluster_metadata-0"));
        assertThatThrownBy(() -> claim(1, Optional.empty())).hasMessageContaining("written by Apache Kafka");
    }

    @Test
    void refusesAFileThatItDoesNotUnderstand() throws IOException {
        Files.createDirectories(dirs.get(0));
        Path file = dirs.get(0).resolve(MetaProperties.FILE);
        for (String text : List.of(
                "version=2\ncluster.id=c\nnode.id=1\ndirectory.id=d\n",
                "version=1\nnode.id=1\ndirectory.id=d\n",
                "version=1\ncluster.id=c\nnode.id=x\ndirectory.id=d\n")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> claim(1, Optional.empty()))
                    .as(text)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
        }
    }
}
