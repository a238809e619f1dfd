/* ngtcp2-peer is a QUIC endpoint of another make, for the interoperability tests
 * of mpquic: ngtcp2 with GnuTLS. A server has one client at a time. */
#include "peer.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

/* The most datagrams that wait for their echo at a time, and when they are repeated. */
enum { WINDOW = 16, QUEUE = 256, STREAMS = 4, MOST = 4096 };
#define REPEAT_AFTER_NS (500 * NGTCP2_MILLISECONDS)

struct datagram {
    size_t length;
    uint8_t bytes[1500];
};

struct stream {
    int64_t id;
    uint8_t *in, *out;
    size_t received, sent, length;
    bool in_ended, out_ended, out_done;
};

struct peer {
    struct options o;
    gnutls_certificate_credentials_t credentials;
    gnutls_datum_t ticket_key, ticket;
    uint8_t secret[32];
    int fds[2];
    struct sockaddr_in local[2];

    /* The connection, if there is one. */
    ngtcp2_conn *conn;
    ngtcp2_crypto_conn_ref ref;
    gnutls_session_t session;
    ngtcp2_cid original;
    bool established, moved, gone;
    struct stream streams[STREAMS];
    struct datagram queue[QUEUE];
    unsigned head, tail, received, corrupt;
    bool seen[MOST];
};

static ngtcp2_conn *conn_of(ngtcp2_crypto_conn_ref *ref) { return ((struct peer *)ref->user_data)->conn; }

/* ---- Datagrams ---------------------------------------------------------------- */

static uint32_t crc(const uint8_t *data, size_t length, uint32_t so_far) {
    so_far = ~so_far;
    while (length--) {
        so_far ^= *data++;
        for (int k = 0; k < 8; k++) so_far = so_far >> 1 ^ (0xedb88320u & -(so_far & 1));
    }
    return ~so_far;
}

static uint32_t checksum(const uint8_t *d, size_t length) { return crc(d + 8, length - 8, crc(d, 4, 0)); }

static uint32_t number_at(const uint8_t *d) {
    return (uint32_t)d[0] << 24 | (uint32_t)d[1] << 16 | (uint32_t)d[2] << 8 | d[3];
}

static void put_number(uint8_t *d, uint32_t n) {
    d[0] = (uint8_t)(n >> 24), d[1] = (uint8_t)(n >> 16), d[2] = (uint8_t)(n >> 8), d[3] = (uint8_t)n;
}

/* A queue that is full loses the datagram, as QUIC may. */
static struct datagram *next_free(struct peer *p) {
    return p->tail - p->head < QUEUE ? &p->queue[p->tail++ % QUEUE] : &p->queue[(p->tail - 1) % QUEUE];
}

static void send_datagram(struct peer *p, uint32_t sequence) {
    struct datagram *d = next_free(p);
    d->length = (size_t)(p->o.largest - (int)(sequence * 97 % (uint32_t)(p->o.largest - 7)));
    put_number(d->bytes, sequence);
    for (size_t i = 8; i < d->length; i++) d->bytes[i] = (uint8_t)(i * (sequence + 1));
    put_number(d->bytes + 4, checksum(d->bytes, d->length));
}

static int on_datagram(ngtcp2_conn *conn, uint32_t flags, const uint8_t *data, size_t length, void *user) {
    struct peer *p = user;
    (void)conn, (void)flags;
    if (length < 8 || length > sizeof p->queue[0].bytes || number_at(data + 4) != checksum(data, length)) {
        p->corrupt++;
    } else if (number_at(data) < MOST && !p->seen[number_at(data)]) {
        p->seen[number_at(data)] = true;
        p->received++;
    }
    if (p->o.server && length <= sizeof p->queue[0].bytes) {
        struct datagram *d = next_free(p);
        memcpy(d->bytes, data, d->length = length);
    }
    return 0;
}

/* ---- Streams ------------------------------------------------------------------ */

