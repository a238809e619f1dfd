package io.mpquic.quic.interop;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of a peer's program, whose lines a thread of its own collects. Its end ends the program too. */
final class ProgramRun implements AutoCloseable {
    private static final Pattern WORD = Pattern.compile("(\\w+)=(\"[^\"]*\"|\\S*)");

    private final String name;
    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private final Map<String, Integer> taken = new HashMap<>();
    private boolean ended;

    ProgramRun(String name, Path program, List<String> options) throws IOException {
        this.name = name;
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(options);
        process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                add(line, false);
            }
        } catch (IOException e) {
            add(e.toString(), false);
        } finally {
            add("", true);
        }
    }

    private synchronized void add(String line, boolean last) {
        if (last) {
            ended = true;
        } else {
            lines.add(line);
        }
        notifyAll();
    }

    /**
     * The words of the next line that tells of this event. Other events keep their place: a connection may begin before
     * the one before it is told to have ended.
     */
    synchronized Map<String, String> next(String event) throws IOException {
        long deadlineNs = System.nanoTime() + Peer.PATIENCE.toNanos();
        while (true) {
            for (int at = taken.getOrDefault(event, 0); at < lines.size(); at++) {
                if (lines.get(at).startsWith(event)) {
                    taken.put(event, at + 1);
                    return words(lines.get(at));
                }
            }
            long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
            if (ended || leftMs <= 0) {
                throw new IOException("no line " + event + " of " + name + ": " + lines);
            }
            await(leftMs);
        }
    }

    private synchronized void await(long timeoutMs) {
        try {
            wait(timeoutMs);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> words(String line) {
        Matcher word = WORD.matcher(line);
        Map<String, String> words = new HashMap<>();
        while (word.find()) {
            words.put(word.group(1), word.group(2));
        }
        return words;
    }

    /** What it says of its next connection, once that has ended. */
    Peer.Report report() throws IOException {
        Map<String, String> handshake = next("HANDSHAKE ok");
        Map<String, String> datagrams = next("DATAGRAM");
        Map<String, String> closed = next("CLOSED");
        return new Peer.Report(
                handshake.get("alpn"),
                Boolean.parseBoolean(handshake.get("resumed")),
                Integer.parseInt(datagrams.get("received")),
                Integer.parseInt(datagrams.get("corrupt")),
                new Peer.Close(
                        closed.get("by").equals("peer"),
                        Boolean.parseBoolean(closed.get("application")),
                        Long.parseLong(closed.get("code"))));
    }

    /** Waits until the program of a client has ended, and fails when it has failed. */
    void awaitPass() throws IOException {
        try {
            if (!process.waitFor(Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(name + " has not ended: " + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(name + " failed: " + log());
        }
    }

    private synchronized List<String> log() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        process.toHandle().destroy(); // Process.destroy would close its output under the reader
    }
}
