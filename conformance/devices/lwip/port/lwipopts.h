/* How lwIP is built for Wireproof: all of its TCP, both versions of IP, Ethernet; nothing above the raw API.
 *
 * What is not set here is lwIP's default (opt.h). Sizes are generous, so that no verdict comes from a small pool;
 * behaviour is left alone. */
#ifndef WIREPROOF_LWIPOPTS_H
#define WIREPROOF_LWIPOPTS_H

/* One loop, no threads: the adapter calls in, lwIP calls back. */
#define NO_SYS                          1
#define SYS_LIGHTWEIGHT_PROT            0
#define LWIP_NETCONN                    0
#define LWIP_SOCKET                     0

/* Memory is the C library's: no pool runs dry, and a sanitizer sees every block. */
#define MEM_LIBC_MALLOC                 1
#define MEMP_MEM_MALLOC                 1
#define MEM_ALIGNMENT                   8

/* Ethernet, IPv4, IPv6. */
#define LWIP_ARP                        1
#define LWIP_ETHERNET                   1
#define ARP_QUEUEING                    1
#define ARP_TABLE_SIZE                  64
#define ETH_PAD_SIZE                    0
#define LWIP_IPV4                       1
#define LWIP_ICMP                       1
#define LWIP_IGMP                       0
#define LWIP_IPV6                       1
#define LWIP_ICMP6                      1
/* Pointers have 8 octets: too many to be kept in the headers of fragments. */
#define IPV6_FRAG_COPYHEADER            1
/* Listener discovery is left out: it would wake the stack ten times a second, and the wire floods multicast anyway. */
#define LWIP_IPV6_MLD                   0
#define LWIP_ND6_NUM_NEIGHBORS          64
#define LWIP_ND6_NUM_DESTINATIONS       64
/* The address is given, and the link has no other host: no autoconfiguration, no duplicate address detection, no router
 * solicitation. */
#define LWIP_IPV6_AUTOCONFIG            0
#define LWIP_IPV6_DUP_DETECT_ATTEMPTS   0
#define LWIP_IPV6_SEND_ROUTER_SOLICIT   0

/* TCP. */
#define LWIP_TCP                        1
#define TCP_MSS                         1460
#define TCP_QUEUE_OOSEQ                 1
#define LWIP_TCP_SACK_OUT               1
#define LWIP_TCP_TIMESTAMPS             1
#define LWIP_WND_SCALE                  1
#define TCP_RCV_SCALE                   2
/* With window scaling 256 KiB, else what 16 bits hold: 65535. */
#define TCP_WND                         (4 * 65535)
#define TCP_SND_BUF                     (4 * 65535)
/* One buffer for each octet sent alone, and then some. */
#define TCP_SND_QUEUELEN                16384
/* For the sockets above the raw API, which are left out; its default would not fit. */
#define TCP_SNDLOWAT                    16384
#define TCP_LISTEN_BACKLOG              1
#define LWIP_TCP_KEEPALIVE              1
/* Servers reuse their port while connections of it linger, as they do with sockets. */
#define SO_REUSE                        1
/* Tells the adapter when a connection comes to be and when its memory goes. */
#define LWIP_TCP_PCB_NUM_EXT_ARGS       1

#define LWIP_UDP                        1
#define LWIP_RAW                        0
#define LWIP_DNS                        0
#define LWIP_DHCP                       0
#define LWIP_STATS                      0

/* Where lwIP asks its port: for initial sequence numbers and for the IPv6 router. */
#define LWIP_HOOK_FILENAME              "wireproof_hooks.h"
#define LWIP_HOOK_TCP_ISN(local_ip, local_port, remote_ip, remote_port) \
    wireproof_isn(local_ip, local_port, remote_ip, remote_port)
#define LWIP_HOOK_ND6_GET_GW(netif, destination) wireproof_gateway6(netif, destination)

#endif