static struct stream *stream_of(struct peer *p, int64_t id) {
    for (struct stream *s = p->streams; s < p->streams + STREAMS; s++) {
        if (s->in && s->id == id) return s;
        if (!s->in) {
            *s = (struct stream){.id = id, .in = malloc(STREAM_CAPACITY)};
            if (!s->in) fail("memory", "none");
            return s;
        }
    }
    fail("streams", "too many");
}

static int on_stream(ngtcp2_conn *conn, uint32_t flags, int64_t id, uint64_t offset, const uint8_t *data,
                     size_t length, void *user, void *stream_user) {
    struct peer *p = user;
    struct stream *s = stream_of(p, id);
    (void)stream_user;
    if (offset != s->received || offset + length > STREAM_CAPACITY) return NGTCP2_ERR_CALLBACK_FAILURE;
    memcpy(s->in + s->received, data, length);
    s->received += length;
    ngtcp2_conn_extend_max_stream_offset(conn, id, length);
    ngtcp2_conn_extend_max_offset(conn, length);
    if (flags & NGTCP2_STREAM_DATA_FLAG_FIN) {
        uint8_t digest[32];
        s->in_ended = true;
        gnutls_hash_fast(GNUTLS_DIG_SHA256, s->in, s->received, digest);
        say_stream(s->received, digest);
    }
    if (p->o.server) s->out = s->in, s->length = s->received, s->out_ended = s->in_ended;
    return 0;
}

static struct stream *sendable(struct peer *p) {
    for (struct stream *s = p->streams; s < p->streams + STREAMS; s++)
        if (s->out && !s->out_done && (s->sent < s->length || s->out_ended)) return s;
    return NULL;
}

/* ---- Connections -------------------------------------------------------------- */

static void randomize(uint8_t *into, size_t length, const ngtcp2_rand_ctx *context) {
    (void)context;
    if (getrandom(into, length, 0) != (ssize_t)length) abort();
}

static int new_id(ngtcp2_conn *conn, ngtcp2_cid *id, uint8_t *token, size_t length, void *user) {
    struct peer *p = user;
    (void)conn;
    randomize(id->data, id->datalen = length, NULL);
    return ngtcp2_crypto_generate_stateless_reset_token(token, p->secret, sizeof p->secret, id)
               ? NGTCP2_ERR_CALLBACK_FAILURE
               : 0;
}

static int on_handshake(ngtcp2_conn *conn, void *user) {
    struct peer *p = user;
    gnutls_datum_t alpn = {0};
    (void)conn;
    gnutls_alpn_get_selected_protocol(p->session, &alpn);
    p->established = true;
    say("HANDSHAKE ok alpn=%.*s cipher=%s resumed=%s", (int)alpn.size, alpn.data,
        gnutls_cipher_get_name(gnutls_cipher_get(p->session)), gnutls_session_is_resumed(p->session) ? "true" : "false");
    return 0;
}

static int on_path(ngtcp2_conn *conn, uint32_t flags, const ngtcp2_path *path, const ngtcp2_path *old,
                   ngtcp2_path_validation_result result, void *user) {
    struct peer *p = user;
    (void)conn, (void)flags, (void)path, (void)old;
    if (result == NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) p->moved = true;
    return 0;
}

static int on_ticket(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                     const gnutls_datum_t *message) {
    ngtcp2_crypto_conn_ref *ref = gnutls_session_get_ptr(session);
    struct peer *p = ref->user_data;
    (void)type, (void)when, (void)message;
    if (incoming) gnutls_session_get_data2(session, &p->ticket);
    return 0;
}

