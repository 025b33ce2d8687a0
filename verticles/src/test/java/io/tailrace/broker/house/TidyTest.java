// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.broker.Golden;
import io.tailrace.broker.house.Sources.Source;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * House rules that no compiler knows, in place of a large style checker. Each failure names the file, the line and what to write instead.
 */
final class TidyTest {

    private static final String[] PURE = {"protocol/src/main/", "log-store/src/main/", "cluster/src/main/"};
    /** Not pure: they stand between the pure parts and a library or the file system. */
    private static final String[] ADAPTERS = {
        "cluster/src/main/java/io/tailrace/cluster/quorum/",
        "cluster/src/main/java/io/tailrace/cluster/membership/hazelcast/",
        "log-store/src/main/java/io/tailrace/log/disk/"
    };

    /** Lines. The longest file there is, and a little: it is to go down, not up. */
    private static final int LONGEST_FILE = 530;

    private static final List<Source> SOURCES = Sources.all();

    /** What is not written, where, and what is written instead. */
    private record Ban(Pattern what, Predicate<Source> where, String instead) {

        static Ban of(String what, Predicate<Source> where, String instead) {
            return new Ban(Pattern.compile(what), where, instead);
        }
    }

    private static final Predicate<Source> JAVA = Source::isJava;
    private static final Predicate<Source> MAIN = JAVA.and(Source::isMain);
    private static final Predicate<Source> PURE_MAIN = MAIN.and(source -> source.isIn(PURE) && !source.isIn(ADAPTERS));

    private static final List<Ban> BANS = List.of(
            Ban.of("\\bsynchronized\\b\\s*\\(", PURE_MAIN, "nothing: pure code is owned by one thread"),
            Ban.of("\\bvolatile\\s+\\w+(<.*>)? \\w+( =|;)", PURE_MAIN, "nothing: pure code is owned by one thread"),
            Ban.of("\\.parallelStream\\(|\\.parallel\\(\\)", MAIN, "a loop on the thread that owns the data"),
            Ban.of("System\\.(out|err)\\b", MAIN.and(source -> !terminal(source)), "an SLF4J logger"),
            Ban.of("printStackTrace\\(", JAVA, "log.error(text, cause) at the place that handles it"),
            Ban.of("new Random\\(\\)", JAVA, "new Random(seed), with the seed printed on failure"),
            Ban.of("ThreadLocal\\.withInitial|new ThreadLocal<", MAIN, "a field of what owns the thread"),
            Ban.of("ObjectInputStream|implements Serializable", MAIN, "a codec of our own"),
            Ban.of("@author\\b", JAVA, "nothing: the history knows"),
            Ban.of("\\bTODO\\b|\\bFIXME\\b|\\bXXX\\b", JAVA, "an issue"),
            Ban.of("@Disabled\\b(?!\\(\")", JAVA, "@Disabled with the reason, or a test that runs"),
            Ban.of("\\bMockito\\b|\\bmock\\(", JAVA, "the real thing, or a small fake behind its seam"),
            Ban.of("import (static )?[a-z.]+\\.\\*;", JAVA, "imports one by one"));

    private static final Pattern VAGUE =
            Pattern.compile("(Manager|Utils?|Common|Impl|Base|Data|Info|Helper|Misc)\\.java$");

    @Test
    void bannedCallsAreNotUsed() {
        List<String> found = new ArrayList<>();
        for (Source source : SOURCES) {
            if (source.path().endsWith("house/TidyTest.java")) {
                continue;
            }
            for (Ban ban : BANS) {
                if (ban.where().test(source)) {
                    matches(source, ban.what()).forEach(line -> found.add(line + "\n    instead: " + ban.instead()));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsFor() {
        Set<String> packages = SOURCES.stream()
                .filter(MAIN)
                .map(source -> source.path().substring(0, source.path().lastIndexOf('/')))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> paths = SOURCES.stream().map(Source::path).collect(Collectors.toSet());
        assertThat(packages).isNotEmpty().allMatch(folder -> paths.contains(folder + "/package-info.java"));
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(SOURCES.stream().filter(MAIN).filter(source -> source.path().endsWith("package-info.java")))
                .isNotEmpty()
                .allMatch(source -> source.lines().contains("@NullMarked"));
    }

    @Test
    void everyJavaFileNamesItsLicence() {
        assertThat(SOURCES.stream().filter(JAVA))
                .isNotEmpty()
                .allMatch(source -> source.lines().get(0).equals("// SPDX-License-Identifier: Apache-2.0"));
    }

    @Test
    void noClassHasAVagueName() {
        assertThat(SOURCES.stream().filter(JAVA).map(Source::path))
                .noneMatch(path -> VAGUE.matcher(path).find());
    }

    /** A median near 100 and unease beyond 400 is the habit; this is where unease ends. */
    @Test
    void noJavaFileIsTooLongToReadInOneSitting() {
        assertThat(SOURCES.stream()
                        .filter(JAVA)
                        .filter(source -> source.lines().size() > LONGEST_FILE)
                        .map(source -> source.path() + ": " + source.lines().size()))
                .isEmpty();
    }

    /** What belongs to one machine: folders of it, and the host of a package registry. */
    @Test
    void nothingNamesTheMachineItWasWrittenOn() {
        Pattern machine = Pattern.compile("(^|[^a-z0-9.$}])/(work|farm|root|home/[a-z]+)/[a-z.]"
                + "|https?://[a-z0-9.-]*(npmjs|pythonhosted|crates|repo1?)[a-z0-9.-]*/");
        List<String> found = new ArrayList<>();
        SOURCES.forEach(source -> found.addAll(matches(source, machine)));
        assertThat(found).isEmpty();
    }

    @Test
    void linksBetweenPagesLeadSomewhere() {
        Pattern link = Pattern.compile("]\\((?!https?:|#|mailto:)([^)#\\s]+)(#[^)]*)?\\)");
        List<String> broken = new ArrayList<>();
        SOURCES.stream().filter(source -> source.path().endsWith(".md")).forEach(page -> link.matcher(
                        String.join("\n", page.lines()))
                .results()
                .map(found -> found.group(1))
                .filter(target ->
                        !Files.exists(Golden.REPOSITORY.resolve(page.path()).resolveSibling(target)))
                .forEach(target -> broken.add(page.path() + " -> " + target)));
        assertThat(broken).isEmpty();
    }

    /** Commands talk to a terminal. */
    private static boolean terminal(Source source) {
        return source.isIn(
                "client/src/main/java/io/tailrace/client/cli/",
                "client/src/main/java/io/tailrace/client/bench/",
                "verticles/src/main/java/io/tailrace/broker/Main",
                "verticles/src/main/java/io/tailrace/broker/command/");
    }

    private static List<String> matches(Source source, Pattern what) {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < source.lines().size(); i++) {
            if (what.matcher(source.lines().get(i)).find()) {
                found.add(source.path() + ":" + (i + 1) + ": "
                        + source.lines().get(i).strip());
            }
        }
        return found;
    }
}
