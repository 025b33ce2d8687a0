// SPDX-License-Identifier: Apache-2.0
package io.tailrace.broker.house;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.tailrace.broker.api.KafkaApi;
import org.junit.jupiter.api.Test;

/**
 * The arrows of docs/architecture.md that Maven cannot hold: which packages may know which, and what pure code may not touch.
 *
 * <p>Runs in the module that sees all others. The rules are checked from ordinary tests: ArchUnit's own engine finds none on JUnit 6, and
 * passes.
 */
final class ArrowsTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.tailrace");

    private static final String[] ADAPTERS = {
        "io.tailrace.cluster.quorum..", "io.tailrace.cluster.membership.hazelcast.."
    };

    /** Decides and computes; the two adapter packages, which talk to libraries, are not part of it. */
    private static final DescribedPredicate<JavaClass> PURE = resideInAnyPackage(
                    "io.tailrace.protocol..", "io.tailrace.log..", "io.tailrace.cluster..")
            .and(not(resideInAnyPackage(ADAPTERS)))
            .as("pure classes");

    /** Pure, and without the seam to real files. */
    private static final DescribedPredicate<JavaClass> DETERMINISTIC =
            PURE.and(not(resideInAnyPackage("io.tailrace.log.disk.."))).as("deterministic classes");

    private static final String[] SHELL_LIBRARIES = {
        "io.vertx..",
        "io.netty..",
        "com.hazelcast..",
        "org.apache.ratis..",
        "io.smallrye..",
        "io.micrometer..",
        "picocli.."
    };

    @Test
    void pureModulesKnowNoShellLibrary() {
        check(noClasses().that(PURE).should().dependOnClassesThat().resideInAnyPackage(SHELL_LIBRARIES));
    }

    @Test
    void ratisStaysInItsAdapter() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("io.tailrace.cluster.quorum..")
                .and()
                .resideOutsideOfPackage("io.tailrace.broker.controller..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.ratis.."));
    }

    @Test
    void protocolKnowsNothingOfOurs() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tailrace.protocol..")
                .should()
                .dependOnClassesThat(ours().and(not(resideInAnyPackage("io.tailrace.protocol..")))));
    }

    @Test
    void logStoreKnowsOnlyProtocol() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tailrace.log..")
                .should()
                .dependOnClassesThat(
                        ours().and(not(resideInAnyPackage("io.tailrace.log..", "io.tailrace.protocol..")))));
    }

    @Test
    void clusterKnowsNoShell() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tailrace.cluster..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.tailrace.broker..", "io.tailrace.gateway..", "io.tailrace.client.."));
    }

    @Test
    void clientKnowsNoBroker() {
        check(noClasses()
                .that()
                .resideInAPackage("io.tailrace.client..")
                .should()
                .dependOnClassesThat(
                        ours().and(not(resideInAnyPackage("io.tailrace.client..", "io.tailrace.protocol..")))));
    }

    @Test
    void coresNeverSeeRequestsAndResponses() {
        check(noClasses()
                .that()
                .resideInAnyPackage("io.tailrace.cluster..", "io.tailrace.log..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("org.apache.kafka.common.message..")
                        .and(simpleNameEndingWith("RequestData").or(simpleNameEndingWith("ResponseData")))));
    }

    @Test
    void pureCodeReadsNoClockAndDrawsNoRandomness() {
        check(noClasses()
                .that(DETERMINISTIC)
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.util.UUID.class, "randomUUID")
                .orShould()
                .callMethod(org.apache.kafka.common.Uuid.class, "randomUuid")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(java.util.Random.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom"));
    }

    @Test
    void pureCodeStartsNoThreadAndTakesNoLock() {
        check(noClasses()
                .that(DETERMINISTIC)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.concurrent.locks..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(java.util.concurrent.Executor.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class));
    }

    @Test
    void pureCodeHasNoSynchronizedMethod() {
        check(noMethods()
                .that()
                .areDeclaredInClassesThat(DETERMINISTIC)
                .should()
                .haveModifier(JavaModifier.SYNCHRONIZED));
    }

    /** The bench is a load generator with threads of its own; nothing else may sleep. */
    @Test
    void nothingSleepsAndNothingUsesTimerThreads() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("io.tailrace.client.bench..")
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.util.Timer"));
    }

    @Test
    void eachApiIsAClassNamedForIt() {
        check(classes()
                .that()
                .implement(KafkaApi.class)
                .should()
                .resideInAPackage("io.tailrace.broker.api..")
                .andShould()
                .haveSimpleNameEndingWith("Api")
                .andShould()
                .beTopLevelClasses());
    }

    @Test
    void partsHaveNoCycles() {
        check(slices().matching("io.tailrace.(*)..").should().beFreeOfCycles());
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }

    private static DescribedPredicate<JavaClass> ours() {
        return resideInAnyPackage("io.tailrace..");
    }
}
