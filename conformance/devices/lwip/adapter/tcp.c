/* The calls on TCP sockets.
 *
 * lwIP owns a connection's memory and frees it when it likes. An extension argument tells when that happens, so that a
 * socket always knows whether its connection is still there, after `close` as well. Data that arrive are kept here and
 * given back to the window (tcp_recved) only when the application takes them. */
#include "sockets.h"

#include <stdlib.h>
#include <string.h>

#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

/* The most that tcp_write and tcp_recved take at once. */
#define MAX_AT_ONCE 0xffff
/* The most octets that one result carries: two digits each have to fit into a line of the protocol. */
#define MAX_RESULT 500000

static const char *const state_names[] = {
    [CLOSED] = "CLOSED",         [LISTEN] = "LISTEN",           [SYN_SENT] = "SYN-SENT",
    [SYN_RCVD] = "SYN-RECEIVED", [ESTABLISHED] = "ESTABLISHED", [FIN_WAIT_1] = "FIN-WAIT-1",
    [FIN_WAIT_2] = "FIN-WAIT-2", [CLOSE_WAIT] = "CLOSE-WAIT",   [CLOSING] = "CLOSING",
    [LAST_ACK] = "LAST-ACK",     [TIME_WAIT] = "TIME-WAIT",
};

static u8_t life_argument;
static uint32_t next_turn = 1;

static void handle_destroyed(u8_t id, void *data)
{
    struct socket *socket = data;
    LWIP_UNUSED_ARG(id);
    if (socket != NULL) {
        socket->tcp = NULL;
    }
}

static err_t handle_passive_open(u8_t id, struct tcp_pcb_listen *listener, struct tcp_pcb *child);

static const struct tcp_ext_arg_callbacks life_callbacks = {handle_destroyed, handle_passive_open};

static void follow_life(struct socket *socket, struct tcp_pcb *tcp)
{
    static bool has_argument;
    if (!has_argument) {
        life_argument = tcp_ext_arg_alloc_id();
        has_argument = true;
    }
    tcp_ext_arg_set_callbacks(tcp, life_argument, &life_callbacks);
    tcp_ext_arg_set(tcp, life_argument, socket);
    socket->tcp = tcp;
}

static err_t handle_received(void *arg, struct tcp_pcb *tcp, struct pbuf *p, err_t error)
{
    struct socket *socket = arg;
    LWIP_UNUSED_ARG(tcp);
    LWIP_UNUSED_ARG(error);
    if (p == NULL) {
        socket->ended = true;
        return ERR_OK;
    }
    size_t count = socket->received_length + p->tot_len;
    if (count > socket->received_room) {
        uint8_t *larger = realloc(socket->received, 2 * count);
        if (larger == NULL) {
            return ERR_MEM;
        }
        socket->received = larger;
        socket->received_room = 2 * count;
    }
    pbuf_copy_partial(p, socket->received + socket->received_length, p->tot_len, 0);
    socket->received_length = count;
    pbuf_free(p);
    return ERR_OK;
}

static void handle_error(void *arg, err_t error)
{
    struct socket *socket = arg;
    if (error == ERR_CLSD) {
        /* Both ends had their say. */
        socket->ended = true;
    } else {
        socket->error = error;
    }
}

static err_t handle_connected(void *arg, struct tcp_pcb *tcp, err_t error)
{
    struct socket *socket = arg;
    LWIP_UNUSED_ARG(tcp);
    LWIP_UNUSED_ARG(error);
    socket->connecting = false;
    return ERR_OK;
}

static void set_callbacks(struct socket *socket)
{
    tcp_arg(socket->tcp, socket);
    tcp_recv(socket->tcp, handle_received);
    tcp_err(socket->tcp, handle_error);
}

static void clear_callbacks(struct tcp_pcb *tcp)
{
    tcp_arg(tcp, NULL);
    tcp_recv(tcp, NULL);
    tcp_err(tcp, NULL);
}

/* A SYN came to a listener: the connection has its options before the answer is sent. */
static err_t handle_passive_open(u8_t id, struct tcp_pcb_listen *listener, struct tcp_pcb *child)
{
    struct socket *parent = listener->ext_args[id].data;
    struct socket *socket = new_socket();
    if (socket == NULL) {
        return ERR_MEM;
    }
    socket->kind = KIND_STREAM;
    socket->parent = parent;
    socket->options = parent->options;
    follow_life(socket, child);
    tcp_apply_options(socket);
    return ERR_OK;
}

/* The handshake is complete. Until the application accepts, the connection counts against the backlog. */
static err_t handle_accept(void *arg, struct tcp_pcb *tcp, err_t error)
{
    struct socket *socket;
    LWIP_UNUSED_ARG(arg);
    if (tcp == NULL || error != ERR_OK) {
        return ERR_VAL;
    }
    socket = tcp_ext_arg_get(tcp, life_argument);
    set_callbacks(socket);
    tcp_backlog_delayed(tcp);
    socket->turn = next_turn++;
    return ERR_OK;
}

