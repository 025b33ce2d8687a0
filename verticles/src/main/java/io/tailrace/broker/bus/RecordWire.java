// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.bus;

import io.vertx.core.buffer.Buffer;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;

/**
 * The bytes of messages that are records: for control traffic between nodes, where a codec written by hand for each of some forty records would
 * be more to get wrong than to gain. Records are read by their shape, never by a class name that a stranger could choose: a sealed interface
 * names its records by their place among those it permits, and nothing else can be made.
 *
 * <pre>
 * record    := length i32, components in order of declaration       a reader takes those it knows and skips the rest; what is missing
 *                                                                    is 0, false, or empty: components are only ever added at the end
 * sealed    := name text (simple, of the record), record
 * int, long, short := i64     boolean := u8     text := length i32, UTF-8     uuid := i64, i64     enum := name text
 * bytes     := length i32, bytes
 * optional  := u8, value if 1     list := count i32, values     map := count i32, (key, value)*     partition := topic text, i64
 * </pre>
 */
public final class RecordWire {

    private record Part(Type type, Method accessor) {}

    private record Shape(List<Part> parts, Constructor<?> constructor) {}

    // To look any of these up anew for each message costs more than all else: heartbeats are such messages.

    private static final Map<Class<?>, Shape> SHAPES = new ConcurrentHashMap<>();

    private static final Map<Type, List<Type>> ARGUMENTS = new ConcurrentHashMap<>();

    /** By sealed interface, then by simple name. */
    private static final Map<Class<?>, Map<String, Class<?>>> PERMITTED = new ConcurrentHashMap<>();

    /** By enum, then by name. */
    private static final Map<Class<?>, Map<String, Object>> CONSTANTS = new ConcurrentHashMap<>();

    private RecordWire() {}

    /** Appends a value of a record or sealed type. */
    public static void write(Class<?> type, Object value, Buffer out) {
        writeValue(type, value, out);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IllegalArgumentException if the bytes are not such a value
     */
    public static <T> T read(Class<T> type, Buffer in, int position) {
        try {
            return type.cast(new Reader(in, position, in.length()).value(type));
        } catch (IndexOutOfBoundsException e) {
            throw new IllegalArgumentException("a message of type " + type.getSimpleName() + " is cut short", e);
        }
    }

    private static void writeValue(Type type, Object value, Buffer out) {
        Class<?> raw = raw(type);
        if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class || raw == short.class) {
            out.appendLong(((Number) value).longValue());
        } else if (raw == Short.class) {
            out.appendLong((Short) value);
        } else if (raw == boolean.class) {
            out.appendByte((byte) ((Boolean) value ? 1 : 0));
        } else if (raw == String.class) {
            text((String) value, out);
        } else if (raw == Uuid.class) {
            out.appendLong(((Uuid) value).getMostSignificantBits())
                    .appendLong(((Uuid) value).getLeastSignificantBits());
        } else if (raw == TopicPartition.class) {
            text(((TopicPartition) value).topic(), out);
            out.appendLong(((TopicPartition) value).partition());
        } else if (raw == ByteBuffer.class) {
            byte[] bytes = new byte[((ByteBuffer) value).remaining()];
            ((ByteBuffer) value).duplicate().get(bytes);
            out.appendInt(bytes.length).appendBytes(bytes);
        } else if (raw.isEnum()) {
            text(((Enum<?>) value).name(), out);
        } else if (raw == Optional.class) {
            Optional<?> it = (Optional<?>) value;
            out.appendByte((byte) (it.isPresent() ? 1 : 0));
            it.ifPresent(present -> writeValue(argument(type, 0), present, out));
        } else if (raw == List.class) {
            List<?> it = (List<?>) value;
            out.appendInt(it.size());
            it.forEach(item -> writeValue(argument(type, 0), item, out));
        } else if (Map.class.isAssignableFrom(raw)) {
            Map<?, ?> it = (Map<?, ?>) value;
            out.appendInt(it.size());
            it.forEach((key, item) -> {
                writeValue(argument(type, 0), key, out);
                writeValue(argument(type, 1), item, out);
            });
        } else if (raw.isSealed()) {
            text(value.getClass().getSimpleName(), out);
            writeRecord(value.getClass(), value, out);
        } else {
            writeRecord(raw, value, out);
        }
    }

    private static void writeRecord(Class<?> type, Object value, Buffer out) {
        int start = out.length();
        out.appendInt(0); // its length, when that is known
        for (Part part : shape(type).parts()) {
            try {
                writeValue(part.type(), part.accessor().invoke(value), out);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("cannot read " + part.accessor(), e);
            }
        }
        out.setInt(start, out.length() - start - Integer.BYTES);
    }

