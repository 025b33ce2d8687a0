// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.house;

import io.tailrace.broker.Golden;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The files of this repository, as text. */
final class Sources {

    private static final Set<String> GENERATED = Set.of("target", ".git", "data", ".idea", ".vscode", "node_modules");
    private static final Set<String> TEXT =
            Set.of("java", "md", "xml", "properties", "yaml", "yml", "sh", "js", "css", "html", "txt", "");

    /** One file, its path relative to the repository with {@code /} between the names. */
    record Source(String path, List<String> lines) {

        boolean isJava() {
            return path.endsWith(".java");
        }

        boolean isMain() {
            return path.contains("/src/main/");
        }

        boolean isIn(String... prefixes) {
            return java.util.Arrays.stream(prefixes).anyMatch(path::startsWith);
        }
    }

    private Sources() {}

    /** Every text file but what a build makes. */
    static List<Source> all() {
        List<Source> sources = new ArrayList<>();
        try {
            Files.walkFileTree(Golden.REPOSITORY, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                    return GENERATED.contains(dir.getFileName().toString())
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    if (attributes.isRegularFile() && !file.endsWith(".git") && TEXT.contains(extension(file))) {
                        String path =
                                Golden.REPOSITORY.relativize(file).toString().replace('\\', '/');
                        sources.add(new Source(path, Files.readAllLines(file)));
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return sources;
    }

    private static String extension(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? "" : name.substring(dot + 1);
    }
}
