/* The harness's sockets on lwIP's raw API: calls.c holds the table and tells the calls apart, tcp.c and udp.c make them. */
#ifndef WIREPROOF_SOCKETS_H
#define WIREPROOF_SOCKETS_H

#include <stdbool.h>

#include "lwip/err.h"
#include "lwip/ip_addr.h"
#include "wireproof_adapter.h"

struct tcp_pcb;
struct udp_pcb;

/* What an application asked of a socket; times in milliseconds, 0 for lwIP's own. */
struct options {
    bool nodelay, keepalive;
    uint32_t keep_idle, keep_interval, keep_count;
};

struct datagram {
    struct datagram *next;
    ip_addr_t address;
    uint16_t port;
    size_t length;
    uint8_t octets[];
};

enum kind { KIND_UNUSED, KIND_LISTENER, KIND_STREAM, KIND_DATAGRAM };

struct socket {
    struct socket *next;
    enum kind kind;
    bool has_number; /* not yet, for a connection that nobody accepted */
    uint32_t number; /* the harness's */
    struct options options;
    bool closed; /* by the application */

    struct tcp_pcb *tcp;   /* NULL once lwIP has given it up */
    struct socket *parent; /* the listener of a connection that nobody accepted; NULL when that is closed */
    uint32_t turn;         /* among those that can be accepted, from 1; 0: not yet */
    bool connecting, ended, no_more_writing;
    err_t error;           /* why the connection is gone; ERR_OK: not known */
    uint8_t *received;     /* what the application has not taken, and the window therefore counts */
    size_t received_length, received_room;

    struct udp_pcb *udp;
    struct datagram *datagrams;
};

/* Makes a call, or tries one that waits again. */
wp_later make_call(const wp_call *call);
/* Forgets connections that ended before anybody accepted them. */
void sweep_sockets(void);

/* The table, in the order in which sockets came to be. */
struct socket *first_socket(void);
struct socket *new_socket(void);

const char *errno_of(err_t error);
wp_address address_of(const ip_addr_t *address);
bool to_lwip_address(ip_addr_t *to, const wp_address *from);

void tcp_call_listen(const wp_call *call, struct socket *socket);
wp_later tcp_call_accept(const wp_call *call, struct socket *listener);
wp_later tcp_call_connect(const wp_call *call, struct socket *socket);
void tcp_call_send(const wp_call *call, struct socket *socket, const uint8_t *octets, size_t length);
wp_later tcp_call_recv(const wp_call *call, struct socket *socket);
void tcp_call_shutdown(const wp_call *call, struct socket *socket);
void tcp_call_children(const wp_call *call, const struct socket *listener);
const char *tcp_state_of(const struct socket *socket);
void tcp_close_socket(struct socket *socket);
void tcp_abort_socket(struct socket *socket);
void tcp_apply_options(struct socket *socket);

void udp_call_open(const wp_call *call, struct socket *socket);
void udp_call_send(const wp_call *call, struct socket *socket);
wp_later udp_call_recv(const wp_call *call, struct socket *socket);
void udp_close_socket(struct socket *socket);

#endif