    private static void text(String text, Buffer out) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.appendInt(bytes.length).appendBytes(bytes);
    }

    private static Shape shape(Class<?> type) {
        Shape known = SHAPES.get(type);
        return known != null ? known : SHAPES.computeIfAbsent(type, RecordWire::shapeOf);
    }

    private static Shape shapeOf(Class<?> type) {
        if (!type.isRecord()) {
            throw new IllegalStateException(type + " has no form on the wire");
        }
        RecordComponent[] components = type.getRecordComponents();
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            Arrays.stream(components).forEach(it -> it.getAccessor().setAccessible(true));
            List<Part> parts = Arrays.stream(components)
                    .map(it -> new Part(it.getGenericType(), it.getAccessor()))
                    .toList();
            return new Shape(parts, constructor);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record without its constructor: " + type, e);
        }
    }

    private static Map<String, Class<?>> permittedBy(Class<?> sealed) {
        return Arrays.stream(sealed.getPermittedSubclasses())
                .collect(Collectors.toUnmodifiableMap(Class::getSimpleName, it -> it));
    }

    private static Map<String, Object> constantsOf(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .collect(Collectors.toUnmodifiableMap(it -> ((Enum<?>) it).name(), it -> it));
    }

    private static Class<?> raw(Type type) {
        return type instanceof ParameterizedType it ? (Class<?>) it.getRawType() : (Class<?>) type;
    }

    private static Type argument(Type type, int index) {
        return ARGUMENTS
                .computeIfAbsent(type, it -> List.of(((ParameterizedType) it).getActualTypeArguments()))
                .get(index);
    }

    /** Goes over the bytes once; never makes room for more than there is left. */
    private static final class Reader {

        private final Buffer in;
        private final int end;
        private int position;

        Reader(Buffer in, int position, int end) {
            this.in = in;
            this.position = position;
            this.end = end;
        }

        Object value(Type type) {
            Class<?> raw = raw(type);
            if (position == end) {
                return missing(raw);
            }
            if (raw == int.class || raw == Integer.class) {
                return (int) number();
            } else if (raw == long.class || raw == Long.class) {
                return number();
            } else if (raw == short.class || raw == Short.class) {
                return (short) number();
            } else if (raw == boolean.class) {
                return flag();
            } else if (raw == String.class) {
                return text();
            } else if (raw == Uuid.class) {
                return new Uuid(number(), number());
            } else if (raw == TopicPartition.class) {
                return new TopicPartition(text(), (int) number());
            } else if (raw == ByteBuffer.class) {
                return bytes();
            } else if (raw.isEnum()) {
                return constant(raw, text());
            } else if (raw == Optional.class) {
                return flag() ? Optional.of(value(argument(type, 0))) : Optional.empty();
            } else if (raw == List.class) {
                return list(argument(type, 0));
            } else if (Map.class.isAssignableFrom(raw)) {
                return map(type, raw == SortedMap.class ? new TreeMap<>() : new LinkedHashMap<>());
            } else if (raw.isSealed()) {
                return record(permitted(raw, text()));
            }
            return record(raw);
        }

        private static Class<?> permitted(Class<?> sealed, String name) {
            return named(PERMITTED.computeIfAbsent(sealed, RecordWire::permittedBy), sealed, name);
        }

        private static Object constant(Class<?> type, String name) {
            return named(CONSTANTS.computeIfAbsent(type, RecordWire::constantsOf), type, name);
        }

        private static <V> V named(Map<String, V> those, Class<?> type, String name) {
            V found = those.get(name);
            if (found == null) {
                throw new IllegalArgumentException("there is no " + type.getSimpleName() + " named " + name);
            }
            return found;
        }

        private Object missing(Class<?> raw) {
            if (raw == int.class) {
                return 0;
            } else if (raw == long.class) {
                return 0L;
            } else if (raw == short.class) {
                return (short) 0;
            } else if (raw == boolean.class) {
                return false;
            } else if (raw == String.class) {
                return "";
            } else if (raw == ByteBuffer.class) {
                return ByteBuffer.allocate(0);
            } else if (raw == Optional.class) {
                return Optional.empty();
            } else if (raw == List.class) {
                return List.of();
            } else if (raw == Map.class) {
                return Map.of();
            }
            throw new IllegalArgumentException("a message lacks a " + raw.getSimpleName());
        }

        private Object record(Class<?> type) {
            Shape shape = shape(type);
            int length = count();
            Reader body = new Reader(in, position, position + length);
            position += length;
            Object[] values = new Object[shape.parts().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = body.value(shape.parts().get(i).type());
            }
            try {
                return shape.constructor().newInstance(values);
            } catch (InstantiationException | IllegalAccessException e) {
                throw new IllegalStateException("cannot make a " + type, e);
            } catch (InvocationTargetException e) {
                throw new IllegalArgumentException("not a " + type.getSimpleName(), e.getCause());
            }
        }

        private List<Object> list(Type item) {
            int count = count();
            List<Object> items = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                items.add(value(item));
            }
            return items;
        }

        private Map<Object, Object> map(Type type, Map<Object, Object> into) {
            int count = count();
            for (int i = 0; i < count; i++) {
                Object key = value(argument(type, 0));
                into.put(key, value(argument(type, 1)));
            }
            return into;
        }

        private long number() {
            position += Long.BYTES;
            check();
            return in.getLong(position - Long.BYTES);
        }

        private boolean flag() {
            position++;
            check();
            return in.getByte(position - 1) != 0;
        }

        private ByteBuffer bytes() {
            int length = count();
            position += length;
            return ByteBuffer.wrap(in.getBytes(position - length, position));
        }

        private String text() {
            int length = count();
            position += length;
            return new String(in.getBytes(position - length, position), StandardCharsets.UTF_8);
        }

        /** A count of things of a byte or more each. */
        private int count() {
            position += Integer.BYTES;
            check();
            int count = in.getInt(position - Integer.BYTES);
            if (count < 0 || count > end - position) {
                throw new IllegalArgumentException(
                        "a length of " + count + " where " + (end - position) + " bytes are left");
            }
            return count;
        }

        private void check() {
            if (position > end) {
                throw new IllegalArgumentException("a message is cut short");
            }
        }
    }
}
