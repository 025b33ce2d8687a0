// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AddressesTest {

    @Test
    void everyClusteredAddressTellsItsNode() {
        assertThat(List.of(Addresses.controller(12), Addresses.gateway(12)))
                .containsExactlyInAnyOrderElementsOf(Addresses.clustered(12))
                .allSatisfy(address -> assertThat(Addresses.nodeOf(address)).hasValue(12));
    }

    @Test
    void otherTextNamesNoNode() {
        assertThat(List.of(
                        Addresses.log(1, 0), Addresses.group(1, 0), Addresses.api(1), "gateway.", "gateway.x", "else"))
                .allSatisfy(address -> assertThat(Addresses.nodeOf(address)).isEmpty());
    }
}
