#include "sockets.h"

#include <stdlib.h>
#include <string.h>

/* The most sockets between two resets. */
#define MAX_SOCKETS 4096
/* The most that one `fill` offers lwIP: more than its send buffer holds. */
#define MAX_FILL (1 << 20)

static struct socket *sockets, **last_socket = &sockets;
static size_t socket_count;

struct socket *first_socket(void)
{
    return sockets;
}

struct socket *new_socket(void)
{
    struct socket *socket = socket_count < MAX_SOCKETS ? calloc(1, sizeof(*socket)) : NULL;
    if (socket != NULL) {
        *last_socket = socket;
        last_socket = &socket->next;
        socket_count++;
    }
    return socket;
}

void sweep_sockets(void)
{
    struct socket **at = &sockets;
    while (*at != NULL) {
        struct socket *socket = *at;
        if (!socket->has_number && socket->tcp == NULL) {
            *at = socket->next;
            free(socket->received);
            free(socket);
            socket_count--;
        } else {
            at = &socket->next;
        }
    }
    last_socket = at;
}

static struct socket *find_socket(uint32_t number)
{
    struct socket *socket = sockets;
    while (socket != NULL && !(socket->has_number && socket->number == number)) {
        socket = socket->next;
    }
    return socket;
}

/* The socket of a number that is used for the first time; NULL, after an error result, if it cannot be had. */
static struct socket *fresh_socket(const wp_call *call)
{
    struct socket *socket = find_socket(call->socket);
    if (socket == NULL) {
        socket = new_socket();
        if (socket == NULL) {
            wp_error(call->id, "EMFILE");
            return NULL;
        }
        socket->has_number = true;
        socket->number = call->socket;
    } else if (socket->kind != KIND_UNUSED) {
        wp_error(call->id, socket->closed ? "EBADF" : "EISCONN");
        return NULL;
    }
    return socket;
}

const char *errno_of(err_t error)
{
    switch (error) {
    case ERR_MEM:
        return "ENOBUFS";
    case ERR_BUF:
        return "EADDRNOTAVAIL";
    case ERR_RTE:
        return "EHOSTUNREACH";
    case ERR_USE:
        return "EADDRINUSE";
    case ERR_ALREADY:
        return "EALREADY";
    case ERR_ISCONN:
        return "EISCONN";
    case ERR_CONN:
    case ERR_CLSD:
        return "ENOTCONN";
    /* lwIP says so when it gives a connection up after too many retransmissions, probes or keep-alives; what the
     * application aborts itself never comes here. */
    case ERR_ABRT:
        return "ETIMEDOUT";
    case ERR_RST:
        return "ECONNRESET";
    default:
        return "EINVAL";
    }
}

wp_address address_of(const ip_addr_t *address)
{
    uint8_t octets[16];
    if (IP_IS_V6(address)) {
        memcpy(octets, ip_2_ip6(address)->addr, 16);
        return wp_address_v6(octets);
    }
    memcpy(octets, &ip_2_ip4(address)->addr, 4);
    return wp_address_v4(octets);
}

bool to_lwip_address(ip_addr_t *to, const wp_address *from)
{
    memset(to, 0, sizeof(*to));
    if (from->family == 6) {
        memcpy(ip_2_ip6(to)->addr, from->octets, 16);
        IP_SET_TYPE(to, IPADDR_TYPE_V6);
    } else {
        memcpy(&ip_2_ip4(to)->addr, from->octets, 4);
        IP_SET_TYPE(to, IPADDR_TYPE_V4);
    }
    return from->family != 0;
}

static void call_fill(const wp_call *call, struct socket *socket)
{
    static uint8_t octets[MAX_FILL];
    size_t length = call->count < MAX_FILL ? (size_t)call->count : MAX_FILL;
    wp_pattern(call->offset, octets, length);
    tcp_call_send(call, socket, octets, length);
}

static void call_close(const wp_call *call, struct socket *socket)
{
    socket->closed = true;
    if (socket->kind == KIND_DATAGRAM) {
        udp_close_socket(socket);
    } else if (call->kind == WP_ABORT) {
        tcp_abort_socket(socket);
    } else {
        tcp_close_socket(socket);
    }
    free(socket->received);
    socket->received = NULL;
    socket->received_length = socket->received_room = 0;
    wp_ok(call->id);
}

