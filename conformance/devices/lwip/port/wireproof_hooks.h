/* The hooks that lwipopts.h names; adapter/stack.c holds them. */
#ifndef WIREPROOF_HOOKS_H
#define WIREPROOF_HOOKS_H

#include "lwip/arch.h"
#include "lwip/ip_addr.h"

struct netif;

u32_t wireproof_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip, u16_t remote_port);
const ip6_addr_t *wireproof_gateway6(struct netif *netif, const ip6_addr_t *destination);

#endif
