// SPDX-License-Identifier: Apache-2.0
package io.tailrace.log.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AbortedTransactionsTest {

    private static final AbortedTransaction FIRST = new AbortedTransaction(7, 0, 10, 5);
    private static final AbortedTransaction SECOND = new AbortedTransaction(8, 5, 20, 21);
    private static final AbortedTransaction THIRD = new AbortedTransaction(7, 25, 30, 31);

    @Test
    void findsWhatTouchesTheRangeByFirstOffset() {
        var index = index(new AbortedTransaction(1, 4, 9, 2), new AbortedTransaction(2, 2, 12, 13));

        var lookup = index.lookup(3, 10);

        assertThat(lookup.transactions())
                .extracting(AbortedTransaction::producerId)
                .containsExactly(2L, 1L);
        assertThat(lookup.complete()).isTrue();
    }

    @Test
    void stopsWhenLaterMarkersCannotConcernTheRange() {
        var index = index(FIRST, SECOND, THIRD);

        assertThat(index.lookup(0, 21))
                .isEqualTo(new AbortedTransactions.Lookup(java.util.List.of(FIRST, SECOND), true));
        assertThat(index.lookup(11, 26).transactions()).containsExactly(SECOND, THIRD);
        assertThat(index.lookup(31, 40)).isEqualTo(new AbortedTransactions.Lookup(java.util.List.of(), false));
    }

    @Test
    void truncationForgetsMarkersThatAreGone() {
        var index = index(FIRST, SECOND, THIRD);

        assertThat(index.truncateTo(30)).isEqualTo(2 * AbortedTransaction.BYTES);
        assertThat(index.entries()).containsExactly(FIRST, SECOND);
        assertThat(index.truncateTo(0)).isZero();
    }

    @Test
    void writesKafkasBytes() throws CorruptIndexException {
        ByteBuffer bytes = index(FIRST).encode();

        assertThat(bytes.remaining()).isEqualTo(34);
        assertThat(bytes)
                .isEqualTo(ByteBuffer.allocate(34)
                        .putShort((short) 0)
                        .putLong(7)
                        .putLong(0)
                        .putLong(10)
                        .putLong(5)
                        .flip());
        assertThat(AbortedTransactions.decode(bytes, 0).entries()).containsExactly(FIRST);
    }

    @Test
    void refusesWhatCannotBe() {
        assertThatThrownBy(() -> AbortedTransactions.decode(ByteBuffer.allocate(33), 0))
                .isInstanceOf(CorruptIndexException.class);
        assertThatThrownBy(
                        () -> AbortedTransactions.decode(index(FIRST).encode().putShort(0, (short) 3), 0))
                .isInstanceOf(CorruptIndexException.class);
        assertThatThrownBy(() -> AbortedTransactions.decode(index(FIRST).encode(), 11))
                .isInstanceOf(CorruptIndexException.class);
        ByteBuffer twice = ByteBuffer.allocate(68)
                .put(index(SECOND).encode())
                .put(index(FIRST).encode())
                .flip();
        assertThatThrownBy(() -> AbortedTransactions.decode(twice, 0)).isInstanceOf(CorruptIndexException.class);
    }

    private static AbortedTransactions index(AbortedTransaction... entries) {
        var index = new AbortedTransactions();
        for (AbortedTransaction entry : entries) {
            index.append(entry);
        }
        return index;
    }
}
