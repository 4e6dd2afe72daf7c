@tcp
Feature: Closing a connection
  Each direction is closed for itself with a FIN, which takes a number, is acknowledged and sent again like data; the
  end that closed first keeps the ports for two maximum segment lifetimes. RFC 9293 section 3.6 with figures 12 and 13,
  3.6.1 (half-closed connections, TIME-WAIT), 3.10.4 (CLOSE), and what 3.10.7.4 does with ACK, text and FIN in each of
  the states on the way; RFC 1337 (resets in TIME-WAIT) and RFC 6191 (a new SYN in TIME-WAIT).

  From an established connection both ends stand at 101 and 301; their FINs have these numbers, so the next are 102
  and 302.

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Four segments close a connection (RFC 9293 3.6, figure 12)

    @rfc9293-3.6 @rfc9293-3.6.1-MUST-13
    Scenario: The end that closes first passes FIN-WAIT-1 and FIN-WAIT-2 and rests in TIME-WAIT for 2 MSL
      Given an established connection
      Then they exchange
        | time    |      | segment                         | device     | tester     |
        |         | call | shutdown write                  |            |            |
        |         | <--  | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 | CLOSE-WAIT |
        |         | -->  | <SEQ=101><ACK=302><CTL=ACK>     | FIN-WAIT-2 |            |
        |         | -->  | <SEQ=101><ACK=302><CTL=FIN,ACK> | TIME-WAIT  | LAST-ACK   |
        |         | <--  | <SEQ=302><ACK=102><CTL=ACK>     | TIME-WAIT  | CLOSED     |
        | 1.9 MSL | ---  |                                 | TIME-WAIT  |            |
        | 0.2 MSL | ---  |                                 | CLOSED     |            |

    @rfc9293-3.6
    Scenario: The end that closes second passes CLOSE-WAIT and LAST-ACK and is gone with the ACK of its FIN
      Given an established connection
      Then they exchange
        | time |      | segment                         | device     | tester     |
        |      | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK> | CLOSE-WAIT | FIN-WAIT-1 |
        |      | <--  | <SEQ=301><ACK=102><CTL=ACK>     | CLOSE-WAIT | FIN-WAIT-2 |
        |      | call | shutdown write                  |            |            |
        |      | <--  | <SEQ=301><ACK=102><CTL=FIN,ACK> | LAST-ACK   | TIME-WAIT  |
        |      | -->  | <SEQ=102><ACK=302><CTL=ACK>     | CLOSED     |            |
        | 60 s | ---  |                                 | CLOSED     |            |

    @rfc9293-3.6 @rfc9293-3.10.4
    Scenario: Closing the socket sends the FIN as shutting down the sending side does
      Given an established connection
      Then they exchange
        |      | segment                         | device     |
        | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK> | CLOSE-WAIT |
        | <--  | <SEQ=301><ACK=102><CTL=ACK>     |            |
        | call | close                           |            |
        | <--  | <SEQ=301><ACK=102><CTL=FIN,ACK> | LAST-ACK   |
        | -->  | <SEQ=102><ACK=302><CTL=ACK>     | CLOSED     |

    @rfc9293-3.10.7.4
    Scenario: A FIN that also acknowledges ours leads from FIN-WAIT-1 to TIME-WAIT at once
      Given a connection in FIN-WAIT-1
      Then they exchange
        | time    |     | segment                         | device    |
        |         | --> | <SEQ=101><ACK=302><CTL=FIN,ACK> | TIME-WAIT |
        |         | <-- | <SEQ=302><ACK=102><CTL=ACK>     | TIME-WAIT |
        | 1.9 MSL | --- |                                 | TIME-WAIT |
        | 0.2 MSL | --- |                                 | CLOSED    |

    @rfc9293-3.6
    Scenario: An end that has closed waits for the FIN of the other as long as it takes
      Given a connection in FIN-WAIT-2
      Then they exchange
        | time  |     | segment                         | device     |
        | 600 s | --- |                                 | FIN-WAIT-2 |
        |       | --> | <SEQ=101><ACK=302><CTL=FIN,ACK> | TIME-WAIT  |
        |       | <-- | <SEQ=302><ACK=102><CTL=ACK>     |            |

    @rfc9293-3.6
    Scenario: An end whose peer has closed may stay open as long as it likes
      Given a connection in CLOSE-WAIT
      Then they exchange
        | time  |      | segment                              | device     |
        | 600 s | ---  |                                      | CLOSE-WAIT |
        |       | call | send 20                              |            |
        |       | <--  | <SEQ=301><ACK=102><CTL=ACK><DATA=20> | CLOSE-WAIT |
        |       | -->  | <SEQ=102><ACK=321><CTL=ACK>          | CLOSE-WAIT |
        |       | call | shutdown write                       |            |
        |       | <--  | <SEQ=321><ACK=102><CTL=FIN,ACK>      | LAST-ACK   |
        |       | -->  | <SEQ=102><ACK=322><CTL=ACK>          | CLOSED     |

    @rfc9293-3.6-MUST-12
    Scenario: The application learns that the peer closed in order, after all data
      Given an established connection
      Then they exchange
        |      | segment                                     | device     |
        | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK><DATA="BYE"> | CLOSE-WAIT |
        | <--  | <SEQ=301><ACK=105><CTL=ACK>                 |            |
        | call | recv -> "BYE"                               |            |
        | call | recv -> end                                 |            |

    @rfc9293-3.10.7.4
    Scenario: A receive that is waiting when the FIN comes ends with the end of the stream
      Given an established connection
      Then they exchange
        | time  |      | segment                         | device      |
        | 0.1 s | call | recv -> pending                 | ESTABLISHED |
        |       | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK> | CLOSE-WAIT  |
        |       | <--  | <SEQ=301><ACK=102><CTL=ACK>     |             |
        |       | call | recv -> end                     |             |

    @rfc9293-3.10.4
    Scenario: A close while both ends are opening sends the FIN behind the SYN
      Given a connection in SYN-RECEIVED that the device opened
      Then they exchange
        |      | segment                         | device     |
        | call | close                           |            |
        | <--* | <SEQ=300><ACK=101><CTL=SYN,ACK> |            |
        | <--  | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
        | -->  | <SEQ=101><ACK=302><CTL=ACK>     | FIN-WAIT-2 |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Both ends may close at once (RFC 9293 3.6, figure 13)

    @rfc9293-3.6 @rfc9293-3.10.7.4
    Scenario: FINs that cross lead over CLOSING to TIME-WAIT at both ends
      Given an established connection
      Then they exchange
        | time    |      | segment                         | device     | tester     |
        |         | call | shutdown write                  |            |            |
        |         | <--  | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 | FIN-WAIT-1 |
        |         | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK> | CLOSING    |            |
        |         | <--  | <SEQ=302><ACK=102><CTL=ACK>     | CLOSING    | TIME-WAIT  |
        |         | -->  | <SEQ=102><ACK=302><CTL=ACK>     | TIME-WAIT  |            |
        | 1.9 MSL | ---  |                                 | TIME-WAIT  |            |
        | 0.2 MSL | ---  |                                 | CLOSED     |            |

    @rfc9293-3.10.7.4
    Scenario: CLOSING ends only with the ACK of the FIN, not of what was before it
      Given a connection in CLOSING
      Then they exchange
        | time  |     | segment                      | device    |
        |       | --> | <SEQ=102><ACK=301><CTL=ACK>  | CLOSING   |
        | 0.1 s | --- |                              | CLOSING   |
        |       | --> | <SEQ=102><ACK=302><CTL=ACK>  | TIME-WAIT |

    @rfc9293-3.6
    Scenario: A FIN that was lost comes again in CLOSING, and acknowledges the FIN of the peer
      Given an established connection
      Then they exchange
        | time  |      | segment                         | device     |
        |       | call | shutdown write                  |            |
        |       | <--x | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
        |       | -->  | <SEQ=101><ACK=301><CTL=FIN,ACK> | CLOSING    |
        |       | <--  | <SEQ=302><ACK=102><CTL=ACK>     | CLOSING    |
        | ..RTO | <--  | <SEQ=301><ACK=102><CTL=FIN,ACK> | CLOSING    |
        |       | -->  | <SEQ=102><ACK=302><CTL=ACK>     | TIME-WAIT  |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A connection may be closed in one direction only (RFC 9293 3.6.1)

    @rfc9293-3.6.1 @rfc9293-3.10.7.4
    Scenario Outline: The end that closed still takes, acknowledges and delivers data
      Given a connection in $state
      Then they exchange
        | time |      | segment                                       | device |
        |      | -->  | <SEQ=101><ACK=SND.UNA><CTL=ACK><DATA="HELLO"> | $state |
        |      | <--  | <SEQ=302><ACK=106><CTL=ACK>                   | $state |
        |      | call | recv -> "HELLO"                               |        |
        |      | -->  | <SEQ=106><ACK=SND.UNA><CTL=ACK><DATA=" YOU">  | $state |
        |      | <--  | <SEQ=302><ACK=110><CTL=ACK>                   | $state |
        |      | call | recv -> " YOU"                                |        |

      Examples:
        | state      |
        | FIN-WAIT-1 |
        | FIN-WAIT-2 |

    @rfc9293-3.6.1
    Scenario: The end whose peer closed still sends, and its data are sent again when lost
      Given a connection in CLOSE-WAIT
      Then they exchange
        | time |      | segment                              | device     |
        |      | call | send 20                              |            |
        |      | <--x | <SEQ=301><ACK=102><CTL=ACK><DATA=20> | CLOSE-WAIT |
        | RTO  | <--  | <SEQ=301><ACK=102><CTL=ACK><DATA=20> | CLOSE-WAIT |
        |      | -->  | <SEQ=102><ACK=321><CTL=ACK>          | CLOSE-WAIT |
        | 10 s | ---  |                                      | CLOSE-WAIT |

    @rfc9293-3.10.4
    Scenario: The FIN follows the data that were sent before the close
      Given an established connection with MSS 500
      Then they exchange
        |      | segment                            | device     |
        | call | send 750                           |            |
        | call | shutdown write                     | FIN-WAIT-1 |
        | <==  | <SEQ=301..1051><CTL=FIN,ACK> acked |            |
        | -->  | <SEQ=101><ACK=1052><CTL=ACK>       | FIN-WAIT-2 |

    @rfc9293-3.10.4
    Scenario: Data that do not fit the window hold the FIN back
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              | device      |
        |       | -->  | <SEQ=100><CTL=SYN><WND=10>           |             |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |             |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=10>  | ESTABLISHED |
        |       | call | send 20                              |             |
        |       | <==  | <SEQ=301..311>                       |             |
        |       | call | shutdown write                       | FIN-WAIT-1  |
        | 0.1 s | ---  |                                      |             |
        |       | -->  | <SEQ=101><ACK=311><CTL=ACK><WND=100> |             |
        |       | <==  | <SEQ=311..321><CTL=FIN,ACK>          |             |
        |       | -->  | <SEQ=101><ACK=322><CTL=ACK><WND=100> | FIN-WAIT-2  |

    @rfc9293-3.10.4
    Scenario: An end whose peer closed sends its data before its FIN
      Given a connection in CLOSE-WAIT
      Then they exchange
        |      | segment                     | device   |
        | call | send 20                     |          |
        | call | shutdown write              | LAST-ACK |
        | <==  | <SEQ=301..321><CTL=FIN,ACK> |          |
        | -->  | <SEQ=102><ACK=321><CTL=ACK> | LAST-ACK |
        | -->  | <SEQ=102><ACK=322><CTL=ACK> | CLOSED   |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Each state on the way moves with the right ACK only (RFC 9293 3.10.7.4 fifth)

    @rfc9293-3.10.7.4
    Scenario: FIN-WAIT-1 ends only with the ACK of the FIN, not of what was before it
      Given a connection in FIN-WAIT-1
      Then they exchange
        | time  |     | segment                      | device     |
        |       | --> | <SEQ=101><ACK=301><CTL=ACK>  | FIN-WAIT-1 |
        | 0.1 s | --- |                              | FIN-WAIT-1 |
        |       | --> | <SEQ=101><ACK=302><CTL=ACK>  | FIN-WAIT-2 |
        | 10 s  | --- |                              | FIN-WAIT-2 |

    # RFC 5961 5.2 lets it pass, up to the largest window back; who counts back no further than what was ever sent, to keep
    # forged ACKs out, answers it as one that is not acceptable.
    @rfc9293-3.10.7.4
    Scenario Outline: An ACK from before the connection acknowledges no FIN, whether it is answered or not
      Given a connection in $state
      Then they exchange
        | time  |      | segment                          | device  |
        |       | -->  | <SEQ=RCV.NXT><ACK=300><CTL=ACK>  | $state  |
        |       | <--? | <SEQ=302><ACK=RCV.NXT><CTL=ACK>  |         |
        | 0.1 s | ---  |                                  | $state  |
        |       | -->  | <SEQ=RCV.NXT><ACK=302><CTL=ACK>  | $behind |

      Examples:
        | state      | behind     |
        | FIN-WAIT-1 | FIN-WAIT-2 |
        | CLOSING    | TIME-WAIT  |
        | LAST-ACK   | CLOSED     |

    @rfc9293-3.10.7.4
    Scenario: An ACK of the data before the FIN leaves the FIN to be acknowledged
      Given an established connection
      Then they exchange
        | time |      | segment                              | device     |
        |      | call | send 20                              |            |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |            |
        |      | call | shutdown write                       |            |
        |      | <--  | <SEQ=321><ACK=101><CTL=FIN,ACK>      | FIN-WAIT-1 |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          | FIN-WAIT-1 |
        | RTO  | <--  | <SEQ=321><ACK=101><CTL=FIN,ACK>      | FIN-WAIT-1 |
        |      | -->  | <SEQ=101><ACK=322><CTL=ACK>          | FIN-WAIT-2 |

    @rfc9293-3.10.7.4
    Scenario: A FIN that acknowledges our data but not our FIN leads to CLOSING
      Given an established connection
      Then they exchange
        |      | segment                              | device     |
        | call | send 20                              |            |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |            |
        | call | shutdown write                       |            |
        | <--  | <SEQ=321><ACK=101><CTL=FIN,ACK>      | FIN-WAIT-1 |
        | -->  | <SEQ=101><ACK=321><CTL=FIN,ACK>      | CLOSING    |
        | <--  | <SEQ=322><ACK=102><CTL=ACK>          | CLOSING    |
        | -->  | <SEQ=102><ACK=322><CTL=ACK>          | TIME-WAIT  |

    @rfc9293-3.10.7.4
    Scenario: LAST-ACK ends only with the ACK of the FIN, not of what was before it
      Given a connection in LAST-ACK
      Then they exchange
        | time  |     | segment                      | device   |
        |       | --> | <SEQ=102><ACK=301><CTL=ACK>  | LAST-ACK |
        | 0.1 s | --- |                              | LAST-ACK |
        |       | --> | <SEQ=102><ACK=302><CTL=ACK>  | CLOSED   |
        | 10 s  | --- |                              | CLOSED   |

    @rfc9293-3.10.7.4 @rfc9293-3.10.7.1
    Scenario: When LAST-ACK has ended, what still comes belongs to no connection
      Given a connection in LAST-ACK
      Then they exchange
        |     | segment                     | device |
        | --> | <SEQ=102><ACK=302><CTL=ACK> | CLOSED |
        | --> | <SEQ=102><ACK=302><CTL=ACK> |        |
        | <-- | <SEQ=302><CTL=RST>          | CLOSED |

    @rfc9293-3.10.7.4
    Scenario: FIN-WAIT-2 takes the data and the FIN of one segment in turn
      Given a connection in FIN-WAIT-2
      Then they exchange
        |     | segment                                     | device    |
        | --> | <SEQ=101><ACK=302><CTL=FIN,ACK><DATA="BYE"> | TIME-WAIT |
        | <-- | <SEQ=302><ACK=105><CTL=ACK>                 | TIME-WAIT |

    @rfc9293-3.10.7.4
    Scenario: FIN-WAIT-1 takes an ACK of its FIN, data and FIN of one segment in turn
      Given a connection in FIN-WAIT-1
      Then they exchange
        |     | segment                                     | device    |
        | --> | <SEQ=101><ACK=302><CTL=FIN,ACK><DATA="BYE"> | TIME-WAIT |
        | <-- | <SEQ=302><ACK=105><CTL=ACK>                 | TIME-WAIT |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A FIN counts in its place in the stream, and only once (RFC 9293 3.10.7.4 seventh and eighth)

    @rfc9293-3.10.7.4-SHLD-31
    Scenario: A FIN that overtakes data waits for them
      Given an established connection
      Then they exchange
        |      | segment                                    | device      |
        | -->  | <SEQ=106><ACK=301><CTL=FIN,ACK><DATA="!!"> | ESTABLISHED |
        | <--? | <SEQ=301><ACK=101><CTL=ACK>                |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO">  | CLOSE-WAIT  |
        | <--  | <SEQ=301><ACK=109><CTL=ACK>                |             |
        | call | recv -> "HELLO!!"                          |             |
        | call | recv -> end                                |             |

    @rfc9293-3.10.7.4
    Scenario: A bare FIN that overtakes data does not close before they are here
      Given an established connection
      Then they exchange
        |      | segment                                   | device      |
        | -->  | <SEQ=106><ACK=301><CTL=FIN,ACK>           | ESTABLISHED |
        | <--? | <SEQ=301><ACK=101><CTL=ACK>               |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |             |
        | <--  | <SEQ=301><ACK=106..107><CTL=ACK>          |             |
        | -->  | <SEQ=106><ACK=301><CTL=FIN,ACK>           | CLOSE-WAIT  |
        | <--  | <SEQ=301><ACK=107><CTL=ACK>               |             |
        | call | recv -> "HELLO"                           |             |
        | call | recv -> end                               |             |

    @rfc9293-3.10.7.4
    Scenario Outline: A FIN outside the window does not close
      Given an established connection
      Then they exchange
        | time |     | segment                          | device      |
        |      | --> | <SEQ=$seq><ACK=301><CTL=FIN,ACK> |             |
        |      | <-- | <SEQ=301><ACK=101><CTL=ACK>      | ESTABLISHED |
        | 3 s  | --- |                                  | ESTABLISHED |

      Examples:
        | seq             |
        | RCV.NXT-1       |
        | RCV.NXT+RCV.WND |

    @rfc9293-3.10.7.4
    Scenario Outline: A FIN that comes again is acknowledged again and changes nothing
      Given a connection in $state
      Then they exchange
        | time  |     | segment                             | device |
        |       | --> | <SEQ=101><ACK=SND.UNA><CTL=FIN,ACK> |        |
        |       | <-- | <SEQ=SND.NXT><ACK=102><CTL=ACK>     | $state |
        | 0.1 s | --- |                                     | $state |

      Examples:
        | state      |
        | CLOSE-WAIT |
        | CLOSING    |
        | LAST-ACK   |
        | TIME-WAIT  |

    @rfc9293-3.10.7.4
    Scenario: A FIN is acknowledged each time it comes, however often
      Given a connection in CLOSE-WAIT
      Then they exchange
        | time  |           | segment                         | device     |
        |       | repeat 30 |                                 |            |
        | 0.1 s | -->       | <SEQ=101><ACK=301><CTL=FIN,ACK> |            |
        |       | <--       | <SEQ=301><ACK=102><CTL=ACK>     | CLOSE-WAIT |
        |       | end       |                                 |            |

    @rfc9293-3.10.7.4
    Scenario: A FIN at the last number of the window still closes
      Given an established connection
      And they exchange
        |     | segment                                   | device |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND-1>              |        |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND-1><CTL=ACK> |        |
      Then they exchange
        |     | segment                             | device     |
        | --> | <SEQ=RCV.NXT><ACK=301><CTL=FIN,ACK> | CLOSE-WAIT |
        | <-- | <SEQ=301><ACK=RCV.NXT+1><CTL=ACK>   |            |

    @rfc9293-3.10.7.4
    Scenario: A FIN behind the window is cut off with the octets before it
      Given an established connection
      And they exchange
        |     | segment                                          |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND-5>                     |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND-5><CTL=ACK><WND=5> |
      Then they exchange
        | time |     | segment                                     | device      |
        |      | --> | <SEQ=RCV.NXT><ACK=301><CTL=FIN,ACK><DATA=9> |             |
        |      | <-- | <SEQ=301><ACK=RCV.NXT+5><CTL=ACK><WND=0>    | ESTABLISHED |
        | 3 s  | --- |                                             | ESTABLISHED |

    @rfc9293-3.10.7.4
    Scenario: A FIN finds no place in a window that is closed
      Given an established connection
      And they exchange
        |     | segment                                        |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |
      Then they exchange
        | time |     | segment                                | device      |
        |      | --> | <SEQ=RCV.NXT><ACK=301><CTL=FIN,ACK>    |             |
        |      | <-- | <SEQ=301><ACK=RCV.NXT><CTL=ACK><WND=0> | ESTABLISHED |
        | 3 s  | --- |                                        | ESTABLISHED |

    @rfc9293-3.10.7.4
    Scenario Outline: Text behind the FIN of the peer is not acknowledged
      Given a connection in $state
      Then they exchange
        | time  |      | segment                                      | device |
        |       | -->  | <SEQ=102><ACK=SND.UNA><CTL=ACK><DATA="MORE"> |        |
        |       | <--? | <SEQ=SND.NXT><ACK=102><CTL=ACK>              |        |
        | 0.1 s | ---  |                                              | $state |

      Examples:
        | state      |
        | CLOSE-WAIT |
        | CLOSING    |
        | LAST-ACK   |
        | TIME-WAIT  |

    @rfc9293-3.10.7.4
    Scenario: After the FIN of the peer the application reads its end, whatever comes behind it
      Given a connection in CLOSE-WAIT
      Then they exchange
        |      | segment                                  | device     |
        | -->  | <SEQ=102><ACK=301><CTL=ACK><DATA="MORE"> |            |
        | <--? | <SEQ=301><ACK=102><CTL=ACK>              |            |
        | call | recv -> end                              | CLOSE-WAIT |

    @rfc9293-3.10.7.4
    Scenario: Another FIN with a new number does not close twice
      Given a connection in CLOSE-WAIT
      Then they exchange
        | time  |      | segment                              | device     |
        |       | -->  | <SEQ=102><ACK=301><CTL=FIN,ACK>      |            |
        |       | <--? | <SEQ=301><ACK=102..103><CTL=ACK>     |            |
        | 0.6 s | ---  |                                      | CLOSE-WAIT |
        |       | call | shutdown write                       |            |
        |       | <--  | <SEQ=301><ACK=102..103><CTL=FIN,ACK> | LAST-ACK   |

    @rfc9293-3.10.7.4
    Scenario: URG behind the FIN of the peer is ignored
      Given a connection in CLOSE-WAIT
      Then they exchange
        | time |     | segment                                 | device     |
        |      | --> | <SEQ=102><ACK=301><CTL=ACK,URG><URP=10> |            |
        | 3 s  | --- |                                         | CLOSE-WAIT |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A FIN that is not acknowledged is sent again (RFC 9293 3.6, RFC 6298)

    @rfc9293-3.6 @rfc6298-5.5
    Scenario: A FIN without an answer comes again, each time after twice the wait
      Given an established connection
      Then they exchange
        | time |      | segment                         | device     |
        |      | call | shutdown write                  |            |
        |      | <--x | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
        | RTO  | <--x | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
        | x2   | <--  | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
        |      | -->  | <SEQ=101><ACK=302><CTL=ACK>     | FIN-WAIT-2 |
        | 60 s | ---  |                                 | FIN-WAIT-2 |

    @rfc9293-3.6 @rfc6298-5.5
    Scenario: The FIN of the end that closed second comes again until it is acknowledged
      Given a connection in CLOSE-WAIT
      Then they exchange
        | time |      | segment                         | device   |
        |      | call | shutdown write                  |          |
        |      | <--x | <SEQ=301><ACK=102><CTL=FIN,ACK> | LAST-ACK |
        | RTO  | <--x | <SEQ=301><ACK=102><CTL=FIN,ACK> | LAST-ACK |
        | x2   | <--  | <SEQ=301><ACK=102><CTL=FIN,ACK> | LAST-ACK |
        |      | -->  | <SEQ=102><ACK=302><CTL=ACK>     | CLOSED   |
        | 60 s | ---  |                                 | CLOSED   |

    @rfc9293-3.6 @rfc6298-5.4
    Scenario: When data and FIN are both lost, the data come again first
      Given an established connection with MSS 500
      Then they exchange
        | time    |        | segment                                   | device     |
        |         | call   | send 500                                  |            |
        |         | <--x   | <SEQ=301><ACK=101><CTL=ACK><DATA=500>     |            |
        |         | call   | shutdown write                            |            |
        |         | <--x   | <SEQ=801><ACK=101><CTL=FIN,ACK>           | FIN-WAIT-1 |
        |         | either |                                           |            |
        | RTO     | <--    | <SEQ=301><ACK=101><CTL=ACK><DATA=500>     | FIN-WAIT-1 |
        |         | -->    | <SEQ=101><ACK=801><CTL=ACK>               | FIN-WAIT-1 |
        | ..2 RTO | <--    | <SEQ=801><ACK=101><CTL=FIN,ACK>           | FIN-WAIT-1 |
        |         | or     |                                           |            |
        | RTO     | <--    | <SEQ=301><ACK=101><CTL=FIN,ACK><DATA=500> | FIN-WAIT-1 |
        |         | end    |                                           |            |
        |         | -->    | <SEQ=101><ACK=802><CTL=ACK>               | FIN-WAIT-2 |

    @rfc9293-3.8.3-SHLD-11
    Scenario: A FIN is not given up before 100 seconds
      Given an established connection
      Then they exchange
        | time |      | segment                         | device     |
        |      | call | shutdown write                  |            |
        |      | <--x | <SEQ=301><ACK=101><CTL=FIN,ACK> | FIN-WAIT-1 |
        |      | <--* | <SEQ=301><ACK=101><CTL=FIN,ACK> |            |
        | 99 s | ---  |                                 | FIN-WAIT-1 |

    @rfc9293-3.8.3-MUST-20
    Scenario: A FIN that nobody acknowledges ends the connection in the end, and the application learns why
      Given an established connection
      Then they exchange
        | time     |      | segment                         | device |
        |          | call | shutdown write                  |        |
        |          | <--x | <SEQ=301><ACK=101><CTL=FIN,ACK> |        |
        |          | <--* | <SEQ=301><ACK=101><CTL=FIN,ACK> |        |
        | ..2000 s | call | recv -> ETIMEDOUT               | CLOSED |
        | 300 s    | ---  |                                 | CLOSED |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: TIME-WAIT answers until the last copies are gone (RFC 9293 3.6.1, 3.10.7.4)

    @rfc9293-3.6.1-MUST-13 @rfc9293-3.10.7.4
    Scenario: If the last ACK is lost, the FIN comes again, is acknowledged again, and 2 MSL begin anew
      Given an established connection
      Then they exchange
        | time    |      | segment                         | device    | tester   |
        |         | call | shutdown write                  |           |          |
        |         | <--  | <SEQ=301><ACK=101><CTL=FIN,ACK> |           |          |
        |         | -->  | <SEQ=101><ACK=302><CTL=FIN,ACK> | TIME-WAIT | LAST-ACK |
        |         | <--x | <SEQ=302><ACK=102><CTL=ACK>     |           |          |
        | 1.9 MSL | -->  | <SEQ=101><ACK=302><CTL=FIN,ACK> |           | again    |
        |         | <--x | <SEQ=302><ACK=102><CTL=ACK>     | TIME-WAIT |          |
        | 1.9 MSL | -->  | <SEQ=101><ACK=302><CTL=FIN,ACK> |           | again    |
        |         | <--  | <SEQ=302><ACK=102><CTL=ACK>     | TIME-WAIT | CLOSED   |
        | 1.9 MSL | ---  |                                 | TIME-WAIT |          |
        | 0.2 MSL | ---  |                                 | CLOSED    |          |

    @rfc9293-3.6.1-MUST-13
    Scenario: When 2 MSL are over, an old FIN belongs to no connection
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time    |     | segment                         | device |
        | 2.1 MSL | --- |                                 | CLOSED |
        |         | --> | <SEQ=101><ACK=302><CTL=FIN,ACK> |        |
        |         | <-- | <SEQ=302><CTL=RST>              | CLOSED |

    @rfc9293-3.10.7.4
    Scenario Outline: Old data in TIME-WAIT are answered with an ACK of what was last expected
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time  |     | segment                                | device    |
        |       | --> | <SEQ=$seq><ACK=302><CTL=ACK><DATA="X"> |           |
        |       | <-- | <SEQ=302><ACK=102><CTL=ACK>            | TIME-WAIT |
        | 0.6 s | --- |                                        | TIME-WAIT |

      Examples:
        | seq             |
        | RCV.NXT-1       |
        | RCV.NXT-1000    |
        | RCV.NXT+RCV.WND |

    @rfc9293-3.10.7.4
    Scenario: An empty ACK in TIME-WAIT is not answered, and the time goes on
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time    |     | segment                     | device    |
        | 1 MSL   | --> | <SEQ=102><ACK=302><CTL=ACK> | TIME-WAIT |
        | 0.9 MSL | --- |                             | TIME-WAIT |

    @rfc9293-3.10.7.4
    Scenario: An ACK for what was never sent is answered with an ACK in TIME-WAIT, too
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time |     | segment                     | device    |
        |      | --> | <SEQ=102><ACK=303><CTL=ACK> |           |
        |      | <-- | <SEQ=302><ACK=102><CTL=ACK> | TIME-WAIT |

    @rfc9293-3.10.7.4 @rfc1337-3
    Scenario: A reset with the expected number ends TIME-WAIT or is ignored
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time |        | segment            | device    |
        |      | -->    | <SEQ=102><CTL=RST> |           |
        |      | either |                    |           |
        | 3 s  | ---    |                    | CLOSED    |
        |      | or     |                    |           |
        | 3 s  | ---    |                    | TIME-WAIT |
        |      | end    |                    |           |

    @rfc1337-3 @rfc5961-3.2
    Scenario: A reset elsewhere in the window of TIME-WAIT is challenged or ignored
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time |      | segment                     | device    |
        |      | -->  | <SEQ=103><CTL=RST>          |           |
        |      | <--? | <SEQ=302><ACK=102><CTL=ACK> |           |
        | 3 s  | ---  |                             | TIME-WAIT |

    @rfc9293-3.6.1
    Scenario: The end that closed second keeps no ports: the peer may connect from the same port at once
      Given a connection in LAST-ACK
      And connection B reuses A's ports with numbers from A+5000
      Then they exchange
        | conn |     | segment                         | device       |
        | A    | --> | <SEQ=102><ACK=302><CTL=ACK>     | CLOSED       |
        | B    | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | B    | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | B    | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

    @rfc9293-3.6.1
    Scenario: When 2 MSL are over, the ports are free
      Given connection A in TIME-WAIT, the device having closed first
      And connection B reuses A's ports with numbers from A+5000
      Then they exchange
        | conn | time    |     | segment                         | device       |
        | A    | 2.1 MSL | --- |                                 | CLOSED       |
        | B    |         | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | B    |         | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | B    |         | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A newer SYN may take the ports over from TIME-WAIT (RFC 9293 3.6.1 MAY-2, RFC 6191 2)

    @rfc6191-2
    Scenario Outline: A SYN with a number behind all of the old connection opens a new one
      Given connection A in TIME-WAIT, the device having closed first
      And connection B reuses A's ports with numbers from A+$distance
      Then they exchange
        | conn |     | segment                         | device       |
        | B    | --> | <SEQ=100><CTL=SYN>              | SYN-RECEIVED |
        | B    | <-- | <SEQ=300><ACK=101><CTL=SYN,ACK> |              |
        | B    | --> | <SEQ=101><ACK=301><CTL=ACK>     | ESTABLISHED  |

      Examples: the old FIN had number 101; the new SYN has the next, a later one, one far behind the window
        | distance   |
        | 2          |
        | 5000       |
        | 1000000000 |

    @rfc9293-3.6.1 @rfc9293-3.10.7.4
    Scenario: A device that does not take a newer SYN tells its sender by an ACK what it expects
      Given connection A in TIME-WAIT, the device having closed first
      And connection B reuses A's ports with numbers from A+5000
      Then they exchange
        | conn |        | segment                         | device       |
        | B    | -->    | <SEQ=100><CTL=SYN>              |              |
        |      | either |                                 |              |
        | B    | <--    | <SEQ=300><ACK=101><CTL=SYN,ACK> | SYN-RECEIVED |
        |      | or     |                                 |              |
        | A    | <--    | <SEQ=302><ACK=102><CTL=ACK>     | TIME-WAIT    |
        |      | end    |                                 |              |

    @rfc9293-3.6.1-MAY-2 @rfc9293-3.10.7.4
    Scenario Outline: A SYN whose number the old connection has used opens nothing
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time |      | segment                     | device    |
        |      | -->  | <SEQ=$seq><CTL=SYN>         |           |
        |      | <--? | <SEQ=302><ACK=102><CTL=ACK> |           |
        | 3 s  | ---  |                             | TIME-WAIT |

      Examples: the number of the old FIN, of the old SYN, of long before
        | seq            |
        | 101            |
        | 100            |
        | 101-1000000000 |

    @rfc5961-4.2
    Scenario: A SYN-ACK with a newer number is no request for a new connection
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        |     | segment                          | device    |
        | --> | <SEQ=5100><ACK=302><CTL=SYN,ACK> |           |
        | <-- | <SEQ=302><ACK=102><CTL=ACK>      | TIME-WAIT |

    @rfc5961-3.2
    Scenario: A newer SYN that is a reset as well opens nothing and ends nothing
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        | time  |      | segment                     | device    |
        |       | -->  | <SEQ=5100><CTL=SYN,RST>     |           |
        |       | <--? | <SEQ=302><ACK=102><CTL=ACK> |           |
        | 0.1 s | ---  |                             | TIME-WAIT |

    @rfc9293-3.6.1-MAY-2
    Scenario: A new connection from TIME-WAIT begins with a number above all that the device used before
      Given connection A in TIME-WAIT, the device having closed first
      Then they exchange
        |        | segment                                          | device       |
        | -->    | <SEQ=5100><CTL=SYN>                              |              |
        | either |                                                  |              |
        | <--    | <SEQ=303..302+2147483647><ACK=5101><CTL=SYN,ACK> | SYN-RECEIVED |
        | or     |                                                  |              |
        | <--    | <SEQ=302><ACK=102><CTL=ACK>                      | TIME-WAIT    |
        | end    |                                                  |              |
