//! TCP with every kind of option.

pub(crate) const ALL: &[(&str, &str)] = &[
    ("SYN with usual options", SYN),
    ("SYN with the MSS alone", SYN_MSS),
    ("data with timestamps", DATA),
    ("RST in a padded frame", RST_PADDED),
    ("three SACK blocks beside timestamps", SACK),
    ("user timeout, Fast Open, MD5", UTO_TFO_MD5),
    ("AO, MPTCP, AccECN 0", AO_MPTCP_ACCECN),
    ("experimental Fast Open, AccECN 1, unknown, end of list", EXPERIMENTAL),
    ("requests for Fast Open cookies", FAST_OPEN_REQUESTS),
    ("lengths that the RFCs do not define", STRANGE_LENGTHS),
    ("all twelve bits", ALL_BITS),
    ("option of length 0", OPTION_LENGTH_0),
    ("option of length 1", OPTION_LENGTH_1),
    ("option past the end", OPTION_PAST_THE_END),
    ("kind without length", KIND_WITHOUT_LENGTH),
    ("SYN over IPv6", SYN_V6),
    ("data over IPv6", DATA_V6),
];

pub(crate) const SYN: &str = "
    020000000002 020000000001 0800
    45 00 003c 0001 4000 40 06 b6b7 c0000201 c0000202
    0400 0050                           # 1024 > 80
    00000064 00000000                   # sequence number 100
    a0 02 ffff                          # 10 words, SYN, window 65535
    bf3e 0000
    02 04 05b4                          # MSS 1460
    04 02                               # SACK permitted
    08 0a 0000000a 00000000             # timestamps 10, 0
    01                                  # no operation
    03 03 07                            # window scale 7
";

pub(crate) const SYN_MSS: &str = "
    020000000002 020000000001 0800
    45 00 002c 0001 4000 40 06 b6c7 c0000201 c0000202
    0400 0050 00000064 00000000 60 02 ffff 0f6f 0000
    02 04 05b4
";

pub(crate) const DATA: &str = "
    020000000002 020000000001 0800
    45 02 003b 0002 4000 40 06 b6b5 c0000201 c0000202
    0400 0050
    00000065 0000012d                   # 101, acknowledges 301
    80 18 0200                          # 8 words, PSH and ACK, window 512
    1637 0000
    01 01 08 0a 0000000b 00000014       # timestamps 11, 20
    474554202f0d0a                      # GET /
";

pub(crate) const RST_PADDED: &str = "
    020000000001 020000000002 0800
    45 00 0028 0000 4000 40 06 b6cc c0000202 c0000201
    0050 0400
    00000000 00000065
    50 14 0000                          # 5 words, RST and ACK
    2718 0000
    000000000000                        # padding to 60 octets
";

pub(crate) const SACK: &str = "
    020000000002 020000000001 0800
    45 00 0050 0003 4000 40 06 b6a1 c0000201 c0000202
    0400 0050 00000065 0000012d
    f0 10 0200                          # 15 words
    6cd4 0000
    01 01 08 0a 0000000b 00000014
    01 01 05 1a                         # three blocks
    00000191 000001f5                   # 401 to 501
    00000259 000002bd                   # 601 to 701
    ffffff00 00000010                   # across zero
";

pub(crate) const UTO_TFO_MD5: &str = "
    020000000002 020000000001 0800
    45 00 004c 0004 4000 40 06 b6a4 c0000201 c0000202
    0400 0050 00000065 0000012d
    e0 12 0200 784d 0000
    1c 04 8005                          # user timeout, 5 minutes
    22 0a 0102030405060708              # Fast Open, 8 octets of cookie
    01 01
    13 12 000102030405060708090a0b0c0d0e0f # MD5
    01 00
";

