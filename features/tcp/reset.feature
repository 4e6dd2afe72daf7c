@tcp
Feature: Resets
  When a reset is sent, with which numbers, and which resets are believed: RFC 9293 sections 3.5.1 (half-open
  connections, figures 9, 10 and 11), 3.5.2 (generation) and 3.5.3 (processing), the sequence, RST, SYN and ACK checks
  of 3.10.7.4, and what RFC 5961 adds against resets, SYNs and data that are guessed.

  A reset has three causes: a segment for a port where nobody listens, an application that aborts, and a segment that
  belongs to no connection here. It always bears the numbers that the end which gets it will believe.

  # ---------------------------------------------------------------------------------------------------------------
  Rule: What arrives where nothing is open is reset (RFC 9293 3.5.2, group 1; 3.10.7.1)

    @rfc9293-3.10.7.1 @rfc9293-3.5.2
    Scenario Outline: Without an ACK to go by, the reset has number 0 and acknowledges all that came
      Then they exchange
        | time |     | segment                             |
        |      | --> | $segment                            |
        |      | <-- | <SEQ=abs:0><ACK=$next><CTL=RST,ACK> |
        | 3 s  | --- |                                     |

      Examples: SYN and FIN count one each, data count each octet; without the ACK bit the ACK field is no number
        | segment                              | next |
        | <SEQ=100><CTL=SYN>                   | 101  |
        | <SEQ=100><CTL=FIN>                   | 101  |
        | <SEQ=100><CTL=SYN,FIN>               | 102  |
        | <SEQ=100><CTL=SYN><DATA="HELLO">     | 106  |
        | <SEQ=100><CTL=PSH><DATA="HELLO">     | 105  |
        | <SEQ=100><CTL=FIN><DATA="HELLO">     | 106  |
        | <SEQ=100><CTL=>                      | 100  |
        | <SEQ=100><CTL=URG>                   | 100  |
        | <SEQ=100><CTL=SYN,FIN><DATA="HELLO"> | 107  |
        | <SEQ=100><ACK=700><CTL=SYN>          | 101  |

    @rfc9293-3.10.7.1 @rfc9293-3.5.2
    Scenario Outline: With an ACK to go by, the reset begins where the ACK says and acknowledges nothing
      Then they exchange
        | time |     | segment            |
        |      | --> | $segment           |
        |      | <-- | <SEQ=700><CTL=RST> |
        | 3 s  | --- |                    |

      Examples:
        | segment                                       |
        | <SEQ=100><ACK=700><CTL=ACK>                   |
        | <SEQ=100><ACK=700><CTL=SYN,ACK>               |
        | <SEQ=100><ACK=700><CTL=FIN,ACK>               |
        | <SEQ=100><ACK=700><CTL=ACK,PSH><DATA="HELLO"> |
        | <SEQ=100><ACK=700><CTL=SYN,FIN,ACK,PSH,URG>   |

    @rfc9293-3.10.7.1 @rfc9293-3.5.2
    Scenario Outline: A reset is never answered with a reset
      Then they exchange
        | time |     | segment |
        |      | --> | $reset  |
        | 3 s  | --- |         |

      Examples:
        | reset                               |
        | <SEQ=100><CTL=RST>                  |
        | <SEQ=100><ACK=700><CTL=RST,ACK>     |
        | <SEQ=100><CTL=SYN,RST>              |
        | <SEQ=100><ACK=700><CTL=FIN,RST,ACK> |
        | <SEQ=100><CTL=RST><DATA="GO AWAY">  |

    @rfc9293-3.1-MUST-3
    Scenario: A segment with a wrong checksum is not even reset
      Then they exchange
        | time |     | segment                              |
        |      | --> | <SEQ=100><CTL=SYN><SUM=bad>          |
        |      | --> | <SEQ=100><ACK=700><CTL=ACK><SUM=bad> |
        | 3 s  | --- |                                      |

    @rfc9293-3.5.2
    Scenario: A port where one listens does not help its neighbour
      Given the device listens on port 80
      And connection B to port 81
      Then they exchange
        | conn |     | segment                           | device       |
        | B    | --> | <SEQ=100><CTL=SYN>                |              |
        | B    | <-- | <SEQ=abs:0><ACK=101><CTL=RST,ACK> |              |
        | A    | --> | <SEQ=100><CTL=SYN>                | SYN-RECEIVED |
        | A    | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK>   |              |

    @ipv4 @rfc9293-3.9.2.3-MUST-57
    Scenario: A SYN to a broadcast address is not reset where nobody listens
      Given connection B to 192.0.2.255 port 80
      Then they exchange
        | conn | time |     | segment            |
        | B    |      | --> | <SEQ=100><CTL=SYN> |
        |      | 3 s  | --- |                    |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: LISTEN, SYN-SENT and SYN-RECEIVED reset an ACK for what was never sent (RFC 9293 3.5.2, group 2)

    @rfc9293-3.10.7.2 @rfc9293-3.5.2
    Scenario Outline: A listener resets whatever bears an ACK, and goes on listening
      Given the device listens on port 80
      And connection B from another host port 4000
      Then they exchange
        | conn | time |     | segment                         | device       |
        | A    |      | --> | $segment                        |              |
        | A    |      | <-- | <SEQ=700><CTL=RST>              | LISTEN       |
        | A    | 3 s  | --- |                                 | LISTEN       |
        | B    |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | B    |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |

      Examples:
        | segment                                       |
        | <SEQ=100><ACK=700><CTL=ACK>                   |
        | <SEQ=100><ACK=700><CTL=SYN,ACK>               |
        | <SEQ=100><ACK=700><CTL=FIN,ACK>               |
        | <SEQ=100><ACK=700><CTL=ACK,PSH><DATA="HELLO"> |

    @rfc9293-3.10.7.3 @rfc9293-3.5.2
    Scenario Outline: SYN-SENT resets an ACK of anything but its SYN and waits on
      Given the device connects to the tester
      Then they exchange
        | time  |      | segment                         | device      |
        |       | <--  | <SEQ=300><CTL=SYN>              |             |
        |       | -->  | <SEQ=900><ACK=$ack><CTL=$bits>  |             |
        |       | <--  | <SEQ=$ack><CTL=RST>             | SYN-SENT    |
        | 0.1 s | ---  |                                 | SYN-SENT    |
        |       | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |
        |       | call | connect -> ok                   |             |

      Examples: the initial number itself is not an acknowledgment of it, nor is the number after the next
        | ack            | bits    |
        | 299            | SYN,ACK |
        | 300            | SYN,ACK |
        | 302            | SYN,ACK |
        | 300+2147483648 | SYN,ACK |
        | 300            | ACK     |
        | 302            | ACK     |
        | 302            | FIN,ACK |

    @rfc9293-3.10.7.4 @rfc9293-3.5.2
    Scenario Outline: SYN-RECEIVED resets an ACK of anything but its SYN and waits on
      Given a connection in SYN-RECEIVED
      Then they exchange
        | time  |     | segment                        | device       |
        |       | --> | <SEQ=101><ACK=$ack><CTL=$bits> |              |
        |       | <-- | <SEQ=$ack><CTL=RST>            | SYN-RECEIVED |
        | 0.1 s | --- |                                | SYN-RECEIVED |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>    | ESTABLISHED  |

      Examples:
        | ack            | bits    |
        | 299            | ACK     |
        | 300            | ACK     |
        | 302            | ACK     |
        | 300+2147483648 | ACK     |
        | 302            | FIN,ACK |

    @rfc9293-3.10.7.4 @rfc9293-3.5.2
    Scenario Outline: After opening on both ends, too, an ACK of anything but the SYN is reset
      Given a connection in SYN-RECEIVED that the device opened
      Then they exchange
        | time  |      | segment                      | device       |
        |       | -->  | <SEQ=101><ACK=$ack><CTL=ACK> |              |
        |       | <--  | <SEQ=$ack><CTL=RST>          | SYN-RECEIVED |
        | 0.1 s | ---  |                              | SYN-RECEIVED |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK>  | ESTABLISHED  |
        |       | call | connect -> ok                |              |

      Examples:
        | ack |
        | 300 |
        | 302 |

    @rfc9293-3.10.7.4
    Scenario: Data on a handshake ACK that is wrong do not reach the application
      Given a connection in SYN-RECEIVED
      Then they exchange
        |      | segment                                   | device       |
        | -->  | <SEQ=101><ACK=302><CTL=ACK><DATA="WRONG"> |              |
        | <--  | <SEQ=302><CTL=RST>                        | SYN-RECEIVED |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="RIGHT"> | ESTABLISHED  |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>               |              |
        | call | recv -> "RIGHT"                           |              |

    @rfc9293-3.10.7.4
    Scenario Outline: A segment without an ACK does not complete the handshake
      Given a connection in SYN-RECEIVED
      Then they exchange
        | time  |     | segment                     | device       |
        |       | --> | $segment                    |              |
        | 0.1 s | --- |                             | SYN-RECEIVED |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK> | ESTABLISHED  |

      Examples:
        | segment                          |
        | <SEQ=101><CTL=>                  |
        | <SEQ=101><CTL=PSH><DATA="HELLO"> |
        | <SEQ=101><CTL=FIN>               |

    @rfc9293-3.10.7.4
    Scenario Outline: In SYN-RECEIVED a segment outside the window is answered with an ACK and not looked at further
      Given a connection in SYN-RECEIVED
      Then they exchange
        | time  |     | segment                      | device       |
        |       | --> | <SEQ=$seq><ACK=301><CTL=ACK> |              |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK>  | SYN-RECEIVED |
        | 0.1 s | --- |                              | SYN-RECEIVED |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>  | ESTABLISHED  |

      Examples:
        | seq             |
        | RCV.NXT-1       |
        | RCV.NXT+RCV.WND |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: The application may abort (RFC 9293 3.10.5)

    @rfc9293-3.10.5
    Scenario Outline: An abort sends one reset with the next number and forgets the connection
      Given a connection in $state
      Then they exchange
        | time |      | segment                                  | device |
        |      | call | abort                                    |        |
        |      | <--  | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,?ACK> | CLOSED |
        | 10 s | ---  |                                          | CLOSED |

      Examples:
        | state       |
        | ESTABLISHED |
        | FIN-WAIT-1  |
        | FIN-WAIT-2  |
        | CLOSE-WAIT  |

    @rfc9293-3.10.5
    Scenario: An abort while both ends are opening sends a reset
      Given a connection in SYN-RECEIVED that the device opened
      Then they exchange
        | time |      | segment                          | device |
        |      | call | abort                            |        |
        |      | <--  | <SEQ=301><ACK=101><CTL=RST,?ACK> | CLOSED |
        | 10 s | ---  |                                  | CLOSED |

    @rfc9293-3.10.5
    Scenario Outline: Where both ends have closed, or none has answered, an abort is silent
      Given a connection in $state
      Then they exchange
        | time |      | segment | device |
        |      | call | abort   | CLOSED |
        | 10 s | ---  |         | CLOSED |

      Examples:
        | state     |
        | SYN-SENT  |
        | CLOSING   |
        | LAST-ACK  |
        | TIME-WAIT |

    @rfc9293-3.10.5
    Scenario: An abort throws away what was not acknowledged; its reset stands behind all that was sent
      Given an established connection
      Then they exchange
        | time |      | segment                              | device |
        |      | call | send 20                              |        |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |        |
        |      | call | abort                                |        |
        |      | <--  | <SEQ=321><ACK=101><CTL=RST,?ACK>     | CLOSED |
        | 60 s | ---  |                                      | CLOSED |

    @rfc9293-3.10.5 @rfc9293-3.10.7.1
    Scenario: After an abort the peer's segments belong to no connection
      Given an established connection
      Then they exchange
        |      | segment                                  | device |
        | call | abort                                    |        |
        | <--x | <SEQ=301><ACK=101><CTL=RST,?ACK>         | CLOSED |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HEY?"> |        |
        | <--  | <SEQ=301><CTL=RST>                       | CLOSED |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A connection of which only one end knows is ended by a reset (RFC 9293 3.5.1, figures 9 to 11)

    @rfc9293-3.5.1
    Scenario: A peer that has restarted asks for a new connection, learns of the old one, resets it and tries again
      Given an established connection
      And connection B reuses A's ports with numbers from A+1000000
      Then they exchange
        | conn | time |      | segment                         | device       | tester                       |
        | B    |      | -->  | <SEQ=100><CTL=SYN>              |              | I know nothing, let us begin |
        | A    |      | <--  | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED  |                              |
        | A    |      | -->  | <SEQ=101><CTL=RST>              | CLOSED       | that is not what I sent      |
        | A    |      | call | recv -> ECONNRESET              |              |                              |
        | B    | 1 s  | -->  | <SEQ=100><CTL=SYN>              | SYN-RECEIVED | my SYN again                 |
        | B    |      | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |                              |
        | B    |      | -->  | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |                              |

    @rfc9293-3.5.1
    Scenario: Data that reach a peer which has restarted come back as a reset, and the connection ends
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      | tester       |
        |      | call | send 10                              |             |              |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=10> | ESTABLISHED | what is this |
        |      | -->  | <SEQ=101><CTL=RST>                   | CLOSED      |              |
        |      | call | recv -> ECONNRESET                   |             |              |
        | 60 s | ---  |                                      | CLOSED      |              |

    @rfc9293-3.5.1 @rfc9293-3.10.7.1
    Scenario: A device that has lost the connection resets what still arrives on it
      Then they exchange
        |     | segment                                        | tester            |
        | --> | <SEQ=100><ACK=300><CTL=ACK,PSH><DATA="STILL?"> | for me it is open |
        | <-- | <SEQ=300><CTL=RST>                             |                   |

    @rfc9293-3.5.1 @rfc9293-3.10.7.3
    Scenario: A device that has restarted finds that its peer remembers, resets that memory and opens anew
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                         | device      | tester                        |
        |      | <--  | <SEQ=300><CTL=SYN>              | SYN-SENT    |                               |
        |      | -->  | <SEQ=900><ACK=251><CTL=ACK>     |             | I stand at 900 and expect 251 |
        |      | <--  | <SEQ=251><CTL=RST>              | SYN-SENT    | I was wrong, all is forgotten |
        | RTO  | <--  | <SEQ=300><CTL=SYN>              | SYN-SENT    |                               |
        |      | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK> |             |                               |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |                               |
        |      | call | connect -> ok                   |             |                               |

    @rfc9293-3.5.1 @rfc9293-3.5.3
    Scenario: An old SYN that reaches a listener ends in a reset when the peer was only listening itself
      Given the device listens on port 80
      Then they exchange
        | time |     | segment                         | device       | tester             |
        |      | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED | not mine: I listen |
        |      | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |                    |
        |      | --> | <SEQ=101><CTL=RST>              | LISTEN       |                    |
        | 10 s | --- |                                 | LISTEN       |                    |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A reset is believed where its number is right (RFC 9293 3.5.3, 3.10.7.4 second; RFC 5961 3.2)

    @rfc9293-3.10.7.4 @rfc9293-3.5.3
    Scenario Outline: A reset with just the expected number ends the connection without an answer
      Given a connection in $state
      Then they exchange
        | time |     | segment                | device |
        |      | --> | <SEQ=RCV.NXT><CTL=RST> | CLOSED |
        | 10 s | --- |                        | CLOSED |

      Examples:
        | state       |
        | ESTABLISHED |
        | FIN-WAIT-1  |
        | FIN-WAIT-2  |
        | CLOSE-WAIT  |
        | CLOSING     |
        | LAST-ACK    |

    @rfc9293-3.10.7.4 @rfc9293-3.6-MUST-12
    Scenario Outline: The application learns that the connection was reset, not closed
      Given a connection in $state
      Then they exchange
        |      | segment                | device |
        | -->  | <SEQ=RCV.NXT><CTL=RST> | CLOSED |
        | call | recv -> ECONNRESET     |        |

      Examples:
        | state       |
        | ESTABLISHED |
        | FIN-WAIT-1  |
        | FIN-WAIT-2  |

    @rfc9293-3.10.7.4
    Scenario: A receive that is waiting when the reset comes ends with the reset
      Given an established connection
      Then they exchange
        | time  |      | segment            | device      |
        | 0.1 s | call | recv -> pending    | ESTABLISHED |
        |       | -->  | <SEQ=101><CTL=RST> | CLOSED      |
        |       | call | recv -> ECONNRESET |             |

    @rfc9293-3.10.7.4
    Scenario: An ACK number on a reset is not looked at
      Given an established connection
      Then they exchange
        | time |      | segment                           | device |
        |      | -->  | <SEQ=101><ACK=99999><CTL=RST,ACK> | CLOSED |
        |      | call | recv -> ECONNRESET                |        |
        | 3 s  | ---  |                                   | CLOSED |

    @rfc9293-3.5.3-SHLD-2
    Scenario: A reset may explain itself in data
      Given an established connection
      Then they exchange
        | time |      | segment                                 | device |
        |      | -->  | <SEQ=101><CTL=RST><DATA="out of paper"> | CLOSED |
        |      | call | recv -> ECONNRESET                      |        |
        | 3 s  | ---  |                                         | CLOSED |

    @rfc9293-3.10.7.4
    Scenario Outline: RST comes before SYN and FIN on the same segment
      Given an established connection
      Then they exchange
        | time |      | segment                       | device |
        |      | -->  | <SEQ=101><ACK=301><CTL=$bits> | CLOSED |
        |      | call | recv -> ECONNRESET            |        |
        | 3 s  | ---  |                               | CLOSED |

      Examples:
        | bits        |
        | SYN,RST,ACK |
        | FIN,RST,ACK |

    @rfc9293-3.10.7.4 @rfc9293-3.5.3
    Scenario Outline: A reset outside the window is dropped without a word
      Given a connection in $state
      Then they exchange
        | time  |     | segment             | device |
        |       | --> | <SEQ=$seq><CTL=RST> | $state |
        | 0.1 s | --- |                     | $state |

      Examples: one before the expected number, the first behind the window, half the number space away
        | state        | seq                |
        | SYN-RECEIVED | RCV.NXT-1          |
        | SYN-RECEIVED | RCV.NXT+RCV.WND    |
        | ESTABLISHED  | RCV.NXT-1          |
        | ESTABLISHED  | RCV.NXT+RCV.WND    |
        | ESTABLISHED  | RCV.NXT+2147483648 |
        | FIN-WAIT-1   | RCV.NXT-1          |
        | FIN-WAIT-1   | RCV.NXT+RCV.WND    |
        | FIN-WAIT-2   | RCV.NXT-1          |
        | FIN-WAIT-2   | RCV.NXT+RCV.WND    |
        | CLOSE-WAIT   | RCV.NXT-1          |
        | CLOSE-WAIT   | RCV.NXT+RCV.WND    |
        | CLOSING      | RCV.NXT-1          |
        | CLOSING      | RCV.NXT+RCV.WND    |
        | LAST-ACK     | RCV.NXT-1          |
        | LAST-ACK     | RCV.NXT+RCV.WND    |
        | TIME-WAIT    | RCV.NXT-1          |
        | TIME-WAIT    | RCV.NXT+RCV.WND    |

    @rfc5961-3.2
    Scenario Outline: A reset inside the window but not at its left edge is challenged, and the connection lives
      Given a connection in $state
      Then they exchange
        | time  |     | segment                             | device |
        |       | --> | <SEQ=$seq><CTL=RST>                 |        |
        |       | <-- | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> | $state |
        | 0.1 s | --- |                                     | $state |

      Examples: the second number of the window, and the last
        | state        | seq               |
        | SYN-RECEIVED | RCV.NXT+1         |
        | SYN-RECEIVED | RCV.NXT+RCV.WND-1 |
        | ESTABLISHED  | RCV.NXT+1         |
        | ESTABLISHED  | RCV.NXT+RCV.WND-1 |
        | FIN-WAIT-1   | RCV.NXT+1         |
        | FIN-WAIT-1   | RCV.NXT+RCV.WND-1 |
        | FIN-WAIT-2   | RCV.NXT+1         |
        | FIN-WAIT-2   | RCV.NXT+RCV.WND-1 |
        | CLOSE-WAIT   | RCV.NXT+1         |
        | CLOSE-WAIT   | RCV.NXT+RCV.WND-1 |
        | CLOSING      | RCV.NXT+1         |
        | CLOSING      | RCV.NXT+RCV.WND-1 |
        | LAST-ACK     | RCV.NXT+1         |
        | LAST-ACK     | RCV.NXT+RCV.WND-1 |

    @rfc5961-3.2
    Scenario: A reset before the window whose data reach into it is not believed
      Given an established connection
      Then they exchange
        | time  |      | segment                                   | device      |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="ABCDE"> |             |
        |       | <--  | <SEQ=301><ACK=106><CTL=ACK>               |             |
        |       | -->  | <SEQ=103><CTL=RST><DATA="CDEFG">          |             |
        |       | <--? | <SEQ=301><ACK=106><CTL=ACK>               |             |
        | 0.1 s | ---  |                                           | ESTABLISHED |

    @rfc5961-3.2
    Scenario: The peer that is challenged and has really gone answers with the right number, and that is believed
      Given an established connection
      Then they exchange
        | time |      | segment                     | device      | tester                   |
        |      | -->  | <SEQ=131><CTL=RST>          |             | data before it were lost |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK> | ESTABLISHED |                          |
        |      | -->  | <SEQ=101><CTL=RST>          | CLOSED      |                          |
        |      | call | recv -> ECONNRESET          |             |                          |
        | 3 s  | ---  |                             | CLOSED      |                          |

    @rfc5961-3.2
    Scenario: Data behind a gap do not move the number at which a reset is believed
      Given an established connection
      Then they exchange
        | time |     | segment                              | device      |
        |      | --> | <SEQ=111><ACK=301><CTL=ACK><DATA=10> |             |
        |      | <-- | <SEQ=301><ACK=101><CTL=ACK>          |             |
        | 20 s | --> | <SEQ=121><CTL=RST>                   |             |
        |      | <-- | <SEQ=301><ACK=101><CTL=ACK>          | ESTABLISHED |
        |      | --> | <SEQ=101><CTL=RST>                   | CLOSED      |

    @rfc9293-3.10.7.4
    Scenario: Data move the number at which a reset is believed
      Given an established connection
      Then they exchange
        | time |     | segment                              | device      |
        |      | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |             |
        |      | <-- | <SEQ=301><ACK=121><CTL=ACK>          |             |
        |      | --> | <SEQ=101><CTL=RST>                   |             |
        | 3 s  | --- |                                      | ESTABLISHED |
        |      | --> | <SEQ=121><CTL=RST>                   | CLOSED      |

    @rfc9293-3.1-MUST-3
    Scenario: A reset with a wrong checksum changes nothing
      Given an established connection
      Then they exchange
        | time |     | segment                              | device      |
        |      | --> | <SEQ=101><CTL=RST><SUM=bad>          |             |
        | 3 s  | --- |                                      | ESTABLISHED |
        |      | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> | ESTABLISHED |
        |      | <-- | <SEQ=301><ACK=121><CTL=ACK>          |             |

    @rfc9293-3.4-MUST-66
    Scenario: A window that is closed does not keep a reset out
      Given an established connection
      And they exchange
        |     | segment                                        | device      |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |             |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> | ESTABLISHED |
      Then they exchange
        |     | segment                | device |
        | --> | <SEQ=RCV.NXT><CTL=RST> | CLOSED |

    @rfc9293-3.5.3-SHLD-2
    Scenario: A window that is closed does not keep a reset out that explains itself
      Given an established connection
      And they exchange
        |     | segment                                        | device      |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |             |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> | ESTABLISHED |
      Then they exchange
        |     | segment                                     | device |
        | --> | <SEQ=RCV.NXT><CTL=RST><DATA="out of paper"> | CLOSED |

    @rfc9293-3.4-MUST-66
    Scenario: A window that is closed does not keep a reset out that bears a FIN as well
      Given an established connection
      And they exchange
        |     | segment                                        | device      |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |             |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> | ESTABLISHED |
      Then they exchange
        |     | segment                    | device |
        | --> | <SEQ=RCV.NXT><CTL=FIN,RST> | CLOSED |

    @rfc9293-3.10.7.4
    Scenario: When the window is closed, every other number is outside it
      Given an established connection
      And they exchange
        | time |     | segment                                        | device      |
        |      | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |             |
        |      | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> | ESTABLISHED |
      Then they exchange
        | time |     | segment                                       | device      |
        |      | --> | <SEQ=RCV.NXT+1><CTL=RST>                      |             |
        |      | --> | <SEQ=RCV.NXT-1><CTL=RST>                      |             |
        |      | --> | <SEQ=RCV.NXT+1><CTL=RST><DATA="out of paper"> |             |
        | 3 s  | --- |                                               | ESTABLISHED |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A SYN on an open connection is challenged (RFC 9293 3.10.7.4 fourth; RFC 5961 4.2)

    @rfc9293-3.10.7.4
    Scenario Outline: A SYN outside the window is answered with an ACK of what is expected
      Given a connection in $state
      Then they exchange
        | time  |     | segment                             | device |
        |       | --> | <SEQ=$seq><CTL=SYN>                 |        |
        |       | <-- | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> | $state |
        | 0.1 s | --- |                                     | $state |

      Examples:
        | state       | seq             |
        | ESTABLISHED | RCV.NXT-1       |
        | ESTABLISHED | RCV.NXT+RCV.WND |
        | FIN-WAIT-1  | RCV.NXT-1       |
        | FIN-WAIT-1  | RCV.NXT+RCV.WND |
        | FIN-WAIT-2  | RCV.NXT-1       |
        | FIN-WAIT-2  | RCV.NXT+RCV.WND |
        | CLOSE-WAIT  | RCV.NXT-1       |
        | CLOSE-WAIT  | RCV.NXT+RCV.WND |
        | CLOSING     | RCV.NXT-1       |
        | LAST-ACK    | RCV.NXT-1       |

    @rfc5961-4.2
    Scenario Outline: A SYN inside the window is challenged, neither believed nor reset
      Given a connection in $state
      Then they exchange
        | time  |     | segment                             | device |
        |       | --> | <SEQ=$seq><CTL=SYN>                 |        |
        |       | <-- | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> | $state |
        | 0.1 s | --- |                                     | $state |

      Examples: the expected number, the one after it, the last of the window
        | state       | seq               |
        | ESTABLISHED | RCV.NXT           |
        | ESTABLISHED | RCV.NXT+1         |
        | ESTABLISHED | RCV.NXT+RCV.WND-1 |
        | FIN-WAIT-1  | RCV.NXT           |
        | FIN-WAIT-1  | RCV.NXT+1         |
        | FIN-WAIT-2  | RCV.NXT           |
        | FIN-WAIT-2  | RCV.NXT+1         |
        | CLOSE-WAIT  | RCV.NXT           |
        | CLOSE-WAIT  | RCV.NXT+1         |
        | CLOSING     | RCV.NXT           |
        | CLOSING     | RCV.NXT+1         |
        | LAST-ACK    | RCV.NXT           |
        | LAST-ACK    | RCV.NXT+1         |

    @rfc5961-4.2
    Scenario: Data and acknowledgment on a SYN that is challenged are not taken
      Given an established connection
      Then they exchange
        | time |      | segment                                       | device      |
        |      | -->  | <SEQ=101><ACK=301><CTL=SYN,ACK><DATA="HELLO"> |             |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK>                   | ESTABLISHED |
        | 20 s | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="WORLD">     |             |
        |      | <--  | <SEQ=301><ACK=106><CTL=ACK>                   |             |
        |      | call | recv -> "WORLD"                               |             |

    @rfc5961-4.2
    Scenario: After opening on both ends a SYN inside the window is challenged as on an open connection
      Given a connection in SYN-RECEIVED that the device opened
      Then they exchange
        | time  |     | segment                     | device       |
        |       | --> | <SEQ=101><CTL=SYN>          |              |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK> | SYN-RECEIVED |
        | 0.1 s | --- |                             | SYN-RECEIVED |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK> | ESTABLISHED  |

    @rfc5961-4.2
    Scenario: After opening on both ends a SYN-ACK with another number is challenged and completes nothing
      Given a connection in SYN-RECEIVED that the device opened
      Then they exchange
        | time  |     | segment                         | device       |
        |       | --> | <SEQ=101><ACK=301><CTL=SYN,ACK> |              |
        |       | <-- | <SEQ=301><ACK=101><CTL=ACK>     | SYN-RECEIVED |
        | 0.1 s | --- |                                 | SYN-RECEIVED |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

    @rfc5961-7
    Scenario: A flood of guessed resets does not become a flood of challenges
      Given an established connection
      Then they exchange
        | time |            | segment                     | device      |
        |      | repeat 200 |                             |             |
        |      | -->        | <SEQ=151><CTL=RST>          |             |
        |      | end        |                             |             |
        |      | <--        | <SEQ=301><ACK=101><CTL=ACK> |             |
        |      | repeat 99  |                             |             |
        |      | <--?       | <SEQ=301><ACK=101><CTL=ACK> |             |
        |      | end        |                             |             |
        | 20 s | ---        |                             | ESTABLISHED |
        |      | -->        | <SEQ=151><CTL=RST>          |             |
        |      | <--        | <SEQ=301><ACK=101><CTL=ACK> | ESTABLISHED |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: An open connection answers nonsense with an ACK, never with a reset (RFC 9293 3.5.2, group 3)

    @rfc9293-3.5.2 @rfc9293-3.10.7.4
    Scenario Outline: An empty segment outside the window is answered with an ACK of what is expected
      Given a connection in $state
      Then they exchange
        | time  |     | segment                             | device |
        |       | --> | <SEQ=$seq><ACK=SND.UNA><CTL=ACK>    |        |
        |       | <-- | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> | $state |
        | 0.1 s | --- |                                     | $state |

      Examples: one before the window, the first behind it, far away
        | state       | seq                |
        | ESTABLISHED | RCV.NXT-1          |
        | ESTABLISHED | RCV.NXT+RCV.WND    |
        | ESTABLISHED | RCV.NXT+2147483648 |
        | FIN-WAIT-1  | RCV.NXT-1          |
        | FIN-WAIT-1  | RCV.NXT+RCV.WND    |
        | FIN-WAIT-2  | RCV.NXT-1          |
        | FIN-WAIT-2  | RCV.NXT+RCV.WND    |
        | CLOSE-WAIT  | RCV.NXT-1          |
        | CLOSE-WAIT  | RCV.NXT+RCV.WND    |
        | CLOSING     | RCV.NXT-1          |
        | CLOSING     | RCV.NXT+RCV.WND    |
        | LAST-ACK    | RCV.NXT-1          |
        | LAST-ACK    | RCV.NXT+RCV.WND    |
        | TIME-WAIT   | RCV.NXT-1          |
        | TIME-WAIT   | RCV.NXT+RCV.WND    |

    @rfc9293-3.10.7.4
    Scenario Outline: An empty segment with the expected number is not answered
      Given a connection in $state
      Then they exchange
        | time  |     | segment                             | device |
        |       | --> | <SEQ=RCV.NXT><ACK=SND.UNA><CTL=ACK> | $state |
        | 0.7 s | --- |                                     | $state |

      Examples:
        | state       |
        | ESTABLISHED |
        | FIN-WAIT-2  |
        | CLOSE-WAIT  |

    @rfc9293-3.10.7.4
    Scenario Outline: An ACK on a segment outside the window acknowledges nothing
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      |
        |      | call | send 20                              |             |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |      | -->  | <SEQ=$seq><ACK=321><CTL=ACK>         |             |
        |      | <--  | <SEQ=321><ACK=101><CTL=ACK>          | ESTABLISHED |
        | RTO  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          |             |
        | 10 s | ---  |                                      | ESTABLISHED |

      Examples:
        | seq             |
        | RCV.NXT-1       |
        | RCV.NXT+RCV.WND |

    @rfc9293-3.5.2 @rfc9293-3.10.7.4
    Scenario Outline: Data outside the window are answered with an ACK and not taken
      Given an established connection
      Then they exchange
        | time |      | segment                                      | device      |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="ABCDE">    |             |
        |      | <--  | <SEQ=301><ACK=106><CTL=ACK>                  |             |
        |      | call | recv -> "ABCDE"                              |             |
        |      | -->  | <SEQ=$seq><ACK=301><CTL=ACK><DATA="$octets"> |             |
        |      | <--  | <SEQ=301><ACK=106><CTL=ACK>                  | ESTABLISHED |
        | 3 s  | ---  |                                              |             |
        |      | -->  | <SEQ=106><ACK=301><CTL=ACK><DATA="FGH">      |             |
        |      | <--  | <SEQ=301><ACK=109><CTL=ACK>                  |             |
        |      | call | recv -> "FGH"                                |             |

      Examples: all old, old to the last octet, the first octet behind the window
        | seq             | octets |
        | 101             | ABCDE  |
        | 105             | E      |
        | 103             | CDE    |
        | RCV.NXT+RCV.WND | X      |
        | RCV.NXT+RCV.WND | XYZ    |

    @rfc9293-3.10.7.4
    Scenario: Of data that are partly old only the new part is taken
      Given an established connection
      Then they exchange
        |      | segment                                    | device      |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="ABCDE">  |             |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>                |             |
        | -->  | <SEQ=103><ACK=301><CTL=ACK><DATA="CDEFGH"> |             |
        | <--  | <SEQ=301><ACK=109><CTL=ACK>                | ESTABLISHED |
        | call | recv -> "ABCDEFGH"                         |             |

    @rfc9293-3.10.7.4
    Scenario: One new octet behind old ones is enough to be taken
      Given an established connection
      Then they exchange
        |      | segment                                    | device      |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="ABCDE">  |             |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>                |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="ABCDEF"> |             |
        | <--  | <SEQ=301><ACK=107><CTL=ACK>                | ESTABLISHED |
        | call | recv -> "ABCDEF"                           |             |

    @rfc9293-3.5.2 @rfc9293-3.10.7.4
    Scenario Outline: An ACK for what was never sent is answered with an ACK, and nothing else of the segment counts
      Given a connection in $state
      Then they exchange
        | time  |     | segment                                        | device |
        |       | --> | <SEQ=RCV.NXT><ACK=$ack><CTL=ACK><DATA="HELLO"> |        |
        |       | <-- | <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>            | $state |
        | 0.1 s | --- |                                                | $state |

      Examples:
        | state       | ack                |
        | ESTABLISHED | SND.NXT+1          |
        | ESTABLISHED | SND.NXT+1000000    |
        | ESTABLISHED | SND.NXT+2147483647 |
        | FIN-WAIT-1  | SND.NXT+1          |
        | FIN-WAIT-2  | SND.NXT+1          |
        | CLOSE-WAIT  | SND.NXT+1          |
        | CLOSING     | SND.NXT+1          |
        | LAST-ACK    | SND.NXT+1          |

    @rfc9293-3.10.7.4
    Scenario: A FIN with an ACK for what was never sent does not close
      Given an established connection
      Then they exchange
        | time |     | segment                         | device      |
        |      | --> | <SEQ=101><ACK=302><CTL=FIN,ACK> |             |
        |      | <-- | <SEQ=301><ACK=101><CTL=ACK>     | ESTABLISHED |
        | 3 s  | --- |                                 | ESTABLISHED |

    @rfc9293-3.10.7.4
    Scenario: After data have gone out, exactly their end may be acknowledged, and no octet more
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      |
        |      | call | send 20                              |             |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |      | -->  | <SEQ=101><ACK=322><CTL=ACK>          |             |
        |      | <--  | <SEQ=321><ACK=101><CTL=ACK>          | ESTABLISHED |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          |             |
        | 10 s | ---  |                                      | ESTABLISHED |

    @rfc9293-3.10.7.4
    Scenario Outline: An old ACK is ignored, but the data that come with it are taken
      Given an established connection
      Then they exchange
        | time |      | segment                                    | device      |
        |      | call | send 20                                    |             |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>       |             |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>                |             |
        |      | -->  | <SEQ=101><ACK=$ack><CTL=ACK><DATA="HELLO"> |             |
        |      | <--  | <SEQ=321><ACK=106><CTL=ACK>                | ESTABLISHED |
        |      | call | recv -> "HELLO"                            |             |

      Examples: repeated, older, and as old as the largest window that the peer ever offered
        | ack           |
        | 321           |
        | 320           |
        | 301           |
        | SND.UNA-65535 |

    @rfc9293-3.10.7.4 @rfc5961-5.2
    Scenario: An ACK older than the largest window is answered with an ACK, whether its data are taken or left
      Given an established connection
      Then they exchange
        |        | segment                                             | device      |
        | -->    | <SEQ=101><ACK=SND.UNA-65536><CTL=ACK><DATA="HELLO"> |             |
        | either |                                                     |             |
        | <--    | <SEQ=301><ACK=101><CTL=ACK>                         | ESTABLISHED |
        | or     |                                                     |             |
        | <--    | <SEQ=301><ACK=106><CTL=ACK>                         | ESTABLISHED |
        | end    |                                                     |             |

    @rfc9293-3.10.7.4
    Scenario Outline: A segment without an ACK is dropped without a word
      Given a connection in $state
      Then they exchange
        | time   |     | segment                               | device |
        |        | --> | <SEQ=RCV.NXT><CTL=$bits><DATA="LOST"> |        |
        | 0.05 s | --- |                                       | $state |
        |        | --> | <SEQ=RCV.NXT><CTL=FIN>                |        |
        | 0.05 s | --- |                                       | $state |

      Examples:
        | state       | bits |
        | ESTABLISHED |      |
        | ESTABLISHED | PSH  |
        | ESTABLISHED | URG  |
        | FIN-WAIT-1  |      |
        | FIN-WAIT-2  |      |
        | CLOSE-WAIT  |      |
        | CLOSING     |      |
        | LAST-ACK    |      |
        | TIME-WAIT   |      |

    @rfc9293-3.1-MUST-3
    Scenario: Data with a wrong checksum are not taken, nor is their ACK
      Given an established connection
      Then they exchange
        | time |      | segment                                            | device      |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="WRONG"><SUM=bad> |             |
        | 3 s  | ---  |                                                    | ESTABLISHED |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="RIGHT">          |             |
        |      | <--  | <SEQ=301><ACK=106><CTL=ACK>                        |             |
        |      | call | recv -> "RIGHT"                                    |             |

    @rfc9293-3.10.7.4
    Scenario: What lies behind the window is cut off, what lies inside is taken
      Given an established connection
      And they exchange
        |     | segment                                          | device |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND-5>                     |        |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND-5><CTL=ACK><WND=5> |        |
      Then they exchange
        |     | segment                                  | device      |
        | --> | <SEQ=RCV.NXT><ACK=301><CTL=ACK><DATA=9>  |             |
        | <-- | <SEQ=301><ACK=RCV.NXT+5><CTL=ACK><WND=0> | ESTABLISHED |

    @rfc9293-3.8.6.1
    Scenario: A probe of a closed window is answered with what is expected and a window of 0
      Given an established connection
      And they exchange
        | time |     | segment                                        | device |
        |      | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |        |
        |      | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |        |
      Then they exchange
        | time |     | segment                                 | device      |
        | 1 s  | --> | <SEQ=RCV.NXT><ACK=301><CTL=ACK><DATA=1> |             |
        |      | <-- | <SEQ=301><ACK=RCV.NXT><CTL=ACK><WND=0>  | ESTABLISHED |
        | 20 s | --> | <SEQ=RCV.NXT-1><ACK=301><CTL=ACK>       |             |
        |      | <-- | <SEQ=301><ACK=RCV.NXT><CTL=ACK><WND=0>  | ESTABLISHED |

    @rfc9293-3.10.7.4
    Scenario: The acknowledgment on a probe of a closed window counts, though its octet does not
      Given an established connection
      And they exchange
        | time |     | segment                                        | device |
        |      | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |        |
        |      | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |        |
      Then they exchange
        | time |      | segment                                  | device      |
        |      | call | send 20                                  |             |
        |      | <--  | <SEQ=301><ACK=RCV.NXT><CTL=ACK><DATA=20> |             |
        |      | -->  | <SEQ=RCV.NXT><ACK=321><CTL=ACK><DATA=1>  |             |
        |      | <--  | <SEQ=321><ACK=RCV.NXT><CTL=ACK><WND=0>   |             |
        | 10 s | ---  |                                          | ESTABLISHED |

    @rfc9293-3.10.7.4
    Scenario: A closed window does not keep an acknowledgment out
      Given an established connection
      And they exchange
        | time |     | segment                                        | device |
        |      | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |        |
        |      | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |        |
      Then they exchange
        | time |      | segment                                  | device      |
        |      | call | send 20                                  |             |
        |      | <--  | <SEQ=301><ACK=RCV.NXT><CTL=ACK><DATA=20> |             |
        |      | -->  | <SEQ=RCV.NXT><ACK=321><CTL=ACK>          |             |
        | 10 s | ---  |                                          | ESTABLISHED |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Data that nobody will read are answered with a reset (RFC 9293 3.6.1, RFC 2525 2.16 and 2.17)

    @rfc9293-3.6.1-SHLD-3 @rfc2525-2.17
    Scenario: Closing while data wait unread resets, unless the device goes on receiving
      Given an established connection
      Then they exchange
        |        | segment                                   | device     |
        | -->    | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |            |
        | <--    | <SEQ=301><ACK=106><CTL=ACK>               |            |
        | call   | close                                     |            |
        | either |                                           |            |
        | <--    | <SEQ=301><ACK=106><CTL=RST,?ACK>          | CLOSED     |
        | or     |                                           |            |
        | <--    | <SEQ=301><ACK=106><CTL=FIN,ACK>           | FIN-WAIT-1 |
        | call   | recv -> "HELLO"                           |            |
        | end    |                                           |            |

    @rfc9293-3.6.1-SHLD-3 @rfc2525-2.16
    Scenario: Data that arrive after a close are reset, unless the device goes on receiving
      Given an established connection
      Then they exchange
        |        | segment                                   | device     |
        | call   | close                                     |            |
        | <--    | <SEQ=301><ACK=101><CTL=FIN,ACK>           | FIN-WAIT-1 |
        | -->    | <SEQ=101><ACK=302><CTL=ACK>               | FIN-WAIT-2 |
        | -->    | <SEQ=101><ACK=302><CTL=ACK><DATA="HELLO"> |            |
        | either |                                           |            |
        | <--    | <SEQ=302><ACK=101..106><CTL=RST,?ACK>     | CLOSED     |
        | or     |                                           |            |
        | <--    | <SEQ=302><ACK=106><CTL=ACK>               | FIN-WAIT-2 |
        | call   | recv -> "HELLO"                           |            |
        | end    |                                           |            |
