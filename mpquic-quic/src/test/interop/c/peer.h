/* What the peers in C share: their options and the lines that they print, as
 * ../quic-go describes them, and the arithmetic of test data. */
#ifndef PEER_H
#define PEER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ALPN "mpquic-ip"
/* The most bytes that one stream carries in these tests. */
#define STREAM_CAPACITY (8u << 20)

struct options {
    bool server, retry, resume, update_keys;
    struct sockaddr_in listen, connect;
    const char *cert, *key, *ca, *server_name, *move_to;
    int send, stream, largest;
};

__attribute__((format(printf, 1, 2))) static inline void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

__attribute__((noreturn)) static inline void fail(const char *what, const char *why) {
    say("RESULT fail reason=\"%s: %s\"", what, why ? why : "no reason given");
    exit(1);
}

static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline struct sockaddr_in parse_address(char *text) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    char *colon = strrchr(text, ':');
    if (colon) {
        *colon = 0;
        address.sin_port = htons((uint16_t)atoi(colon + 1));
    }
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1) fail("no address", text);
    return address;
}

static inline int bind_socket(struct sockaddr_in *address) {
    socklen_t length = sizeof *address;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, length) || getsockname(fd, (struct sockaddr *)address, &length))
        fail("bind", strerror(errno));
    return fd;
}

static inline struct options parse(int count, char **words) {
    struct options o = {.largest = 1100};
    enum { LISTEN, CONNECT, CERT, KEY, CA, NAME, MOVE, SEND, STREAM, LARGEST, RETRY, RESUME, UPDATE, IGNORED };
    static const struct option known[] = {
        {"listen", 1, 0, LISTEN},   {"connect", 1, 0, CONNECT},   {"cert", 1, 0, CERT},
        {"key", 1, 0, KEY},         {"ca", 1, 0, CA},             {"server-name", 1, 0, NAME},
        {"move-to", 1, 0, MOVE},    {"send", 1, 0, SEND},         {"stream", 1, 0, STREAM},
        {"largest", 1, 0, LARGEST}, {"retry", 0, 0, RETRY},       {"resume", 0, 0, RESUME},
        {"echo", 0, 0, IGNORED},    {"until-eof", 0, 0, IGNORED}, {"update-keys", 0, 0, UPDATE},
        {0, 0, 0, 0}};
    if (count < 2) fail("usage", "server|client OPTIONS");
    o.server = !strcmp(words[1], "server");
    for (int c; (c = getopt_long(count - 1, words + 1, "", known, NULL)) != -1;) switch (c) {
        case LISTEN: o.listen = parse_address(optarg); break;
        case CONNECT: o.connect = parse_address(optarg); break;
        case CERT: o.cert = optarg; break;
        case KEY: o.key = optarg; break;
        case CA: o.ca = optarg; break;
        case NAME: o.server_name = optarg; break;
        case MOVE: o.move_to = optarg; break;
        case SEND: o.send = atoi(optarg); break;
        case STREAM: o.stream = atoi(optarg); break;
        case LARGEST: o.largest = atoi(optarg); break;
        case RETRY: o.retry = true; break;
        case RESUME: o.resume = true; break;
        case UPDATE: o.update_keys = true; break;
        case IGNORED: break;
        default: fail("usage", "unknown option");
    }
    return o;
}

/* The same bytes for each N, so that a run can be repeated. */
static inline void fill(uint8_t *data, size_t length) {
    uint64_t state = 0x9e3779b97f4a7c15u ^ length;
    for (size_t i = 0; i < length; i++) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        data[i] = (uint8_t)(state >> 32);
    }
}

static inline void say_stream(size_t length, const uint8_t digest[32]) {
    char hex[65];
    for (int i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    say("STREAM received=%zu sha256=%s", length, hex);
}

/* True when whoever started this program has closed its standard input. */
static inline bool at_end(void) {
    struct pollfd in = {.fd = 0, .events = POLLIN};
    char byte;
    return poll(&in, 1, 0) == 1 && read(0, &byte, 1) <= 0;
}

#endif
