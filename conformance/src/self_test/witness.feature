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
      |      | segment                                       |
      | -->  | <SEQ=100><CTL=SYN><MSS=1460><TS=10,0>         |
      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>               |
      | -->  | <SEQ=101><ACK=301><CTL=ACK><TS=11,0>          |
      | -->  | <SEQ=101><ACK=301><CTL=ACK><TS=12,0><DATA=10> |
      | <--  | <SEQ=301><ACK=111><CTL=ACK>                   |
      | -->  | <SEQ=111><ACK=301><CTL=ACK><TS=13,0><DATA=10> |
      | <--  | <SEQ=301><ACK=121><CTL=ACK>                   |

  @rfc2018-4
  Scenario: The peer permits SACK, and its segments overtake each other
    Given the device listens on port 80
    Then they exchange
      |     | segment                                  |
      | --> | <SEQ=100><CTL=SYN><MSS=1460><SACKOK>     |
      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>          |
      | --> | <SEQ=101><ACK=301><CTL=ACK>              |
      | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=10>     |
      | <-- | <SEQ=301><ACK=111><CTL=ACK>              |
      | --> | <SEQ=121><ACK=301><CTL=ACK><DATA=10>     |
      | <-- | <SEQ=301><ACK=111><CTL=ACK>              |
      | --> | <SEQ=111><ACK=301><CTL=ACK><DATA=10>     |
      | <-- | <SEQ=301><ACK=131><CTL=ACK>              |

  @ipv4 @rfc5681-3.1
  Scenario: A peer without MSS option takes what comes at first
    Given the device listens on port 80
    Then they exchange
      |      | segment                                   |
      | -->  | <SEQ=100><CTL=SYN><no MSS>                |
      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>           |
      | -->  | <SEQ=101><ACK=301><CTL=ACK>               |
      | call | send 20000                                |
      | <==  | <SEQ=301..20301> acked                    |

  @ipv4 @rfc1122-3.2.2
  Scenario: An ICMP error tells of a segment of the device
    Given the device listens on port 80
    Then they exchange
      | label |     | segment                         |
      |       | --> | <SEQ=100><CTL=SYN>              |
      | open  | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |
      |       | --> | <ICMP=3/1><QUOTE=open>          |
