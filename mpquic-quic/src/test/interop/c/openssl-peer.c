/* openssl-peer is a QUIC endpoint of another make, for the interoperability tests
 * of mpquic: OpenSSL's own. It has streams, and no datagrams. A server has one
 * client at a time. */
#include "peer.h"

#include <openssl/err.h>
#include <openssl/quic.h>
#include <openssl/ssl.h>

struct stream {
    SSL *ssl;
    uint8_t *in, *out;
    size_t received, sent, length;
    bool in_ended, out_ended, out_done;
};

static SSL_SESSION *ticket;

static void fail_ssl(const char *what) {
    unsigned long error = ERR_get_error();
    fail(what, error ? ERR_error_string(error, NULL) : NULL);
}

static int on_ticket(SSL *ssl, SSL_SESSION *session) {
    (void)ssl;
    SSL_SESSION_free(ticket);
    ticket = session;
    return 1; /* which keeps it */
}

static int choose_alpn(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                       unsigned offered_length, void *unused) {
    static const unsigned char own[] = "\x09" ALPN;
    (void)ssl, (void)unused;
    return SSL_select_next_proto((unsigned char **)chosen, length, own, sizeof own - 1, offered, offered_length) ==
                   OPENSSL_NPN_NEGOTIATED
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* Waits until the socket has something, or OpenSSL has something to do; then does it. */
static void turn(SSL *ssl) {
    struct timeval left;
    int never;
    if (!SSL_get_event_timeout(ssl, &left, &never)) fail_ssl("timeout");
    int wait_ms = never ? 200 : (int)(left.tv_sec * 1000 + left.tv_usec / 1000 + (left.tv_usec % 1000 != 0));
    struct pollfd socket = {.fd = SSL_get_fd(ssl), .events = POLLIN};
    poll(&socket, 1, wait_ms < 200 ? wait_ms : 200);
    SSL_handle_events(ssl);
}

static void say_handshake(SSL *ssl) {
    const unsigned char *alpn;
    unsigned length;
    SSL_get0_alpn_selected(ssl, &alpn, &length);
    say("HANDSHAKE ok alpn=%.*s cipher=%s resumed=%s", (int)length, alpn, SSL_get_cipher_name(ssl),
        SSL_session_reused(ssl) ? "true" : "false");
}

static void say_end(SSL *ssl) {
    SSL_CONN_CLOSE_INFO info;
    if (!SSL_get_conn_close_info(ssl, &info, sizeof info)) fail_ssl("close");
    bool local = info.flags & SSL_CONN_CLOSE_FLAG_LOCAL;
    say("DATAGRAM received=0 corrupt=0");
    say("CLOSED by=%s code=%llu application=%s reason=\"%.*s\"",
        info.error_code == OSSL_QUIC_LOCAL_ERR_IDLE_TIMEOUT ? "timeout" : local ? "local" : "peer",
        (unsigned long long)info.error_code, info.flags & SSL_CONN_CLOSE_FLAG_TRANSPORT ? "false" : "true",
        (int)info.reason_len, info.reason ? info.reason : "");
}

static bool is_over(SSL *ssl) {
    SSL_CONN_CLOSE_INFO info;
    return SSL_get_conn_close_info(ssl, &info, sizeof info);
}

/* ---- Streams ------------------------------------------------------------------ */

static void take(struct stream *s) {
    size_t n;
    uint8_t digest[32];
    while (!s->in_ended && SSL_read_ex(s->ssl, s->in + s->received, STREAM_CAPACITY - s->received, &n)) s->received += n;
    if (s->in_ended || SSL_get_error(s->ssl, 0) != SSL_ERROR_ZERO_RETURN) return;
    s->in_ended = true;
    EVP_Q_digest(NULL, "SHA256", NULL, s->in, s->received, digest, NULL);
    say_stream(s->received, digest);
}

static void give(struct stream *s) {
    size_t n;
    while (s->sent < s->length && SSL_write_ex(s->ssl, s->out + s->sent, s->length - s->sent, &n)) s->sent += n;
    if (s->sent == s->length && s->out_ended && !s->out_done) s->out_done = SSL_stream_conclude(s->ssl, 0);
    ERR_clear_error();
}

static struct stream *made(SSL *ssl) {
    struct stream *s = calloc(1, sizeof *s);
    /* What is to be written grows while a write is incomplete. */
    SSL_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (!s || !(s->in = malloc(STREAM_CAPACITY))) fail("memory", "none");
    s->ssl = ssl;
    return s;
}

static void forget(struct stream *s) {
    if (!s) return;
    if (s->out != s->in) free(s->out);
    free(s->in);
    SSL_free(s->ssl);
    free(s);
}

/* ---- The client ----------------------------------------------------------------- */

static SSL *open_connection(SSL_CTX *context, const struct options *o) {
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = bind_socket(&local);
    BIO_ADDR *server = BIO_ADDR_new();
    SSL *ssl = SSL_new(context);
    BIO_ADDR_rawmake(server, AF_INET, &o->connect.sin_addr, sizeof o->connect.sin_addr, o->connect.sin_port);
    if (!ssl || !SSL_set_fd(ssl, fd) || !SSL_set1_initial_peer_addr(ssl, server) || !SSL_set_blocking_mode(ssl, 0) ||
        SSL_set_alpn_protos(ssl, (const unsigned char *)"\x09" ALPN, sizeof "\x09" ALPN - 1) ||
        !SSL_set_tlsext_host_name(ssl, o->server_name) || !SSL_set1_host(ssl, o->server_name) ||
        !SSL_set_default_stream_mode(ssl, SSL_DEFAULT_STREAM_MODE_NONE) || (ticket && !SSL_set_session(ssl, ticket)))
        fail_ssl("connection");
    BIO_ADDR_free(server);
    for (int result; (result = SSL_connect(ssl)) != 1;) {
        int error = SSL_get_error(ssl, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) fail_ssl("handshake");
        turn(ssl);
    }
    say_handshake(ssl);
    return ssl;
}

static void exchange(SSL *ssl, const struct options *o) {
    if (!o->stream) return;
    SSL *opened = SSL_new_stream(ssl, 0);
    if (!opened) fail_ssl("stream");
    struct stream *s = made(opened);
    s->out = malloc(s->length = (size_t)o->stream);
    if (!s->out) fail("memory", "none");
    fill(s->out, s->length);
    s->out_ended = true;
    while (!s->in_ended) {
        if (is_over(ssl)) fail("stream", "the connection is over");
        give(s);
        take(s);
        if (!s->in_ended) turn(ssl);
    }
    if (s->received != s->length || memcmp(s->in, s->out, s->length)) fail("stream", "the echo is not what was sent");
    forget(s);
}

static void leave(SSL *ssl) {
    const SSL_SHUTDOWN_EX_ARGS why = {.quic_error_code = 0, .quic_reason = "done"};
    while (!SSL_shutdown_ex(ssl, SSL_SHUTDOWN_FLAG_RAPID, &why, sizeof why) && !is_over(ssl)) turn(ssl);
    say_end(ssl);
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
}

static void client(const struct options *o) {
    SSL_CTX *context = SSL_CTX_new(OSSL_QUIC_client_method());
    if (!context || !SSL_CTX_load_verify_file(context, o->ca)) fail_ssl("trust");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, on_ticket);
    if (o->send) fail("datagrams", "OpenSSL has none");
    SSL *ssl = open_connection(context, o);
    exchange(ssl, o);
    if (o->resume) {
        leave(ssl);
        if (!ticket) fail("resumption", "no session ticket came");
        ssl = open_connection(context, o);
        exchange(ssl, o);
    }
    if (o->update_keys) {
        if (!SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)) fail_ssl("key update");
        exchange(ssl, o);
        say("KEYS updated");
    }
    if (o->move_to) fail("migration", "OpenSSL has none");
    leave(ssl);
}

