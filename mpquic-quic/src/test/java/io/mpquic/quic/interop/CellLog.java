package io.mpquic.quic.interop;

import io.mpquic.quic.connection.ConnectionTrace;
import io.mpquic.quic.qlog.QlogTrace;
import io.mpquic.quic.wire.ConnectionId;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What our side sees in a cell: a qlog of each connection, in memory until it is known whether anybody wants it. */
final class CellLog implements ConnectionTrace.Factory {
    private final List<StringBuffer> traces = new ArrayList<>();

    @Override
    public synchronized ConnectionTrace open(
            boolean client, ConnectionId originalDestination, InetSocketAddress remote, long nowNs) {
        StringBuffer records = new StringBuffer();
        traces.add(records);
        return new QlogTrace(
                records::append, () -> {}, client, originalDestination, remote, System.currentTimeMillis(), nowNs);
    }

    /** Keeps the traces in a folder, and why the cell failed. */
    synchronized void keep(Path folder, Throwable cause) throws IOException {
        Files.createDirectories(folder);
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(folder.resolve("failure.txt")))) {
            cause.printStackTrace(out);
        }
        for (int i = 0; i < traces.size(); i++) {
            Files.writeString(folder.resolve("connection-" + i + ".sqlog"), traces.get(i));
        }
    }
}
