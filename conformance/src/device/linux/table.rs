//! The kernel's own table of connections: `/proc/thread-self/net/tcp` and `tcp6`, which show those without a socket too:
//! SYN-RECEIVED at a listener, TIME-WAIT, what is left of closed sockets.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::io;

use crate::device::TcpState;

/// The table's files, as the thread's namespace shows them.
const FILES: [&str; 2] = ["/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"];

/// One connection, or a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
    pub(super) state: TcpState,
    /// The number of its socket; 0: it has none, any more or yet.
    pub(super) inode: u64,
}

/// All of them.
pub(super) fn read() -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in FILES {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            // A kernel without IPv6 has no second file.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        entries.extend(text.lines().skip(1).filter_map(entry));
    }
    Ok(entries)
}

/// proc_pid_net(5): `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...`.
fn entry(line: &str) -> Option<Entry> {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    Some(Entry {
        local: address(words.get(1)?)?,
        peer: address(words.get(2)?)?,
        state: state(u8::from_str_radix(words.get(3)?, 16).ok()?),
        inode: words.get(9)?.parse().ok()?,
    })
}

/// Words of 32 bits in the machine's own order, then the port.
fn address(text: &str) -> Option<SocketAddr> {
    let (address, port) = text.split_once(':')?;
    let word =
        |at: usize| Some(u32::from_str_radix(address.get(at * 8..at * 8 + 8)?, 16).ok()?.to_ne_bytes());
    let address = match address.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut octets = [0; 16];
            for (at, four) in octets.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                *four = word(at)?;
            }
            IpAddr::V6(Ipv6Addr::from(octets))
        }
        _ => return None,
    };
    Some(SocketAddr::new(address, u16::from_str_radix(port, 16).ok()?))
}

/// `include/net/tcp_states.h`.
const fn state(number: u8) -> TcpState {
    match number {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        // 12: a SYN at a listener, while it has no socket.
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listen,
        11 => TcpState::Closing,
        _ => TcpState::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn entries_are_read_with_their_addresses_states_and_sockets() {
        let line = "   0: 020200C0:0050 010200C0:C001 03 00000000:00000000 01:00000063 00000000     0        0 0 1 ffff 100";
        let read = entry(line).unwrap();
        assert_eq!(read.local, "192.0.2.2:80".parse().unwrap());
        assert_eq!(read.peer, "192.0.2.1:49153".parse().unwrap());
        assert_eq!((read.state, read.inode), (TcpState::SynReceived, 0));
        let line = "   0: B80D0120000000000000000002000000:0050 B80D0120000000000000000001000000:C001 06 00000000:00000000 \
                    03:00001770 00000000     0        0 4711 3 ffff";
        let read = entry(line).unwrap();
        assert_eq!(read.local, "[2001:db8::2]:80".parse().unwrap());
        assert_eq!((read.state, read.inode), (TcpState::TimeWait, 4711));
    }

    #[test]
    fn what_is_no_entry_is_passed_over() {
        for line in ["", "sl local_address", "0: 0202:0050 1:1 03", "0: zz:0050 1:1 03 a b c d e f"] {
            assert_eq!(entry(line), None, "{line}");
        }
    }
}
