/*
 * wireproof_adapter.h - the device protocol of Wireproof, version 1, for stacks in C.
 *
 * One header, C99, nothing but the standard library. It reads the requests, keeps the calls that have to wait, and writes
 * the answers; you write four callbacks around your stack. README.md beside this file explains the conversation.
 *
 *     #define WIREPROOF_ADAPTER_IMPLEMENTATION   // in one source file, before the include
 *     #include "wireproof_adapter.h"
 *
 *     static void     my_reset(void *user, const wp_setup *setup);                    // a fresh stack
 *     static void     my_frame(void *user, const uint8_t *octets, size_t length);     // queue it, do not run
 *     static wp_later my_call(void *user, const wp_call *call);                       // wp_ok(..), or WP_LATER
 *     static uint64_t my_run(void *user, uint64_t now);                               // do what is due; when next
 *
 *     int main(void) {
 *         static const wp_device device = {
 *             "mystack", "1.0", "ipv4 listen accept connect send recv close", "granularity 1000000",
 *             my_reset, my_frame, my_call, my_run
 *         };
 *         return wp_serve(&device, NULL);
 *     }
 *
 * Rules that the callbacks keep: they look at no clock (wp_now() is the time), never wait, and print nothing to standard
 * output, which belongs to the conversation; standard error is free. Compile with -DWIREPROOF_ADAPTER_IMPLEMENTATION
 * instead of the #define if you like. All names begin with wp_ or WP_.
 */
#ifndef WIREPROOF_ADAPTER_H
#define WIREPROOF_ADAPTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* my_run's answer when nothing is due before something arrives. */
#define WP_NEVER UINT64_MAX
/* What addresses take as text, the closing zero included. */
#define WP_ADDRESS_TEXT 46

/* An IP address in network order; family is 4, 6, or 0 for none. */
typedef struct {
    int family;
    uint8_t octets[16];
} wp_address;

/* What a reset asks for. Addresses that were not given have family 0. */
typedef struct {
    int has_seed;
    uint64_t seed; /* feed it to the stack's random numbers */
    uint8_t mac[6];
    wp_address ipv4, ipv6, gateway, gateway6;
    int ipv4_prefix, ipv6_prefix;
    uint32_t mtu; /* of IP */
    int has_clock;
    uint64_t clock; /* nanoseconds: where the stack's own clock starts, if you offer "clock" */
    int has_iss;
    uint32_t iss; /* the initial sequence number, if you offer "iss" */
} wp_setup;

typedef enum {
    WP_LISTEN,     /* socket port backlog            wp_ok */
    WP_ACCEPT,     /* socket listener                wp_ok_endpoint: the peer; waits */
    WP_CONNECT,    /* socket address port local_port wp_ok_endpoint: this end; waits */
    WP_SEND,       /* socket data length             wp_ok_count: octets taken */
    WP_FILL,       /* socket offset count            wp_ok_count; wp_pattern makes the octets */
    WP_SENDURGENT, /* socket data length             wp_ok_count */
    WP_RECV,       /* socket count                   wp_ok_data, or wp_ok_end after the peer's FIN; waits */
    WP_SHUTDOWN,   /* socket how                     wp_ok */
    WP_CLOSE,      /* socket                         wp_ok */
    WP_ABORT,      /* socket                         wp_ok */
    WP_STATE,      /* socket                         wp_ok_state */
    WP_CHILDREN,   /* socket                         wp_children_begin, wp_child..., wp_children_end */
    WP_SET,        /* socket option value word       wp_ok */
    WP_UDP,        /* socket port                    wp_ok */
    WP_UDPSEND,    /* socket address port data       wp_ok */
    WP_UDPRECV     /* socket count                   wp_ok_datagram; waits */
} wp_call_kind;

typedef enum { WP_WRITE, WP_READ, WP_BOTH } wp_how;

/* The options of "set"; times are in milliseconds. WP_CONGESTION has a word, all others a value. */
typedef enum {
    WP_NODELAY, WP_KEEPALIVE, WP_KEEPIDLE, WP_KEEPINTERVAL, WP_KEEPCOUNT, WP_LINGER, WP_USERTIMEOUT, WP_MSS, WP_RCVBUF,
    WP_SNDBUF, WP_ACKDELAY, WP_TIMESTAMPS, WP_SACK, WP_WINDOWSCALE, WP_CONGESTION, WP_DSCP, WP_TTL
} wp_option;

