/*
 * An adapter around the smallest stack worth the name: IPv4 over Ethernet, ARP, echo replies, UDP. Written to be read beside
 * README.md; with a real stack the functions of the first half are the stack's own, and only the second half is yours.
 *
 *     cc -std=c99 -Wall -O2 -o udp_echo udp_echo.c
 *     wireproof adapter-check --device-command ./udp_echo
 */
#define WIREPROOF_ADAPTER_IMPLEMENTATION
#include "../wireproof_adapter.h"

#define MAX_FRAMES 64
#define MAX_SOCKETS 16
#define MAX_FRAME 1514

/* ---- the stack ---- */

struct frame {
    uint8_t octets[MAX_FRAME];
    size_t length;
};

struct datagram {
    struct datagram *next;
    wp_address from;
    uint16_t port;
    size_t length;
    uint8_t octets[MAX_FRAME];
};

struct socket {
    uint32_t number; /* the harness's, 0: free */
    uint16_t port;
    int is_closed;
    struct datagram *first, **end;
};

/* Everything that a reset forgets. */
static struct stack {
    uint8_t mac[6];
    uint8_t address[4];
    int has_neighbour;
    uint8_t neighbour[6]; /* whoever asked last: enough for a wire with two ends */
    struct frame queue[MAX_FRAMES];
    size_t queued;
    struct socket sockets[MAX_SOCKETS];
} stack;

static unsigned get16(const uint8_t *octets) { return (unsigned)(octets[0] << 8 | octets[1]); }

static void put16(uint8_t *octets, unsigned value) {
    octets[0] = (uint8_t)(value >> 8);
    octets[1] = (uint8_t)value;
}

/* RFC 1071. */
static unsigned checksum(const uint8_t *octets, size_t length) {
    unsigned long sum = 0;
    size_t i;
    for (i = 0; i + 1 < length; i += 2) sum += get16(octets + i);
    if (length % 2 != 0) sum += (unsigned)octets[length - 1] << 8;
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return (unsigned)~sum & 0xffff;
}

/* RFC 826: answers a request for this host's address. */
static void arp(const uint8_t *in, size_t length) {
    uint8_t out[42];
    if (length < 42 || get16(in + 20) != 1 || memcmp(in + 38, stack.address, 4) != 0) return;
    memcpy(stack.neighbour, in + 22, 6);
    stack.has_neighbour = 1;
    memcpy(out, in + 22, 6);
    memcpy(out + 6, stack.mac, 6);
    memcpy(out + 12, in + 12, 8); /* the types */
    put16(out + 20, 2);
    memcpy(out + 22, stack.mac, 6);
    memcpy(out + 28, stack.address, 4);
    memcpy(out + 32, in + 22, 10); /* the asker's addresses */
    wp_frame(out, sizeof out);
}

/* Puts an IPv4 header before what stands at out + 34, and sends it. */
static void send_ipv4(uint8_t *out, size_t payload, uint8_t protocol, const uint8_t to[4]) {
    if (!stack.has_neighbour) return;
    memcpy(out, stack.neighbour, 6);
    memcpy(out + 6, stack.mac, 6);
    put16(out + 12, 0x0800);
    memset(out + 14, 0, 20);
    out[14] = 0x45;
    put16(out + 16, (unsigned)(20 + payload));
    put16(out + 20, 0x4000);
    out[22] = 64;
    out[23] = protocol;
    memcpy(out + 26, stack.address, 4);
    memcpy(out + 30, to, 4);
    put16(out + 24, checksum(out + 14, 20));
    wp_frame(out, 34 + payload);
}

static void icmp(const uint8_t *from, const uint8_t *in, size_t length) {
    uint8_t out[MAX_FRAME];
    if (length < 8 || length > MAX_FRAME - 34 || in[0] != 8 || checksum(in, length) != 0) return;
    memcpy(out + 34, in, length);
    out[34] = 0;
    put16(out + 36, 0);
    put16(out + 36, checksum(out + 34, length));
    send_ipv4(out, length, 1, from);
}

static void udp(const uint8_t *from, const uint8_t *in, size_t length) {
    size_t i;
    if (length < 8 || get16(in + 4) < 8 || get16(in + 4) > length) return;
    for (i = 0; i < MAX_SOCKETS; i++) {
        struct socket *socket = &stack.sockets[i];
        struct datagram *datagram;
        if (socket->number == 0 || socket->is_closed || socket->port != get16(in + 2)) continue;
        if ((datagram = malloc(sizeof *datagram)) == NULL) return;
        datagram->next = NULL;
        datagram->from = wp_address_v4(from);
        datagram->port = (uint16_t)get16(in);
        datagram->length = get16(in + 4) - 8;
        memcpy(datagram->octets, in + 8, datagram->length);
        *socket->end = datagram;
        socket->end = &datagram->next;
    }
}

