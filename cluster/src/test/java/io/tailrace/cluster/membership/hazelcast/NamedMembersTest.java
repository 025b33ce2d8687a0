// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.membership.hazelcast;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class NamedMembersTest {

    @Test
    void namesAreAllTheirAddresses() throws Exception {
        List<String> expected = Stream.of(InetAddress.getAllByName("localhost"))
                .map(it -> it.getHostAddress().contains(":")
                        ? "[" + it.getHostAddress() + "]:9193"
                        : it.getHostAddress() + ":9193")
                .toList();
        assertThat(new NamedMembers(List.of("localhost:9193")).getMembers())
                .containsExactlyElementsOf(expected)
                .noneMatch(it -> it.startsWith("localhost"));
    }

    @Test
    void addressesAndUnknownNamesStayAsTheyAre() {
        List<String> members = List.of("10.1.2.3:9193", "nobody.invalid:9193");
        assertThat(new NamedMembers(members).getMembers()).isEqualTo(members);
    }

    @Test
    void anAddressOfTheSixthVersionStandsInBrackets() {
        assertThat(new NamedMembers(List.of("::1:9193")).getMembers()).containsExactly("[0:0:0:0:0:0:0:1]:9193");
    }
}
