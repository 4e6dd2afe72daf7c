//! Ethernet, VLAN, ARP, IPv4, IPv6 and UDP.

pub(crate) const ALL: &[(&str, &str)] = &[
    ("ARP request, padded", ARP_REQUEST),
    ("ARP reply", ARP_REPLY),
    ("ARP for other hardware", ARP_OTHER_HARDWARE),
    ("IEEE 802.3 with LLC", LLC),
    ("unknown EtherType", UNKNOWN_ETHERTYPE),
    ("UDP over IPv4", UDP),
    ("UDP without checksum, with surplus", UDP_SURPLUS),
    ("UDP in one VLAN", UDP_VLAN),
    ("UDP in two VLANs", UDP_TWO_VLANS),
    ("IPv4 with all bits of the flags", IPV4_FLAGS),
    ("IPv4 with options", IPV4_OPTIONS),
    ("IPv4 with a source route", IPV4_SOURCE_ROUTE),
    ("IPv4, first fragment", IPV4_FIRST_FRAGMENT),
    ("IPv4, last fragment", IPV4_LAST_FRAGMENT),
    ("IPv4 with an unknown protocol", IPV4_UNKNOWN_PROTOCOL),
    ("UDP over IPv6", UDP_V6),
    ("IPv6 with hop-by-hop and destination options", IPV6_OPTIONS),
    ("IPv6 with a routing header", IPV6_ROUTING),
    ("IPv6, last fragment", IPV6_LAST_FRAGMENT),
    ("IPv6, atomic fragment", IPV6_ATOMIC_FRAGMENT),
    ("IPv6, no next header", IPV6_NO_NEXT_HEADER),
    ("IPv6, jumbo payload", IPV6_JUMBO),
];

pub(crate) const ARP_REQUEST: &str = "
    ffffffffffff 020000000001 0806      # to all, from the tester, ARP
    0001 0800 06 04                     # Ethernet, IPv4, 6 and 4 octets
    0001                                # request
    020000000001 c0000201               # from 192.0.2.1
    000000000000 c0000202               # who has 192.0.2.2?
    0000 0000 0000 0000 0000 0000 0000 0000 0000 # padding to 60 octets
";

pub(crate) const ARP_REPLY: &str = "
    020000000001 020000000002 0806
    0001 0800 06 04
    0002                                # reply
    020000000002 c0000202
    020000000001 c0000201
";

pub(crate) const ARP_OTHER_HARDWARE: &str = "
    ffffffffffff 020000000001 0806
    0006 0800 06 04                     # IEEE 802 networks (6)
    0001
    020000000001 c0000201
    000000000000 c0000202
";

pub(crate) const LLC: &str = "
    0180c2000000 020000000001 0026      # 38 octets of IEEE 802.2
    42 42 03                            # spanning tree
    0000 00 00 00 8000 020000000001 00000000 8000 020000000001 8001 0000 1400 0200 0f00
";

pub(crate) const UNKNOWN_ETHERTYPE: &str = "
    020000000002 020000000001 88cc      # LLDP
    0207 04 020000000001
";

pub(crate) const UDP: &str = "
    020000000002 020000000001 0800
    45 00 0021                          # version 4, 5 words of header, 33 octets in all
    1234 0000                           # identification, no flags, no offset
    40 11 e494                          # TTL 64, UDP, checksum
    c0000201 c0000202
    0400 0035 000d 33c9                 # 1024 > 53, 13 octets
    68656c6c6f                          # hello
";

pub(crate) const UDP_SURPLUS: &str = "
    020000000002 020000000001 0800
    45 00 0021
    1234 0000
    40 11 e494
    c0000201 c0000202
    0400 0035 000a 0000                 # 10 octets, no checksum
    6865
    6c6c6f                              # of the datagram, not of UDP
";

pub(crate) const UDP_VLAN: &str = "
    020000000002 020000000001
    8100 b064                           # priority 5, may be dropped, VLAN 100
    0800
    45 00 0021 1234 0000 40 11 e494 c0000201 c0000202
    0400 0035 000d 33c9 68656c6c6f
";

pub(crate) const UDP_TWO_VLANS: &str = "
    020000000002 020000000001
    88a8 0007                           # IEEE 802.1ad, VLAN 7
    8100 2fff                           # priority 1, VLAN 4095
    0800
    45 00 0021 1234 0000 40 11 e494 c0000201 c0000202
    0400 0035 000d 33c9 68656c6c6f
";