pub(crate) const AO_MPTCP_ACCECN: &str = "
    020000000002 020000000001 0800
    45 00 0050 0005 4000 40 06 b69f c0000201 c0000202
    0400 0050 00000065 0000012d
    f1 10 0200 308d 0000                # AE and ACK
    1d 10 3d 54 000102030405060708090a0b # AO, KeyID 61, RNextKeyID 84, 12 octets of MAC
    1e 0c 00 81 0102030405060708        # MPTCP capable
    ac 0b 000001 000002 fffffe          # AccECN, order 0: EE0B 1, ECEB 2, EE1B 16777214
    01
";

pub(crate) const EXPERIMENTAL: &str = "
    020000000002 020000000001 0800
    45 00 0044 0006 4000 40 06 b6aa c0000201 c0000202
    0400 0050 00000065 0000012d
    c0 10 0200 ed6f 0000
    fe 08 f989 01020304                 # Fast Open by its experiment identifier
    ae 05 000007                        # AccECN, order 1: EE1B 7
    fd 06 1234 abcd                     # another experiment
    06 06 01020304                      # echo (RFC 1072)
    00 00 ff                            # end of list; what follows is padding, zero or not
";

pub(crate) const FAST_OPEN_REQUESTS: &str = "
    020000000002 020000000001 0800
    45 00 0030 0006 4000 40 06 b6be c0000201 c0000202
    0400 0050 00000065 00000000
    70 02 0200 3f8e 0000
    22 02
    fe 04 f989
    ac 02                               # AccECN without counters
";

pub(crate) const STRANGE_LENGTHS: &str = "
    020000000002 020000000001 0800
    45 00 0050 0006 4000 40 06 b69e c0000201 c0000202
    0400 0050 00000065 00000000
    f0 02 0200 1722 0000
    02 03 05                            # MSS of one octet
    03 02                               # window scale of none
    04 03 00                            # SACK permitted with something
    05 02                               # no SACK block
    08 04 0000                          # timestamps of two octets
    22 05 010203                        # an odd cookie
    13 03 00                            # MD5 of one octet
    1d 03 00                            # AO with a KeyID alone
    ac 04 0000                          # AccECN, not of three octets
    05 09 00000000000000                # a SACK block less one octet
    01 01
";

pub(crate) const ALL_BITS: &str = "
    020000000002 020000000001 0800
    45 00 0028 0007 4000 40 06 b6c5 c0000201 c0000202
    ffff 0001
    ffffffff 80000000
    5f ff 0000                          # 5 words, all reserved bits and flags
    89ac 1234                           # urgent pointer
";

pub(crate) const OPTION_LENGTH_0: &str = "
    020000000002 020000000001 0800
    45 00 0030 0008 4000 40 06 b6bc c0000201 c0000202
    0400 0050 00000065 0000012d
    70 10 0200 4ddd 0000
    01 02 00 05                         # no operation, then an MSS of length 0
    b4 010101
";

pub(crate) const OPTION_LENGTH_1: &str = "
    020000000002 020000000001 0800
    45 00 002c 0008 4000 40 06 b6c0 c0000201 c0000202
    0400 0050 00000065 0000012d
    60 10 0200 15e8 0000
    fd 01 01 01
";

pub(crate) const OPTION_PAST_THE_END: &str = "
    020000000002 020000000001 0800
    45 00 002f 0008 4000 40 06 b6bd c0000201 c0000202
    0400 0050 00000065 0000012d
    60 10 0200 aa2e 0000
    01 01 02 04                         # the MSS would lie in the data
    05b4 61
";

pub(crate) const KIND_WITHOUT_LENGTH: &str = "
    020000000002 020000000001 0800
    45 00 002c 0008 4000 40 06 b6c0 c0000201 c0000202
    0400 0050 00000065 0000012d
    60 10 0200 11e8 0000
    01 01 01 02
";

pub(crate) const SYN_V6: &str = "
    020000000002 020000000001 86dd
    60000000 0018 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002
    0400 0050 00000064 00000000 60 02 ffff 3812 0000
    02 04 05a0                          # MSS 1440
";

pub(crate) const DATA_V6: &str = "
    020000000002 020000000001 86dd
    60000000 0017 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002
    0400 0050 00000065 0000012d 50 18 0200 b12d 0000
    474554
";
