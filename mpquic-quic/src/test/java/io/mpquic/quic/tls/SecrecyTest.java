package io.mpquic.quic.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

/** What must not leave this package: secrets into logs, and the provider's types into other code. */
class SecrecyTest {
    private static final String PACKAGE = "io.mpquic.quic.tls";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(PACKAGE);

    @Test
    void noSecretIsPrintedOrLogged() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream capture = new PrintStream(printed, true, StandardCharsets.UTF_8);
        PrintStream out = System.out;
        PrintStream err = System.err;
        Logger root = Logger.getLogger("");
        Level level = root.getLevel();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                capture.println(record.getMessage() + java.util.Arrays.toString(record.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        HandshakePair pair;
        try {
            System.setOut(capture);
            System.setErr(capture);
            root.setLevel(Level.ALL);
            handler.setLevel(Level.ALL);
            root.addHandler(handler);
            pair = new HandshakePair(
                            HandshakeTest.client()
                                    .identity(HandshakeTest.CLIENT)
                                    .build(),
                            HandshakeTest.server()
                                    .clientTrust(HandshakeTest.AUTHORITY.anchors())
                                    .build())
                    .run();
        } finally {
            System.setOut(out);
            System.setErr(err);
            root.removeHandler(handler);
            root.setLevel(level);
        }
        assertTrue(pair.isComplete());
        String text = printed.toString(StandardCharsets.UTF_8);
        for (TlsEvent.SecretsAvailable secrets : pair.client.all(TlsEvent.SecretsAvailable.class)) {
            for (byte[] secret : List.of(secrets.readSecret(), secrets.writeSecret())) {
                String hex = HexFormat.of().formatHex(secret);
                assertFalse(text.toLowerCase(java.util.Locale.ROOT).contains(hex), text);
                assertFalse(secrets.toString().contains(hex));
                assertFalse(secrets.toString().contains(java.util.Arrays.toString(secret)));
            }
        }
        assertFalse(text.contains("TRAFFIC_SECRET"), text);
    }

    @Test
    void thePackageLogsNothingAndPrintsNothing() {
        ArchRuleDefinition.noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.lang.System$Logger")
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.slf4j..")
                .orShould()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .check(CLASSES);
    }

    @Test
    void thePackageHasNoThreadsSocketsOrWallClock() {
        ArchRuleDefinition.noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.nio.channels..")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class)
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .check(CLASSES);
    }

    @Test
    void noTypeOfTheProviderIsPublic() throws Exception {
        List<String> leaks = new ArrayList<>();
        int seen = 0;
        for (var javaClass : CLASSES) {
            Class<?> type = javaClass.reflect();
            if (!Modifier.isPublic(type.getModifiers())) {
                continue;
            }
            seen++;
            for (Method method : type.getMethods()) {
                leaks.addAll(foreign(method.toGenericString()));
            }
            for (Constructor<?> constructor : type.getConstructors()) {
                leaks.addAll(foreign(constructor.toGenericString()));
            }
            leaks.addAll(foreign(String.valueOf(type.getGenericSuperclass())));
        }
        assertTrue(seen >= 10, "only " + seen + " public types");
        assertEquals(List.of(), leaks);
    }

    private static List<String> foreign(String signature) {
        return signature.contains("org.bouncycastle") ? List.of(signature) : List.of();
    }
}
