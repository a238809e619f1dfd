package io.mpquic.cli.config;

import java.nio.file.Path;

/**
 * Where an end's own certificate is. The files are read when the instance starts.
 *
 * @param certificate PEM file: the certificate, then those that lead to its issuer
 * @param key PEM file: the private key
 */
public record CertificateFiles(Path certificate, Path key) {}
