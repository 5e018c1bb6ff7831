/* Sends prepared HTTP/1.1 requests over kept connections, one at a time on each, and notes what came of every one.
 *
 *   generator FILE HOST PORT SECONDS UNTIL NEEDLE OUTPUT
 *
 * FILE, all numbers little-endian: u32 lanes; of each lane: its source address in 4 bytes (0.0.0.0: any), u32 port (0:
 * PORT), u32 requests, and of each request u32 bytes and the bytes. A lane is a connection and what is sent over it, in order.
 * UNTIL: "first" stops all when one lane has sent its last request; "all" lets each lane send its last one;
 * "cycle" begins anew with a lane's first. With "first" and "cycle" SECONDS end it.
 * NEEDLE: what the reply must have to count as good, besides status 200 and no "errors" in it.
 * OUTPUT, of each reply: u32 lane, u32 request, u64 nanoseconds from its sending to its last byte, u64 nanoseconds from the
 * start to its last byte, u32 good, u32 bytes, and the reply's bytes: with "all" every reply's, otherwise those not good.
 * Standard output: one line, seconds from start to stop and seconds of processor time in that span.
 *
 * What was sent before the stop is waited for, and noted: it may have been carried out.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM (1 << 20)

struct lane {
    struct in_addr source;
    uint32_t count, next, current;
    const uint8_t *first, *at;
    int socket, waiting;
    uint64_t sent_at;
    char *reply;
    size_t length;
};

static void fail(const char *what) {
    fprintf(stderr, "generator: %s: %s\n", what, errno ? strerror(errno) : "unexpected");
    exit(1);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static double processor_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static uint32_t number(const uint8_t *at) {
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint8_t *read_file(const char *name, size_t *length) {
    FILE *file = fopen(name, "rb");
    if (!file) fail(name);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    uint8_t *content = malloc(*length + 1);
    if (!content || fread(content, 1, *length, file) != *length) fail(name);
    fclose(file);
    return content;
}

static void connect_lane(struct lane *lane, const struct sockaddr_in *server) {
    int one = 1;
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr = lane->source};
    lane->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (lane->socket < 0) fail("socket");
    setsockopt(lane->socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (lane->source.s_addr && bind(lane->socket, (struct sockaddr *)&source, sizeof source)) fail("bind");
    if (connect(lane->socket, (const struct sockaddr *)server, sizeof *server)) fail("connect");
    setsockopt(lane->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void send_next(struct lane *lane) {
    uint32_t length = number(lane->at);
    const uint8_t *bytes = lane->at + 4;
    lane->current = lane->next++;
    lane->at = bytes + length;
    lane->length = 0;
    lane->waiting = 1;
    lane->sent_at = now();
    while (length) {
        ssize_t sent = send(lane->socket, bytes, length, MSG_NOSIGNAL);
        if (sent < 0) fail("send");
        bytes += sent;
        length -= (uint32_t)sent;
    }
}

/* Whether the reply is whole; then `body` is where its body begins. */
static int is_whole(struct lane *lane, char **body) {
    lane->reply[lane->length] = 0;
    char *end = strstr(lane->reply, "\r\n\r\n");
    if (!end) return 0;
    *body = end + 4;
    for (char *line = strstr(lane->reply, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n"))
        if (!strncasecmp(line + 2, "content-length:", 15))
            return lane->length >= (size_t)(*body - lane->reply) + strtoull(line + 17, NULL, 10);
    errno = 0;
    fail("a reply without content-length");
    return 0;
}

int main(int count, char **argument) {
    if (count != 8) {
        fprintf(stderr, "usage: generator FILE HOST PORT SECONDS UNTIL NEEDLE OUTPUT\n");
        return 2;
    }
    size_t length;
    uint8_t *content = read_file(argument[1], &length);
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argument[3]))};
    if (inet_pton(AF_INET, argument[2], &server.sin_addr) != 1) fail("host");
    uint64_t most = (uint64_t)(atof(argument[4]) * 1e9);
    int cycle = !strcmp(argument[5], "cycle"), all = !strcmp(argument[5], "all");
    const char *needle = argument[6];
    FILE *output = fopen(argument[7], "wb");
    if (!output) fail(argument[7]);

    uint32_t lanes = number(content), open = 0;
    struct lane *lane = calloc(lanes, sizeof *lane);
    struct pollfd *polled = calloc(lanes, sizeof *polled);
    const uint8_t *at = content + 4;
    for (uint32_t each = 0; each < lanes; each++) {
        memcpy(&lane[each].source.s_addr, at, 4);
        struct sockaddr_in other = server;
        if (number(at + 4)) other.sin_port = htons((uint16_t)number(at + 4));
        lane[each].count = number(at + 8);
        lane[each].first = lane[each].at = at += 12;
        for (uint32_t request = 0; request < lane[each].count; request++) at += 4 + number(at);
        lane[each].reply = malloc(ROOM + 1);
        if (!lane[each].reply) fail("memory");
        connect_lane(&lane[each], &other);
        polled[each].fd = lane[each].socket;
        polled[each].events = POLLIN;
    }

    int stopped = 0;
    uint64_t began = now(), ended = 0;
    double used = processor_seconds();
    for (uint32_t each = 0; each < lanes; each++)
        if (lane[each].count) send_next(&lane[each]), open++;
    while (open) {
        if (poll(polled, lanes, 60000) <= 0) fail("no reply for a minute");
        for (uint32_t each = 0; each < lanes; each++) {
            struct lane *this = &lane[each];
            if (!polled[each].revents) continue;
            errno = 0;
            ssize_t got = recv(this->socket, this->reply + this->length, ROOM - this->length, 0);
            if (got <= 0 || !this->waiting) fail("the server closed a connection");
            this->length += (size_t)got;
            char *body;
            if (!is_whole(this, &body)) {
                if (this->length == ROOM) fail("a reply too long");
                continue;
            }
            uint64_t time = now(), took = time - this->sent_at, since = time - began;
            uint32_t good = !strncmp(this->reply + 8, " 200", 4) && strstr(body, needle) && !strstr(body, "\"errors\"");
            uint32_t kept = all || !good ? (uint32_t)this->length : 0;
            uint32_t head[] = {each, this->current}, tail[] = {good, kept};
            fwrite(head, sizeof head, 1, output);
            fwrite(&took, sizeof took, 1, output);
            fwrite(&since, sizeof since, 1, output);
            fwrite(tail, sizeof tail, 1, output);
            fwrite(this->reply, 1, kept, output);
            this->waiting = 0;
            open--;
            if (!stopped && !all && since >= most) stopped = 1;
            if (!stopped && this->next == this->count) {
                if (cycle) this->next = 0, this->at = this->first;
                else if (!all) stopped = 1;
            }
            if (stopped || this->next == this->count) {
                if (!ended && (stopped || !open)) ended = time, used = processor_seconds() - used;
                continue;
            }
            send_next(this);
            open++;
        }
    }
    if (fclose(output)) fail(argument[7]);
    printf("%.6f %.6f\n", (double)(ended - began) / 1e9, used);
    return 0;
}