void tcp_apply_options(struct socket *socket)
{
    const struct options *options = &socket->options;
    if (socket->tcp == NULL || socket->kind != KIND_STREAM) {
        return;
    }
    if (options->nodelay) {
        tcp_nagle_disable(socket->tcp);
    } else {
        tcp_nagle_enable(socket->tcp);
    }
    if (options->keepalive) {
        ip_set_option(socket->tcp, SOF_KEEPALIVE);
    } else {
        ip_reset_option(socket->tcp, SOF_KEEPALIVE);
    }
    if (options->keep_idle != 0) {
        socket->tcp->keep_idle = options->keep_idle;
    }
    if (options->keep_interval != 0) {
        socket->tcp->keep_intvl = options->keep_interval;
    }
    if (options->keep_count != 0) {
        socket->tcp->keep_cnt = options->keep_count;
    }
}

void tcp_call_listen(const wp_call *call, struct socket *socket)
{
    u8_t backlog = (u8_t)LWIP_MIN(call->backlog, 255);
    struct tcp_pcb *listener, *tcp = tcp_new_ip_type(IPADDR_TYPE_ANY);
    err_t error;
    if (tcp == NULL) {
        wp_error(call->id, "ENOBUFS");
        return;
    }
    ip_set_option(tcp, SOF_REUSEADDR);
    error = tcp_bind(tcp, IP_ANY_TYPE, call->port);
    if (error == ERR_OK) {
        listener = tcp_listen_with_backlog_and_err(tcp, backlog, &error);
        if (listener != NULL) {
            socket->kind = KIND_LISTENER;
            follow_life(socket, listener);
            tcp_accept(listener, handle_accept);
            wp_ok(call->id);
            return;
        }
    }
    tcp_abort(tcp);
    wp_error(call->id, errno_of(error));
}

/* Why a connection that is gone cannot be used, for the calls that want to use it. */
static const char *why_gone(const struct socket *socket)
{
    return socket->error == ERR_OK ? "ENOTCONN" : errno_of(socket->error);
}

/* A connection to be opened; the SYN goes out. What went wrong, ERR_OK for nothing. */
static err_t start_connect(const wp_call *call, struct socket *socket)
{
    ip_addr_t address;
    struct tcp_pcb *tcp;
    err_t error = ERR_OK;
    if (!to_lwip_address(&address, &call->address)) {
        return ERR_ARG;
    }
    tcp = tcp_new_ip_type(IP_GET_TYPE(&address));
    if (tcp == NULL) {
        return ERR_MEM;
    }
    follow_life(socket, tcp);
    set_callbacks(socket);
    tcp_apply_options(socket);
    if (call->local_port != 0) {
        ip_set_option(tcp, SOF_REUSEADDR);
        error = tcp_bind(tcp, IP_IS_V6(&address) ? IP6_ADDR_ANY : IP4_ADDR_ANY, call->local_port);
    }
    if (error == ERR_OK) {
        error = tcp_connect(tcp, &address, call->port, handle_connected);
    }
    if (error != ERR_OK) {
        clear_callbacks(tcp);
        tcp_abort(tcp);
    }
    return error;
}

wp_later tcp_call_connect(const wp_call *call, struct socket *socket)
{
    if (!call->again) {
        socket->kind = KIND_STREAM;
        socket->connecting = true;
        socket->error = start_connect(call, socket);
        if (socket->error != ERR_OK) {
            wp_error(call->id, errno_of(socket->error));
            return WP_DONE;
        }
    }
    if (socket->tcp != NULL && socket->connecting) {
        return WP_LATER;
    }
    if (socket->tcp == NULL) {
        wp_error(call->id, socket->connecting && socket->error == ERR_RST ? "ECONNREFUSED" : why_gone(socket));
    } else {
        wp_address here = address_of(&socket->tcp->local_ip);
        wp_ok_endpoint(call->id, &here, socket->tcp->local_port);
    }
    return WP_DONE;
}

void tcp_call_send(const wp_call *call, struct socket *socket, const uint8_t *octets, size_t length)
{
    size_t taken = 0;
    err_t error = ERR_OK;
    if (socket->no_more_writing) {
        wp_error(call->id, "EPIPE");
        return;
    }
    if (socket->tcp == NULL) {
        wp_error(call->id, why_gone(socket));
        return;
    }
    while (taken < length && error == ERR_OK) {
        size_t room = tcp_sndbuf(socket->tcp);
        size_t some = LWIP_MIN(LWIP_MIN(length - taken, room), MAX_AT_ONCE);
        bool more = taken + some < length && some < room;
        if (some == 0) {
            break;
        }
        error = tcp_write(socket->tcp, octets + taken, (u16_t)some,
                          TCP_WRITE_FLAG_COPY | (more ? TCP_WRITE_FLAG_MORE : 0));
        taken += error == ERR_OK ? some : 0;
    }
    if (taken == 0 && error != ERR_OK && error != ERR_MEM) {
        wp_error(call->id, errno_of(error));
        return;
    }
    tcp_output(socket->tcp);
    wp_ok_count(call->id, taken);
}

