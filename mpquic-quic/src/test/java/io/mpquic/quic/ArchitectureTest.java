package io.mpquic.quic;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/**
 * What the module system cannot say: the core of the stack is a function of bytes and time. It has no input or output,
 * no thread, no clock and no random source of its own, so that every run can be repeated in a test.
 */
@AnalyzeClasses(packages = "io.mpquic.quic", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String BASE = "io.mpquic.quic.";

    private static final String[] CORE = {
        BASE + "wire..",
        BASE + "crypto..",
        BASE + "recovery..",
        BASE + "congestion..",
        BASE + "stream..",
        BASE + "connection..",
        BASE + "endpoint.."
    };

    private static final Set<String> CLOCK_CALLS = Set.of(
            "java.lang.System.nanoTime",
            "java.lang.System.currentTimeMillis",
            "java.time.Instant.now",
            "java.time.Clock.systemUTC",
            "java.time.LocalDateTime.now",
            "java.time.ZonedDateTime.now");

    private static final Set<String> RANDOM_CALLS = Set.of("java.lang.Math.random", "java.util.UUID.randomUUID");

    private static final Set<String> RANDOM_CLASSES = Set.of(
            "java.security.SecureRandom",
            "java.util.Random",
            "java.util.SplittableRandom",
            "java.util.concurrent.ThreadLocalRandom");

    private static final Set<String> SOCKET_CLASSES = Set.of(
            "java.net.Socket",
            "java.net.ServerSocket",
            "java.net.DatagramSocket",
            "java.net.MulticastSocket",
            "java.net.NetworkInterface",
            "java.net.URLConnection");

    @ArchTest
    static final ArchRule theWireDependsOnNothingElseOfOurs = noClasses()
            .that()
            .resideInAPackage(BASE + "wire..")
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are of another package of ours",
                    (JavaClass target) -> target.getPackageName().startsWith("io.mpquic.")
                            && !target.getPackageName().startsWith(BASE + "wire")))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule theCryptographyKnowsOnlyTheWire = noClasses()
            .that()
            .resideInAPackage(BASE + "crypto..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    BASE + "tls..",
                    BASE + "recovery..",
                    BASE + "congestion..",
                    BASE + "connection..",
                    BASE + "endpoint..",
                    BASE + "io..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule lossRecoveryKnowsOnlyTheWireAndTheCongestionController = noClasses()
            .that()
            .resideInAnyPackage(BASE + "recovery..", BASE + "congestion..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    BASE + "crypto..", BASE + "tls..", BASE + "connection..", BASE + "endpoint..", BASE + "io..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule aConnectionKnowsNeitherItsEndpointNorItsDriver = noClasses()
            .that()
            .resideInAPackage(BASE + "connection..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(BASE + "endpoint..", BASE + "io..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyTheDriverUsesChannels = noClasses()
            .that()
            .resideOutsideOfPackage(BASE + "io..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.nio.channels..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule theCoreHasNoSockets = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are sockets", (JavaClass target) -> SOCKET_CLASSES.contains(target.getName())))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule theCoreHasNoThreadsAndNoLocks = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are threads, executors, timers or locks",
                    (JavaClass target) -> target.isAssignableTo(Thread.class)
                            || target.isAssignableTo(java.util.concurrent.Executor.class)
                            || target.isAssignableTo(java.util.Timer.class)
                            || target.getName().equals("java.util.concurrent.CompletableFuture")
                            || target.getPackageName().equals("java.util.concurrent.locks")))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule theCoreReadsNoClock = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .accessTargetWhere(calls("a clock", CLOCK_CALLS))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule theCoreHasNoRandomSource = noClasses()
            .that()
            .resideInAnyPackage(CORE)
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are random sources", (JavaClass target) -> RANDOM_CLASSES.contains(target.getName())))
            .orShould()
            .accessTargetWhere(calls("a random source", RANDOM_CALLS))
            .allowEmptyShould(true);

    private static DescribedPredicate<JavaAccess<?>> calls(String what, Set<String> methods) {
        return DescribedPredicate.describe(
                "is " + what,
                access -> methods.contains(access.getTargetOwner().getName() + "."
                        + access.getTarget().getName()));
    }
}