static bool set_option(struct options *options, const wp_call *call)
{
    bool is_switch = call->option == WP_NODELAY || call->option == WP_KEEPALIVE;
    if (is_switch ? call->value > 1 : call->value == 0 || call->value > UINT32_MAX) {
        return false;
    }
    switch (call->option) {
    case WP_NODELAY:
        options->nodelay = call->value != 0;
        return true;
    case WP_KEEPALIVE:
        options->keepalive = call->value != 0;
        return true;
    case WP_KEEPIDLE:
        options->keep_idle = (uint32_t)call->value;
        return true;
    case WP_KEEPINTERVAL:
        options->keep_interval = (uint32_t)call->value;
        return true;
    case WP_KEEPCOUNT:
        options->keep_count = (uint32_t)call->value;
        return true;
    default:
        return false;
    }
}

static void call_set(const wp_call *call, struct socket *socket)
{
    if (socket == NULL) {
        socket = fresh_socket(call);
    }
    if (socket == NULL) {
        return;
    }
    if (call->option > WP_KEEPCOUNT) {
        wp_error(call->id, "ENOTSUP");
    } else if (socket->closed) {
        wp_error(call->id, "EBADF");
    } else if (!set_option(&socket->options, call)) {
        wp_error(call->id, "EINVAL");
    } else {
        tcp_apply_options(socket);
        wp_ok(call->id);
    }
}

static wp_later call_accept(const wp_call *call)
{
    struct socket *listener = find_socket(call->listener);
    if (listener == NULL || listener->closed) {
        wp_error(call->id, "EBADF");
    } else if (listener->kind != KIND_LISTENER) {
        wp_error(call->id, "EINVAL");
    } else if (fresh_socket(call) != NULL) {
        return tcp_call_accept(call, listener);
    }
    return WP_DONE;
}

/* Calls on a connection. */
static wp_later call_stream(const wp_call *call, struct socket *socket)
{
    switch (call->kind) {
    case WP_CONNECT:
        return tcp_call_connect(call, socket);
    case WP_SEND:
        tcp_call_send(call, socket, call->data, call->length);
        return WP_DONE;
    case WP_FILL:
        call_fill(call, socket);
        return WP_DONE;
    case WP_RECV:
        return tcp_call_recv(call, socket);
    case WP_SHUTDOWN:
        tcp_call_shutdown(call, socket);
        return WP_DONE;
    default:
        wp_error(call->id, call->kind == WP_SENDURGENT ? "ENOTSUP" : "EINVAL");
        return WP_DONE;
    }
}

/* Calls on a socket that the application has. */
static wp_later call_open(const wp_call *call, struct socket *socket)
{
    if (call->kind == WP_CLOSE || call->kind == WP_ABORT) {
        call_close(call, socket);
    } else if (socket->kind == KIND_STREAM) {
        return call_stream(call, socket);
    } else if (socket->kind == KIND_LISTENER && call->kind == WP_CHILDREN) {
        tcp_call_children(call, socket);
    } else if (socket->kind == KIND_DATAGRAM && call->kind == WP_UDPSEND) {
        udp_call_send(call, socket);
    } else if (socket->kind == KIND_DATAGRAM && call->kind == WP_UDPRECV) {
        return udp_call_recv(call, socket);
    } else {
        wp_error(call->id, "EINVAL");
    }
    return WP_DONE;
}

wp_later make_call(const wp_call *call)
{
    struct socket *socket = find_socket(call->socket);
    switch (call->kind) {
    case WP_LISTEN:
    case WP_UDP:
    case WP_CONNECT:
        if (call->again) {
            break;
        }
        if (call->port == 0) {
            wp_error(call->id, "EINVAL");
        } else if ((socket = fresh_socket(call)) != NULL) {
            if (call->kind == WP_CONNECT) {
                return tcp_call_connect(call, socket);
            }
            (call->kind == WP_LISTEN ? tcp_call_listen : udp_call_open)(call, socket);
        }
        return WP_DONE;
    case WP_ACCEPT:
        return call_accept(call);
    case WP_SET:
        call_set(call, socket);
        return WP_DONE;
    case WP_STATE:
        if (socket != NULL) {
            wp_ok_state(call->id, tcp_state_of(socket));
            return WP_DONE;
        }
        break;
    default:
        break;
    }
    if (socket == NULL || socket->closed || socket->kind == KIND_UNUSED) {
        wp_error(call->id, "EBADF");
        return WP_DONE;
    }
    return call_open(call, socket);
}
