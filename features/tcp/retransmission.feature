@tcp
Feature: Sending until it is acknowledged
  When data are sent again and when they are given up: RFC 9293 sections 3.8.1 (retransmission time-out), 3.8.2
  (congestion control) and 3.8.3 (connection failures), the whole of RFC 6298 section 2 (how the time-out is computed),
  3 (Karn's algorithm) and 5 (how the timer is run), RFC 5681 sections 3 and 4.2; and when data may go out at all: 3.7.4
  (Nagle), 3.8.6 (windows, probes, silly windows, delayed acknowledgments).

  The virtual wire has no delay: a round trip takes as long as the tester waits. A device whose round trips take no time
  has the least time-out that it ever uses, RTO.

  # ---------------------------------------------------------------------------------------------------------------
  Rule: What is not acknowledged within the time-out is sent again (RFC 9293 3.8.1, RFC 6298 5)

    @rfc6298-5.1 @rfc6298-5.4
    Scenario: Data that are not acknowledged come again after one time-out
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      |
        |      | call | send 20                              |             |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | RTO  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          |             |
        | 10 s | ---  |                                      | ESTABLISHED |

    @rfc6298-2.4
    Scenario: The time-out is at least one second, however short the round trips
      Given an established connection
      Then they exchange
        | time     |      | segment                              |
        |          | call | send 20                              |
        |          | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |          | -->  | <SEQ=101><ACK=321><CTL=ACK>          |
        |          | call | send 20                              |
        |          | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |
        | 1..1.5 s | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-2.1
    Scenario: Before any round trip has been measured the time-out is one second
      Given the device connects to the tester
      Then they exchange
        | time     |      | segment            |
        |          | <--x | <SEQ=300><CTL=SYN> |
        | 1..1.5 s | <--  | <SEQ=300><CTL=SYN> |

    @rfc6298-2.1
    Scenario: Before any round trip has been measured the time-out is never below one second
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                         |
        |       | -->  | <SEQ=100><CTL=SYN>              |
        |       | <--x | <SEQ=300><ACK=101><CTL=SYN,ACK> |
        | 1 s.. | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK> |

    @rfc6298-5.5 @rfc9293-3.8.2-MUST-19
    Scenario: Each time-out in vain doubles the next
      Given an established connection
      Then they exchange
        | time |      | segment                              |
        |      | call | send 20                              |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | RTO  | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | x2   | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          |
        | 60 s | ---  |                                      |

    @rfc6298-2.5
    Scenario: A time-out may have a ceiling, but none below a minute
      Given the device connects to the tester
      Then they exchange
        | time      |      | segment            |
        |           | <--x | <SEQ=300><CTL=SYN> |
        | RTO       | <--x | <SEQ=300><CTL=SYN> |
        | x2        | <--x | <SEQ=300><CTL=SYN> |
        | x2        | <--x | <SEQ=300><CTL=SYN> |
        | x2        | <--x | <SEQ=300><CTL=SYN> |
        | x2        | <--x | <SEQ=300><CTL=SYN> |
        | 32..96 s  | <--x | <SEQ=300><CTL=SYN> |
        | 60..128 s | <--x | <SEQ=300><CTL=SYN> |

    @rfc6298-5.2
    Scenario: When all is acknowledged the timer stops
      Given an established connection
      Then they exchange
        | time  |      | segment                              |
        |       | call | send 20                              |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 0.5 s | -->  | <SEQ=101><ACK=321><CTL=ACK>          |
        | 300 s | ---  |                                      |

    @rfc6298-5.3
    Scenario: An ACK of new data starts the timer afresh for what is left
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time         |      | segment                                 |
        |              | call | send 1000                               |
        |              | <--  | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |
        |              | <--x | <SEQ=10801><ACK=101><CTL=ACK><DATA=500> |
        | 0.5 RTO      | -->  | <SEQ=101><ACK=10801><CTL=ACK>           |
        | RTO..1.5 RTO | <--  | <SEQ=10801><ACK=101><CTL=ACK><DATA=500> |
        |              | -->  | <SEQ=101><ACK=11301><CTL=ACK>           |
        | 10 s         | ---  |                                         |

    @rfc6298-5.3
    Scenario: An ACK of nothing new does not put the timer off
      Given an established connection
      Then they exchange
        | time           |      | segment                              | label |
        |                | call | send 20                              |       |
        |                | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | data  |
        | 0.5 RTO        | -->  | <SEQ=101><ACK=301><CTL=ACK>          |       |
        | RTO after data | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |       |

    @rfc6298-5.1
    Scenario: Sending more does not put the timer off for what was sent before
      Given an established connection
      Then they exchange
        | time           |      | segment                                  | label |
        |                | call | set nodelay 1                            |       |
        |                | call | send 20                                  |       |
        |                | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20>     | data  |
        | 0.5 RTO        | call | send 20                                  |       |
        |                | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20>     |       |
        | RTO after data | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20..40> |       |
        |                | <--? | <SEQ=321><ACK=101><CTL=ACK><DATA=20>     |       |

    @rfc6298-5.4
    Scenario: A time-out sends the oldest data again, and just one segment of them
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time    |      | segment                                 |
        |         | call | send 1000                               |
        |         | <--x | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |
        |         | <--x | <SEQ=10801><ACK=101><CTL=ACK><DATA=500> |
        | RTO     | <--  | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |
        | 0.5 s   | ---  |                                         |
        |         | -->  | <SEQ=101><ACK=10801><CTL=ACK>           |
        | ..2 RTO | <--  | <SEQ=10801><ACK=101><CTL=ACK><DATA=500> |
        |         | -->  | <SEQ=101><ACK=11301><CTL=ACK>           |
        | 10 s    | ---  |                                         |

    @rfc6298-5.2 @rfc6298-5.4
    Scenario: After a time-out an ACK of all shows that the rest had arrived, and nothing more is sent again
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time |      | segment                                 |
        |      | call | send 1000                               |
        |      | <--x | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |
        |      | <--  | <SEQ=10801><ACK=101><CTL=ACK><DATA=500> |
        | RTO  | <--  | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |
        |      | -->  | <SEQ=101><ACK=11301><CTL=ACK>           |
        | 60 s | ---  |                                         |

    @rfc6298-5.4
    Scenario: After a time-out what the peer turns out to have is passed over
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time    |      | segment                                 | tester                          |
        |         | call | send 1500                               |                                 |
        |         | <==  | <SEQ=10301..11801>                      | the first and the last are lost |
        | RTO     | <--  | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |                                 |
        |         | -->  | <SEQ=101><ACK=11301><CTL=ACK>           |                                 |
        | ..2 RTO | <--  | <SEQ=11301><ACK=101><CTL=ACK><DATA=500> |                                 |
        |         | -->  | <SEQ=101><ACK=11801><CTL=ACK>           |                                 |
        | 60 s    | ---  |                                         |                                 |

    @rfc9293-3.10.7.4
    Scenario: What is sent again is what was sent before, without the part that is acknowledged or with it
      Given an established connection
      Then they exchange
        | time |        | segment                              |
        |      | call   | send 20                              |
        |      | <--    | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |      | -->    | <SEQ=101><ACK=308><CTL=ACK>          |
        |      | either |                                      |
        | RTO  | <--    | <SEQ=308><ACK=101><CTL=ACK><DATA=13> |
        |      | or     |                                      |
        | RTO  | <--    | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |      | end    |                                      |
        |      | -->    | <SEQ=101><ACK=321><CTL=ACK>          |
        | 10 s | ---    |                                      |

    @rfc9293-3.10.7.4
    Scenario: What is sent again acknowledges all that has come meanwhile
      Given an established connection
      Then they exchange
        | time  |      | segment                                   |
        |       | call | send 20                                   |
        |       | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20>      |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |
        |       | <--  | <SEQ=321><ACK=106><CTL=ACK>               |
        | ..RTO | <--  | <SEQ=301><ACK=106><CTL=ACK><DATA=20>      |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: The time-out follows the round trips that were measured (RFC 6298 2)

    @rfc6298-2.2
    Scenario: The first measurement R makes the time-out R and four times R/2
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              |
        |       | -->  | <SEQ=100><CTL=SYN>                   |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |
        | 0.8 s | -->  | <SEQ=101><ACK=301><CTL=ACK>          |
        |       | call | send 20                              |
        |       | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 2.4 s | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-2.2
    Scenario: The round trip of a SYN ends with its ACK, however long nothing is sent then
      Given the device connects to the tester
      Then they exchange
        | time         |      | segment                              |
        |              | <--  | <SEQ=300><CTL=SYN>                   |
        |              | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>      |
        |              | <--  | <SEQ=301><ACK=101><CTL=ACK>          |
        | 10 s         | call | send 20                              |
        |              | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |              | -->  | <SEQ=101><ACK=321><CTL=ACK>          |
        |              | call | send 20                              |
        |              | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |
        | 0.3..1.5 RTO | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-2.2
    Scenario: The end that opens measures the round trip of its SYN, too
      Given the device connects to the tester
      Then they exchange
        | time  |      | segment                              |
        |       | <--  | <SEQ=300><CTL=SYN>                   |
        | 0.6 s | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>      |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK>          |
        |       | call | send 20                              |
        |       | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 1.8 s | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-2.3
    Scenario: A second measurement that is equal takes a quarter of the variation away
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              | tester               |
        |       | -->  | <SEQ=100><CTL=SYN>                   |                      |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |                      |
        | 0.8 s | -->  | <SEQ=101><ACK=301><CTL=ACK>          | SRTT 0.8, RTTVAR 0.4 |
        |       | call | send 20                              |                      |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                      |
        | 0.8 s | -->  | <SEQ=101><ACK=321><CTL=ACK>          | SRTT 0.8, RTTVAR 0.3 |
        |       | call | send 20                              |                      |
        |       | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                      |
        | 2 s   | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> | 0.8 + 4 * 0.3        |

    @rfc6298-2.3
    Scenario: A longer round trip moves the mean by an eighth and the variation by a quarter, the variation first
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              | tester                    |
        |       | -->  | <SEQ=100><CTL=SYN>                   |                           |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |                           |
        | 0.8 s | -->  | <SEQ=101><ACK=301><CTL=ACK>          | SRTT 0.8, RTTVAR 0.4      |
        |       | call | send 20                              |                           |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                           |
        | 1.6 s | -->  | <SEQ=101><ACK=321><CTL=ACK>          | RTTVAR 0.5, then SRTT 0.9 |
        |       | call | send 20                              |                           |
        |       | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                           |
        | 2.9 s | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> | 0.9 + 4 * 0.5             |

    @rfc6298-2.3
    Scenario: A shorter round trip counts by how far it is off, not by its sign
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              | tester               |
        |       | -->  | <SEQ=100><CTL=SYN>                   |                      |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |                      |
        | 0.8 s | -->  | <SEQ=101><ACK=301><CTL=ACK>          | SRTT 0.8, RTTVAR 0.4 |
        |       | call | send 20                              |                      |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                      |
        |       | -->  | <SEQ=101><ACK=321><CTL=ACK>          | RTTVAR 0.5, SRTT 0.7 |
        |       | call | send 20                              |                      |
        |       | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                      |
        | 2.7 s | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> | 0.7 + 4 * 0.5        |

    @rfc6298-2.4
    Scenario: A computed time-out below one second is rounded up to it
      Given the device listens on port 80
      Then they exchange
        | time     |      | segment                              | tester                     |
        |          | -->  | <SEQ=100><CTL=SYN>                   |                            |
        |          | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |                            |
        | 0.3 s    | -->  | <SEQ=101><ACK=301><CTL=ACK>          |                            |
        |          | call | send 20                              |                            |
        |          | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                            |
        | 1 s..RTO | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | more patience is permitted |

    @rfc6298-2.2
    Scenario: A computed time-out above one second is taken as it is
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              |
        |       | -->  | <SEQ=100><CTL=SYN>                   |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |
        | 0.6 s | -->  | <SEQ=101><ACK=301><CTL=ACK>          |
        |       | call | send 20                              |
        |       | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 1.8 s | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-3
    Scenario: With several segments on the way, the round trip of the one that was timed counts
      Given the device listens on port 80
      Then they exchange
        | time       |      | segment                                | tester                        |
        |            | -->  | <SEQ=100><CTL=SYN><MSS=500>            |                               |
        |            | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>        |                               |
        | 0.8 s      | -->  | <SEQ=101><ACK=301><CTL=ACK>            | SRTT 0.8, RTTVAR 0.4          |
        |            | call | send 500                               |                               |
        |            | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=500>  |                               |
        | 0.8 s      | -->  | <SEQ=101><ACK=801><CTL=ACK>            | RTTVAR 0.3; now two may leave |
        |            | call | send 1000                              |                               |
        |            | <--  | <SEQ=801><ACK=101><CTL=ACK><DATA=500>  |                               |
        |            | <--  | <SEQ=1301><ACK=101><CTL=ACK><DATA=500> |                               |
        | 0.8 s      | -->  | <SEQ=101><ACK=1801><CTL=ACK>           | one sample or two             |
        |            | call | send 20                                |                               |
        |            | <--x | <SEQ=1801><ACK=101><CTL=ACK><DATA=20>  |                               |
        | 1.4..1.8 s | <--  | <SEQ=1801><ACK=101><CTL=ACK><DATA=20>  |                               |

    @rfc6298-2.3 @rfc6298-3
    Scenario: An ACK of a part of the segment is not the end of its round trip
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              | tester                    |
        |       | -->  | <SEQ=100><CTL=SYN>                   |                           |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |                           |
        | 0.8 s | -->  | <SEQ=101><ACK=301><CTL=ACK>          | SRTT 0.8, RTTVAR 0.4      |
        |       | call | send 20                              |                           |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                           |
        | 0.1 s | -->  | <SEQ=101><ACK=320><CTL=ACK>          | not all of it             |
        | 1.5 s | -->  | <SEQ=101><ACK=321><CTL=ACK>          | RTTVAR 0.5, then SRTT 0.9 |
        |       | call | send 20                              |                           |
        |       | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                           |
        | 2.9 s | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> | 0.9 + 4 * 0.5             |

    @rfc6298-2.5
    Scenario: A time-out that has grown with slow round trips may have a ceiling, but none below a minute
      Given the device listens on port 80
      Then they exchange
        | time      |      | segment                              | tester         |
        |           | -->  | <SEQ=100><CTL=SYN>                   |                |
        |           | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |                |
        | 0.9 s     | -->  | <SEQ=101><ACK=301><CTL=ACK>          | time-out 2.7 s |
        |           | call | send 20                              |                |
        |           | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                |
        | 2.6 s     | -->  | <SEQ=101><ACK=321><CTL=ACK>          | 4.16 s         |
        |           | call | send 20                              |                |
        |           | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                |
        | 4.1 s     | -->  | <SEQ=101><ACK=341><CTL=ACK>          | 6.76 s         |
        |           | call | send 20                              |                |
        |           | <--  | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |                |
        | 6.7 s     | -->  | <SEQ=101><ACK=361><CTL=ACK>          | 11.3 s         |
        |           | call | send 20                              |                |
        |           | <--  | <SEQ=361><ACK=101><CTL=ACK><DATA=20> |                |
        | 11.2 s    | -->  | <SEQ=101><ACK=381><CTL=ACK>          | 19.2 s         |
        |           | call | send 20                              |                |
        |           | <--  | <SEQ=381><ACK=101><CTL=ACK><DATA=20> |                |
        | 19 s      | -->  | <SEQ=101><ACK=401><CTL=ACK>          | 33 s           |
        |           | call | send 20                              |                |
        |           | <--  | <SEQ=401><ACK=101><CTL=ACK><DATA=20> |                |
        | 32.5 s    | -->  | <SEQ=101><ACK=421><CTL=ACK>          | 56 s           |
        |           | call | send 20                              |                |
        |           | <--  | <SEQ=421><ACK=101><CTL=ACK><DATA=20> |                |
        | 55 s      | -->  | <SEQ=101><ACK=441><CTL=ACK>          | 95 s           |
        |           | call | send 20                              |                |
        |           | <--x | <SEQ=441><ACK=101><CTL=ACK><DATA=20> |                |
        | 60..100 s | <--  | <SEQ=441><ACK=101><CTL=ACK><DATA=20> |                |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: What was sent twice is not measured (RFC 6298 3 and 5, Karn's algorithm)

    @rfc9293-3.8.1-MUST-18 @rfc6298-3
    Scenario: After a retransmission the doubled time-out stays until a fresh segment has been measured
      Given an established connection
      Then they exchange
        | time |      | segment                              | tester                         |
        |      | call | send 20                              |                                |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                                |
        | RTO  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                                |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          | of which of the two? no sample |
        |      | call | send 20                              |                                |
        |      | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                                |
        | x2   | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                                |

    @rfc9293-3.8.1-MUST-18 @rfc6298-3
    Scenario: The late ACK of data sent twice is no long round trip
      Given an established connection
      Then they exchange
        | time  |      | segment                              | tester                |
        |       | call | send 20                              |                       |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                       |
        | RTO   | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |                       |
        | 1.5 s | -->  | <SEQ=101><ACK=321><CTL=ACK>          |                       |
        |       | call | send 20                              |                       |
        |       | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |                       |
        |       | -->  | <SEQ=101><ACK=341><CTL=ACK>          | a sample at last: 0 s |
        |       | call | send 20                              |                       |
        |       | <--x | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |                       |
        | RTO   | <--  | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |                       |

    @rfc6298-5
    Scenario: A fresh measurement ends the doubling
      Given an established connection
      Then they exchange
        | time |      | segment                              |
        |      | call | send 20                              |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | RTO  | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | x2   | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          |
        |      | call | send 20                              |
        |      | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |
        |      | -->  | <SEQ=101><ACK=341><CTL=ACK>          |
        |      | call | send 20                              |
        |      | <--x | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |
        | RTO  | <--  | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-3 @rfc6298-5.7
    Scenario: The ACK of a SYN that was sent twice is no measurement either
      Given the device connects to the tester
      Then they exchange
        | time  |      | segment                              |
        |       | <--x | <SEQ=300><CTL=SYN>                   |
        | RTO   | <--  | <SEQ=300><CTL=SYN>                   |
        | 0.9 s | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>      |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK>          |
        |       | call | send 20                              |
        |       | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 3 s   | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: After a SYN that had to wait, data begin with care (RFC 6298 5.7, RFC 5681 3.1)

    @rfc6298-5.7
    Scenario: The end that opened and had to send its SYN twice begins with a time-out of 3 seconds
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                              |
        |      | <--x | <SEQ=300><CTL=SYN>                   |
        | RTO  | <--  | <SEQ=300><CTL=SYN>                   |
        |      | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>      |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK>          |
        |      | call | send 20                              |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 3 s  | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 6 s  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-5.7
    Scenario: The listener that had to send its SYN-ACK twice begins with a time-out of 3 seconds
      Given the device listens on port 80
      Then they exchange
        | time |      | segment                              |
        |      | -->  | <SEQ=100><CTL=SYN>                   |
        |      | <--x | <SEQ=300><ACK=101><CTL=SYN,ACK>      |
        | RTO  | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK>          |
        |      | call | send 20                              |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | 3 s  | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |

    @rfc6298-5.7
    Scenario: A measurement ends those 3 seconds
      Given the device connects to the tester
      Then they exchange
        | time |      | segment                              |
        |      | <--x | <SEQ=300><CTL=SYN>                   |
        | RTO  | <--  | <SEQ=300><CTL=SYN>                   |
        |      | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK>      |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK>          |
        |      | call | send 20                              |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          |
        |      | call | send 20                              |
        |      | <--x | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |
        | RTO  | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |

    @rfc5681-3.1
    Scenario: After a lost SYN one segment goes out first, not more
      Given the device connects to the tester
      Then they exchange
        | time  |      | segment                                  |
        |       | <--x | <SEQ=300><CTL=SYN>                       |
        | RTO   | <--  | <SEQ=300><CTL=SYN>                       |
        |       | -->  | <SEQ=100><ACK=301><CTL=SYN,ACK><MSS=500> |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK>              |
        |       | call | send 1500                                |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=500>    |
        | 0.5 s | ---  |                                          |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A connection that makes no progress is given up, but not soon (RFC 9293 3.8.3)

    @rfc9293-3.8.3-SHLD-10
    Scenario: Three retransmissions in vain do not end a connection
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      |
        |      | call | send 20                              |             |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | RTO  | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          | ESTABLISHED |
        | 60 s | ---  |                                      | ESTABLISHED |

    @rfc9293-3.8.3-SHLD-11
    Scenario: Data that nobody acknowledges are not given up before 100 seconds
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      |
        |      | call | send 20                              |             |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |      | <--* | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | 99 s | ---  |                                      | ESTABLISHED |

    @rfc9293-3.8.3-MUST-20
    Scenario: Data that nobody acknowledges end the connection in the end, and the application learns why
      Given an established connection
      Then they exchange
        | time     |      | segment                              | device |
        |          | call | send 20                              |        |
        |          | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |        |
        |          | <--* | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |        |
        | ..2000 s | call | recv -> ETIMEDOUT                    | CLOSED |
        | 300 s    | ---  |                                      | CLOSED |
        |          | -->  | <SEQ=101><ACK=321><CTL=ACK>          |        |
        |          | <--  | <SEQ=321><CTL=RST>                   |        |

    @rfc9293-3.8.3-MUST-21
    Scenario: The application can have a connection given up sooner than others
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      |
        |      | call | set usertimeout 10000                |             |
        |      | call | send 20                              |             |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |      | <--* | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |      | <--? | <SEQ=SND.NXT><CTL=RST,?ACK>          |             |
        | 9 s  | ---  |                                      | ESTABLISHED |
        | 60 s | ---  |                                      | CLOSED      |

    @rfc9293-3.8.3-MUST-21
    Scenario: The application can have a connection tried for longer than others
      Given an established connection
      Then they exchange
        | time   |      | segment                              | device      |
        |        | call | set usertimeout 400000               |             |
        |        | call | send 20                              |             |
        |        | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |        | <--* | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        |        | <--? | <SEQ=SND.NXT><CTL=RST,?ACK>          |             |
        | 390 s  | ---  |                                      | ESTABLISHED |
        | 1200 s | ---  |                                      | CLOSED      |

    @rfc9293-3.8.3-MUST-20
    Scenario: Progress starts the count anew
      Given an established connection
      Then they exchange
        | time |      | segment                              | device      |
        |      | call | send 20                              |             |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | RTO  | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--x | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK>          |             |
        |      | call | send 20                              |             |
        |      | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |             |
        |      | -->  | <SEQ=101><ACK=341><CTL=ACK>          |             |
        |      | call | send 20                              |             |
        |      | <--x | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |             |
        | RTO  | <--x | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--x | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--x | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--x | <SEQ=341><ACK=101><CTL=ACK><DATA=20> |             |
        | x2   | <--  | <SEQ=341><ACK=101><CTL=ACK><DATA=20> | ESTABLISHED |
        |      | -->  | <SEQ=101><ACK=361><CTL=ACK>          |             |
        | 60 s | ---  |                                      | ESTABLISHED |

    @rfc9293-3.8.4-MUST-25
    Scenario: A connection on which nobody says anything is left in peace
      Given an established connection
      Then they exchange
        | time    |     | segment                              | device      |
        | 10000 s | --- |                                      | ESTABLISHED |
        |         | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> | ESTABLISHED |
        |         | <-- | <SEQ=301><ACK=121><CTL=ACK>          |             |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Three duplicate ACKs have lost data sent again at once (RFC 5681 3.2)

    @rfc5681-3.2
    Scenario: The third duplicate ACK, and not the second, brings the missing segment
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time  |      | segment                                 | tester             |
        |       | call | send 2000                               |                    |
        |       | <==  | <SEQ=10301..12301>                      | the first was lost |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK>           | 1                  |
        | 0.1 s | ---  |                                         |                    |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK>           | 2                  |
        | 0.1 s | ---  |                                         |                    |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK>           | 3                  |
        |       | <--  | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |                    |
        | 0.1 s | ---  |                                         | and just that one  |
        |       | -->  | <SEQ=101><ACK=12301><CTL=ACK>           |                    |
        | 10 s  | ---  |                                         |                    |

    @rfc5681-2 @rfc5681-3.2
    Scenario: An ACK that changes the window is no duplicate
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time  |      | segment                                  |
        |       | call | send 2000                                |
        |       | <==  | <SEQ=10301..12301>                       |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK><WND=65000> |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK><WND=64000> |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK><WND=65000> |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK><WND=64000> |
        | 0.1 s | ---  |                                          |
        |       | -->  | <SEQ=101><ACK=12301><CTL=ACK><WND=65535> |
        | 10 s  | ---  |                                          |

    @rfc5681-2 @rfc5681-3.2
    Scenario: An ACK that rides on data is no duplicate
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time    |      | segment                                |
        |         | call | send 2000                              |
        |         | <==  | <SEQ=10301..12301>                     |
        |         | -->  | <SEQ=101><ACK=10301><CTL=ACK><DATA=10> |
        |         | -->  | <SEQ=111><ACK=10301><CTL=ACK><DATA=10> |
        |         | -->  | <SEQ=121><ACK=10301><CTL=ACK><DATA=10> |
        |         | -->  | <SEQ=131><ACK=10301><CTL=ACK><DATA=10> |
        | ..0.5 s | <--  | <SEQ=12301><ACK=141><CTL=ACK>          |
        |         | -->  | <SEQ=141><ACK=12301><CTL=ACK>          |
        | 10 s    | ---  |                                        |

    @rfc5681-2 @rfc5681-3.2
    Scenario: An ACK that rides on data is no duplicate, though the closed window takes none of them
      Given an established connection
      And they exchange
        | time |     | segment                                        |
        |      | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |
        |      | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |
      Then they exchange
        | time    |      | segment                                  |
        |         | call | send 20                                  |
        |         | <--  | <SEQ=301><ACK=RCV.NXT><CTL=ACK><DATA=20> |
        |         | -->  | <SEQ=RCV.NXT><ACK=301><CTL=ACK><DATA=1>  |
        |         | <--? | <SEQ=321><ACK=RCV.NXT><CTL=ACK><WND=0>   |
        |         | -->  | <SEQ=RCV.NXT><ACK=301><CTL=ACK><DATA=1>  |
        |         | <--? | <SEQ=321><ACK=RCV.NXT><CTL=ACK><WND=0>   |
        |         | -->  | <SEQ=RCV.NXT><ACK=301><CTL=ACK><DATA=1>  |
        |         | <--? | <SEQ=321><ACK=RCV.NXT><CTL=ACK><WND=0>   |
        |         | -->  | <SEQ=RCV.NXT><ACK=301><CTL=ACK><DATA=1>  |
        |         | <--? | <SEQ=321><ACK=RCV.NXT><CTL=ACK><WND=0>   |
        | 0.5 RTO | ---  |                                          |

    @rfc5681-2
    Scenario: When nothing is on the way there are no duplicates to count
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time |          | segment                       |
        |      | repeat 5 |                               |
        |      | -->      | <SEQ=101><ACK=10301><CTL=ACK> |
        |      | end      |                               |
        | 10 s | ---      |                               |

    @rfc5681-3.2
    Scenario: Progress between them starts the count of duplicates anew
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time  |      | segment                       |
        |       | call | send 2000                     |
        |       | <==  | <SEQ=10301..12301>            |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK> |
        |       | -->  | <SEQ=101><ACK=10301><CTL=ACK> |
        |       | -->  | <SEQ=101><ACK=10801><CTL=ACK> |
        |       | -->  | <SEQ=101><ACK=10801><CTL=ACK> |
        |       | -->  | <SEQ=101><ACK=10801><CTL=ACK> |
        | 0.1 s | ---  |                               |
        |       | -->  | <SEQ=101><ACK=12301><CTL=ACK> |
        | 10 s  | ---  |                               |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: The first flight is small, and a time-out makes the next one smaller (RFC 5681 3.1)

    @rfc5681-3.1 @rfc9293-3.8.2-MUST-19
    Scenario Outline: The first flight is of $most segments at most where the MSS is $mss
      Given an established connection with MSS $mss
      Then they exchange
        | time  |      | segment                                          | tester                      |
        |       | call | send 12000                                       |                             |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=1..$mss>        |                             |
        |       | <--* | <SEQ=301..$last><ACK=101><CTL=ACK><DATA=1..$mss> | no octets beyond $most full |
        | 0.5 s | ---  |                                                  |                             |

      Examples: two sizes on either side of the limit in the RFC
        | mss  | most  | last |
        | 500  | four  | 2300 |
        | 1095 | four  | 4680 |
        | 1096 | three | 3588 |
        | 1400 | three | 4500 |

    @rfc5681-3.1 @rfc9293-3.8.2-MUST-19
    Scenario: Each ACK of a first flight lets at most two segments follow
      Given an established connection with MSS 500
      Then they exchange
        | time  |      | segment                                |
        |       | call | send 6000                              |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=500>  |
        |       | <--? | <SEQ=801><ACK=101><CTL=ACK><DATA=500>  |
        |       | <--? | <SEQ=1301><ACK=101><CTL=ACK><DATA=500> |
        |       | <--? | <SEQ=1801><ACK=101><CTL=ACK><DATA=500> |
        | 0.1 s | ---  |                                        |
        |       | -->  | <SEQ=101><ACK=801><CTL=ACK>            |
        |       | <--? | <SEQ=*><ACK=101><CTL=ACK><DATA=500>    |
        |       | <--? | <SEQ=*><ACK=101><CTL=ACK><DATA=500>    |
        | 0.1 s | ---  |                                        |

    @rfc5681-3.1 @rfc9293-3.8.2-MUST-19
    Scenario: After a time-out one segment goes out, and after its ACK two
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time  |      | segment                                 |
        |       | call | send 4000                               |
        |       | <==  | <SEQ=10301..14301>                      |
        | RTO   | <--  | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |
        | 0.5 s | ---  |                                         |
        |       | -->  | <SEQ=101><ACK=10801><CTL=ACK>           |
        |       | <--? | <SEQ=10801><ACK=101><CTL=ACK><DATA=500> |
        |       | <--? | <SEQ=11301><ACK=101><CTL=ACK><DATA=500> |
        | 0.5 s | ---  |                                         |

    @rfc5681-4.1
    Scenario: After a pause the flight is as small as the first one
      Given an established connection with MSS 500, on which 10000 octets have been acknowledged
      Then they exchange
        | time  |      | segment                                 |
        | 10 s  | call | send 6000                               |
        |       | <--  | <SEQ=10301><ACK=101><CTL=ACK><DATA=500> |
        |       | <--? | <SEQ=10801><ACK=101><CTL=ACK><DATA=500> |
        |       | <--? | <SEQ=11301><ACK=101><CTL=ACK><DATA=500> |
        |       | <--? | <SEQ=11801><ACK=101><CTL=ACK><DATA=500> |
        | 0.1 s | ---  |                                         |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: Small segments wait while others are on the way (RFC 9293 3.7.4)

    @rfc9293-3.7.4-SHLD-7
    Scenario: A little more to send waits for the ACK of what is on the way
      Given an established connection
      Then they exchange
        | time  |      | segment                              |
        |       | call | send 20                              |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        |       | call | send 20                              |
        |       | call | send 20                              |
        | 0.1 s | ---  |                                      |
        |       | -->  | <SEQ=101><ACK=321><CTL=ACK>          |
        |       | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=40> |

    @rfc9293-3.7.4-MUST-17
    Scenario: An application that wants no delay gets none
      Given an established connection
      Then they exchange
        |      | segment                              |
        | call | set nodelay 1                        |
        | call | send 20                              |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20> |
        | call | send 20                              |
        | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20> |

    @rfc9293-3.7.4
    Scenario: A full segment does not wait
      Given an established connection with MSS 500
      Then they exchange
        |      | segment                               |
        | call | send 500                              |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=500> |
        | call | send 500                              |
        | <--? | <SEQ=801><ACK=101><CTL=ACK><DATA=500> |
        | -->  | <SEQ=101><ACK=801><CTL=ACK>           |
        | <==  | <SEQ=801..1301>                       |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: The window of the peer is the limit (RFC 9293 3.8.6 and 3.10.7.4)

    @rfc9293-3.8.6
    Scenario: Data fill the window to its last octet and not beyond
      Given the device listens on port 80
      Then they exchange
        | time  |      | segment                              |
        |       | -->  | <SEQ=100><CTL=SYN><WND=100>          |
        |       | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>      |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=100> |
        |       | call | send 250                             |
        |       | <==  | <SEQ=301..401>                       |
        | 0.1 s | ---  |                                      |
        |       | -->  | <SEQ=101><ACK=401><CTL=ACK><WND=100> |
        |       | <==  | <SEQ=401..501>                       |
        | 0.1 s | ---  |                                      |
        |       | -->  | <SEQ=101><ACK=501><CTL=ACK><WND=100> |
        |       | <==  | <SEQ=501..551>                       |

    @rfc9293-3.8.6
    Scenario: A window hardly larger than the options of a segment is enough for data
      Given the device listens on port 80
      Then they exchange
        | time   |      | segment                             | device      |
        |        | -->  | <SEQ=100><CTL=SYN><WND=20><TS=0,0>  |             |
        |        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>     |             |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=20> | ESTABLISHED |
        |        | call | send 100000                         |             |
        | ..10 s | <==  | <SEQ=301..321>                      |             |

    @rfc9293-3.1-MUST-5
    Scenario: An MSS on a segment without a SYN does no harm to data that wait
      Given an established connection
      Then they exchange
        | time   |      | segment                                            |
        |        | call | send 20                                            |
        |        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>               |
        |        | -->  | <SEQ=101><ACK=321><CTL=ACK><WND=0>                 |
        |        | call | send 1000                                          |
        |        | -->  | <SEQ=101><ACK=321><CTL=ACK><WND=100><OPT=02040001> |
        | ..10 s | <==  | <SEQ=321..421>                                     |

    @rfc9293-3.1-MUST-1
    Scenario: A window of 32768 or more is large, not negative
      Given the device listens on port 80
      Then they exchange
        |      | segment                                |
        | -->  | <SEQ=100><CTL=SYN><WND=32768>          |
        | <--  | <SEQ=300><ACK=101><CTL=SYN,ACK>        |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=65535> |
        | call | send 20                                |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>   |

    @rfc9293-3.10.7.4
    Scenario: An older ACK does not bring an older window back
      Given an established connection
      Then they exchange
        | time  |      | segment                               |
        |       | call | set nodelay 1                         |
        |       | call | send 20                               |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>  |
        |       | call | send 20                               |
        |       | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20>  |
        |       | -->  | <SEQ=101><ACK=341><CTL=ACK><WND=0>    |
        |       | -->  | <SEQ=101><ACK=321><CTL=ACK><WND=5000> |
        |       | call | send 20                               |
        | 0.1 s | ---  |                                       |
        |       | -->  | <SEQ=101><ACK=341><CTL=ACK><WND=5000> |
        |       | <--  | <SEQ=341><ACK=101><CTL=ACK><DATA=20>  |

    @rfc9293-3.10.7.4
    Scenario: A window may be changed by an ACK that acknowledges nothing new
      Given an established connection
      Then they exchange
        | time  |      | segment                               |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>    |
        |       | call | send 20                               |
        | 0.1 s | ---  |                                       |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=5000> |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>  |

    @rfc9293-3.10.7.4
    Scenario: The window on a segment with a later number counts, and no longer that of an earlier one
      Given an established connection
      Then they exchange
        | time  |      | segment                                        |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=5000><DATA=20> |
        |       | -->  | <SEQ=121><ACK=301><CTL=ACK><WND=0><DATA=20>    |
        |       | <--  | <SEQ=301><ACK=141><CTL=ACK>                    |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=5000><DATA=20> |
        |       | <--  | <SEQ=301><ACK=141><CTL=ACK>                    |
        |       | call | send 20                                        |
        | 0.1 s | ---  |                                                |

    @rfc9293-3.10.7.4
    Scenario: The window beside an old ACK does not count, though its data do
      Given an established connection
      Then they exchange
        |      | segment                                        |
        | call | send 20                                        |
        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>           |
        | -->  | <SEQ=101><ACK=321><CTL=ACK><WND=5000><DATA=10> |
        | -->  | <SEQ=111><ACK=301><CTL=ACK><WND=0><DATA=10>    |
        | <--  | <SEQ=321><ACK=121><CTL=ACK>                    |
        | call | send 20                                        |
        | <--  | <SEQ=321><ACK=121><CTL=ACK><DATA=20>           |

    @rfc9293-3.10.7.4
    Scenario: Of segments that overtook each other the window of the later number counts, closed
      Given an established connection
      Then they exchange
        | time  |      | segment                                        | tester      |
        |       | -->  | <SEQ=121><ACK=301><CTL=ACK><WND=0><DATA=20>    | sent second |
        |       | <--? | <SEQ=301><ACK=101><CTL=ACK>                    |             |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=5000><DATA=20> | sent first  |
        |       | <--  | <SEQ=301><ACK=141><CTL=ACK>                    |             |
        |       | call | send 20                                        |             |
        | 0.1 s | ---  |                                                |             |

    @rfc9293-3.10.7.4
    Scenario: Of segments that overtook each other the window of the later number counts, open
      Given an established connection
      Then they exchange
        |      | segment                                        | tester      |
        | -->  | <SEQ=121><ACK=301><CTL=ACK><WND=5000><DATA=20> | sent second |
        | <--? | <SEQ=301><ACK=101><CTL=ACK>                    |             |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0><DATA=20>    | sent first  |
        | <--  | <SEQ=301><ACK=141><CTL=ACK>                    |             |
        | call | send 20                                        |             |
        | <--  | <SEQ=301><ACK=141><CTL=ACK><DATA=20>           |             |

    @rfc9293-3.10.7.4
    Scenario: The window on an ACK for what was never sent does not count
      Given an established connection
      Then they exchange
        | time  |      | segment                               |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>    |
        |       | call | send 20                               |
        |       | -->  | <SEQ=101><ACK=399><CTL=ACK><WND=5000> |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK>           |
        | 0.1 s | ---  |                                       |

    @rfc9293-3.8.6-MUST-34
    Scenario: A window that shrinks below what is on the way ends nothing
      Given an established connection
      Then they exchange
        | time |      | segment                                | device      |
        |      | call | send 20                                |             |
        |      | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>   |             |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=10>    | ESTABLISHED |
        |      | -->  | <SEQ=101><ACK=321><CTL=ACK><WND=65535> | ESTABLISHED |
        |      | call | send 20                                |             |
        |      | <--  | <SEQ=321><ACK=101><CTL=ACK><DATA=20>   | ESTABLISHED |

    @rfc9293-3.8.6-MUST-34 @rfc6298-5
    Scenario: A window that closes and opens again does not bring data back before their time-out
      Given an established connection
      Then they exchange
        | time    |      | segment                               | label |
        |         | call | send 20                               |       |
        |         | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>  | data  |
        |         | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>    |       |
        | 0.2 RTO | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=8000> |       |
        | 0.5 RTO | ---  |                                       |       |
        |         | -->  | <SEQ=101><ACK=321><CTL=ACK><WND=8000> |       |
        | 10 s    | ---  |                                       |       |

    @rfc9293-3.8.6-SHLD-15
    Scenario: When the window has shrunk, nothing new is sent
      Given an established connection with MSS 500
      Then they exchange
        | time  |      | segment                               |
        |       | call | send 500                              |
        |       | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=500> |
        |       | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=250>  |
        |       | call | send 500                              |
        | 0.1 s | ---  |                                       |

    @rfc9293-3.8.6.2.1-MUST-38
    Scenario: A window of a few octets is not used at once, but after a while all the same
      Given an established connection
      Then they exchange
        | time      |      | segment                              |
        |           | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=10>  |
        |           | call | send 100                             |
        | 0.05 s    | ---  |                                      |
        | 0.05..1 s | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=10> |

    @rfc9293-3.8.6.2.1-MUST-38
    Scenario: A window that opens by a few octets after a probe takes nothing new at once
      Given an established connection
      Then they exchange
        | time   |      | segment                             |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>  |
        |        | call | send 100                            |
        | ..60 s | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=1> |
        |        | -->  | <SEQ=101><ACK=302><CTL=ACK><WND=10> |
        | 0.05 s | ---  |                                     |

    @rfc9293-3.8.6.2.1-MUST-38
    Scenario: A window that opens before the sender loses patience is used in full
      Given an established connection
      Then they exchange
        | time   |      | segment                               |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=10>   |
        |        | call | send 100                              |
        | 0.05 s | ---  |                                       |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=8000> |
        |        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=100> |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: A closed window is probed (RFC 9293 3.8.6.1)

    @rfc9293-3.8.6.1-MUST-36
    Scenario: A closed window is probed until it opens, then data flow
      Given an established connection
      Then they exchange
        | time   |      | segment                                     |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
        |        | call | send 100                                    |
        | ..60 s | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
        | ..60 s | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=8000>       |
        | ..60 s | <==  | <SEQ=301..401> acked                        |

    @rfc9293-3.8.6.1-SHLD-29
    Scenario: The first probe comes one time-out after the window closed
      Given an established connection
      Then they exchange
        | time |      | segment                                     |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
        |      | call | send 100                                    |
        | RTO  | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |

    @rfc9293-3.8.6.1-SHLD-30
    Scenario: Probes become rarer as time goes on
      Given an established connection
      Then they exchange
        | time |      | segment                                     |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
        |      | call | send 100                                    |
        | RTO  | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
        | x2   | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
        | x2   | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |
        | x2   | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> |

    @rfc9293-3.8.6.1-MUST-37
    Scenario: A connection whose probes are answered is kept, long beyond the time at which data would be given up
      Given an established connection
      Then they exchange
        | time    |           | segment                                     | device      |
        |         | -->       | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |             |
        |         | call      | send 100                                    |             |
        |         | repeat 10 |                                             |             |
        | ..600 s | <--       | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..1> | ESTABLISHED |
        |         | -->       | <SEQ=101><ACK=301><CTL=ACK><WND=0>          |             |
        |         | end       |                                             |             |
        |         | -->       | <SEQ=101><ACK=301><CTL=ACK><WND=8000>       | ESTABLISHED |
        | ..200 s | <==       | <SEQ=301..401> acked                        |             |

    @rfc9293-3.8.6-MUST-35
    Scenario: A window that shrinks to nothing while data are on the way is probed
      Given an established connection
      Then they exchange
        | time   |      | segment                                      |
        |        | call | send 20                                      |
        |        | <--  | <SEQ=301><ACK=101><CTL=ACK><DATA=20>         |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><WND=0>           |
        | ..60 s | <--  | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0..20> |
        |        | -->  | <SEQ=101><ACK=321><CTL=ACK><WND=8000>        |
        |        | call | send 20                                      |
        |        | <==  | <SEQ=321..341>                               |

    @rfc9293-3.8.6.1-MUST-36
    Scenario: A probe that brings the last octet to a window that stays closed leaves the connection open
      Given an established connection
      Then they exchange
        | time   |      | segment                               | device      |
        |        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA=1>   |             |
        |        | -->  | <SEQ=102><ACK=301><CTL=ACK><WND=0>    |             |
        |        | <--? | <SEQ=301><ACK=102><CTL=ACK>           |             |
        |        | call | send 1                                |             |
        | ..60 s | <--  | <SEQ=301><ACK=102><CTL=ACK><DATA=1>   |             |
        |        | -->  | <SEQ=102><ACK=302><CTL=ACK><WND=0>    |             |
        |        | <--* | <SEQ=301..302><ACK=102><CTL=ACK>      |             |
        | 60 s   | -->  | <SEQ=102><ACK=302><CTL=ACK><WND=8000> | ESTABLISHED |
        |        | call | send 20                               |             |
        |        | <--  | <SEQ=302><ACK=102><CTL=ACK><DATA=20>  |             |

    @rfc9293-3.8.6.1-MUST-36
    Scenario: An octet that the probe brought and the peer kept is not sent twice
      Given an established connection
      Then they exchange
        | time   |        | segment                                  |
        |        | -->    | <SEQ=101><ACK=301><CTL=ACK><WND=0>       |
        |        | call   | send 100                                 |
        |        | either |                                          |
        | ..60 s | <--    | <SEQ=301><ACK=101><CTL=ACK><DATA=1>      |
        |        | -->    | <SEQ=101><ACK=302><CTL=ACK><WND=8000>    |
        |        | <==    | <SEQ=302..401> acked                     |
        |        | or     |                                          |
        | ..60 s | <--    | <SEQ=300..301><ACK=101><CTL=ACK><DATA=0> |
        |        | -->    | <SEQ=101><ACK=301><CTL=ACK><WND=8000>    |
        |        | <==    | <SEQ=301..401> acked                     |
        |        | end    |                                          |

  # ---------------------------------------------------------------------------------------------------------------
  Rule: What arrives is acknowledged, in good time (RFC 9293 3.8.6.3, RFC 5681 4.2)

    @rfc9293-3.8.6.3-MUST-40
    Scenario: A small segment is acknowledged within half a second
      Given an established connection
      Then they exchange
        | time    |     | segment                              |
        |         | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
        | ..0.5 s | <-- | <SEQ=301><ACK=121><CTL=ACK>          |
        | 3 s     | --- |                                      |

    @rfc9293-3.8.6.3-SHLD-18
    Scenario: A small segment is not acknowledged at once, in case an answer can carry the ACK
      Given an established connection
      Then they exchange
        | time      |     | segment                              |
        |           | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20> |
        | ACK-DELAY | <-- | <SEQ=301><ACK=121><CTL=ACK>          |

    @rfc9293-3.10.7.4-MUST-58
    Scenario: An answer of the application carries the ACK of the question
      Given an established connection
      Then they exchange
        | time |      | segment                                     |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK,PSH><DATA="GET"> |
        |      | call | recv -> "GET"                               |
        |      | call | send "OK"                                   |
        |      | <--  | <SEQ=301><ACK=104><CTL=ACK><DATA="OK">      |
        |      | -->  | <SEQ=104><ACK=303><CTL=ACK>                 |
        | 3 s  | ---  |                                             |

    @ipv4 @rfc9293-3.8.6.3-SHLD-19 @rfc5681-4.2
    Scenario: The second full segment over IPv4 is acknowledged at once
      Given an established connection
      Then they exchange
        | time   |     | segment                                 |
        |        | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1460>  |
        |        | --> | <SEQ=1561><ACK=301><CTL=ACK><DATA=1460> |
        | ..1 ms | <-- | <SEQ=301><ACK=3021><CTL=ACK>            |

    @ipv6 @rfc9293-3.8.6.3-SHLD-19 @rfc5681-4.2
    Scenario: The second full segment over IPv6 is acknowledged at once
      Given an established connection
      Then they exchange
        | time   |     | segment                                 |
        |        | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=1440>  |
        |        | --> | <SEQ=1541><ACK=301><CTL=ACK><DATA=1440> |
        | ..1 ms | <-- | <SEQ=301><ACK=2981><CTL=ACK>            |

    @rfc5681-4.2
    Scenario: Data behind a gap bring an ACK of the gap at once, data that fill it an ACK of all
      Given an established connection
      Then they exchange
        | time   |     | segment                                   |
        |        | --> | <SEQ=106><ACK=301><CTL=ACK><DATA="WORLD"> |
        | ..1 ms | <-- | <SEQ=301><ACK=101><CTL=ACK>               |
        |        | --> | <SEQ=111><ACK=301><CTL=ACK><DATA="!">     |
        | ..1 ms | <-- | <SEQ=301><ACK=101><CTL=ACK>               |
        |        | --> | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |
        | ..1 ms | <-- | <SEQ=301><ACK=112><CTL=ACK>               |

    @rfc9293-3.10.7.4-SHLD-31
    Scenario: Data behind a gap are kept and delivered in their place
      Given an established connection
      Then they exchange
        |      | segment                                   |
        | -->  | <SEQ=111><ACK=301><CTL=ACK><DATA="!">     |
        | <--  | <SEQ=301><ACK=101><CTL=ACK>               |
        | -->  | <SEQ=106><ACK=301><CTL=ACK><DATA="WORLD"> |
        | <--  | <SEQ=301><ACK=101><CTL=ACK>               |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |
        | <--  | <SEQ=301><ACK=112><CTL=ACK>               |
        | call | recv -> "HELLOWORLD!"                     |

    @rfc9293-3.10.7.4
    Scenario: While a gap is open an empty ACK is answered as little as at any other time
      Given an established connection
      Then they exchange
        | time |     | segment                              |
        |      | --> | <SEQ=111><ACK=301><CTL=ACK><DATA=10> |
        |      | <-- | <SEQ=301><ACK=101><CTL=ACK>          |
        |      | --> | <SEQ=101><ACK=301><CTL=ACK>          |
        | 3 s  | --- |                                      |

    @rfc9293-3.10.7.4
    Scenario: Data that fill part of a gap are acknowledged as far as they go
      Given an established connection
      Then they exchange
        |      | segment                                      |
        | -->  | <SEQ=111><ACK=301><CTL=ACK><DATA="!">        |
        | <--? | <SEQ=301><ACK=101><CTL=ACK>                  |
        | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO">    |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>                  |
        | -->  | <SEQ=104><ACK=301><CTL=ACK><DATA="LOWORLD!"> |
        | <--  | <SEQ=301><ACK=112><CTL=ACK>                  |
        | call | recv -> "HELLOWORLD!"                        |

    @rfc9293-3.10.7.4
    Scenario: A segment that comes twice is acknowledged twice and delivered once
      Given an established connection
      Then they exchange
        | time |      | segment                                   |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |
        |      | <--  | <SEQ=301><ACK=106><CTL=ACK>               |
        |      | -->  | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |
        |      | <--  | <SEQ=301><ACK=106><CTL=ACK>               |
        |      | call | recv -> "HELLO"                           |
        |      | -->  | <SEQ=106><ACK=301><CTL=ACK><DATA="!">     |
        |      | <--  | <SEQ=301><ACK=107><CTL=ACK>               |
        |      | call | recv -> "!"                               |

    @rfc9293-3.10.7.4
    Scenario: Old data are acknowledged each time they come, however often
      Given an established connection
      Then they exchange
        | time  |           | segment                                   |
        |       | -->       | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |
        |       | <--       | <SEQ=301><ACK=106><CTL=ACK>               |
        |       | repeat 30 |                                           |
        | 0.1 s | -->       | <SEQ=101><ACK=301><CTL=ACK><DATA="HELLO"> |
        |       | <--       | <SEQ=301><ACK=106><CTL=ACK>               |
        |       | end       |                                           |

    @rfc9293-3.8.6.2.2-MUST-39
    Scenario: A window that was closed is not opened again for a single octet
      Given an established connection
      And they exchange
        | time |     | segment                                        |
        |      | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |
        |      | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |
      Then they exchange
        | time |      | segment                                |
        |      | call | recv 1 -> 1                            |
        | 1 s  | -->  | <SEQ=RCV.NXT-1><ACK=301><CTL=ACK>      |
        |      | <--  | <SEQ=301><ACK=RCV.NXT><CTL=ACK><WND=0> |

    @rfc9293-3.8.6.2.2
    Scenario: A window that was closed is opened again, and told of, when the application has read all
      Given an established connection
      And they exchange
        |     | segment                                        |
        | ==> | <SEQ=101..RCV.NXT+RCV.WND>                     |
        | <-- | <SEQ=301><ACK=RCV.NXT+RCV.WND><CTL=ACK><WND=0> |
      Then they exchange
        | time    |        | segment                                              | tester                   |
        |         | call   | recv                                                 |                          |
        |         | either |                                                      |                          |
        | ..0.5 s | <--    | <SEQ=301><ACK=RCV.NXT><CTL=ACK><WND=1000..>          |                          |
        |         | or     |                                                      |                          |
        | ..0.5 s | <--    | <SEQ=301><ACK=RCV.NXT><CTL=ACK><WND=RCV.NXT-IRS-1..> | all of its little buffer |
        |         | end    |                                                      |                          |
        |         | -->    | <SEQ=RCV.NXT><ACK=301><CTL=ACK><DATA=20>             |                          |
        |         | <--    | <SEQ=301><ACK=RCV.NXT+20><CTL=ACK>                   |                          |

    @rfc9293-3.8.6-SHLD-14
    Scenario: What was offered is not taken back: the right edge of the window stays where it is or moves on
      Given an established connection
      Then they exchange
        |     | segment                                       |
        | --> | <SEQ=101><ACK=301><CTL=ACK><DATA=20>          |
        | <-- | <SEQ=301><ACK=121><CTL=ACK><WND=RCV.WND-20..> |
        | --> | <SEQ=121><ACK=301><CTL=ACK><DATA=40>          |
        | <-- | <SEQ=301><ACK=161><CTL=ACK><WND=RCV.WND-40..> |

    @rfc9293-3.8.5-MUST-30
    Scenario: An urgent pointer, wherever it points, takes nothing from the stream
      Given an established connection
      Then they exchange
        |      | segment                                                  | device      |
        | -->  | <SEQ=101><ACK=301><CTL=ACK,URG><URP=65535><DATA="HELLO"> | ESTABLISHED |
        | <--  | <SEQ=301><ACK=106><CTL=ACK>                              |             |
        | -->  | <SEQ=106><ACK=301><CTL=ACK,URG><URP=0><DATA=" TO ">      | ESTABLISHED |
        | <--  | <SEQ=301><ACK=110><CTL=ACK>                              |             |
        | -->  | <SEQ=110><ACK=301><CTL=ACK,URG><URP=2><DATA="YOU">       | ESTABLISHED |
        | <--  | <SEQ=301><ACK=113><CTL=ACK>                              |             |
        | call | recv -> "HELLO TO YOU"                                   |             |

    @rfc9293-3.8.5-MUST-62
    Scenario: The urgent pointer of the device names the octet behind its urgent data
      Given an established connection
      Then they exchange
        |      | segment                                        |
        | call | sendurgent 5                                   |
        | <--  | <SEQ=301><ACK=101><CTL=ACK,URG><URP=5><DATA=5> |

    @rfc9293-3.8.5-MUST-62
    Scenario: Urgent data that are sent again are still urgent
      Given an established connection
      Then they exchange
        | time |      | segment                                        |
        |      | call | sendurgent 5                                   |
        |      | <--x | <SEQ=301><ACK=101><CTL=ACK,URG><URP=5><DATA=5> |
        | RTO  | <--  | <SEQ=301><ACK=101><CTL=ACK,URG><URP=5><DATA=5> |
