// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files of the repository that follow from the code. A test compares; {@code mvn verify -Dtailrace.regenerate=true} writes them instead.
 */
public final class Golden {

    /** The folder of the repository; tests run in the folder of their module. */
    public static final Path REPOSITORY = Path.of("").toAbsolutePath().getParent();

    private static final boolean REGENERATE = Boolean.getBoolean("tailrace.regenerate");

    private Golden() {}

    /** Fails unless the file holds just this text. */
    public static void assertFile(String path, String expected) throws IOException {
        Path file = REPOSITORY.resolve(path);
        if (REGENERATE) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, expected);
        }
        assertThat(Files.readString(file))
                .as("%s follows from the code; regenerate it with -Dtailrace.regenerate=true", path)
                .isEqualTo(expected);
    }

    /** Fails unless the part of the file between the lines {@code <!-- begin NAME -->} and {@code <!-- end NAME -->} is just this text. */
    public static void assertSection(String path, String name, String expected) throws IOException {
        String begin = "<!-- begin " + name + " -->\n";
        String end = "<!-- end " + name + " -->";
        String text = Files.readString(REPOSITORY.resolve(path));
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        assertThat(from).as("%s has the line %s", path, begin.strip()).isNotNegative();
        assertThat(to).as("%s has the line %s", path, end).isGreaterThan(from);
        assertFile(path, text.substring(0, from + begin.length()) + expected + text.substring(to));
    }
}
