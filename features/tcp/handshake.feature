@tcp
Feature: Opening a connection
  How two ends agree on their first numbers: RFC 9293 section 3.5, figures 6, 7 and 8, and what sections 3.10.7.2
  (LISTEN), 3.10.7.3 (SYN-SENT) and 3.10.7.4 (SYN-RECEIVED) do with every segment that may arrive meanwhile.

  The tester counts from 100, the device from 300. A SYN takes one number, so the next are 101 and 301.

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Three segments open a connection (RFC 9293 3.5, figure 6)

    @rfc9293-3.5 @rfc9293-3.10.7.2
    Scenario: A listener answers a SYN with a SYN of its own and an ACK of the number after
      Given the device listens on port 80
      Then they exchange
        |     | segment                         | device       | tester      |
        | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED | SYN-SENT    |
        | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED | ESTABLISHED |
        | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  | ESTABLISHED |

    @rfc9293-3.5 @rfc9293-3.10.1 @rfc9293-3.10.7.3
    Scenario: The end that opens sends a bare SYN and answers the SYN of the peer with an empty ACK
      Given the device connects to the tester
      Then they exchange
        |      | segment                         | device      |
        | <--  | <SEQ=300><CTL=SYN>              | SYN-SENT    |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |
        | <--  | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |
        | call | connect -> ok                   |             |

    @rfc9293-3.5 @rfc9293-3.10.7.4
    Scenario: Data may ride on the ACK that completes the handshake
      Given the device listens on port 80
      Then they exchange
        |      | segment                                   | device       |
        | -->  | <SEQ=100><CTL=SYN>                        |              |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>           | SYN-RECEIVED |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> | ESTABLISHED  |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>               |              |
        | call | recv -> "HELLO"                           |              |

    @rfc9293-3.5 @rfc9293-3.10.7.4
    Scenario: If the last ACK of the handshake is lost, the first data open the connection instead
      Given the device listens on port 80
      Then they exchange
        |      | segment                                  | device       |
        | -->  | <SEQ=100><CTL=SYN>                       |              |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>          |              |
        | -->x | <SEQ=101><ACK=301><CTL=ACK>              | SYN-RECEIVED |
        | -->  | <SEQ=101><ACK=301><CTL=ACK,PSH><DATA=20> | ESTABLISHED  |
        | <--  | <SEQ=301><ACK=121><CTL=ACK>              |              |
        | call | recv -> 20                               |              |

    @rfc9293-3.10.7.4
    Scenario: A FIN on the ACK that completes the handshake passes through ESTABLISHED to CLOSE-WAIT
      Given the device listens on port 80
      Then they exchange
        |      | segment                         | device     |
        | -->  | <SEQ=100><CTL=SYN>              |            |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |            |
        | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK> | CLOSE-WAIT |
        | <--  | <SEQ=301><ACK=102><CTL=ACK>     |            |
        | call | recv -> end                     |            |

    @rfc9293-3.5
    Scenario: Both directions carry data as soon as the connection is open
      Given the device connects to the tester
      Then they exchange
        |      | segment                                   | device      |
        | <--  | <SEQ=300><CTL=SYN>                        |             |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>           |             |
        | <--  | <SEQ=301><ACK=101><CTL=ACK>               | ESTABLISHED |
        | call | send "PING"                               |             |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA="PING">  |             |
        | -->  | <SEQ=101><ACK=305><CTL=ACK><DATA="PONG!"> |             |
        | <--  | <SEQ=305><ACK=106><CTL=ACK>               |             |
        | call | recv -> "PONG!"                           |             |

    @rfc9293-3.9.1.2-MUST-61
    Scenario: The last segment of what the application sent bears PSH
      Given an established connection
      Then they exchange
        |      | segment                                  |
        | call | send 20                                  |
        | <--  | <SEQ=301><ACK=101><CTL=ACK,PSH><DATA=20> |

    @rfc9293-3.10.7.4
    Scenario: An ACK that acknowledges nothing new and carries nothing is not answered
      Given an established connection
      Then they exchange
        | time |     | segment                     | device      |
        |      | --> | <SEQ=101><ACK=301><CTL=ACK> |             |
        | 3 s  | --- |                             | ESTABLISHED |

    @rfc9293-3.5
    Scenario: Two connections to one port know nothing of each other
      Given the device listens on port 80
      And connection B from another host port 4000
      Then they exchange
        | conn |      | segment                               | device       |
        | A    | -->  | <SEQ=100><CTL=SYN>                    | SYN-RECEIVED |
        | A    | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>       |              |
        | B    | -->  | <SEQ=100><CTL=SYN>                    | SYN-RECEIVED |
        | B    | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>       |              |
        | A    | -->  | <SEQ=101><ACK=301><CTL=ACK>           | ESTABLISHED  |
        | B    | -->  | <SEQ=101><CTL=RST>                    | LISTEN       |
        | A    | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="A"> | ESTABLISHED  |
        | A    | <--  | <SEQ=301><ACK=102><CTL=ACK>           |              |
        | A    | call | recv -> "A"                           |              |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Both ends may open at once (RFC 9293 3.5, figure 7)

    @rfc9293-3.5-MUST-10 @rfc9293-3.10.7.3
    Scenario: A SYN that meets a SYN is acknowledged with the same SYN once more, and the connection opens
      Given the device connects to the tester
      Then they exchange
        |      | segment                         | device       |
        | <--  | <SEQ=300><CTL=SYN>              | SYN-SENT     |
        | -->  | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |
        | call | connect -> ok                   |              |

    @rfc9293-3.5-MUST-10
    Scenario: Two ends that both opened come up although each sees the SYN of the other twice
      Given the device connects to the tester
      Then they exchange
        |      | segment                              | device       |
        | <--  | <SEQ=300><CTL=SYN>                   |              |
        | -->  | <SEQ=100><CTL=SYN>                   | SYN-RECEIVED |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |              |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>      |              |
        | <--? | <SEQ=301><ACK=101><CTL=ACK>          |              |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>          | ESTABLISHED  |
        | call | connect -> ok                        |              |
        | call | send 20                              |              |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |              |

    @rfc9293-3.5-MUST-10 @rfc9293-3.8.3-MUST-22
    Scenario: When both opened and the SYN-ACK of the device is lost, it comes again
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                         | device       |
        |      | <--  | <SEQ=300><CTL=SYN>              |              |
        |      | -->  | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        |      | <--x | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | RTO  | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

    @rfc9293-3.5-MUST-10 @rfc9293-3.10.7.4
    Scenario: When both opened, the data that rode on the SYN of the peer are not lost
      Given the device connects to the tester
      Then they exchange
        |      | segment                                   | device       |
        | <--  | <SEQ=300><CTL=SYN>                        |              |
        | -->  | <SEQ=100><CTL=SYN><DATA="HELLO">          | SYN-RECEIVED |
        | <--  | <SEQ=300><ACK=101..106><CTL=SYN,ACK>      |              |
        | -->  | <SEQ=RCV.NXT><ACK=301><CTL=ACK>           | ESTABLISHED  |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |              |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>               |              |
        | <--? | <SEQ=301><ACK=106><CTL=ACK>               |              |
        | call | recv -> "HELLO"                           |              |

    @rfc9293-3.10.7.3
    Scenario: A peer may send the ACK of the SYN first and its own SYN afterwards
      Given the device connects to the tester
      Then they exchange
        | time  |     | segment                         | device       |
        |       | <-- | <SEQ=300><CTL=SYN>              |              |
        |       | --> | <SEQ=100><ACK=301><CTL=ACK>     |              |
        | 0.1 s | --- |                                 | SYN-SENT     |
        |       | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        |       | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

    @rfc9293-3.5-MUST-11 @rfc9293-3.10.7.4
    Scenario: After opening on both ends a reset refuses the connection and tells the application
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                         | device       |
        |      | <--  | <SEQ=300><CTL=SYN>              |              |
        |      | -->  | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        |      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        |      | -->  | <SEQ=101><CTL=RST>              | CLOSED       |
        |      | call | connect -> ECONNREFUSED         |              |
        | 10 s | ---  |                                 | CLOSED       |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A SYN may bring more than itself (RFC 9293 3.5 and 3.10.7.2)

    @rfc9293-3.5 @rfc9293-3.10.7.2
    Scenario: Data on a SYN reach the application once, after the handshake, whether they were kept or are sent again
      Given the device listens on port 80
      Then they exchange
        | time |      | segment                                   | device       |
        |      | -->  | <SEQ=100><CTL=SYN><DATA="HELLO">          | SYN-RECEIVED |
        |      | <--  | <SEQ=300><ACK=101..106><CTL=SYN,ACK>      |              |
        |      | -->  | <SEQ=RCV.NXT><ACK=301><CTL=ACK>           | ESTABLISHED  |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |              |
        |      | <--  | <SEQ=301><ACK=106><CTL=ACK>               |              |
        |      | <--? | <SEQ=301><ACK=106><CTL=ACK>               |              |
        |      | call | recv -> "HELLO"                           |              |
        |      | -->  | <SEQ=106><ACK=301><CTL=ACK><DATA=" YOU">  |              |
        |      | <--  | <SEQ=301><ACK=110><CTL=ACK>               |              |
        |      | call | recv -> " YOU"                            |              |

    @rfc9293-3.10.7.2
    Scenario: A FIN on a SYN does not keep the handshake from being answered, and closes once it is complete
      Given the device listens on port 80
      Then they exchange
        |      | segment                              | device     |
        | -->  | <SEQ=100><CTL=SYN,FIN>               |            |
        | <--  | <SEQ=300><ACK=101..102><CTL=SYN,ACK> |            |
        | -->  | <SEQ=RCV.NXT><ACK=301><CTL=ACK>      |            |
        | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK>      | CLOSE-WAIT |
        | <--  | <SEQ=301><ACK=102><CTL=ACK>          |            |
        | <--? | <SEQ=301><ACK=102><CTL=ACK>          |            |
        | call | recv -> end                          |            |

    @rfc9293-3.10.7.2
    Scenario Outline: Bits that mean nothing on a SYN do not keep it from being answered
      Given the device listens on port 80
      Then they exchange
        |     | segment                         | device       |
        | --> | <SEQ=100><CTL=$bits>            | SYN-RECEIVED |
        | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

      Examples:
        | bits        |
        | SYN,PSH     |
        | SYN,URG     |
        | SYN,ECE,CWR |
        | SYN,PSH,URG |

    @rfc9293-3.1
    Scenario: Reserved bits of the header are ignored
      Given the device listens on port 80
      Then they exchange
        |     | segment                                | device       |
        | --> | <SEQ=100><CTL=SYN><RES=7>              | SYN-RECEIVED |
        | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK><RES=0> |              |
        | --> | <SEQ=101><ACK=301><CTL=ACK><RES=7>     | ESTABLISHED  |

    @rfc9293-3.10.7.3
    Scenario: Data on a SYN-ACK are taken and acknowledged together with the SYN
      Given the device connects to the tester
      Then they exchange
        |      | segment                                       | device      |
        | <--  | <SEQ=300><CTL=SYN>                            |             |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK><DATA="HELLO"> | ESTABLISHED |
        | <--? | <SEQ=301><ACK=101><CTL=ACK>                   |             |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>                   |             |
        | call | connect -> ok                                 |             |
        | call | recv -> "HELLO"                               |             |

    @rfc9293-3.10.7.3
    Scenario: A FIN on a SYN-ACK is taken after the SYN
      Given the device connects to the tester
      Then they exchange
        |      | segment                             | device     |
        | <--  | <SEQ=300><CTL=SYN>                  |            |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,FIN,ACK> | CLOSE-WAIT |
        | <--? | <SEQ=301><ACK=101><CTL=ACK>         |            |
        | <--  | <SEQ=301><ACK=102><CTL=ACK>         |            |
        | call | connect -> ok                       |            |
        | call | recv -> end                         |            |

    @rfc9293-3.8.6
    Scenario: The window of a SYN counts: a peer that opens with window 0 is sent nothing until it opens the window
      Given the device connects to the tester
      Then they exchange
        | time  |      | segment                                | device      |
        |       | <--  | <SEQ=300><CTL=SYN>                     |             |
        |       | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK><WND=0> |             |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK>            | ESTABLISHED |
        |       | call | send 20                                |             |
        | 0.1 s | ---  |                                        |             |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=1000>  |             |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>   |             |

    @rfc9293-3.10.7.4
    Scenario: The window of the ACK that completes the handshake replaces the window of the SYN
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                               | device      |
        |       | -->  | <SEQ=100><CTL=SYN><WND=5000>          |             |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>       |             |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>    | ESTABLISHED |
        |       | call | send 20                               |             |
        | 0.1 s | ---  |                                       |             |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=5000> |             |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>  |             |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Old duplicates do not open connections (RFC 9293 3.5, figures 8 and 11)

    @rfc9293-3.5 @rfc9293-3.10.7.4
    Scenario: The listener believes an old SYN until it is reset, and then serves the new one
      Given the device listens on port 80
      When they exchange
        |     | segment                         | device       | tester                       |
        | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED | a SYN of long ago arrives    |
        | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |                              |
        | --> | <SEQ=101><CTL=RST>              | LISTEN       | that is not what I asked for |
      And connection B reuses A's ports with numbers from A+70000
      Then they exchange
        | conn |     | segment                         | device       | tester          |
        | B    | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED | my SYN of today |
        | B    | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |                 |
        | B    | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |                 |

    @rfc9293-3.5
    Scenario: An old SYN that no one resets leaves nothing but a handshake that is never completed
      Given the device listens on port 80
      And connection B from another host port 4000
      Then they exchange
        | conn | time |      | segment                         | device       |
        | A    |      | -->  | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | A    |      | <--x | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | B    |      | -->  | <SEQ=100><CTL=SYN>              |              |
        | B    |      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | B    |      | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |
        | A    | RTO  | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |

    @rfc9293-3.10.7.4
    Scenario: The same SYN once more is answered, but opens nothing new
      Given the device listens on port 80
      Then they exchange
        |        | segment                         | device       |
        | -->    | <SEQ=100><CTL=SYN>              |              |
        | <--    | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | -->    | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | either |                                 |              |
        | <--    | <SEQ=301><ACK=101><CTL=ACK>     |              |
        | or     |                                 |              |
        | <--    | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | end    |                                 |              |
        | -->    | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

    @rfc9293-3.10.7.4
    Scenario: A SYN-ACK is not the ACK that a listener waits for
      Given a connection in SYN-RECEIVED
      Then they exchange
        | time  |     | segment                         | device       |
        |       | --> | <SEQ=100><ACK=301><CTL=SYN,ACK> |              |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK>     | SYN-RECEIVED |
        | 0.1 s | --- |                                 | SYN-RECEIVED |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

    @rfc9293-3.10.7.4
    Scenario: A SYN inside the window while the handshake is under way sends the listener back to listening
      Given the device listens on port 80
      Then they exchange
        | time  |     | segment                         | device |
        |       | --> | <SEQ=100><CTL=SYN>              |        |
        |       | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |        |
        |       | --> | <SEQ=101><CTL=SYN>              | LISTEN |
        | 0.1 s | --- |                                 | LISTEN |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>     |        |
        |       | <-- | <SEQ=301><CTL=RST>              | LISTEN |

    @rfc9293-3.10.7.4
    Scenario: The SYN of the handshake that arrives again on the open connection is answered with an ACK only
      Given an established connection
      Then they exchange
        | time |     | segment                     | device      |
        |      | --> | <SEQ=100><CTL=SYN>          |             |
        |      | <-- | <SEQ=301><ACK=101><CTL=ACK> | ESTABLISHED |
        | 3 s  | --- |                             | ESTABLISHED |

    @rfc9293-3.10.7.4
    Scenario: A SYN-ACK that arrives again is acknowledged again
      Given an established connection that the device opened
      Then they exchange
        | time |     | segment                         | device      | tester           |
        |      | --> | <SEQ=100><ACK=301><CTL=SYN,ACK> |             | its ACK got lost |
        |      | <-- | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |                  |
        | 3 s  | --- |                                 | ESTABLISHED |                  |

    @rfc9293-3.5 @rfc9293-3.10.7.3
    Scenario: A SYN-ACK for an older attempt is reset with its own number, and the right one still opens
      Given the device connects to the tester
      Then they exchange
        |      | segment                         | device      | tester              |
        | <--  | <SEQ=300><CTL=SYN>              |             |                     |
        | -->  | <SEQ=900><ACK=251><CTL=SYN,ACK> |             | to a SYN of old     |
        | <--  | <SEQ=251><CTL=RST>              | SYN-SENT    |                     |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK> |             | to the SYN of today |
        | <--  | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |                     |
        | call | connect -> ok                   |             |                     |

    @rfc9293-3.4.1-MUST-8
    Scenario: The first numbers for the same two ends grow with a clock of 4 microseconds or less
      Given the device listens on port 80
      Then they exchange
        | time  |           | segment                                                          | device |
        |       | -->       | <SEQ=100><CTL=SYN>                                               |        |
        |       | <--       | <SEQ=300><ACK=101><CTL=SYN,ACK>                                  |        |
        |       | -->       | <SEQ=101><CTL=RST>                                               | LISTEN |
        |       | repeat 12 |                                                                  |        |
        | 100 s | -->       | <SEQ=100><CTL=SYN>                                               |        |
        |       | <--       | <SEQ=SND.NXT+20000000..SND.NXT+2147000000><ACK=101><CTL=SYN,ACK> |        |
        |       | -->       | <SEQ=101><CTL=RST>                                               | LISTEN |
        |       | end       |                                                                  |        |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: LISTEN answers a SYN, resets an ACK and is deaf to the rest (RFC 9293 3.10.7.2)

    @rfc9293-3.10.7.2
    Scenario Outline: A listener ignores every reset
      Given the device listens on port 80
      And connection B from another host port 4000
      Then they exchange
        | conn | time |     | segment                         | device       |
        | A    |      | --> | $reset                          | LISTEN       |
        | A    | 3 s  | --- |                                 | LISTEN       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | B    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

      Examples:
        | reset                            |
        | <SEQ=100><CTL=RST>               |
        | <SEQ=100><ACK=700><CTL=RST,ACK>  |
        | <SEQ=100><CTL=SYN,RST>           |
        | <SEQ=100><CTL=FIN,RST>           |
        | <SEQ=100><CTL=RST><DATA="HELLO"> |

    @rfc9293-3.10.7.2
    Scenario Outline: A listener drops what has neither RST nor ACK nor SYN without a word
      Given the device listens on port 80
      And connection B from another host port 4000
      Then they exchange
        | conn | time |     | segment                         | device       |
        | A    |      | --> | $segment                        | LISTEN       |
        | A    | 3 s  | --- |                                 | LISTEN       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | B    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

      Examples:
        | segment                       |
        | <SEQ=100><CTL=>               |
        | <SEQ=100><CTL=><DATA="HELLO"> |
        | <SEQ=100><CTL=FIN>            |
        | <SEQ=100><CTL=URG,PSH,FIN>    |

    @rfc9293-3.5-MUST-11 @rfc9293-3.5.3
    Scenario: A reset during the handshake sends a listener back to listening, ready for the next
      Given the device listens on port 80
      And connection B from another host port 4000
      Then they exchange
        | conn | time |     | segment                         | device       |
        | A    |      | --> | <SEQ=100><CTL=SYN>              |              |
        | A    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |
        | A    |      | --> | <SEQ=101><CTL=RST>              | LISTEN       |
        | A    | 10 s | --- |                                 | LISTEN       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | B    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | B    |      | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

    @ipv4 @rfc9293-3.9.2.3-MUST-57
    Scenario: A SYN to a broadcast address is not answered
      Given the device listens on port 80
      And connection B to 192.0.2.255 port 80
      Then they exchange
        | conn | time |     | segment                         | device       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              |              |
        |      | 3 s  | --- |                                 | LISTEN       |
        | A    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | A    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

    @ipv4 @rfc9293-3.9.2.3-MUST-57
    Scenario: A SYN to an IPv4 multicast group is not answered
      Given the device listens on port 80
      And connection B to 224.0.0.1 port 80
      Then they exchange
        | conn | time |     | segment                         | device       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              |              |
        |      | 3 s  | --- |                                 | LISTEN       |
        | A    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | A    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

    @ipv6 @rfc9293-3.9.2.3-MUST-57
    Scenario: A SYN to an IPv6 multicast group is not answered
      Given the device listens on port 80
      And connection B to ff02::1 port 80
      Then they exchange
        | conn | time |     | segment                         | device       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              |              |
        |      | 3 s  | --- |                                 | LISTEN       |
        | A    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | A    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

    @ipv4 @rfc9293-3.9.2.3-MUST-63
    Scenario Outline: A SYN from an address that no host can have is not answered over IPv4
      Given the device listens on port 80
      And connection B from another host $address port 4000
      Then they exchange
        | conn | time |     | segment                         | device       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              |              |
        |      | 3 s  | --- |                                 | LISTEN       |
        | A    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | A    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

      Examples: multicast, the broadcast address of the link, of everywhere, loopback
        | address         |
        | 224.0.0.5       |
        | 192.0.2.255     |
        | 255.255.255.255 |
        | 127.0.0.1       |

    @ipv6 @rfc9293-3.9.2.3-MUST-63
    Scenario Outline: A SYN from an address that no host can have is not answered over IPv6
      Given the device listens on port 80
      And connection B from another host $address port 4000
      Then they exchange
        | conn | time |     | segment                         | device       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              |              |
        |      | 3 s  | --- |                                 | LISTEN       |
        | A    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | A    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

      Examples: multicast, loopback
        | address |
        | ff02::5 |
        | ::1     |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: SYN-SENT believes only an answer to its own SYN (RFC 9293 3.10.7.3)

    @rfc9293-3.10.7.3
    Scenario: A reset that acknowledges the SYN refuses the connection
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                           | device |
        |      | <--  | <SEQ=300><CTL=SYN>                |        |
        |      | -->  | <SEQ=abs:0><ACK=301><CTL=RST,ACK> | CLOSED |
        |      | call | connect -> ECONNREFUSED           |        |
        | 10 s | ---  |                                   | CLOSED |

    @rfc9293-3.10.7.3 @rfc9293-3.5.3
    Scenario Outline: A reset that does not acknowledge the SYN is ignored
      Given the device connects to the tester
      Then they exchange
        | time  |     | segment                         | device      |
        |       | <-- | <SEQ=300><CTL=SYN>              |             |
        |       | --> | $reset                          |             |
        | 0.1 s | --- |                                 | SYN-SENT    |
        |       | --> | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |

      Examples:
        | reset                             |
        | <SEQ=900><CTL=RST>                |
        | <SEQ=abs:0><CTL=RST>              |
        | <SEQ=900><CTL=SYN,RST>            |
        | <SEQ=abs:0><ACK=299><CTL=RST,ACK> |
        | <SEQ=abs:0><ACK=300><CTL=RST,ACK> |
        | <SEQ=abs:0><ACK=302><CTL=RST,ACK> |

    @rfc9293-3.10.7.3
    Scenario Outline: An ACK that is right without a SYN does not open, whatever else it brings
      Given the device connects to the tester
      Then they exchange
        | time  |     | segment                         | device      |
        |       | <-- | <SEQ=300><CTL=SYN>              |             |
        |       | --> | $segment                        |             |
        | 0.1 s | --- |                                 | SYN-SENT    |
        |       | --> | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |

      Examples:
        | segment                                 |
        | <SEQ=900><ACK=301><CTL=ACK>             |
        | <SEQ=900><ACK=301><CTL=ACK><DATA="OLD"> |
        | <SEQ=900><ACK=301><CTL=FIN,ACK>         |

    @rfc9293-3.10.7.3
    Scenario Outline: In SYN-SENT a segment with neither SYN nor ACK nor RST is dropped
      Given the device connects to the tester
      Then they exchange
        | time  |     | segment                         | device      |
        |       | <-- | <SEQ=300><CTL=SYN>              |             |
        |       | --> | $segment                        |             |
        | 0.1 s | --- |                                 | SYN-SENT    |
        |       | --> | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |

      Examples:
        | segment                        |
        | <SEQ=900><CTL=>                |
        | <SEQ=900><CTL=FIN>             |
        | <SEQ=900><CTL=PSH><DATA="OLD"> |

    @rfc9293-3.10.4
    Scenario: Closing before the peer has answered forgets the connection without a word
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                         | device   |
        |      | <--  | <SEQ=300><CTL=SYN>              | SYN-SENT |
        |      | call | close                           | CLOSED   |
        | 10 s | ---  |                                 | CLOSED   |
        |      | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK> |          |
        |      | <--  | <SEQ=301><CTL=RST>              | CLOSED   |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A SYN that is lost is sent again (RFC 9293 3.8.3, RFC 6298)

    @rfc9293-3.8.3-MUST-22 @rfc6298-5.5
    Scenario: A SYN without an answer comes again and again, each time after twice the wait, with the same number
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                         | device      |
        |      | <--x | <SEQ=300><CTL=SYN>              | SYN-SENT    |
        | RTO  | <--x | <SEQ=300><CTL=SYN>              | SYN-SENT    |
        | x2   | <--x | <SEQ=300><CTL=SYN>              |             |
        | x2   | <--x | <SEQ=300><CTL=SYN>              |             |
        | x2   | <--  | <SEQ=300><CTL=SYN>              | SYN-SENT    |
        |      | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |
        |      | call | connect -> ok                   |             |
        | 10 s | ---  |                                 | ESTABLISHED |

    @rfc9293-3.8.3-MUST-23
    Scenario: An open is not given up before three minutes of trying
      Given the device connects to the tester
      Then they exchange
        | time  |      | segment            | device   |
        |       | <--x | <SEQ=300><CTL=SYN> |          |
        |       | <--* | <SEQ=300><CTL=SYN> |          |
        | 179 s | ---  |                    | SYN-SENT |

    @rfc9293-3.8.3-MUST-22
    Scenario: An open that nobody answers fails in the end, and the application learns why
      Given the device connects to the tester
      Then they exchange
        | time     |      | segment              | device |
        |          | <--x | <SEQ=300><CTL=SYN>   |        |
        |          | <--* | <SEQ=300><CTL=SYN>   |        |
        | ..2000 s | call | connect -> ETIMEDOUT | CLOSED |
        | 300 s    | ---  |                      | CLOSED |

    @rfc9293-3.7.1-SHLD-5
    Scenario: A SYN that is sent again still bears its MSS
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                   |
        |      | <--x | <SEQ=300><CTL=SYN><MSS=*> |
        | RTO  | <--  | <SEQ=300><CTL=SYN><MSS=*> |

    @rfc9293-3.8.3-MUST-22 @rfc6298-5.5
    Scenario: A SYN-ACK without an answer comes again and again, each time after twice the wait
      Given the device listens on port 80
      Then they exchange
        | time |      | segment                         | device       |
        |      | -->  | <SEQ=100><CTL=SYN>              |              |
        |      | <--x | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |
        | RTO  | <--x | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | x2   | <--x | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | x2   | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |
        | 10 s | ---  |                                 | ESTABLISHED  |

    @rfc9293-3.8.3-MUST-22
    Scenario: A SYN-ACK comes again when the ACK of the peer is lost, and a late ACK still opens
      Given the device listens on port 80
      Then they exchange
        | time |      | segment                         | device       |
        |      | -->  | <SEQ=100><CTL=SYN>              |              |
        |      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        |      | -->x | <SEQ=101><ACK=301><CTL=ACK>     | SYN-RECEIVED |
        | RTO  | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |
        | 10 s | ---  |                                 | ESTABLISHED  |

    @rfc9293-3.8.3
    Scenario: A SYN that never arrived costs nothing: the one sent again opens
      Given the device listens on port 80
      Then they exchange
        | time |      | segment                         | device       |
        |      | -->x | <SEQ=100><CTL=SYN>              | LISTEN       |
        | 1 s  | ---  |                                 | LISTEN       |
        |      | -->  | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        |      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Damaged segments are as if they had not come (RFC 9293 3.1)

    @rfc9293-3.1-MUST-3
    Scenario: A SYN with a wrong checksum is not answered
      Given the device listens on port 80
      Then they exchange
        | time |     | segment                         | device       |
        |      | --> | <SEQ=100><CTL=SYN><SUM=bad>     |              |
        | 3 s  | --- |                                 | LISTEN       |
        |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

    @rfc9293-3.1-MUST-3
    Scenario: An ACK with a wrong checksum does not complete the handshake
      Given the device listens on port 80
      Then they exchange
        | time  |     | segment                              | device       |
        |       | --> | <SEQ=100><CTL=SYN>                   |              |
        |       | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>      |              |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK><SUM=bad> |              |
        | 0.1 s | --- |                                      | SYN-RECEIVED |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>          | ESTABLISHED  |

    @rfc9293-3.1-MUST-3
    Scenario: A SYN-ACK with a wrong checksum does not open
      Given the device connects to the tester
      Then they exchange
        | time  |     | segment                                  | device      |
        |       | <-- | <SEQ=300><CTL=SYN>                       |             |
        |       | --> | <SEQ=100><ACK=301><CTL=SYN,ACK><SUM=bad> |             |
        | 0.1 s | --- |                                          | SYN-SENT    |
        |       | --> | <SEQ=100><ACK=301><CTL=SYN,ACK>          |             |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK>              | ESTABLISHED |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Each end says how large segments may be (RFC 9293 3.7.1), and options are read with care (3.1, 3.2)

    @ipv4 @rfc9293-3.7.1-MUST-67
    Scenario: The MSS that the device offers over IPv4 fits its link
      Given the device listens on port 80
      Then they exchange
        |        | segment                                      | tester                         |
        | -->    | <SEQ=100><CTL=SYN>                           |                                |
        | either |                                              |                                |
        | <--    | <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1..1460> |                                |
        | or     |                                              |                                |
        | <--    | <SEQ=300><ACK=101><CTL=SYN,ACK><no MSS>      | 536, the default, is all right |
        | end    |                                              |                                |

    @ipv6 @rfc9293-3.7.1-MUST-67
    Scenario: The MSS that the device offers over IPv6 fits its link
      Given the device listens on port 80
      Then they exchange
        |        | segment                                      | tester                          |
        | -->    | <SEQ=100><CTL=SYN>                           |                                 |
        | either |                                              |                                 |
        | <--    | <SEQ=300><ACK=101><CTL=SYN,ACK><MSS=1..1440> |                                 |
        | or     |                                              |                                 |
        | <--    | <SEQ=300><ACK=101><CTL=SYN,ACK><no MSS>      | 1220, the default, is all right |
        | end    |                                              |                                 |

    @rfc9293-3.7.1-SHLD-5
    Scenario: A SYN of the device bears an MSS option
      Given the device connects to the tester
      Then they exchange
        |     | segment                   |
        | <-- | <SEQ=300><CTL=SYN><MSS=*> |

    @rfc9293-3.2-MUST-65
    Scenario: Only a SYN bears the MSS option
      Given the device connects to the tester
      Then they exchange
        |      | segment                                      |
        | <--  | <SEQ=300><CTL=SYN>                           |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>              |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><no MSS>          |
        | call | send 20                                      |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20><no MSS> |
        | -->  | <SEQ=101><ACK=321><CTL=ACK>                  |
        | call | shutdown write                               |
        | <--  | <SEQ=321><ACK=101><CTL=FIN,ACK><no MSS>      |

    @rfc9293-3.7.1-MUST-14 @rfc9293-3.7.1-MUST-16
    Scenario: No segment of the device is longer than the MSS of its peer
      Given the device listens on port 80
      Then they exchange
        |      | segment                         | device      |
        | -->  | <SEQ=100><CTL=SYN><MSS=500>     |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED |
        | call | send 2000                       |             |
        | <==  | <SEQ=301..2301> acked           |             |
      And no segment of the device is longer than 500 octets

    @rfc9293-3.7.1-MUST-14 @rfc9293-3.7.1-MUST-16
    Scenario: The MSS in a SYN-ACK limits the end that opened
      Given the device connects to the tester
      Then they exchange
        |      | segment                                  | device      |
        | <--  | <SEQ=300><CTL=SYN>                       |             |
        | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK><MSS=500> |             |
        | <--  | <SEQ=301><ACK=101><CTL=ACK>              | ESTABLISHED |
        | call | send 2000                                |             |
        | <==  | <SEQ=301..2301> acked                    |             |
      And no segment of the device is longer than 500 octets

    @ipv4 @rfc9293-3.7.1-MUST-15
    Scenario: Without an MSS option the device takes 536 over IPv4
      Given the device listens on port 80
      Then they exchange
        |      | segment                         | device      |
        | -->  | <SEQ=100><CTL=SYN><no MSS>      |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED |
        | call | send 2000                       |             |
        | <==  | <SEQ=301..2301> acked           |             |
      And no segment of the device is longer than 536 octets

    @ipv6 @rfc9293-3.7.1-MUST-15
    Scenario: Without an MSS option the device takes 1220 over IPv6
      Given the device listens on port 80
      Then they exchange
        |      | segment                         | device      |
        | -->  | <SEQ=100><CTL=SYN><no MSS>      |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED |
        | call | send 4000                       |             |
        | <==  | <SEQ=301..4301> acked           |             |
      And no segment of the device is longer than 1220 octets

    @ipv4 @rfc9293-3.7.1-MUST-16
    Scenario: An MSS larger than the link can carry over IPv4 is cut to what it can
      Given the device listens on port 80
      Then they exchange
        |      | segment                         | device      |
        | -->  | <SEQ=100><CTL=SYN><MSS=65535>   |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED |
        | call | send 4000                       |             |
        | <==  | <SEQ=301..4301> acked           |             |
      And no segment of the device is longer than 1460 octets

    @ipv6 @rfc9293-3.7.1-MUST-16
    Scenario: An MSS larger than the link can carry over IPv6 is cut to what it can
      Given the device listens on port 80
      Then they exchange
        |      | segment                         | device      |
        | -->  | <SEQ=100><CTL=SYN><MSS=65535>   |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED |
        | call | send 4000                       |             |
        | <==  | <SEQ=301..4301> acked           |             |
      And no segment of the device is longer than 1440 octets

    @rfc9293-3.9.1.2-SHLD-28
    Scenario: Segments are as long as the MSS of the peer allows
      Given an established connection with MSS 500
      Then they exchange
        |      | segment                               |
        | call | send 1000                             |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=500> |
        | -->  | <SEQ=101><ACK=801><CTL=ACK>           |
        | <--  | <SEQ=801><ACK=101><CTL=ACK><DATA=500> |

    @ipv6 @rfc9293-3.9.1.2-SHLD-28
    Scenario: Without an MSS option segments over IPv6 may be longer than over IPv4
      Given the device listens on port 80
      Then they exchange
        |      | segment                                 | device      |
        | -->  | <SEQ=100><CTL=SYN><no MSS>              |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>         |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>             | ESTABLISHED |
        | call | send 2440                               |             |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=1220>  |             |
        | -->  | <SEQ=101><ACK=1521><CTL=ACK>            |             |
        | <--  | <SEQ=1521><ACK=101><CTL=ACK><DATA=1220> |             |

    @rfc9293-3.1-MUST-4 @rfc9293-3.1-MUST-6 @rfc9293-3.2-MUST-64
    Scenario Outline: The MSS option is found wherever it stands among other options
      Given the device listens on port 80
      Then they exchange
        |      | segment                         | device      |
        | -->  | <SEQ=100><CTL=SYN>$options      |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED |
        | call | send 1400                       |             |
        | <==  | <SEQ=301..1701> acked           |             |
      And no segment of the device is longer than 500 octets

      Examples: kind 2, length 4, 500 is 01f4; kinds 64, 77 and 253 mean nothing to anybody
        | options                           |
        | <NOP><NOP><MSS=500>               |
        | <NOP><MSS=500><NOP><EOL>          |
        | <OPT=4002><MSS=500>               |
        | <OPT=4d05aabbcc><MSS=500>         |
        | <OPT=fd04abcd><NOP><MSS=500><EOL> |

    @rfc9293-3.1-MUST-4
    Scenario: What stands behind the end of the option list is not read
      Given the device listens on port 80
      Then they exchange
        |      | segment                                              | device      |
        | -->  | <SEQ=100><CTL=SYN><MSS=500><EOL><OPT=02040578000000> |             |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>                      |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK>                          | ESTABLISHED |
        | call | send 1400                                            |             |
        | <==  | <SEQ=301..1701> acked                                |             |
      And no segment of the device is longer than 500 octets

    @rfc9293-3.1-MUST-7
    Scenario Outline: An option with an impossible length may be refused or ignored, but the device lives on
      Given the device listens on port 80
      And connection B from another host port 4000
      Then they exchange
        | conn | time  |      | segment                           | device       |
        | A    |       | -->  | <SEQ=100><CTL=SYN><OPT=$octets>   |              |
        | A    |       | <--* | <SEQ=*><ACK=101><CTL=SYN,ACK>     |              |
        | A    |       | <--? | <SEQ=abs:0><ACK=101><CTL=RST,ACK> |              |
        |      | 0.1 s | ---  |                                   |              |
        | B    |       | -->  | <SEQ=100><CTL=SYN>                | SYN-RECEIVED |
        | B    |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>   |              |
        | B    |       | -->  | <SEQ=101><ACK=301><CTL=ACK>       | ESTABLISHED  |

      Examples: length 0, length 1, past the end, an MSS of length 3 and of length 5, a kind without length
        | octets     |
        | fd000000   |
        | fd010000   |
        | fdff0000   |
        | 02030200   |
        | 0205020000 |
        | 010101fd   |

    @rfc9293-3.1-MUST-5 @rfc9293-3.1-MUST-6
    Scenario: Options that nobody knows are stepped over on every kind of segment
      Given an established connection
      Then they exchange
        |      | segment                                                 | device     |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><OPT=4d04aabb><DATA="HELLO"> |            |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>                             |            |
        | call | recv -> "HELLO"                                         |            |
        | -->  | <SEQ=106><ACK=301><CTL=FIN,ACK><OPT=fd04aabb>           | CLOSE-WAIT |
        | <--  | <SEQ=301><ACK=107><CTL=ACK>                             |            |

    @rfc7323-2.2 @rfc7323-3.2
    Scenario: A SYN-ACK offers no window scale and no timestamps to a SYN that did not offer them
      Given the device listens on port 80
      Then they exchange
        |     | segment                                       |
        | --> | <SEQ=100><CTL=SYN>                            |
        | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK><no WS><no TS> |

    @rfc2018-4
    Scenario: A peer that did not offer SACK gets no SACK option, not even about a gap
      Given the device listens on port 80
      Then they exchange
        |     | segment                                   | device      |
        | --> | <SEQ=100><CTL=SYN>                        |             |
        | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>           |             |
        | --> | <SEQ=101><ACK=301><CTL=ACK>               | ESTABLISHED |
        | --> | <SEQ=151><ACK=301><CTL=ACK><DATA=50>      |             |
        | <-- | <SEQ=301><ACK=101><CTL=ACK><no SACK>      |             |
        | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=50>      |             |
        | <-- | <SEQ=301><ACK=151..201><CTL=ACK><no SACK> |             |