/* A call. Only the fields that wp_call_kind lists for its kind mean something. */
typedef struct {
    uint64_t id; /* whose result it is: the first argument of wp_ok and its like */
    wp_call_kind kind;
    int again;       /* 0 when it is made, 1 when a call that waits is tried again */
    uint32_t socket; /* chosen by the harness, never used twice between resets */
    uint32_t listener;
    wp_address address;
    uint16_t port;
    uint16_t local_port; /* 0: the stack chooses */
    uint32_t backlog;
    const uint8_t *data;
    size_t length;
    uint64_t offset;
    uint64_t count; /* of "recv" and "udprecv": take no more than this */
    wp_how how;
    wp_option option;
    uint64_t value;
    const char *word;
} wp_call;

/* What a call answers. */
typedef enum {
    WP_DONE, /* its result was given */
    WP_LATER /* nothing to say yet: keep it and try it again after each run (accept, connect, recv, udprecv) */
} wp_later;

/* A stack. name and version are one word each; capabilities and properties are words as README.md lists them, with
 * blanks between: "ipv4 listen accept", "granularity 1000000 timewait 120000000000". */
typedef struct {
    const char *name;
    const char *version;
    const char *capabilities;
    const char *properties;
    /* Forgets everything: a fresh stack at time 0. Waiting calls were dropped before. */
    void (*reset)(void *user, const wp_setup *setup);
    /* An Ethernet frame arrives, without FCS. Queue it: run follows when all of its instant are in. */
    void (*frame)(void *user, const uint8_t *octets, size_t length);
    /* The application makes a call. Give its result by one of the functions below and return WP_DONE, or WP_LATER. The
     * waiting calls of a socket end with EBADF by themselves when it is closed, those of accept with their listener. */
    wp_later (*call)(void *user, const wp_call *call);
    /* Time is now `now`: let the stack take what was queued and do what is due. Called behind every request, reset
     * included. Returns when the stack wants to run next, in nanoseconds since the reset: WP_NEVER, or later than now
     * (now itself or earlier: at once again). */
    uint64_t (*run)(void *user, uint64_t now);
} wp_device;

/* Speaks with the harness over standard input and output until it says quit or goes away; the exit status for main. */
int wp_serve(const wp_device *device, void *user);

/* Nanoseconds since the reset. It never runs by itself. */
uint64_t wp_now(void);

/* The stack has sent this Ethernet frame (without FCS), now. */
void wp_frame(const uint8_t *octets, size_t length);

/* Results of calls, each given once. */
void wp_ok(uint64_t id);
void wp_ok_count(uint64_t id, uint64_t count);
void wp_ok_endpoint(uint64_t id, const wp_address *address, uint16_t port);
void wp_ok_data(uint64_t id, const uint8_t *octets, size_t length);
void wp_ok_end(uint64_t id);
void wp_ok_state(uint64_t id, const char *state); /* the RFC's name: "SYN-RECEIVED" */
void wp_ok_datagram(uint64_t id, const wp_address *address, uint16_t port, const uint8_t *octets, size_t length);
void wp_children_begin(uint64_t id);
void wp_child(const wp_address *address, uint16_t port, const char *state);
void wp_children_end(void);
void wp_error(uint64_t id, const char *name); /* a name of <errno.h>: "ECONNRESET"; "ENOTSUP": the stack cannot do it */

/* Something to be shown when a scenario fails. As printf; line ends become blanks. */
void wp_log(const char *format, ...);

/* The octets of "fill": octet i of the stream is i mod 251. */
void wp_pattern(uint64_t offset, uint8_t *octets, size_t length);

/* Addresses from and to octets and text. */
wp_address wp_address_v4(const uint8_t octets[4]);
wp_address wp_address_v6(const uint8_t octets[16]);
int wp_address_read(const char *text, wp_address *address); /* 1, or 0 if it is none */
const char *wp_address_write(const wp_address *address, char text[WP_ADDRESS_TEXT]);

