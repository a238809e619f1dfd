package io.mpquic.quic.tls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Takes handshake messages apart and puts them together again. */
final class Messages {
    static final int CLIENT_HELLO = 1;
    static final int ENCRYPTED_EXTENSIONS = 8;
    static final int ALPN = 16;
    static final int TRANSPORT_PARAMETERS = 0x39;

    private Messages() {}

    /** Changes the extensions of a message: gets and returns lists of {type, content}. */
    interface ExtensionEdit {
        void edit(List<Extension> extensions);
    }

    record Extension(int type, byte[] content) {}

    static byte[] message(int type, byte... body) {
        return concat(
                new byte[] {(byte) type, (byte) (body.length >> 16), (byte) (body.length >> 8), (byte) body.length},
                body);
    }

    static List<byte[]> split(byte[] flight) {
        List<byte[]> messages = new ArrayList<>();
        for (int at = 0; at < flight.length; ) {
            int length = (flight[at + 1] & 0xff) << 16 | (flight[at + 2] & 0xff) << 8 | (flight[at + 3] & 0xff);
            messages.add(Arrays.copyOfRange(flight, at, at + 4 + length));
            at += 4 + length;
        }
        return messages;
    }

    static List<Integer> types(byte[] flight) {
        return split(flight).stream().map(message -> (int) message[0]).toList();
    }

    static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Edits the extensions of every message of a type within a flight. */
    static byte[] edit(byte[] flight, int type, ExtensionEdit edit) {
        List<byte[]> messages = new ArrayList<>();
        for (byte[] message : split(flight)) {
            messages.add(message[0] == type ? editOne(message, edit) : message);
        }
        return concat(messages.toArray(byte[][]::new));
    }

    private static byte[] editOne(byte[] message, ExtensionEdit edit) {
        ByteBuffer body = ByteBuffer.wrap(message).position(4);
        if (message[0] == CLIENT_HELLO) {
            body.position(body.position() + 34);
            skip(body, body.get());
            skip(body, body.getShort());
            skip(body, body.get());
        }
        int extensionsAt = body.position();
        body.getShort();
        List<Extension> extensions = new ArrayList<>();
        while (body.hasRemaining()) {
            int type = body.getShort() & 0xffff;
            byte[] content = new byte[body.getShort() & 0xffff];
            body.get(content);
            extensions.add(new Extension(type, content));
        }
        edit.edit(extensions);
        ByteArrayOutputStream rebuilt = new ByteArrayOutputStream();
        for (Extension extension : extensions) {
            rebuilt.writeBytes(shorts(extension.type(), extension.content().length));
            rebuilt.writeBytes(extension.content());
        }
        return message(
                message[0],
                concat(Arrays.copyOfRange(message, 4, extensionsAt), shorts(rebuilt.size()), rebuilt.toByteArray()));
    }

    private static void skip(ByteBuffer body, int bytes) {
        body.position(body.position() + bytes);
    }

    private static byte[] shorts(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * values.length);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }
}
