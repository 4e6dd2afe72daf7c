@tcp
Feature: What a tester has to offer before a stack can break the rules of it

  @rfc9293-3.4.1-MUST-8
  Scenario: Three connections, a while apart
    Given the device listens on port 80
    And connection B from port 4001
    And connection C from port 4002
    Then they exchange
      | conn | time |     | segment                         |
      | A    |      | --> | <SEQ=100><CTL=SYN>              |
      | A    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
      | A    |      | --> | <SEQ=101><ACK=301><CTL=ACK>     |
      | B    | 1 s  | --> | <SEQ=100><CTL=SYN>              |
      | B    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
      | B    |      | --> | <SEQ=101><ACK=301><CTL=ACK>     |
      | C    | 1 s  | --> | <SEQ=100><CTL=SYN>              |
      | C    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
      | C    |      | --> | <SEQ=101><ACK=301><CTL=ACK>     |

  @rfc7323-3.2
  Scenario: The peer offers timestamps
    Given the device listens on port 80
    Then they exchange
      |     | segment                                       |
      | --> | <SEQ=100><CTL=SYN><MSS=1460><TS=10,0>         |
      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>               |
      | --> | <SEQ=101><ACK=301><CTL=ACK><TS=11,0>          |
      | --> | <SEQ=101><ACK=301><CTL=ACK><TS=12,0><DATA=10> |
      | <-- | <SEQ=301><ACK=111><CTL=ACK>                   |
      | --> | <SEQ=111><ACK=301><CTL=ACK><TS=13,0><DATA=10> |
      | <-- | <SEQ=301><ACK=121><CTL=ACK>                   |

  @rfc2018-4
  Scenario: The peer permits SACK, and its segments overtake each other
    Given the device listens on port 80
    Then they exchange
      |     | segment                              |
      | --> | <SEQ=100><CTL=SYN><MSS=1460><SACKOK> |
      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>      |
      | --> | <SEQ=101><ACK=301><CTL=ACK>          |
      | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=10> |
      | <-- | <SEQ=301><ACK=111><CTL=ACK>          |
      | --> | <SEQ=121><ACK=301><CTL=ACK><DATA=10> |
      | <-- | <SEQ=301><ACK=111><CTL=ACK>          |
      | --> | <SEQ=111><ACK=301><CTL=ACK><DATA=10> |
      | <-- | <SEQ=301><ACK=131><CTL=ACK>          |

  @ipv4 @rfc5681-3.1
  Scenario: A peer without MSS option takes what comes at first
    Given the device listens on port 80
    Then they exchange
      |      | segment                         |
      | -->  | <SEQ=100><CTL=SYN><no MSS>      |
      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |
      | -->  | <SEQ=101><ACK=301><CTL=ACK>     |
      | call | send 20000                      |
      | <==  | <SEQ=301..20301> acked          |

  @ipv4 @rfc1122-3.2.2
  Scenario: An ICMP error tells of a segment of the device
    Given the device listens on port 80
    Then they exchange
      | label |     | segment                         |
      |       | --> | <SEQ=100><CTL=SYN>              |
      | open  | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
      |       | --> | <ICMP=3/1><QUOTE=open>          |

  @rfc9293-3.10.7.4
  Scenario: A window comes late that a later segment overtook
    Given the device listens on port 80
    Then they exchange
      |      | segment                                       |
      | -->  | <SEQ=100><CTL=SYN><WND=100>                   |
      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>               |
      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=100>          |
      | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA=10><WND=100> |
      | <--  | <SEQ=301><ACK=111><CTL=ACK>                   |
      | -->  | <SEQ=111><ACK=301><CTL=ACK><DATA=10><WND=200> |
      | <--  | <SEQ=301><ACK=121><CTL=ACK>                   |
      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=1000>         |
      | <--  | <SEQ=301><ACK=121><CTL=ACK>                   |
      | call | send 1000                                     |
      | <==  | <SEQ=301..501>                                |

  @rfc9293-3.10.7.4
  Scenario: A reset outside the window comes while the application waits for octets
    Given an established connection
    Then they exchange
      | time  |      | segment                              |
      |       | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA=10> |
      |       | <--  | <SEQ=301><ACK=111><CTL=ACK>          |
      |       | call | recv -> 10                           |
      | 0.1 s | call | recv -> pending                      |
      |       | -->  | <SEQ=110><CTL=RST>                   |
      | 3 s   | ---  |                                      |

  @rfc5961-3.2
  Scenario: A reset within the window comes while the application waits for octets
    Given an established connection
    Then they exchange
      | time  |      | segment                              |
      |       | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA=10> |
      |       | <--  | <SEQ=301><ACK=111><CTL=ACK>          |
      |       | call | recv -> 10                           |
      | 0.1 s | call | recv -> pending                      |
      |       | -->  | <SEQ=121><CTL=RST>                   |
      |       | <--? | <SEQ=301><ACK=111><CTL=ACK>          |
      | 3 s   | ---  |                                      |

  @rfc7323-4.3
  Scenario: The peer offers timestamps, and its segments overtake each other
    Given the device listens on port 80
    Then they exchange
      |     | segment                                       |
      | --> | <SEQ=100><CTL=SYN><MSS=1460><TS=10,0>         |
      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>               |
      | --> | <SEQ=101><ACK=301><CTL=ACK><TS=11,0>          |
      | --> | <SEQ=101><ACK=301><CTL=ACK><TS=12,0><DATA=10> |
      | <-- | <SEQ=301><ACK=111><CTL=ACK>                   |
      | --> | <SEQ=121><ACK=301><CTL=ACK><TS=13,0><DATA=10> |
      | <-- | <SEQ=301><ACK=111><CTL=ACK>                   |
      | --> | <SEQ=111><ACK=301><CTL=ACK><TS=14,0><DATA=10> |
      | <-- | <SEQ=301><ACK=131><CTL=ACK>                   |

  @ipv4 @rfc5927-4.1
  Scenario: An ICMP error tells of a segment that was acknowledged
    Given the device listens on port 80
    Then they exchange
      | time  | label |      | segment                              |
      |       |       | -->  | <SEQ=100><CTL=SYN>                   |
      |       | open  | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |
      |       |       | -->  | <SEQ=101><ACK=301><CTL=ACK>          |
      | 0.1 s |       | call | recv -> pending                      |
      |       |       | -->  | <ICMP=3/3><QUOTE=open>               |
      | 3 s   |       | ---  |                                      |
      |       |       | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA=10> |
      |       |       | <--  | <SEQ=301><ACK=111><CTL=ACK>          |

  @ipv4 @rfc9293-3.9.2.2-MUST-56
  Scenario: An ICMP error tells that the peer cannot be reached for now
    Given an established connection
    Then they exchange
      | time           | label |      | segment                              |
      |                |       | call | send 10                              |
      |                | data  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=10> |
      | 0.1 s          |       | -->  | <ICMP=3/1><QUOTE=data>               |
      | RTO after data |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=10> |

  @ipv4 @rfc1191-3
  Scenario: An ICMP error tells that a segment was too big for the way
    Given an established connection with MSS 1460
    Then they exchange
      | time  | label |      | segment                                     |
      |       |       | call | send 1000                                   |
      |       | data  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=536..1000> |
      | 0.1 s |       | -->  | <ICMP=3/4><MTU=600><QUOTE=data>             |
      |       |       | <--* | <SEQ=301..><CTL=ACK><DATA=1..>              |
      | 20 s  |       | call | recv -> pending                             |

  @rfc9293-3.8.6.1-MUST-37
  Scenario: Probes of a closed window are answered while the application waits for octets
    Given an established connection
    Then they exchange
      | time    |           | segment                                     |
      |         | -->       | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
      | 0.1 s   | call      | recv -> pending                             |
      |         | call      | send 100                                    |
      |         | repeat 10 |                                             |
      | ..600 s | <--       | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |
      |         | -->       | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
      |         | end       |                                             |

  @ipv4 @rfc9293-3.8.4-MUST-28
  Scenario: The application asks for keep-alives and leaves their times as they are
    Given the device listens on port 80
    Then they exchange
      | time   |      | segment                                |
      |        | -->  | <SEQ=100><CTL=SYN>                     |
      |        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>        |
      |        | -->  | <SEQ=101><ACK=301><CTL=ACK>            |
      |        | call | set keepalive 1                        |
      | 0.1 s  | call | recv -> pending                        |
      |        | <--* | <SEQ=300><ACK=101><CTL=ACK><DATA=0..1> |
      | 8000 s | call | recv -> pending                        |

  @rfc5681-3.2
  Scenario: A recovery ends with all acknowledged and more to send
    Given an established connection with MSS 500, on which 20000 octets have been acknowledged
    Then they exchange
      | time  |          | segment                             |
      |       | call     | send 5000                           |
      |       | <==      | <SEQ=20301..25301>                  |
      |       | repeat 3 |                                     |
      |       | -->      | <SEQ=101><ACK=20301><CTL=ACK>       |
      |       | end      |                                     |
      |       | <--      | <SEQ=20301><CTL=ACK><DATA=1..500>   |
      |       | call     | send 10000                          |
      |       | -->      | <SEQ=101><ACK=25301><CTL=ACK>       |
      |       | <--*     | <SEQ=25301..><CTL=ACK><DATA=1..500> |
      | 0.5 s | call     | recv -> pending                     |
