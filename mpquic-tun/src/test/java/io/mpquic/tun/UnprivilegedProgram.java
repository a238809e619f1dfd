package io.mpquic.tun;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A program of its own for tests that need another process, or one with fewer rights. It prints one line. */
final class UnprivilegedProgram {
    private UnprivilegedProgram() {}

    /** How the program is started with {@code arguments}, all capabilities taken away. */
    static String[] withoutCapabilities(String... arguments) {
        return command(List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all"), arguments);
    }

    /** How the program is started with {@code arguments} behind the command {@code prefix}. */
    static String[] command(List<String> prefix, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of("-cp", location(LinuxTun.class) + ":" + location(UnprivilegedProgram.class)));
        command.add(UnprivilegedProgram.class.getName());
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    /** Does what the first argument says, to the device that the second one names. */
    public static void main(String[] arguments) throws IOException {
        String device = arguments[1];
        try {
            System.out.println(
                    switch (arguments[0]) {
                        case "attach" -> open(device, OpenOptions.attachOnly());
                        case "create" -> open(device, OpenOptions.createWhenAbsent());
                        case "bind-twice" -> bindTwice(device);
                        case "buffers" -> buffers();
                        default -> throw new IllegalArgumentException(arguments[0]);
                    });
        } catch (ErrnoException e) {
            System.out.println(e.getMessage());
        }
    }

    private static String open(String device, OpenOptions options) throws IOException {
        try (LinuxTun tun = LinuxTun.open(device, options)) {
            return "opened " + tun.name();
        }
    }

    private static String bindTwice(String device) throws IOException {
        try (DatagramChannel channel = bound()) {
            SocketOptions.bindToDevice(channel, device);
            System.out.println("bound once");
            SocketOptions.bindToDevice(channel, device);
            return "bound twice";
        }
    }

    private static String buffers() throws IOException {
        try (DatagramChannel channel = bound()) {
            return SocketOptions.bufferSizes(channel, 1 << 30, 1 << 30).toString();
        }
    }

    private static DatagramChannel bound() throws IOException {
        return DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static String location(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath())
                .toString();
    }
}