#ifdef __cplusplus
}
#endif

#endif /* WIREPROOF_ADAPTER_H */

#if defined(WIREPROOF_ADAPTER_IMPLEMENTATION) && !defined(WIREPROOF_ADAPTER_IMPLEMENTED)
#define WIREPROOF_ADAPTER_IMPLEMENTED

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The longest line of the protocol, without its end. */
#define WP_MAX_LINE ((size_t)1 << 20)

static uint64_t wp_time_;
static wp_call *wp_waiting_;
static size_t wp_waiting_count_, wp_waiting_room_;

uint64_t wp_now(void) { return wp_time_; }

/* ---- writing ---- */

static void wp_put_hex_(const uint8_t *octets, size_t length) {
    static const char digits[] = "0123456789abcdef";
    char text[512];
    size_t used = 0, i;
    if (length == 0) {
        fputc('-', stdout);
        return;
    }
    for (i = 0; i < length; i++) {
        text[used++] = digits[octets[i] >> 4];
        text[used++] = digits[octets[i] & 15];
        if (used == sizeof text) {
            fwrite(text, 1, used, stdout);
            used = 0;
        }
    }
    fwrite(text, 1, used, stdout);
}

static void wp_put_address_(const wp_address *address) {
    char text[WP_ADDRESS_TEXT];
    fputs(wp_address_write(address, text), stdout);
}

void wp_frame(const uint8_t *octets, size_t length) {
    fputs("frame ", stdout);
    wp_put_hex_(octets, length);
    fputc('\n', stdout);
}

void wp_ok(uint64_t id) { printf("result %" PRIu64 " ok\n", id); }

void wp_ok_count(uint64_t id, uint64_t count) { printf("result %" PRIu64 " ok %" PRIu64 "\n", id, count); }

void wp_ok_endpoint(uint64_t id, const wp_address *address, uint16_t port) {
    printf("result %" PRIu64 " ok ", id);
    wp_put_address_(address);
    printf(" %u\n", (unsigned)port);
}

void wp_ok_data(uint64_t id, const uint8_t *octets, size_t length) {
    printf("result %" PRIu64 " ok ", id);
    wp_put_hex_(octets, length);
    fputc('\n', stdout);
}

void wp_ok_end(uint64_t id) { printf("result %" PRIu64 " ok end\n", id); }

void wp_ok_state(uint64_t id, const char *state) { printf("result %" PRIu64 " ok %s\n", id, state); }

void wp_ok_datagram(uint64_t id, const wp_address *address, uint16_t port, const uint8_t *octets, size_t length) {
    printf("result %" PRIu64 " ok ", id);
    wp_put_address_(address);
    printf(" %u ", (unsigned)port);
    wp_put_hex_(octets, length);
    fputc('\n', stdout);
}

void wp_children_begin(uint64_t id) { printf("result %" PRIu64 " ok", id); }

void wp_child(const wp_address *address, uint16_t port, const char *state) {
    fputc(' ', stdout);
    wp_put_address_(address);
    printf(" %u %s", (unsigned)port, state);
}

void wp_children_end(void) { fputc('\n', stdout); }

void wp_error(uint64_t id, const char *name) { printf("result %" PRIu64 " error %s\n", id, name); }

void wp_log(const char *format, ...) {
    char text[1024];
    size_t i;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (i = 0; text[i] != '\0'; i++) {
        if (text[i] == '\n' || text[i] == '\r') text[i] = ' ';
    }
    printf("log %s\n", text);
}

void wp_pattern(uint64_t offset, uint8_t *octets, size_t length) {
    unsigned next = (unsigned)(offset % 251);
    size_t i;
    for (i = 0; i < length; i++) {
        octets[i] = (uint8_t)next;
        next = next == 250 ? 0 : next + 1;
    }
}

/* ---- addresses ---- */

wp_address wp_address_v4(const uint8_t octets[4]) {
    wp_address address;
    memset(&address, 0, sizeof address);
    address.family = 4;
    memcpy(address.octets, octets, 4);
    return address;
}

