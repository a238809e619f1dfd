package io.mpquic.quic.interop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the cells came to, as a document. */
final class InteropTable {
    /** What became of a cell. */
    sealed interface Result {
        record Pass() implements Result {}

        record Fail(String reason) implements Result {}

        record Cannot(Inability inability) implements Result {}
    }

    private final List<Inability> footnotes = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();

    private InteropTable() {}

    /** The whole document; a cell without a result is shown as missing. */
    static String of(Map<Cell, Result> results) {
        InteropTable table = new InteropTable();
        table.head();
        table.rows(results);
        table.failures(results);
        table.footnotes();
        table.makes();
        return table.text.toString();
    }

    private void head() {
        text.append("# Interoperability\n\n");
        text.append(
                "Written by `scripts/interop.sh`: what mpquic and each other make manage together, each as client and\n");
        text.append(
                "as server, on loopback. A cell is **pass**, **FAIL**, or **peer cannot**, with the reason below.\n\n");
        text.append("|");
        text.append(" peer | role |");
        for (Scenario scenario : Scenario.values()) {
            text.append(' ').append(scenario.title).append(" |");
        }
        text.append("\n|---|---|")
                .append("---|".repeat(Scenario.values().length))
                .append('\n');
    }

    private void rows(Map<Cell, Result> results) {
        for (Make make : Make.values()) {
            for (Cell.Role role : Cell.Role.values()) {
                text.append("| ")
                        .append(make.title)
                        .append(" | ")
                        .append(role.title)
                        .append(" |");
                for (Scenario scenario : Scenario.values()) {
                    text.append(' ')
                            .append(show(results.get(new Cell(make, role, scenario))))
                            .append(" |");
                }
                text.append('\n');
            }
        }
    }

    private String show(@org.jspecify.annotations.Nullable Result result) {
        return switch (result) {
            case null -> "MISSING";
            case Result.Pass() -> "pass";
            case Result.Fail(String reason) -> "FAIL";
            case Result.Cannot(Inability inability) -> "peer cannot [" + numberOf(inability) + "]";
        };
    }

    private int numberOf(Inability inability) {
        if (!footnotes.contains(inability)) {
            footnotes.add(inability);
        }
        return footnotes.indexOf(inability) + 1;
    }

    private void failures(Map<Cell, Result> results) {
        results.forEach((cell, result) -> {
            if (result instanceof Result.Fail(String reason)) {
                text.append("\n- FAIL ")
                        .append(cell)
                        .append(": ")
                        .append(reason)
                        .append('\n');
            }
        });
    }

    private void footnotes() {
        text.append("\n## What a peer cannot\n\n");
        for (Inability inability : footnotes) {
            text.append(numberOf(inability)).append(". ").append(inability.what());
            text.append(" Source: ").append(inability.source()).append(".\n");
        }
    }

    private void makes() {
        text.append("\n## Remarks\n\n");
        text.append(
                "- Datagrams go with every scenario but *streams*; OpenSSL, which has none, has streams in all of them.\n");
        text.append(
                "- *loss* loses one datagram in ten, and *corruption* turns a bit over in one of ten, both ways.\n");
        text.append(
                "- *version negotiation*: the first datagram of the client says a version that nobody speaks; the\n");
        text.append("  server must name version 1, and the client must not be turned away from it by that.\n");
        text.append(
                "- *resumption*: the client leaves, and comes back with a ticket of its first connection; in the second,\n");
        text.append("  no certificate is shown.\n");
        text.append(
                "- Kwik forgets now and then to send the rest of a stream, whoever the other end is, and the tests remind it:\n");
        text.append(
                "  `scheduleSendStreamFrameRequest` in its `StreamOutputStreamImpl` counts a request after it may be served.\n");
        text.append("\n## The peers\n\n| peer | version | language |\n|---|---|---|\n");
        for (Make make : Make.values()) {
            text.append("| ").append(make.title).append(" | ").append(make.version());
            text.append(" | ").append(make.madeIn).append(" |\n");
        }
    }
}
