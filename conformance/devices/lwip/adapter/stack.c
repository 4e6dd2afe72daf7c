#include "stack.h"

#include <string.h>

#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include "tcp_isn.h"
#include "wireproof_hooks.h"

#define NANOS_A_MILLI 1000000ULL
/* Stands in for a seed where the harness gives none. */
#define DEFAULT_SEED 1

static wp_setup the_setup;
static struct netif the_netif;
static ip6_addr_t the_gateway6;
static uint64_t random_state;

/* SplitMix64: any seed is a good one. */
static uint64_t next_random(void)
{
    uint64_t word = (random_state += 0x9e3779b97f4a7c15ULL);
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
    return word ^ (word >> 31);
}

/* What lwIP draws. Never 14 ones at the end: it begins to give out ports behind the first number that it draws, and where
 * that is the last of the range, the first connection has port 0, which is an error, and the next ones 1, 2, .. (tcp_init,
 * tcp_new_port). One reset in 16384 would show it, in whatever scenario. */
uint32_t wireproof_rand(void)
{
    uint32_t drawn = (uint32_t)(next_random() >> 32);
    return (drawn & 0x3fff) == 0x3fff ? drawn - 1 : drawn;
}

/* lwIP's clock in whole milliseconds, before it is cut to the 32 bits that lwIP sees. */
static uint64_t clock_millis(void)
{
    return (the_setup.clock + wp_now()) / NANOS_A_MILLI;
}

u32_t sys_now(void)
{
    return (u32_t)clock_millis();
}

u32_t wireproof_isn(const ip_addr_t *local_ip, u16_t local_port, const ip_addr_t *remote_ip, u16_t remote_port)
{
    if (the_setup.has_iss) {
        return the_setup.iss;
    }
    return lwip_hook_tcp_isn(local_ip, local_port, remote_ip, remote_port);
}

const ip6_addr_t *wireproof_gateway6(struct netif *netif, const ip6_addr_t *destination)
{
    LWIP_UNUSED_ARG(netif);
    LWIP_UNUSED_ARG(destination);
    return the_setup.gateway6.family != 0 ? &the_gateway6 : NULL;
}

static err_t link_output(struct netif *netif, struct pbuf *p)
{
    static uint8_t octets[UINT16_MAX];
    LWIP_UNUSED_ARG(netif);
    wp_frame(octets, pbuf_copy_partial(p, octets, p->tot_len, 0));
    return ERR_OK;
}

static err_t interface_init(struct netif *netif)
{
    netif->name[0] = 'w';
    netif->name[1] = 'p';
    netif->hwaddr_len = sizeof(the_setup.mac);
    memcpy(netif->hwaddr, the_setup.mac, sizeof(the_setup.mac));
    netif->mtu = (u16_t)the_setup.mtu;
#if LWIP_ND6_ALLOW_RA_UPDATES
    netif->mtu6 = (u16_t)the_setup.mtu;
#endif
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    netif->output = etharp_output;
    netif->output_ip6 = ethip6_output;
    netif->linkoutput = link_output;
    return ERR_OK;
}

static void set_ip4(ip4_addr_t *to, const wp_address *from)
{
    memcpy(&to->addr, from->octets, sizeof(to->addr));
}

static void set_ip6(ip6_addr_t *to, const wp_address *from)
{
    memcpy(to->addr, from->octets, sizeof(to->addr));
    ip6_addr_clear_zone(to);
    ip6_addr_assign_zone(to, IP6_UNKNOWN, &the_netif);
}

static void add_interface(void)
{
    ip4_addr_t address, netmask, gateway;
    int prefix = the_setup.ipv4_prefix;
    set_ip4(&address, &the_setup.ipv4);
    set_ip4(&gateway, &the_setup.gateway);
    netmask.addr = prefix == 0 ? 0 : PP_HTONL((u32_t)(0xffffffffUL << (32 - prefix)));
    netif_add(&the_netif, &address, &netmask, &gateway, NULL, interface_init, ethernet_input);
    netif_set_default(&the_netif);
    netif_set_up(&the_netif);
    if (the_setup.ipv6.family != 0) {
        ip6_addr_t address6;
        /* lwIP takes an address that it is given for one in a /64, whatever the prefix. */
        set_ip6(&address6, &the_setup.ipv6);
        netif_create_ip6_linklocal_address(&the_netif, 1);
        netif_ip6_addr_set_state(&the_netif, 0, IP6_ADDR_PREFERRED);
        netif_ip6_addr_set(&the_netif, 1, &address6);
        netif_ip6_addr_set_state(&the_netif, 1, IP6_ADDR_PREFERRED);
    }
    set_ip6(&the_gateway6, &the_setup.gateway6);
}

void stack_init(const wp_setup *setup)
{
    uint8_t secret[16];
    the_setup = *setup;
    random_state = setup->has_seed ? setup->seed : DEFAULT_SEED;
    for (size_t i = 0; i < sizeof(secret); i++) {
        secret[i] = (uint8_t)next_random();
    }
    lwip_init_tcp_isn(0, secret);
    /* The coarse clock of TCP, in half seconds. It begins at 1: at 0, in the first half second of the first connection
     * since the machine started, lwIP takes no round-trip times (`rttest` 0 means none is being taken). */
    tcp_ticks = (u32_t)(clock_millis() / TCP_SLOW_INTERVAL) + 1;
    lwip_init();
    add_interface();
}

void stack_input(const uint8_t *octets, size_t length)
{
    struct pbuf *p = length > UINT16_MAX ? NULL : pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_POOL);
    if (p == NULL) {
        wp_log("a frame of %lu octets is lost for want of memory", (unsigned long)length);
        return;
    }
    pbuf_take(p, octets, (u16_t)length);
    if (the_netif.input(p, &the_netif) != ERR_OK) {
        pbuf_free(p);
    }
}

uint64_t stack_run(void)
{
    u32_t left;
    sys_check_timeouts();
    left = sys_timeouts_sleeptime();
    return left == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? WP_NEVER
                                                   : (clock_millis() + left) * NANOS_A_MILLI - the_setup.clock;
}
