//! Wireproof: which rules of the RFCs a TCP/IP stack breaks, and the packets that prove it.
