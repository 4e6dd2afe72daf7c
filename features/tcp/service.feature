@tcp
Feature: What TCP asks of IP
  RFC 9293 section 3.9.1.9 lets the user choose the Diffserv field of what is sent, section 3.9.2 the hops that it may
  make. Each end chooses for its own segments, those that only acknowledge among them. What arrives in the header of IP and
  means nothing to TCP changes nothing.

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