static void input(const uint8_t *in, size_t length) {
    size_t header, total;
    if (length >= 14 && get16(in + 12) == 0x0806) arp(in, length);
    if (length < 34 || get16(in + 12) != 0x0800 || in[14] >> 4 != 4) return;
    header = (size_t)(in[14] & 15) * 4;
    total = get16(in + 16);
    if (header < 20 || total < header || total > length - 14 || checksum(in + 14, header) != 0) return;
    if (memcmp(in + 30, stack.address, 4) != 0 || (get16(in + 20) & 0x3fff) != 0) return;
    if (in[23] == 1) icmp(in + 26, in + 14 + header, total - header);
    if (in[23] == 17) udp(in + 26, in + 14 + header, total - header);
}

/* ---- the adapter ---- */

static struct socket *find(uint32_t number) {
    size_t i;
    for (i = 0; i < MAX_SOCKETS; i++) {
        if (stack.sockets[i].number == number) return &stack.sockets[i];
    }
    return NULL;
}

static void reset(void *user, const wp_setup *setup) {
    size_t i;
    (void)user;
    for (i = 0; i < MAX_SOCKETS; i++) {
        while (stack.sockets[i].first != NULL) {
            struct datagram *next = stack.sockets[i].first->next;
            free(stack.sockets[i].first);
            stack.sockets[i].first = next;
        }
    }
    memset(&stack, 0, sizeof stack);
    memcpy(stack.mac, setup->mac, 6);
    memcpy(stack.address, setup->ipv4.octets, 4);
}

static void frame(void *user, const uint8_t *octets, size_t length) {
    (void)user;
    if (length > MAX_FRAME || stack.queued == MAX_FRAMES) return;
    memcpy(stack.queue[stack.queued].octets, octets, length);
    stack.queue[stack.queued++].length = length;
}

static uint64_t run(void *user, uint64_t now) {
    size_t i;
    (void)user;
    (void)now;
    for (i = 0; i < stack.queued; i++) input(stack.queue[i].octets, stack.queue[i].length);
    stack.queued = 0;
    return WP_NEVER; /* no timers */
}

static void udp_open(const wp_call *call) {
    struct socket *socket = find(0);
    if (find(call->socket) != NULL) {
        wp_error(call->id, "EINVAL");
    } else if (socket == NULL) {
        wp_error(call->id, "EMFILE");
    } else {
        socket->number = call->socket;
        socket->port = call->port;
        socket->end = &socket->first;
        wp_ok(call->id);
    }
}

static void udp_send(const wp_call *call, const struct socket *socket) {
    uint8_t out[MAX_FRAME];
    if (call->address.family != 4 || call->length > MAX_FRAME - 42) {
        wp_error(call->id, call->address.family != 4 ? "EINVAL" : "EMSGSIZE");
        return;
    }
    put16(out + 34, socket->port);
    put16(out + 36, call->port);
    put16(out + 38, (unsigned)(8 + call->length));
    put16(out + 40, 0); /* no checksum: RFC 768 allows it */
    memcpy(out + 42, call->data, call->length);
    send_ipv4(out, 8 + call->length, 17, call->address.octets);
    wp_ok(call->id);
}

/* Waits until something is there: after WP_LATER the header asks again behind each run. */
static wp_later udp_recv(const wp_call *call, struct socket *socket) {
    struct datagram *datagram = socket->first;
    if (datagram == NULL) return WP_LATER;
    wp_ok_datagram(call->id, &datagram->from, datagram->port, datagram->octets,
                   datagram->length < call->count ? datagram->length : (size_t)call->count);
    socket->first = datagram->next;
    if (socket->first == NULL) socket->end = &socket->first;
    free(datagram);
    return WP_DONE;
}

static wp_later call(void *user, const wp_call *call) {
    struct socket *socket = find(call->socket);
    (void)user;
    if (call->kind == WP_UDP) {
        udp_open(call);
    } else if (socket == NULL || socket->is_closed || call->socket == 0) {
        wp_error(call->id, "EBADF");
    } else if (call->kind == WP_UDPSEND) {
        udp_send(call, socket);
    } else if (call->kind == WP_UDPRECV) {
        return udp_recv(call, socket);
    } else if (call->kind == WP_CLOSE) {
        socket->is_closed = 1;
        wp_ok(call->id);
    } else {
        wp_error(call->id, "ENOTSUP");
    }
    return WP_DONE;
}

int main(void) {
    static const wp_device device = {"udp-echo", "1", "ipv4 udp close", "", reset, frame, call, run};
    return wp_serve(&device, NULL);
}
