// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.session;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which records a subscriber wants: all tests must hold. A value: subscribers whose filters are equal share one reading, one evaluation and
 * one encoding.
 *
 * @param key the whole key
 * @param keyPrefix what the key begins with
 */
public record Filter(
        @Nullable ByteBuffer key, @Nullable ByteBuffer keyPrefix, List<HeaderTest> headers, List<FieldTest> fields) {

    public static final Filter ALL = new Filter(null, null, List.of(), List.of());

    public Filter {
        headers = List.copyOf(headers);
        fields = List.copyOf(fields);
    }

    /** One of the headers of this name has this value. */
    public record HeaderTest(String name, ByteBuffer value) {}

    /**
     * A field of a value that is JSON.
     *
     * @param path names and indexes, from the outside in
     * @param operand text, number, truth or null
     */
    public record FieldTest(List<String> path, Comparison comparison, @Nullable Object operand) {

        public FieldTest {
            path = List.copyOf(path);
        }
    }

    public enum Comparison {
        EQ,
        NE,
        LT,
        LE,
        GT,
        GE,
        /** Of texts. */
        PREFIX
    }

    public boolean isAll() {
        return equals(ALL);
    }
}
