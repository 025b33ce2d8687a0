// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeflateOfferTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "permessage-deflate; client_max_window_bits", // what browsers say
                "Permessage-Deflate;client_max_window_bits=\"10\";server_max_window_bits=15",
                "x-webkit-deflate-frame, permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                "permessage-deflate; server_max_window_bits=10, permessage-deflate"
            })
    void acceptsWhatCanBeHonoured(String header) {
        assertThat(DeflateOffer.isAcceptable(header)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "permessage-bzip2",
                "permessage-deflate; server_max_window_bits=10",
                "permessage-deflate; server_max_window_bits",
                "permessage-deflate; client_max_window_bits=16",
                "permessage-deflate; client_no_context_takeover=yes",
                "permessage-deflate; client_max_window_bits; client_max_window_bits",
                "permessage-deflate; more=1"
            })
    void declinesTheRest(String header) {
        assertThat(DeflateOffer.isAcceptable(header)).isFalse();
    }

    @Test
    void nothingIsNoOffer() {
        assertThat(DeflateOffer.isAcceptable(null)).isFalse();
    }
}
