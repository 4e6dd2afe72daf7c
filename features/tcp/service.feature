@tcp
Feature: What TCP asks of IP
  RFC 9293 section 3.9.1.9 lets the user choose the Diffserv field of what is sent, section 3.9.2 the hops that it may
  make. Each end chooses for its own segments, those that only acknowledge among them. What arrives in the header of IP and
  means nothing to TCP changes nothing. Section 3.9.2.2 has ICMP errors reach the connection that they quote: passing
  trouble ends nothing, lasting trouble ends an attempt to open.

  # ---------------------------------------------------------------------------------------------------------------
  Rule: The user chooses the Diffserv field (RFC 9293 3.9.1.9)

    @rfc9293-3.9.1.9-MUST-48
    Scenario: Text leaves with the Diffserv field that the user has set
      Given an established connection
      Then they exchange
        |      | segment                                       |
        | call | set dscp 46                                   |
        | call | send 20                                       |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20><DSCP=46> |

    @rfc9293-3.9.1.9-MUST-48
    Scenario: An ACK leaves with the Diffserv field of the end that sends it
      Given an established connection
      Then they exchange
        |      | segment                                       |
        | call | set dscp 46                                   |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA=20><DSCP=10> |
        | <--  | <SEQ=301><ACK=121><CTL=ACK><DSCP=46>          |

    @rfc9293-3.9.1.9-MUST-48
    Scenario: What is sent again has the Diffserv field that was set, and so have the FIN and the reset
      Given an established connection
      Then they exchange
        | time |      | segment                                       |
        |      | call | set dscp 63                                   |
        |      | call | send 20                                       |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20><DSCP=63> |
        | RTO  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20><DSCP=63> |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>                   |
        |      | call | shutdown write                                |
        |      | <--  | <SEQ=321><ACK=101><CTL=FIN,ACK><DSCP=63>      |
        |      | -->  | <SEQ=101><ACK=322><CTL=ACK>                   |
        |      | call | abort                                         |
        |      | <--  | <SEQ=322><CTL=RST,?ACK><DSCP=63>              |

    @rfc9293-3.9.1.9-SHLD-21
    Scenario: The Diffserv field changes while the connection lives
      Given an established connection
      Then they exchange
        |      | segment                                       |
        | call | set dscp 46                                   |
        | call | send 20                                       |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20><DSCP=46> |
        | -->  | <SEQ=101><ACK=321><CTL=ACK>                   |
        | call | set dscp 0                                    |
        | call | send 20                                       |
        | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20><DSCP=0>  |

    @rfc9293-3.9.1.9-SHLD-22
    Scenario Outline: The Diffserv field reaches the packet as it was set
      Given an established connection
      Then they exchange
        |      | segment                                            |
        | call | set dscp $value                                    |
        | call | send 20                                            |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20><DSCP=$value>  |

      Examples:
        | value |
        | 1     |
        | 8     |
        | 32    |
        | 63    |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: The hops that a segment may make can be configured (RFC 9293 3.9.2)

    @rfc9293-3.9.2-MUST-49
    Scenario Outline: Text leaves with as many hops as the user has set
      Given an established connection
      Then they exchange
        |      | segment                                         |
        | call | set ttl $hops                                   |
        | call | send 20                                         |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20><TTL=$hops> |

      Examples:
        | hops |
        | 1    |
        | 60   |
        | 255  |

    @rfc9293-3.9.2-MUST-49
    Scenario: What is sent again may make as many hops as the first time
      Given an established connection
      Then they exchange
        | time |      | segment                                     |
        |      | call | set ttl 9                                   |
        |      | call | send 20                                     |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20><TTL=9> |
        | RTO  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20><TTL=9> |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Options of the IP header that TCP does not understand change nothing (RFC 9293 3.9.2)

    @ipv4 @rfc9293-3.9.2-MUST-50
    Scenario Outline: A connection opens and carries data under an option that means nothing to TCP: $what
      Given the device listens on port 80
      Then they exchange
        |     | segment                                                |
        | --> | <SEQ=100><CTL=SYN><IPOPT=$octets>                      |
        | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>                        |
        | --> | <SEQ=101><ACK=301><CTL=ACK><IPOPT=$octets>             |
        | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20><IPOPT=$octets>    |
        | <-- | <SEQ=301><ACK=121><CTL=ACK>                            |

      Examples:
        | what                             | octets   |
        | nothing but padding              | 01010100 |
        | a router alert, RFC 2113         | 94040000 |
        | a stream identifier, RFC 791     | 88040001 |
        | an experiment's, RFC 4727        | de040000 |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: ICMP errors are weighed by their kind (RFC 9293 3.9.2.2)

    @rfc9293-3.9.2.2-MUST-56
    Scenario Outline: Passing trouble on the way does not end a connection: $what
      Given an established connection
      Then they exchange
        | time  |      | segment                              | device      | label |
        |       | call | send 20                              |             |       |
        |       | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             | lost  |
        |       | -->  | <ICMP=$error><QUOTE=lost>            | ESTABLISHED |       |
        | ..RTO | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |       |
        |       | -->  | <SEQ=101><ACK=321><CTL=ACK>          |             |       |
        |       | call | send 20                              |             |       |
        |       | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |       |

      @ipv4
      Examples: IPv4
        | what                            | error |
        | network unreachable             | 3/0   |
        | host unreachable                | 3/1   |
        | source route failed             | 3/5   |
        | time to live exceeded           | 11/0  |
        | fragment reassembly timed out   | 11/1  |
        | parameter problem               | 12/0  |

      @ipv6
      Examples: IPv6
        | what                            | error |
        | no route to destination         | 1/0   |
        | address unreachable             | 1/3   |
        | hop limit exceeded              | 3/0   |
        | fragment reassembly timed out   | 3/1   |
        | erroneous header field          | 4/0   |
        | unrecognised next header        | 4/1   |
        | unrecognised IPv6 option        | 4/2   |

    @ipv4 @rfc9293-3.9.2.2-MUST-55
    Scenario: Source Quench slows nothing down
      Given an established connection with MSS 1000, on which 20000 octets have been acknowledged
      Then they exchange
        |      | segment                                 | device      | label |
        | call | send 500                                |             |       |
        | <--  | <SEQ=20301><ACK=101><CTL=ACK><DATA=500> |             | first |
        | -->  | <ICMP=4/0><QUOTE=first>                 | ESTABLISHED |       |
        | -->  | <SEQ=101><ACK=20801><CTL=ACK>           |             |       |
        | call | send 4000                               |             |       |
        | <==  | <SEQ=20801..23801>                      |             |       |
        | <==  | <SEQ=23801..24801> acked                | ESTABLISHED |       |

    @ipv4 @rfc9293-3.9.2.2-SHLD-26
    Scenario Outline: Lasting trouble ends an attempt to open: $what
      Given the device connects to the tester
      Then they exchange
        |     | segment                  | device   | label |
        | <-- | <SEQ=300><CTL=SYN>       | SYN-SENT | syn   |
        | --> | <ICMP=$error><QUOTE=syn> | CLOSED   |       |

      Examples:
        | what                 | error |
        | protocol unreachable | 3/2   |
        | port unreachable     | 3/3   |

    @ipv4 @rfc9293-3.9.2.2-MUST-54
    Scenario: An error reaches the connection whose segment it quotes, and no other
      Given the device connects to the tester
      And the device connects to the tester as connection B
      Then they exchange
        | conn |     | segment                         | device      | label | clause                  |
        | A    | <-- | <SEQ=300><CTL=SYN>              | SYN-SENT    | a     |                         |
        | B    | <-- | <SEQ=300><CTL=SYN>              | SYN-SENT    |       |                         |
        | A    | --> | <ICMP=3/3><QUOTE=a>             | CLOSED      |       | rfc9293-3.9.2.2-SHLD-26 |
        | B    | --> | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |       |                         |
        | B    | <-- | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |       |                         |