wp_address wp_address_v6(const uint8_t octets[16]) {
    wp_address address;
    address.family = 6;
    memcpy(address.octets, octets, 16);
    return address;
}

static int wp_digit_(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Four numbers up to `end`; 1 if it is so. */
static int wp_read_v4_(const char *text, const char *end, uint8_t octets[4]) {
    int part;
    for (part = 0; part < 4; part++) {
        unsigned value = 0;
        int digits = 0;
        if (part > 0 && (text == end || *text++ != '.')) return 0;
        for (; text != end && *text >= '0' && *text <= '9'; text++, digits++) {
            value = value * 10 + (unsigned)(*text - '0');
            if (value > 255) return 0;
        }
        if (digits == 0) return 0;
        octets[part] = (uint8_t)value;
    }
    return text == end;
}

static int wp_read_v6_(const char *text, const char *end, uint8_t octets[16]) {
    uint8_t head[16], tail[16];
    size_t before = 0, behind = 0;
    int gap = 0;
    if (end - text >= 2 && text[0] == ':' && text[1] == ':') {
        gap = 1;
        text += 2;
    }
    while (text != end) {
        const char *word = text;
        unsigned value = 0;
        size_t *used = gap ? &behind : &before;
        uint8_t *into = gap ? tail : head;
        while (text != end && wp_digit_(*text) >= 0) {
            value = value * 16 + (unsigned)wp_digit_(*text++);
            if (text - word > 4) return 0;
        }
        if (text != end && *text == '.') {
            if (*used + 4 > 16 || !wp_read_v4_(word, end, into + *used)) return 0;
            *used += 4;
            break;
        }
        if (text == word || *used + 2 > 16) return 0;
        into[(*used)++] = (uint8_t)(value >> 8);
        into[(*used)++] = (uint8_t)value;
        if (text == end) break;
        if (*text++ != ':') return 0;
        if (text != end && *text == ':' && !gap) {
            gap = 1;
            text++;
        } else if (text == end) {
            return 0;
        }
    }
    if (gap ? before + behind > 14 : before != 16) return 0;
    memset(octets, 0, 16);
    memcpy(octets, head, before);
    memcpy(octets + 16 - behind, tail, behind);
    return 1;
}

static int wp_read_address_(const char *text, const char *end, wp_address *address) {
    memset(address, 0, sizeof *address);
    if (wp_read_v4_(text, end, address->octets)) {
        address->family = 4;
        return 1;
    }
    if (wp_read_v6_(text, end, address->octets)) {
        address->family = 6;
        return 1;
    }
    return 0;
}

int wp_address_read(const char *text, wp_address *address) {
    return wp_read_address_(text, text + strlen(text), address);
}

/* IPv6 as RFC 5952 section 4 writes it: the first longest run of two or more zero groups becomes two colons. */
const char *wp_address_write(const wp_address *address, char text[WP_ADDRESS_TEXT]) {
    const uint8_t *o = address->octets;
    int at = 8, run = 1, i = 0;
    size_t used = 0;
    if (address->family != 6) {
        snprintf(text, WP_ADDRESS_TEXT, "%u.%u.%u.%u", o[0], o[1], o[2], o[3]);
        return text;
    }
    while (i < 8) {
        int end = i;
        while (end < 8 && o[2 * end] == 0 && o[2 * end + 1] == 0) end++;
        if (end - i > run) {
            at = i;
            run = end - i;
        }
        i = end + 1;
    }
    text[0] = '\0';
    for (i = 0; i < 8; i++) {
        if (i == at) {
            used += (size_t)snprintf(text + used, WP_ADDRESS_TEXT - used, "::");
            i += run - 1;
            continue;
        }
        if (i > 0 && i != at + run) used += (size_t)snprintf(text + used, WP_ADDRESS_TEXT - used, ":");
        used += (size_t)snprintf(text + used, WP_ADDRESS_TEXT - used, "%x", (unsigned)(o[2 * i] << 8 | o[2 * i + 1]));
    }
    return text;
}

/* ---- reading ---- */

/* The next word of a line, cut off by a zero; NULL at the end. */
static char *wp_word_(char **line) {
    char *word = *line + strspn(*line, " \t\r");
    char *end = word + strcspn(word, " \t\r");
    if (*word == '\0') return NULL;
    *line = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* A number of digits alone, at most `most`; 1 if the word is one. */
static int wp_number_(const char *word, uint64_t most, uint64_t *number) {
    uint64_t value = 0;
    if (word == NULL || *word == '\0') return 0;
    for (; *word != '\0'; word++) {
        uint64_t digit = (uint64_t)(*word - '0');
        if (*word < '0' || *word > '9' || digit > most || value > (most - digit) / 10) return 0;
        value = value * 10 + digit;
    }
    *number = value;
    return 1;
}

static int wp_u16_(const char *word, uint16_t *number) {
    uint64_t value;
    if (!wp_number_(word, UINT16_MAX, &value)) return 0;
    *number = (uint16_t)value;
    return 1;
}

static int wp_u32_(const char *word, uint32_t *number) {
    uint64_t value;
    if (!wp_number_(word, UINT32_MAX, &value)) return 0;
    *number = (uint32_t)value;
    return 1;
}

/* Octets in place of their digits: the word becomes them. 1 if it is so. */
static int wp_hex_(char *word, uint8_t **octets, size_t *length) {
    size_t digits, i;
    if (word == NULL) return 0;
    *octets = (uint8_t *)word;
    *length = 0;
    if (strcmp(word, "-") == 0) return 1;
    digits = strlen(word);
    if (digits % 2 != 0) return 0;
    for (i = 0; i < digits; i += 2) {
        int high = wp_digit_(word[i]), low = wp_digit_(word[i + 1]);
        if (high < 0 || low < 0) return 0;
        (*octets)[i / 2] = (uint8_t)(high << 4 | low);
    }
    *length = digits / 2;
    return 1;
}

static int wp_prefix_(char *value, int family, wp_address *address, int *prefix) {
    char *slash = strchr(value, '/');
    uint64_t bits;
    if (slash == NULL || !wp_number_(slash + 1, family == 4 ? 32 : 128, &bits)) return 0;
    *prefix = (int)bits;
    return wp_read_address_(value, slash, address) && address->family == family;
}

static int wp_mac_(const char *value, uint8_t mac[6]) {
    int i;
    for (i = 0; i < 6; i++) {
        int high = wp_digit_(value[0]), low = high < 0 ? -1 : wp_digit_(value[1]);
        if (low < 0 || value[2] != (i < 5 ? ':' : '\0')) return 0;
        mac[i] = (uint8_t)(high << 4 | low);
        value += 3;
    }
    return 1;
}

/* KEY=VALUE...: NULL, or the word that cannot be read. Unknown keys are ignored. */
static const char *wp_read_setup_(char *line, wp_setup *setup) {
    char *word;
    memset(setup, 0, sizeof *setup);
    setup->mtu = 1500;
    while ((word = wp_word_(&line)) != NULL) {
        char *value = strchr(word, '=');
        size_t key;
        int is_read = 1;
        if (value == NULL) continue;
        key = (size_t)(value++ - word);
#define WP_IS_(name) (key == sizeof name - 1 && memcmp(word, name, key) == 0)
        if (WP_IS_("seed")) is_read = setup->has_seed = wp_number_(value, UINT64_MAX, &setup->seed);
        else if (WP_IS_("mac")) is_read = wp_mac_(value, setup->mac);
        else if (WP_IS_("ipv4")) is_read = wp_prefix_(value, 4, &setup->ipv4, &setup->ipv4_prefix);
        else if (WP_IS_("ipv6")) is_read = wp_prefix_(value, 6, &setup->ipv6, &setup->ipv6_prefix);
        else if (WP_IS_("gateway")) is_read = wp_address_read(value, &setup->gateway) && setup->gateway.family == 4;
        else if (WP_IS_("gateway6")) is_read = wp_address_read(value, &setup->gateway6) && setup->gateway6.family == 6;
        else if (WP_IS_("mtu")) is_read = wp_u32_(value, &setup->mtu);
        else if (WP_IS_("clock")) is_read = setup->has_clock = wp_number_(value, UINT64_MAX, &setup->clock);
        else if (WP_IS_("iss")) is_read = setup->has_iss = wp_u32_(value, &setup->iss);
#undef WP_IS_
        if (!is_read) return word;
    }
    return NULL;
}

/* The place of a word in a list, -1 if it is not there. */
static int wp_find_(const char *const *words, size_t count, const char *word) {
    size_t i;
    for (i = 0; word != NULL && i < count; i++) {
        if (strcmp(words[i], word) == 0) return (int)i;
    }
    return -1;
}

static int wp_read_option_(char **line, wp_call *call) {
    static const char *const names[] = {
        "nodelay", "keepalive", "keepidle", "keepinterval", "keepcount", "linger", "usertimeout", "mss", "rcvbuf",
        "sndbuf", "ackdelay", "timestamps", "sack", "windowscale", "congestion", "dscp", "ttl"
    };
    int option = wp_find_(names, sizeof names / sizeof *names, wp_word_(line));
    if (option < 0) return 0;
    call->option = (wp_option)option;
    call->word = wp_word_(line);
    if (call->word == NULL) return 0;
    return wp_number_(call->word, UINT64_MAX, &call->value) || call->option == WP_CONGESTION;
}

static int wp_read_data_(char **line, wp_call *call) {
    uint8_t *octets;
    if (!wp_hex_(wp_word_(line), &octets, &call->length)) return 0;
    call->data = octets;
    return 1;
}

static int wp_read_remote_(char **line, wp_call *call) {
    char *address = wp_word_(line);
    return address != NULL && wp_address_read(address, &call->address) && wp_u16_(wp_word_(line), &call->port);
}

/* The words behind a call's name: 1 if they are as they should be. */
static int wp_read_arguments_(char *line, wp_call *call) {
    static const char *const hows[] = {"write", "read", "both"};
    char *word;
    int is_read = wp_u32_(wp_word_(&line), &call->socket), how;
    switch (call->kind) {
    case WP_LISTEN:
        is_read = is_read && wp_u16_(wp_word_(&line), &call->port) && wp_u32_(wp_word_(&line), &call->backlog);
        break;
    case WP_ACCEPT:
        is_read = is_read && wp_u32_(wp_word_(&line), &call->listener);
        break;
    case WP_CONNECT:
        is_read = is_read && wp_read_remote_(&line, call);
        if ((word = wp_word_(&line)) != NULL) is_read = is_read && wp_u16_(word, &call->local_port);
        break;
    case WP_SEND:
    case WP_SENDURGENT:
        is_read = is_read && wp_read_data_(&line, call);
        break;
    case WP_FILL:
        is_read = is_read && wp_number_(wp_word_(&line), UINT64_MAX, &call->offset) &&
                  wp_number_(wp_word_(&line), UINT64_MAX, &call->count);
        break;
    case WP_RECV:
    case WP_UDPRECV:
        is_read = is_read && wp_number_(wp_word_(&line), UINT64_MAX, &call->count);
        break;
    case WP_SHUTDOWN:
        how = wp_find_(hows, 3, wp_word_(&line));
        is_read = is_read && how >= 0;
        call->how = (wp_how)how;
        break;
    case WP_SET:
        is_read = is_read && wp_read_option_(&line, call);
        break;
    case WP_UDP:
        is_read = is_read && wp_u16_(wp_word_(&line), &call->port);
        break;
    case WP_UDPSEND:
        is_read = is_read && wp_read_remote_(&line, call) && wp_read_data_(&line, call);
        break;
    case WP_CLOSE:
    case WP_ABORT:
    case WP_STATE:
    case WP_CHILDREN:
        break;
    }
    return is_read && wp_word_(&line) == NULL;
}

/* ---- the conversation ---- */

/* Keeps a call that waits. */
static void wp_keep_(const wp_call *call) {
    if (wp_waiting_count_ == wp_waiting_room_) {
        size_t room = wp_waiting_room_ * 2 + 16;
        wp_call *more = (wp_call *)realloc(wp_waiting_, room * sizeof *more);
        if (more == NULL) {
            wp_error(call->id, "ENOBUFS");
            return;
        }
        wp_waiting_ = more;
        wp_waiting_room_ = room;
    }
    wp_waiting_[wp_waiting_count_] = *call;
    wp_waiting_[wp_waiting_count_++].again = 1;
}

/* Ends the calls that wait on a socket, and those of accept on a listener. */
static void wp_drop_(uint32_t socket) {
    size_t i, kept = 0;
    for (i = 0; i < wp_waiting_count_; i++) {
        const wp_call *call = &wp_waiting_[i];
        if (call->socket == socket || (call->kind == WP_ACCEPT && call->listener == socket)) {
            wp_error(call->id, "EBADF");
        } else {
            wp_waiting_[kept++] = *call;
        }
    }
    wp_waiting_count_ = kept;
}

/* Tries the calls that wait; 1 if one of them ended. */
static int wp_retry_(const wp_device *device, void *user) {
    size_t i, kept = 0, count = wp_waiting_count_;
    for (i = 0; i < count; i++) {
        wp_call call = wp_waiting_[i];
        if (device->call(user, &call) == WP_LATER) wp_waiting_[kept++] = call;
    }
    wp_waiting_count_ = kept;
    return kept < count;
}

/* Lets the stack run until no call can end any more: what an application takes can open a window. */
static uint64_t wp_run_(const wp_device *device, void *user) {
    uint64_t wake;
    do {
        wake = device->run(user, wp_time_);
    } while (wp_retry_(device, user));
    return wake;
}

/* 1: it was understood, if only as a call. */
static int wp_handle_call_(const wp_device *device, void *user, char *line) {
    static const char *const names[] = {
        "listen", "accept", "connect", "send", "fill", "sendurgent", "recv", "shutdown", "close", "abort", "state",
        "children", "set", "udp", "udpsend", "udprecv"
    };
    wp_call call;
    int kind;
    memset(&call, 0, sizeof call);
    if (!wp_number_(wp_word_(&line), UINT64_MAX, &call.id)) {
        puts("error expected the number of a call");
        return 0;
    }
    kind = wp_find_(names, sizeof names / sizeof *names, wp_word_(&line));
    if (kind < 0) {
        wp_error(call.id, "ENOTSUP");
        return 1;
    }
    call.kind = (wp_call_kind)kind;
    if (!wp_read_arguments_(line, &call)) {
        wp_error(call.id, "EINVAL");
        return 1;
    }
    if (call.kind == WP_CLOSE) wp_drop_(call.socket);
    if (device->call(user, &call) == WP_LATER) {
        call.data = NULL;
        call.length = 0;
        call.word = NULL;
        wp_keep_(&call);
    }
    return 1;
}

/* Whether a line is nothing but words of hexadecimal, two digits an octet. */
static int wp_is_hex_(const char *line) {
    size_t digits = 0;
    for (;; line++) {
        if (wp_digit_(*line) >= 0) {
            digits++;
        } else if (*line == '-' ? digits != 0 : digits % 2 != 0 || strchr(" \t\r", *line) == NULL) {
            return 0;
        } else if (*line == '\0') {
            return 1;
        } else {
            digits = *line == '-' ? 2 : 0;
        }
    }
}

static void wp_handle_frames_(const wp_device *device, void *user, char *line) {
    char *word;
    while ((word = wp_word_(&line)) != NULL) {
        uint8_t *octets;
        size_t length;
        if (wp_hex_(word, &octets, &length)) device->frame(user, octets, length);
    }
}

/* A request behind `at`; the time is moved only if the request is understood. 1: it was. */
static int wp_handle_at_(const wp_device *device, void *user, char *line) {
    char *word = wp_word_(&line);
    uint64_t time;
    if (!wp_number_(word, UINT64_MAX - 1, &time)) {
        puts("error expected the time in nanoseconds behind `at`");
        return 0;
    }
    if (time < wp_time_) {
        printf("error expected a time of at least %" PRIu64 ", found %" PRIu64 "\n", wp_time_, time);
        return 0;
    }
    word = wp_word_(&line);
    if (word != NULL && strcmp(word, "run") == 0) {
        wp_time_ = time;
    } else if (word != NULL && strcmp(word, "frame") == 0) {
        if (!wp_is_hex_(line)) {
            puts("error expected frames in hexadecimal, two digits an octet");
            return 0;
        }
        wp_time_ = time;
        wp_handle_frames_(device, user, line);
    } else if (word != NULL && strcmp(word, "call") == 0) {
        uint64_t before = wp_time_;
        wp_time_ = time;
        if (!wp_handle_call_(device, user, line)) {
            wp_time_ = before;
            return 0;
        }
    } else {
        printf("error expected frame, call or run, found `%.40s`\n", word == NULL ? "" : word);
        return 0;
    }
    return 1;
}

static int wp_handle_reset_(const wp_device *device, void *user, char *line) {
    wp_setup setup;
    const char *wrong = wp_read_setup_(line, &setup);
    if (wrong != NULL) {
        printf("error cannot read `%.80s`\n", wrong);
        return 0;
    }
    wp_waiting_count_ = 0;
    wp_time_ = 0;
    device->reset(user, &setup);
    return 1;
}

/* Where the requests come from: define it before the include to read elsewhere; EOF at the end. */
#ifndef WP_GETC
#define WP_GETC() getc(stdin)
#endif

/* A line without its end: its length, -1 at the end of the input, -2 if it is too long (and was skipped). */
static long wp_read_line_(char **line, size_t *room) {
    size_t length = 0;
    int is_long = 0, c;
    while ((c = WP_GETC()) != EOF && c != '\n') {
        if (length + 1 >= *room && !is_long) {
            size_t more = *room * 2 + 4096;
            char *bigger = *room > WP_MAX_LINE ? NULL : (char *)realloc(*line, more);
            if (bigger == NULL) {
                is_long = 1;
            } else {
                *line = bigger;
                *room = more;
            }
        }
        if (!is_long) (*line)[length++] = (char)c;
    }
    if (c == EOF) return -1;
    if (is_long) return -2;
    if (*room == 0) {
        *line = (char *)malloc(16);
        if (*line == NULL) return -1;
        *room = 16;
    }
    (*line)[length] = '\0';
    return (long)length;
}

static void wp_greet_(const wp_device *device) {
    const char *word = device->properties == NULL ? "" : device->properties;
    printf("wireproof 1 %s %s\ncapability %s\n", device->name, device->version, device->capabilities);
    while (*(word += strspn(word, " ")) != '\0') {
        int name = (int)strcspn(word, " "), value;
        const char *number = word + name + strspn(word + name, " ");
        value = (int)strcspn(number, " ");
        printf("property %.*s %.*s\n", name, word, value, number);
        word = number + value;
    }
    puts("ready");
    fflush(stdout);
}

int wp_serve(const wp_device *device, void *user) {
    char *line = NULL;
    size_t room = 0;
    uint64_t wake = WP_NEVER;
    int is_reset = 0, status = 0;
    setvbuf(stdout, NULL, _IOFBF, (size_t)1 << 16);
    wp_greet_(device);
    for (;;) {
        long length = wp_read_line_(&line, &room);
        char *rest = line, *word;
        int understood = 0;
        if (length == -1) break;
        if (length == -2) {
            puts("error a line is longer than 1 MiB");
        } else if ((word = wp_word_(&rest)) == NULL) {
            continue;
        } else if (strcmp(word, "quit") == 0) {
            break;
        } else if (strcmp(word, "reset") == 0) {
            understood = wp_handle_reset_(device, user, rest);
            is_reset = is_reset || understood;
        } else if (strcmp(word, "at") != 0) {
            printf("error expected reset, at or quit, found `%.40s`\n", word);
        } else if (!is_reset) {
            puts("error expected reset first");
        } else {
            understood = wp_handle_at_(device, user, rest);
        }
        if (understood) wake = wp_run_(device, user);
        if (wake == WP_NEVER) puts("wake never");
        else if (wake <= wp_time_) puts("wake now");
        else printf("wake %" PRIu64 "\n", wake);
        if (fflush(stdout) != 0) {
            status = 1;
            break;
        }
    }
    free(line);
    free(wp_waiting_);
    wp_waiting_ = NULL;
    wp_waiting_count_ = wp_waiting_room_ = 0;
    return status;
}

#endif /* WIREPROOF_ADAPTER_IMPLEMENTATION */
