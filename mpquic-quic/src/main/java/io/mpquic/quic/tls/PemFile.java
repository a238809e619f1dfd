package io.mpquic.quic.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of PEM blocks (RFC 7468). Text between the blocks is skipped.
 *
 * @param what what the file is to its user, for messages: "certificate file"
 * @param path the file
 * @param blocks what it holds; at least one
 */
record PemFile(String what, Path path, List<PemFile.Block> blocks) {
    /** More than any collection of certificates has; keeps a mistaken name of a huge file from filling the memory. */
    private static final long MAX_BYTES = 16L * 1024 * 1024;

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----[ \\t]*\\R(.*?)-----END ([A-Z0-9 ]+)-----", Pattern.DOTALL);
    private static final Pattern BEGIN = Pattern.compile("-----BEGIN [A-Z0-9 ]+-----");

    /**
     * One block.
     *
     * @param label what stands after BEGIN
     * @param encrypted whether its header lines say that it is encrypted, as old versions of openssl do
     * @param der its content; empty when encrypted
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Block(String label, boolean encrypted, byte[] der) {}

    /** Reads a file. */
    static PemFile read(String what, Path path) throws CredentialException {
        String text = readText(what, path);
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            if (!matcher.group(1).equals(matcher.group(3))) {
                throw fault(what, path, "BEGIN " + matcher.group(1) + " is closed by END " + matcher.group(3));
            }
            blocks.add(parse(what, path, matcher.group(1), matcher.group(2)));
        }
        int end = blocks.isEmpty() ? 0 : text.lastIndexOf("-----END ");
        if (BEGIN.matcher(text).find(end)) {
            throw fault(what, path, "a block has no END line: the file is cut short");
        }
        if (blocks.isEmpty()) {
            throw fault(
                    what,
                    path,
                    text.isBlank()
                            ? "the file is empty"
                            : "not a PEM file, there is no -----BEGIN line; openssl can convert DER and PKCS#12 to PEM");
        }
        return new PemFile(what, path, List.copyOf(blocks));
    }

    private static String readText(String what, Path path) throws CredentialException {
        try {
            if (Files.isDirectory(path)) {
                throw fault(what, path, "is a directory, not a file");
            }
            if (Files.size(path) > MAX_BYTES) {
                throw fault(what, path, "has more than " + MAX_BYTES + " bytes; that is no PEM file");
            }
            return new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
        } catch (CredentialException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw fault(what, path, "no such file");
        } catch (AccessDeniedException e) {
            throw fault(what, path, "permission denied");
        } catch (IOException e) {
            throw fault(what, path, "cannot be read: " + e.getMessage());
        }
    }

    private static Block parse(String what, Path path, String label, String body) throws CredentialException {
        if (body.contains("Proc-Type:") && body.contains("ENCRYPTED")) {
            return new Block(label, true, new byte[0]);
        }
        try {
            return new Block(label, false, Base64.getDecoder().decode(body.replaceAll("\\s", "")));
        } catch (IllegalArgumentException e) {
            throw fault(what, path, "block " + label + " is damaged, it is not base64");
        }
    }

    /** The certificates of the file, in its order; at least one. */
    List<X509Certificate> certificates() throws CredentialException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (!block.label().equals("CERTIFICATE")) {
                continue;
            }
            try {
                certificates.add((X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(block.der())));
            } catch (CertificateException e) {
                throw fault("certificate " + (certificates.size() + 1) + " is damaged: " + e.getMessage());
            }
        }
        if (certificates.isEmpty()) {
            throw fault("no CERTIFICATE block, only " + labels() + "; name the file with the certificate");
        }
        return certificates;
    }

    /** What the file holds, for messages. */
    String labels() {
        TreeSet<String> labels = new TreeSet<>();
        for (Block block : blocks) {
            labels.add(block.label());
        }
        return String.join(", ", labels);
    }

    /** An exception about this file. */
    CredentialException fault(String problem) {
        return fault(what, path, problem);
    }

    private static CredentialException fault(String what, Path path, String problem) {
        return new CredentialException(what + " " + path + ": " + problem);
    }
}
