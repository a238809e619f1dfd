/**
 * TLS 1.3 as QUIC uses it (RFC 9001): handshake messages in and out, traffic secrets out, no record layer.
 *
 * <p>Everything public here is free of the TLS provider's types. BouncyCastle runs the state machine behind {@link
 * io.mpquic.quic.tls.TlsEngine}; certificates are parsed and checked by the JDK.
 *
 * <pre>
 *   CRYPTO data ──▶ BouncyEngine ──▶ HandshakeMessages ──▶ ClientProtocol / ServerProtocol ──▶ PeerVerifier
 *                        ▲                                  (BouncyCastle's state machine)
 *   TlsEvent   ◀─────────┴──────── messages, secrets, peer's transport parameters ◀──┘
 * </pre>
 */
package io.mpquic.quic.tls;
