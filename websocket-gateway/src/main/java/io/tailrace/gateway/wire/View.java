// SPDX-License-Identifier: Apache-2.0
package io.tailrace.gateway.wire;

import io.tailrace.gateway.session.Filter;
import io.tailrace.gateway.session.Filter.FieldTest;
import io.tailrace.gateway.session.Filter.HeaderTest;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/**
 * How a log is looked at: which records, in what form. Those who look at it in the same way share the work. A value; its hash, and whether it
 * shows all, are worked out once, as views are looked up for each delivery and asked about each record.
 */
public final class View {

    /** All there is, in the batches that it is stored in. */
    public static final View STORED = all(Encoding.STORED);

    private final Encoding encoding;
    private final Filter filter;
    private final boolean packed;
    private final int hash;
    private final boolean showsAll;

    public View(Encoding encoding, Filter filter) {
        this(encoding, filter, false);
    }

    /** @param packed whether what is shown is compressed, by {@link Deflate} */
    public View(Encoding encoding, Filter filter, boolean packed) {
        this.encoding = encoding;
        this.filter = filter;
        this.packed = packed;
        this.hash = Objects.hash(encoding, filter, packed);
        this.showsAll = filter.isAll();
    }

    public Encoding encoding() {
        return encoding;
    }

    public Filter filter() {
        return filter;
    }

    public boolean isPacked() {
        return packed;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof View view
                        && hash == view.hash
                        && encoding == view.encoding
                        && packed == view.packed
                        && filter.equals(view.filter);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return encoding + (packed ? " packed " : " ") + filter;
    }

    public static View all(Encoding encoding) {
        return new View(encoding, Filter.ALL);
    }

    /** Whether batches are shown as they are, and not their records. */
    public boolean showsBatches() {
        return encoding == Encoding.STORED;
    }

    /** Whether every record of the filter's key is shown. */
    boolean asksForKeyOnly() {
        return filter.key() != null
                && filter.keyPrefix() == null
                && filter.headers().isEmpty()
                && filter.fields().isEmpty();
    }

    boolean shows(Record record) {
        return showsAll || (keyFits(record.key()) && headersFit(record.headers()) && valueFits(record.value()));
    }

    private boolean keyFits(@Nullable ByteBuffer key) {
        ByteBuffer whole = filter.key();
        ByteBuffer prefix = filter.keyPrefix();
        return (whole == null || whole.equals(key)) && (prefix == null || begins(key, prefix));
    }

    private static boolean begins(@Nullable ByteBuffer bytes, ByteBuffer prefix) {
        return bytes != null
                && bytes.remaining() >= prefix.remaining()
                && bytes.slice(bytes.position(), prefix.remaining()).equals(prefix);
    }

    private boolean headersFit(Header[] headers) {
        for (HeaderTest test : filter.headers()) {
            boolean found = false;
            for (Header header : headers) {
                byte[] value = header.value();
                found |= value != null
                        && header.key().equals(test.name())
                        && ByteBuffer.wrap(value).equals(test.value());
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    /** A value that is not JSON has no fields, and so none that fits. */
    private boolean valueFits(@Nullable ByteBuffer value) {
        if (filter.fields().isEmpty()) {
            return true;
        }
        if (value == null) {
            return false;
        }
        Object json;
        try {
            json = Json.decodeValue(
                    StandardCharsets.UTF_8.decode(value.duplicate()).toString());
        } catch (DecodeException notJson) {
            return false;
        }
        for (FieldTest test : filter.fields()) {
            if (!fits(test, json)) {
                return false;
            }
        }
        return true;
    }

    private static boolean fits(FieldTest test, @Nullable Object json) {
        Object at = json;
        for (String step : test.path()) {
            if (at instanceof JsonObject object && object.containsKey(step)) {
                at = object.getValue(step);
            } else if (at instanceof JsonArray list
                    && step.matches("\\d{1,6}")
                    && Integer.parseInt(step) < list.size()) {
                at = list.getValue(Integer.parseInt(step));
            } else {
                return false; // also for "ne": what is not there is not compared
            }
        }
        return switch (test.comparison()) {
            case EQ -> same(at, test.operand());
            case NE -> !same(at, test.operand());
            case LT -> ordered(at, test.operand(), List.of(-1));
            case LE -> ordered(at, test.operand(), List.of(-1, 0));
            case GT -> ordered(at, test.operand(), List.of(1));
            case GE -> ordered(at, test.operand(), List.of(1, 0));
            case PREFIX ->
                at instanceof String text && test.operand() instanceof String prefix && text.startsWith(prefix);
        };
    }

    private static boolean same(@Nullable Object left, @Nullable Object right) {
        return left instanceof Number && right instanceof Number
                ? ordered(left, right, List.of(0))
                : Objects.equals(left, right);
    }

    private static boolean ordered(@Nullable Object left, @Nullable Object right, List<Integer> wanted) {
        if (left instanceof Number a && right instanceof Number b) {
            boolean whole = !isFraction(a) && !isFraction(b);
            return wanted.contains(
                    whole
                            ? Long.compare(a.longValue(), b.longValue())
                            : Double.compare(a.doubleValue(), b.doubleValue()));
        }
        return left instanceof String a && right instanceof String b && wanted.contains(Integer.signum(a.compareTo(b)));
    }

    private static boolean isFraction(Number number) {
        return !(number instanceof Integer || number instanceof Long);
    }
}
