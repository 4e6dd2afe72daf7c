/* The calls on UDP sockets. */
#include "sockets.h"

#include <stdlib.h>

#include "lwip/udp.h"

/* The most datagrams that wait for the application; later ones are lost, as in any stack. */
#define MAX_DATAGRAMS 1024

static void handle_datagram(void *arg, struct udp_pcb *udp, struct pbuf *p, const ip_addr_t *address, u16_t port)
{
    struct socket *socket = arg;
    struct datagram **last = &socket->datagrams;
    struct datagram *datagram;
    size_t waiting = 0;
    LWIP_UNUSED_ARG(udp);
    for (; *last != NULL; last = &(*last)->next) {
        waiting++;
    }
    datagram = waiting < MAX_DATAGRAMS ? malloc(sizeof(*datagram) + p->tot_len) : NULL;
    if (datagram != NULL) {
        datagram->next = NULL;
        datagram->address = *address;
        datagram->port = port;
        datagram->length = pbuf_copy_partial(p, datagram->octets, p->tot_len, 0);
        *last = datagram;
    }
    pbuf_free(p);
}

void udp_call_open(const wp_call *call, struct socket *socket)
{
    struct udp_pcb *udp = udp_new_ip_type(IPADDR_TYPE_ANY);
    err_t error = udp == NULL ? ERR_MEM : udp_bind(udp, IP_ANY_TYPE, call->port);
    if (error != ERR_OK) {
        if (udp != NULL) {
            udp_remove(udp);
        }
        wp_error(call->id, errno_of(error));
        return;
    }
    udp_recv(udp, handle_datagram, socket);
    socket->kind = KIND_DATAGRAM;
    socket->udp = udp;
    wp_ok(call->id);
}

void udp_call_send(const wp_call *call, struct socket *socket)
{
    ip_addr_t address;
    struct pbuf *p = call->length > UINT16_MAX ? NULL : pbuf_alloc(PBUF_TRANSPORT, (u16_t)call->length, PBUF_RAM);
    err_t error;
    if (p == NULL) {
        wp_error(call->id, "EMSGSIZE");
        return;
    }
    pbuf_take(p, call->data, (u16_t)call->length);
    error = to_lwip_address(&address, &call->address) ? udp_sendto(socket->udp, p, &address, call->port) : ERR_ARG;
    pbuf_free(p);
    if (error == ERR_OK) {
        wp_ok(call->id);
    } else {
        wp_error(call->id, errno_of(error));
    }
}

wp_later udp_call_recv(const wp_call *call, struct socket *socket)
{
    struct datagram *datagram = socket->datagrams;
    wp_address from;
    if (datagram == NULL) {
        return WP_LATER;
    }
    from = address_of(&datagram->address);
    wp_ok_datagram(call->id, &from, datagram->port, datagram->octets, LWIP_MIN(datagram->length, call->count));
    socket->datagrams = datagram->next;
    free(datagram);
    return WP_DONE;
}

void udp_close_socket(struct socket *socket)
{
    udp_remove(socket->udp);
    socket->udp = NULL;
    while (socket->datagrams != NULL) {
        struct datagram *datagram = socket->datagrams;
        socket->datagrams = datagram->next;
        free(datagram);
    }
}
