//! The connection table, as netstat shows it: one row a listener, a connection, a UDP port.

use crate::tcp::State;
use core::fmt;
use core::net::IpAddr;
use std::net::SocketAddr;

/// The rows, in a fixed order: listeners by port and by what they wait for, connections by age, UDP by port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// One line each.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A port that waits for connections.
    Listener {
        /// The port.
        port: u16,
        /// The address of ours, `None` for any.
        local: Option<IpAddr>,
        /// The peer, `None` for any.
        remote: Option<SocketAddr>,
        /// Connections that wait to be accepted.
        waiting: usize,
    },
    /// A connection, those that wait in a listener among them.
    Connection {
        /// This end.
        local: SocketAddr,
        /// The peer.
        remote: SocketAddr,
        /// The state.
        state: State,
        /// Octets that the application has not read.
        unread: usize,
        /// Octets that the peer has not acknowledged, or that were not sent yet.
        unacknowledged: usize,
    },
    /// A UDP port.
    Udp {
        /// The port.
        port: u16,
    },
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", line("Proto", "Recv-Q", "Send-Q", "Local", "Remote", "State").trim_end())?;
        for row in &self.rows {
            writeln!(f, "{row}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Listener { port, local, remote, waiting } => {
                let local = local
                    .as_ref()
                    .map_or_else(|| format!("*:{port}"), |local| SocketAddr::new(*local, *port).to_string());
                let remote = remote.as_ref().map_or_else(|| "*:*".to_string(), |remote| remote.to_string());
                line("tcp", &waiting.to_string(), "0", &local, &remote, State::Listen.name())
            }
            Self::Connection { local, remote, state, unread, unacknowledged } => line(
                "tcp",
                &unread.to_string(),
                &unacknowledged.to_string(),
                &local.to_string(),
                &remote.to_string(),
                state.name(),
            ),
            Self::Udp { port } => line("udp", "0", "0", &format!("*:{port}"), "*:*", ""),
        };
        f.write_str(text.trim_end())
    }
}

fn line(
    protocol: &str,
    unread: &str,
    unacknowledged: &str,
    local: &str,
    remote: &str,
    state: &str,
) -> String {
    format!("{protocol:<5} {unread:>7} {unacknowledged:>7} {local:<28} {remote:<28} {state}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_under_their_headings() {
        let table = Table {
            rows: vec![
                Row::Listener { port: 80, local: None, remote: None, waiting: 1 },
                Row::Listener {
                    port: 80,
                    local: Some("192.0.2.2".parse().unwrap()),
                    remote: Some("192.0.2.1:4000".parse().unwrap()),
                    waiting: 0,
                },
                Row::Connection {
                    local: "192.0.2.2:80".parse().unwrap(),
                    remote: "[2001:db8::1]:4000".parse().unwrap(),
                    state: State::CloseWait,
                    unread: 20,
                    unacknowledged: 0,
                },
                Row::Udp { port: 7 },
            ],
        };
        let expected = "\
Proto  Recv-Q  Send-Q Local                        Remote                       State
tcp         1       0 *:80                         *:*                          LISTEN
tcp         0       0 192.0.2.2:80                 192.0.2.1:4000               LISTEN
tcp        20       0 192.0.2.2:80                 [2001:db8::1]:4000           CLOSE-WAIT
udp         0       0 *:7                          *:*
";
        assert_eq!(table.to_string(), expected);
    }
}