/* ---- The server ----------------------------------------------------------------- */

/* Echoes the streams of one client, one after the other, until it goes. */
static void serve(SSL *listener, SSL *ssl) {
    struct stream *s = NULL;
    bool established = false;
    SSL_set_blocking_mode(ssl, 0);
    SSL_set_default_stream_mode(ssl, SSL_DEFAULT_STREAM_MODE_NONE);
    SSL_set_incoming_stream_policy(ssl, SSL_INCOMING_STREAM_POLICY_ACCEPT, 0);
    while (!is_over(ssl)) {
        if (at_end()) exit(0);
        if (!established && SSL_is_init_finished(ssl)) {
            established = true;
            say_handshake(ssl);
        }
        if (s && s->out_done) {
            forget(s);
            s = NULL;
        }
        if (!s) {
            SSL *accepted = SSL_accept_stream(ssl, SSL_ACCEPT_STREAM_NO_BLOCK);
            if (accepted) s = made(accepted);
        }
        if (s) {
            take(s);
            s->out = s->in, s->length = s->received, s->out_ended = s->in_ended;
            give(s);
        }
        if (!s || !s->out_done) turn(listener);
    }
    say_end(ssl);
    forget(s);
    SSL_free(ssl);
}

static void server(struct options *o) {
    SSL_CTX *context = SSL_CTX_new(OSSL_QUIC_server_method());
    if (!context || SSL_CTX_use_certificate_chain_file(context, o->cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, o->key, SSL_FILETYPE_PEM) != 1)
        fail_ssl("certificate");
    SSL_CTX_set_alpn_select_cb(context, choose_alpn, NULL);
    SSL *listener = SSL_new_listener(context, o->retry ? 0 : SSL_LISTENER_FLAG_NO_VALIDATE);
    if (!listener || !SSL_set_fd(listener, bind_socket(&o->listen)) || !SSL_listen(listener)) fail_ssl("listener");
    SSL_set_blocking_mode(listener, 0);
    say("READY port=%d", ntohs(o->listen.sin_port));
    while (!at_end()) {
        turn(listener);
        SSL *ssl = SSL_accept_connection(listener, SSL_ACCEPT_CONNECTION_NO_BLOCK);
        if (ssl) serve(listener, ssl);
        ERR_clear_error();
    }
}

int main(int count, char **words) {
    struct options o = parse(count, words);
    if (o.server) {
        server(&o);
    } else {
        client(&o);
    }
    say("RESULT pass");
    return 0;
}
