package io.mpquic.quic.interop;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;

/**
 * mpquic with each other make, in each scenario and both roles. Writes what came of it to target/interop.md, and keeps
 * what our side saw in a cell that failed in target/interop.
 */
class InteropMatrixIT {
    /** Cells wait more than they work: more of them at a time than there are cores. */
    private static final int AT_A_TIME = 4;

    private static final Path DOCUMENT = projectFolder().resolve("target/interop.md");
    private static final Path FOLDER = projectFolder().resolve("target/interop");

    private static final Map<Cell, InteropTable.Result> RESULTS = new TreeMap<>(
            Comparator.comparing(Cell::make).thenComparing(Cell::role).thenComparing(Cell::scenario));

    private static Path projectFolder() {
        Path here = Path.of("").toAbsolutePath();
        return Files.isDirectory(here.resolve("mpquic-quic")) ? here : here.getParent();
    }

    @TestFactory
    Stream<DynamicNode> eachPairManagesEachScenario() throws IOException {
        delete(FOLDER);
        Files.deleteIfExists(DOCUMENT);
        ExecutorService workers = Executors.newFixedThreadPool(
                AT_A_TIME, Thread.ofPlatform().daemon().factory());
        return Stream.of(Make.values())
                .map(make -> dynamicContainer(
                        make.title,
                        Stream.of(Cell.Role.values())
                                .map(role -> dynamicContainer(
                                        role.title,
                                        Stream.of(Scenario.values())
                                                .filter(scenario -> isWanted(new Cell(make, role, scenario)))
                                                .map(scenario -> begin(workers, new Cell(make, role, scenario)))
                                                .toList()))
                                .toList()));
    }

    private static boolean isWanted(Cell cell) {
        Inability inability = Inability.of(cell.make(), cell.role(), cell.scenario());
        if (inability != null) {
            RESULTS.put(cell, new InteropTable.Result.Cannot(inability));
        }
        String only = System.getProperty("interop.only", "");
        return inability == null && cell.toString().matches(".*" + only + ".*");
    }

    /** Starts a cell at once; its test waits for what comes of it. */
    private static DynamicNode begin(ExecutorService workers, Cell cell) {
        Future<?> running = workers.submit(() -> {
            run(cell);
            return null;
        });
        return dynamicTest(cell.scenario().title, () -> {
            try {
                running.get();
                RESULTS.put(cell, new InteropTable.Result.Pass());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TestAbortedException)) {
                    RESULTS.put(
                            cell,
                            new InteropTable.Result.Fail(
                                    String.valueOf(e.getCause().getMessage())));
                }
                throw e.getCause();
            }
        });
    }

    private static void run(Cell cell) throws Exception {
        Path folder = cell.folder(FOLDER);
        CellLog log = new CellLog();
        ExecutorService alone =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        Future<?> result = alone.submit(() -> {
            cell.run(log);
            return null;
        });
        try {
            result.get(Cell.LIMIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            log.keep(folder, e.getCause());
            switch (e.getCause()) {
                case Exception cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw e;
            }
        } catch (TimeoutException e) {
            log.keep(folder, e);
            throw new IOException("not done within " + Cell.LIMIT_S + " s", e);
        } finally {
            alone.shutdownNow(); // one that is late is interrupted, and takes its endpoints down
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                List<Path> deepestFirst =
                        files.sorted(Comparator.reverseOrder()).toList();
                for (Path file : deepestFirst) {
                    Files.delete(file);
                }
            }
        }
    }

    @AfterAll
    static void writeTable() throws IOException {
        Files.createDirectories(DOCUMENT.getParent());
        Files.writeString(DOCUMENT, InteropTable.of(RESULTS));
    }
}