void tcp_call_shutdown(const wp_call *call, struct socket *socket)
{
    bool reading = call->how != WP_WRITE, writing = call->how != WP_READ;
    err_t error;
    if (socket->tcp == NULL) {
        wp_error(call->id, why_gone(socket));
        return;
    }
    if (writing && socket->no_more_writing && !reading) {
        wp_ok(call->id);
        return;
    }
    error = tcp_shutdown(socket->tcp, reading, writing);
    if (error != ERR_OK) {
        wp_error(call->id, errno_of(error));
        return;
    }
    socket->no_more_writing |= writing;
    if (reading) {
        socket->ended = true;
        socket->received_length = 0;
    }
    wp_ok(call->id);
}

static bool is_child(const struct socket *socket, const struct socket *listener)
{
    return !socket->has_number && socket->parent == listener && socket->tcp != NULL;
}

void tcp_call_children(const wp_call *call, const struct socket *listener)
{
    wp_children_begin(call->id);
    for (const struct socket *socket = first_socket(); socket != NULL; socket = socket->next) {
        if (is_child(socket, listener)) {
            wp_address peer = address_of(&socket->tcp->remote_ip);
            wp_child(&peer, socket->tcp->remote_port, state_names[socket->tcp->state]);
        }
    }
    wp_children_end();
}

const char *tcp_state_of(const struct socket *socket)
{
    return state_names[socket->tcp == NULL ? CLOSED : socket->tcp->state];
}

void tcp_close_socket(struct socket *socket)
{
    struct tcp_pcb *tcp = socket->tcp;
    if (tcp == NULL) {
        return;
    }
    if (socket->kind == KIND_STREAM) {
        clear_callbacks(tcp);
        tcp_close(tcp);
        return;
    }
    /* What waits to be accepted goes with the listener; handshakes that are under way are lwIP's own affair. */
    for (struct socket *child = first_socket(); child != NULL; child = child->next) {
        if (is_child(child, socket)) {
            child->parent = NULL;
            if (child->turn != 0) {
                clear_callbacks(child->tcp);
                tcp_abort(child->tcp);
            }
        }
    }
    tcp_close(tcp);
}

void tcp_abort_socket(struct socket *socket)
{
    if (socket->tcp != NULL && socket->kind == KIND_STREAM) {
        clear_callbacks(socket->tcp);
        tcp_abort(socket->tcp);
    } else {
        tcp_close_socket(socket);
    }
}

wp_later tcp_call_accept(const wp_call *call, struct socket *listener)
{
    struct socket *ready = NULL;
    wp_address peer;
    for (struct socket *socket = first_socket(); socket != NULL; socket = socket->next) {
        if (is_child(socket, listener) && socket->turn != 0 && (ready == NULL || socket->turn < ready->turn)) {
            ready = socket;
        }
    }
    if (ready == NULL) {
        return WP_LATER;
    }
    /* What was kept for this number gives way to what the listener's connections inherit. */
    for (struct socket *socket = first_socket(); socket != NULL; socket = socket->next) {
        if (socket->has_number && socket->number == call->socket) {
            socket->has_number = false;
        }
    }
    ready->has_number = true;
    ready->number = call->socket;
    ready->parent = NULL;
    tcp_backlog_accepted(ready->tcp);
    peer = address_of(&ready->tcp->remote_ip);
    wp_ok_endpoint(call->id, &peer, ready->tcp->remote_port);
    return WP_DONE;
}

/* Gives the first octets that wait to the application, and their room back to the window. */
static void hand_over(const wp_call *call, struct socket *socket)
{
    size_t length = LWIP_MIN(socket->received_length, LWIP_MIN(call->count, MAX_RESULT));
    wp_ok_data(call->id, socket->received, length);
    socket->received_length -= length;
    memmove(socket->received, socket->received + length, socket->received_length);
    while (socket->tcp != NULL && length > 0) {
        u16_t some = (u16_t)LWIP_MIN(length, MAX_AT_ONCE);
        tcp_recved(socket->tcp, some);
        length -= some;
    }
}

wp_later tcp_call_recv(const wp_call *call, struct socket *socket)
{
    if (socket->received_length > 0) {
        hand_over(call, socket);
    } else if (socket->error != ERR_OK) {
        wp_error(call->id, errno_of(socket->error));
    } else if (socket->ended) {
        wp_ok_end(call->id);
    } else if (socket->tcp == NULL) {
        wp_error(call->id, why_gone(socket));
    } else {
        return WP_LATER;
    }
    return WP_DONE;
}