pub(crate) const IPV4_FLAGS: &str = "
    020000000002 020000000001 0800
    45 bb 0018                          # DSCP 46, ECN 3, 24 octets
    ffff ffff                           # reserved, DF, MF, offset 8191
    01 fd 342b                          # TTL 1, experiment
    c0000201 c0000202
    01020304
";

pub(crate) const IPV4_OPTIONS: &str = "
    020000000002 020000000001 0800
    4f 00 0044                          # 15 words of header, 68 octets
    0000 4000                           # DF
    40 11 d478
    c0000201 c0000202
    94 04 0000                          # router alert
    07 0b 08 c0000209 00000000          # record route, one of two filled
    01                                  # no operation
    44 0c 0d 11 c0000209 0000ea60       # timestamp, full, overflow 1, with addresses: one minute past midnight
    82 04 abcd                          # security, of a length that RFC 791 does not define
    00 00000000 0000 00                 # end of list, and padding to 40 octets
    0400 0035 0008 77a5                 # UDP without data
";

pub(crate) const IPV4_SOURCE_ROUTE: &str = "
    020000000002 020000000001 0800
    48 00 002c                          # 8 words of header, 44 octets
    0000 0000
    40 11 29c6
    c0000201 c0000202
    83 0b 08 c0000209 c6336401          # loose source route: on to 198.51.100.1
    00
    0400 0035 000c 97d1                 # UDP; the checksum covers the last address
    aabbccdd
";

pub(crate) const IPV4_FIRST_FRAGMENT: &str = "
    020000000002 020000000001 0800
    45 00 002c
    0042 2000                           # MF
    40 11 d67b
    c0000201 c0000202
    0400 0035 0100 0000                 # UDP of 256 octets
    000102030405060708090a0b0c0d0e0f
";

pub(crate) const IPV4_LAST_FRAGMENT: &str = "
    020000000002 020000000001 0800
    45 00 0018
    0042 0003                           # offset 24
    40 11 f68c
    c0000201 c0000202
    10111213
";

pub(crate) const IPV4_UNKNOWN_PROTOCOL: &str = "
    020000000002 020000000001 0800
    45 00 0018
    0042 0000
    40 84 f61c                          # SCTP
    c0000201 c0000202
    10111213
";

pub(crate) const UDP_V6: &str = "
    020000000002 020000000001 86dd
    6b 9 12345 000d 11 40               # DSCP 46, ECN 1, flow label 0x12345; 13 octets; UDP; 64 hops
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    0400 0035 000d 5c58
    68656c6c6f
";

pub(crate) const IPV6_OPTIONS: &str = "
    020000000002 020000000001 86dd
    60000000 0025 00 01                 # 37 octets, hop-by-hop options next
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    3c 00 05 02 0000 01 00              # destination options next; router alert, PadN of no octets
    11 01 c3 04 deadbeef                # UDP next, 16 octets; home address it is not: type 195, unknown
    00 01 04 00000000 00                # Pad1, PadN of 4, Pad1
    0400 0035 000d 5c58 68656c6c6f
";

pub(crate) const IPV6_ROUTING: &str = "
    020000000002 020000000001 86dd
    60000000 0025 2b 40                 # routing header next
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    11 02 02 01 00000000                # UDP next, 24 octets, type 2, one segment left
    20010db8000000000000000000000003
    0400 0035 000d 5c57                 # the checksum covers the last address
    68656c6c6f
";

pub(crate) const IPV6_LAST_FRAGMENT: &str = "
    020000000002 020000000001 86dd
    60000000 0010 2c 40                 # fragment header next
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    3c 00 05a8 12345678                 # destination options next in the whole; offset 1448, last
    0102030405060708
";

pub(crate) const IPV6_ATOMIC_FRAGMENT: &str = "
    020000000002 020000000001 86dd
    60000000 0015 2c 40
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    11 ff 0006 12345678                 # UDP next, all reserved bits, offset 0, last
    0400 0035 000d 5c58 68656c6c6f
";

pub(crate) const IPV6_NO_NEXT_HEADER: &str = "
    020000000002 020000000001 86dd
    60000000 0000 3b 40
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    000000000000                        # padding
";

pub(crate) const IPV6_JUMBO: &str = "
    020000000002 020000000001 86dd
    60000000 0000 00 40                 # no payload length
    20010db8000000000000000000000001
    20010db8000000000000000000000002
    11 00 c2 04 00000015                # UDP next; jumbo payload of 21 octets
    0400 0035 0000 5c65                 # no length either (RFC 2675 4)
    68656c6c6f
    0000                                # padding
";