static const ngtcp2_callbacks CALLBACKS = {
    .client_initial = ngtcp2_crypto_client_initial_cb,
    .recv_client_initial = ngtcp2_crypto_recv_client_initial_cb,
    .recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb,
    .handshake_completed = on_handshake,
    .encrypt = ngtcp2_crypto_encrypt_cb,
    .decrypt = ngtcp2_crypto_decrypt_cb,
    .hp_mask = ngtcp2_crypto_hp_mask_cb,
    .recv_stream_data = on_stream,
    .recv_retry = ngtcp2_crypto_recv_retry_cb,
    .rand = randomize,
    .get_new_connection_id = new_id,
    .update_key = ngtcp2_crypto_update_key_cb,
    .path_validation = on_path,
    .delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb,
    .delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb,
    .recv_datagram = on_datagram,
    .get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb,
    .version_negotiation = ngtcp2_crypto_version_negotiation_cb,
};

static void make_session(struct peer *p) {
    static const gnutls_datum_t alpn = {(unsigned char *)ALPN, sizeof ALPN - 1};
    gnutls_init(&p->session, (p->o.server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NO_END_OF_EARLY_DATA);
    if (gnutls_priority_set_direct(p->session,
                                   "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM"
                                   ":+CHACHA20-POLY1305:%DISABLE_TLS13_COMPAT_MODE",
                                   NULL))
        fail("gnutls", "priorities");
    if (p->o.server) {
        ngtcp2_crypto_gnutls_configure_server_session(p->session);
        gnutls_session_ticket_enable_server(p->session, &p->ticket_key);
    } else {
        ngtcp2_crypto_gnutls_configure_client_session(p->session);
        gnutls_handshake_set_hook_function(p->session, GNUTLS_HANDSHAKE_NEW_SESSION_TICKET, GNUTLS_HOOK_POST, on_ticket);
        gnutls_server_name_set(p->session, GNUTLS_NAME_DNS, p->o.server_name, strlen(p->o.server_name));
        gnutls_session_set_verify_cert(p->session, p->o.server_name, 0);
        if (p->ticket.size) gnutls_session_set_data(p->session, p->ticket.data, p->ticket.size);
    }
    p->ref = (ngtcp2_crypto_conn_ref){.get_conn = conn_of, .user_data = p};
    gnutls_session_set_ptr(p->session, &p->ref);
    gnutls_alpn_set_protocols(p->session, &alpn, 1, GNUTLS_ALPN_MANDATORY);
    gnutls_credentials_set(p->session, GNUTLS_CRD_CERTIFICATE, p->credentials);
}

static ngtcp2_path path_between(struct sockaddr_in *local, struct sockaddr_in *remote) {
    return (ngtcp2_path){.local = {(ngtcp2_sockaddr *)local, sizeof *local},
                         .remote = {(ngtcp2_sockaddr *)remote, sizeof *remote}};
}

static void forget(struct peer *p) {
    if (!p->conn) return;
    ngtcp2_conn_del(p->conn);
    gnutls_deinit(p->session);
    for (struct stream *s = p->streams; s < p->streams + STREAMS; s++) {
        free(s->in);
        if (!p->o.server) free(s->out);
    }
    p->conn = NULL;
}

/* Makes the state of a new connection; header is that of a client's first packet, or null. */
static void make_connection(struct peer *p, struct sockaddr_in *remote, const ngtcp2_pkt_hd *header,
                            const ngtcp2_cid *original) {
    forget(p);
    p->established = p->moved = p->gone = false;
    p->head = p->tail = p->received = p->corrupt = 0;
    memset(p->streams, 0, sizeof p->streams);
    memset(p->seen, 0, sizeof p->seen);
    make_session(p);

    ngtcp2_settings settings;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = now_ns();
    ngtcp2_transport_params parameters;
    ngtcp2_transport_params_default(&parameters);
    parameters.initial_max_streams_bidi = 16;
    parameters.initial_max_stream_data_bidi_local = parameters.initial_max_stream_data_bidi_remote = 256 << 10;
    parameters.initial_max_data = 1 << 20;
    parameters.max_datagram_frame_size = 65535;
    parameters.max_idle_timeout = 60 * NGTCP2_SECONDS;
    parameters.active_connection_id_limit = 7;

    ngtcp2_path path = path_between(&p->local[0], remote);
    ngtcp2_cid own = {.datalen = 10};
    int error;
    randomize(own.data, own.datalen, NULL);
    if (header) {
        parameters.original_dcid = original ? *original : header->dcid;
        parameters.original_dcid_present = 1;
        if (original) {
            parameters.retry_scid = header->dcid;
            parameters.retry_scid_present = 1;
            settings.token = header->token;
            settings.tokenlen = header->tokenlen;
            settings.token_type = NGTCP2_TOKEN_TYPE_RETRY;
        }
        p->original = header->dcid;
        error = ngtcp2_conn_server_new(&p->conn, &header->scid, &own, &path, header->version, &CALLBACKS, &settings,
                                       &parameters, NULL, p);
    } else {
        ngtcp2_cid first = {.datalen = 18};
        randomize(first.data, first.datalen, NULL);
        error = ngtcp2_conn_client_new(&p->conn, &first, &own, &path, NGTCP2_PROTO_VER_V1, &CALLBACKS, &settings,
                                       &parameters, NULL, p);
    }
    if (error) fail("connection", ngtcp2_strerror(error));
    ngtcp2_conn_set_tls_native_handle(p->conn, p->session);
}

static void say_end(struct peer *p, const char *by, uint64_t code, bool application, const char *reason) {
    if (p->gone) return;
    p->gone = true;
    say("DATAGRAM received=%u corrupt=%u", p->received, p->corrupt);
    say("CLOSED by=%s code=%llu application=%s reason=\"%s\"", by, (unsigned long long)code,
        application ? "true" : "false", reason);
}

static void transmit(struct peer *p, const ngtcp2_path *path, const uint8_t *packet, size_t length) {
    bool second = p->fds[1] >= 0 && !memcmp(path->local.addr, &p->local[1], sizeof p->local[1]);
    sendto(p->fds[second], packet, length, 0, path->remote.addr, path->remote.addrlen);
}

static void close_connection(struct peer *p, const ngtcp2_ccerr *why) {
    uint8_t packet[1500];
    ngtcp2_path_storage path;
    ngtcp2_pkt_info info;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_ssize length =
        ngtcp2_conn_write_connection_close(p->conn, &path.path, &info, packet, sizeof packet, why, now_ns());
    if (length > 0) transmit(p, &path.path, packet, (size_t)length);
    say_end(p, "local", why->error_code, why->type == NGTCP2_CCERR_TYPE_APPLICATION,
            why->reasonlen ? (const char *)why->reason : "");
}

/* What a call of ngtcp2 has returned: the connection ends if it is a fault. */
static void judge(struct peer *p, int error) {
    ngtcp2_ccerr why;
    if (!error || p->gone) return;
    switch (error) {
        case NGTCP2_ERR_DRAINING: {
            const ngtcp2_ccerr *seen = ngtcp2_conn_get_ccerr(p->conn);
            char reason[64];
            snprintf(reason, sizeof reason, "%.*s", (int)seen->reasonlen, seen->reasonlen ? (const char *)seen->reason : "");
            say_end(p, "peer", seen->error_code, seen->type == NGTCP2_CCERR_TYPE_APPLICATION, reason);
            return;
        }
        case NGTCP2_ERR_IDLE_CLOSE: say_end(p, "timeout", 0, false, ""); return;
        case NGTCP2_ERR_DROP_CONN: p->gone = true; return;
        case NGTCP2_ERR_CRYPTO:
            ngtcp2_ccerr_default(&why);
            ngtcp2_ccerr_set_tls_alert(&why, ngtcp2_conn_get_tls_alert(p->conn), NULL, 0);
            break;
        default:
            fprintf(stderr, "%s\n", ngtcp2_strerror(error));
            ngtcp2_ccerr_default(&why);
            ngtcp2_ccerr_set_liberr(&why, error, NULL, 0);
    }
    close_connection(p, &why);
}

/* Builds one packet of what there is to send. Returns its length, 0 for none, or an error. */
static ngtcp2_ssize build(struct peer *p, ngtcp2_path *path, uint8_t *packet, size_t size) {
    ngtcp2_pkt_info info;
    ngtcp2_ssize length, taken = -1;
    if (p->established && p->head != p->tail) {
        struct datagram *d = &p->queue[p->head % QUEUE];
        int accepted = 0;
        ngtcp2_vec vector = {d->bytes, d->length};
        length = ngtcp2_conn_writev_datagram(p->conn, path, &info, packet, size, &accepted, 0, 0, &vector, 1, now_ns());
        if (accepted || length == NGTCP2_ERR_INVALID_ARGUMENT) p->head++;
        return length == NGTCP2_ERR_INVALID_ARGUMENT ? build(p, path, packet, size) : length;
    }
    struct stream *s = p->established ? sendable(p) : NULL;
    ngtcp2_vec vector = s ? (ngtcp2_vec){s->out + s->sent, s->length - s->sent} : (ngtcp2_vec){0};
    bool last = s && s->out_ended;
    length = ngtcp2_conn_writev_stream(p->conn, path, &info, packet, size, &taken,
                                       last ? NGTCP2_WRITE_STREAM_FLAG_FIN : 0, s ? s->id : -1, &vector, s != NULL,
                                       now_ns());
    if (taken >= 0 && s) {
        s->sent += (size_t)taken;
        if (last && s->sent == s->length) s->out_done = true;
    }
    if (length == NGTCP2_ERR_STREAM_DATA_BLOCKED || length == NGTCP2_ERR_STREAM_SHUT_WR)
        length = ngtcp2_conn_writev_stream(p->conn, path, &info, packet, size, &taken, 0, -1, NULL, 0, now_ns());
    return length;
}

static void flush(struct peer *p) {
    uint8_t packet[1500];
    ngtcp2_path_storage path;
    for (int i = 0; i < 64 && p->conn && !p->gone; i++) {
        ngtcp2_path_storage_zero(&path);
        ngtcp2_ssize length = build(p, &path.path, packet, sizeof packet);
        if (length < 0) judge(p, (int)length);
        if (length <= 0) break;
        transmit(p, &path.path, packet, (size_t)length);
    }
    if (p->conn && !p->gone) ngtcp2_conn_update_pkt_tx_time(p->conn, now_ns());
}

/* ---- A server's first packets --------------------------------------------------- */

static void negotiate(struct peer *p, const ngtcp2_version_cid *seen, const struct sockaddr_in *remote) {
    static const uint32_t versions[] = {NGTCP2_PROTO_VER_V1};
    uint8_t packet[256], random;
    randomize(&random, 1, NULL);
    ngtcp2_ssize length = ngtcp2_pkt_write_version_negotiation(packet, sizeof packet, random, seen->scid, seen->scidlen,
                                                               seen->dcid, seen->dcidlen, versions, 1);
    if (length > 0) sendto(p->fds[0], packet, (size_t)length, 0, (const struct sockaddr *)remote, sizeof *remote);
}

static void send_retry(struct peer *p, const ngtcp2_pkt_hd *header, const struct sockaddr_in *remote) {
    uint8_t packet[1500], token[NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2];
    ngtcp2_cid own = {.datalen = 10};
    randomize(own.data, own.datalen, NULL);
    ngtcp2_ssize length = ngtcp2_crypto_generate_retry_token2(token, p->secret, sizeof p->secret, header->version,
                                                              (const ngtcp2_sockaddr *)remote, sizeof *remote, &own,
                                                              &header->dcid, now_ns());
    if (length < 0) return;
    length = ngtcp2_crypto_write_retry(packet, sizeof packet, header->version, &header->scid, &own, &header->dcid,
                                       token, (size_t)length);
    if (length > 0) sendto(p->fds[0], packet, (size_t)length, 0, (const struct sockaddr *)remote, sizeof *remote);
}

/* Whether a packet is for the present connection; if it begins another one, that is made. */
static bool admit(struct peer *p, const uint8_t *packet, size_t length, struct sockaddr_in *remote) {
    ngtcp2_version_cid seen;
    int error = ngtcp2_pkt_decode_version_cid(&seen, packet, length, 10);
    if (error == NGTCP2_ERR_VERSION_NEGOTIATION || (!error && seen.version && seen.version != NGTCP2_PROTO_VER_V1)) {
        negotiate(p, &seen, remote);
        return false;
    }
    if (error) return false;
    if (p->conn && !p->gone) {
        ngtcp2_cid own[16];
        size_t count = ngtcp2_conn_get_scid(p->conn, NULL);
        if (count <= 16) ngtcp2_conn_get_scid(p->conn, own);
        for (size_t i = 0; i < count && i < 16; i++)
            if (own[i].datalen == seen.dcidlen && !memcmp(own[i].data, seen.dcid, seen.dcidlen)) return true;
        if (p->original.datalen == seen.dcidlen && !memcmp(p->original.data, seen.dcid, seen.dcidlen)) return true;
    }
    ngtcp2_pkt_hd header;
    if (ngtcp2_accept(&header, packet, length)) return false;
    if (!p->o.retry) {
        make_connection(p, remote, &header, NULL);
        return true;
    }
    ngtcp2_cid original;
    if (!header.tokenlen) {
        send_retry(p, &header, remote);
    } else if (!ngtcp2_crypto_verify_retry_token2(&original, header.token, header.tokenlen, p->secret,
                                                  sizeof p->secret, header.version, (ngtcp2_sockaddr *)remote,
                                                  sizeof *remote, &header.dcid, 10 * NGTCP2_SECONDS, now_ns())) {
        make_connection(p, remote, &header, &original);
        return true;
    }
    return false;
}

/* ---- The loop ------------------------------------------------------------------- */

static void receive(struct peer *p, int which) {
    uint8_t packet[65536];
    struct sockaddr_in remote;
    socklen_t size = sizeof remote;
    ssize_t length;
    while ((length = recvfrom(p->fds[which], packet, sizeof packet, 0, (struct sockaddr *)&remote, &size)) >= 0) {
        if (p->o.server && !admit(p, packet, (size_t)length, &remote)) continue;
        if (!p->conn || p->gone) continue;
        ngtcp2_path path = path_between(&p->local[which], &remote);
        judge(p, ngtcp2_conn_read_pkt(p->conn, &path, NULL, packet, (size_t)length, now_ns()));
    }
}

/* Waits for something to happen, no longer than until a time, and does it. */
static void turn(struct peer *p, uint64_t until_ns) {
    struct pollfd waiting[] = {{.fd = p->fds[0], .events = POLLIN}, {.fd = p->fds[1], .events = POLLIN},
                               {.fd = p->o.server ? 0 : -1, .events = POLLIN}};
    flush(p);
    if (p->conn && !p->gone) {
        uint64_t expiry = ngtcp2_conn_get_expiry(p->conn);
        if (expiry < until_ns) until_ns = expiry;
    }
    uint64_t now = now_ns();
    poll(waiting, 3, now >= until_ns ? 0 : (int)((until_ns - now) / NGTCP2_MILLISECONDS) + 1);
    if (waiting[2].revents && at_end()) exit(0);
    for (int i = 0; i < 2; i++)
        if (p->fds[i] >= 0) receive(p, i);
    if (p->conn && !p->gone && ngtcp2_conn_get_expiry(p->conn) <= now_ns())
        judge(p, ngtcp2_conn_handle_expiry(p->conn, now_ns()));
    flush(p);
}

static void expect(struct peer *p, const char *what) {
    if (p->gone) fail(what, "the connection is over");
    turn(p, now_ns() + NGTCP2_SECONDS);
}

static void await_echoes(struct peer *p, uint32_t sent, uint32_t missing) {
    uint64_t repeat_ns = now_ns() + REPEAT_AFTER_NS;
    while (sent - p->received > missing) {
        if (p->gone) fail("datagrams", "the connection is over");
        turn(p, repeat_ns);
        if (now_ns() < repeat_ns) continue;
        for (uint32_t i = 0; i < sent; i++)
            if (!p->seen[i]) send_datagram(p, i);
        repeat_ns = now_ns() + REPEAT_AFTER_NS;
    }
}

static void exchange(struct peer *p) {
    p->received = 0;
    memset(p->seen, 0, sizeof p->seen);
    for (uint32_t i = 0; i < (uint32_t)p->o.send; i++) {
        await_echoes(p, i, WINDOW - 1);
        send_datagram(p, i);
    }
    await_echoes(p, (uint32_t)p->o.send, 0);
    if (!p->o.stream) return;
    int64_t id;
    while (ngtcp2_conn_open_bidi_stream(p->conn, &id, NULL)) expect(p, "stream");
    struct stream *s = stream_of(p, id);
    s->out = malloc(s->length = (size_t)p->o.stream);
    if (!s->out) fail("memory", "none");
    fill(s->out, s->length);
    s->out_ended = true;
    while (!s->in_ended) expect(p, "stream");
    if (s->received != s->length || memcmp(s->in, s->out, s->length)) fail("stream", "the echo is not what was sent");
}

static void leave(struct peer *p) {
    ngtcp2_ccerr why;
    ngtcp2_ccerr_default(&why);
    ngtcp2_ccerr_set_application_error(&why, 0, (const uint8_t *)"done", 4);
    flush(p);
    close_connection(p, &why);
}

static void client(struct peer *p) {
    gnutls_certificate_set_x509_trust_file(p->credentials, p->o.ca, GNUTLS_X509_FMT_PEM);
    p->local[0] = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    p->fds[0] = bind_socket(&p->local[0]);
    make_connection(p, &p->o.connect, NULL, NULL);
    while (!p->established) expect(p, "handshake");
    exchange(p);
    if (p->o.resume) {
        leave(p);
        if (!p->ticket.size) fail("resumption", "no session ticket came");
        make_connection(p, &p->o.connect, NULL, NULL);
        while (!p->established) expect(p, "handshake");
        exchange(p);
    }
    if (p->o.update_keys) {
        int error = ngtcp2_conn_initiate_key_update(p->conn, now_ns());
        if (error) fail("key update", ngtcp2_strerror(error));
        exchange(p);
        say("KEYS updated");
    }
    if (p->o.move_to) {
        p->local[1] = parse_address((char *)p->o.move_to);
        p->fds[1] = bind_socket(&p->local[1]);
        ngtcp2_path path = path_between(&p->local[1], &p->o.connect);
        int error = ngtcp2_conn_initiate_migration(p->conn, &path, now_ns());
        if (error) fail("migration", ngtcp2_strerror(error));
        while (!p->moved) expect(p, "migration");
        exchange(p);
        say("MOVED");
    }
    leave(p);
}

static void server(struct peer *p) {
    if (gnutls_certificate_set_x509_key_file(p->credentials, p->o.cert, p->o.key, GNUTLS_X509_FMT_PEM))
        fail("certificate", p->o.cert);
    gnutls_session_ticket_key_generate(&p->ticket_key);
    p->local[0] = p->o.listen;
    p->fds[0] = bind_socket(&p->local[0]);
    say("READY port=%d", ntohs(p->local[0].sin_port));
    for (;;) turn(p, UINT64_MAX);
}

int main(int count, char **words) {
    struct peer *p = calloc(1, sizeof *p);
    if (!p) fail("memory", "none");
    p->o = parse(count, words);
    p->fds[0] = p->fds[1] = -1;
    randomize(p->secret, sizeof p->secret, NULL);
    gnutls_certificate_allocate_credentials(&p->credentials);
    if (p->o.server) server(p);
    client(p);
    say("RESULT pass");
    return 0;
}
