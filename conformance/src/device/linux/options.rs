//! Socket options: the protocol's names, as the kernel has them.

use std::io;
use std::time::Duration;

use rustix::net::sockopt;
use socket2::Socket;

use super::errno;
use super::namespace::write_sysctl;
use crate::device::{Errno, OptionName, OptionValue};

/// The Diffserv code point stands above two bits for congestion (RFC 3168 5).
const DSCP_SHIFT: u32 = 2;
/// `net.ipv4.tcp_timestamps` counts from a random number, as by default; 2 would be without.
const ON: &str = "1";
const OFF: &str = "0";

/// Whether the kernel has such an option, for a socket or at least for its namespace.
pub(super) fn is_known(option: &OptionName) -> bool {
    match option {
        OptionName::Nodelay
        | OptionName::Keepalive
        | OptionName::Keepidle
        | OptionName::Keepinterval
        | OptionName::Keepcount
        | OptionName::Linger
        | OptionName::Usertimeout
        | OptionName::Mss
        | OptionName::Rcvbuf
        | OptionName::Sndbuf
        | OptionName::Timestamps
        | OptionName::Sack
        | OptionName::Congestion
        | OptionName::Dscp
        | OptionName::Ttl => true,
        // How long it delays an acknowledgment it decides itself; the shift it reckons from the largest buffer.
        OptionName::Ackdelay | OptionName::Windowscale => false,
    }
}

/// Sets an option on a socket. `is_v6`: of which version of IP it is.
///
/// # Errors
/// The kernel's; EINVAL for a value that cannot be, ENOTSUP for what it does not have.
pub(super) fn set(
    socket: &Socket,
    is_v6: bool,
    option: OptionName,
    value: &OptionValue,
) -> Result<(), Errno> {
    if option == OptionName::Congestion {
        return done(sockopt::set_tcp_congestion(socket, &value.to_string()).map_err(Into::into));
    }
    let number = value.number().ok_or(Errno::EINVAL)?;
    let small = u32::try_from(number).map_err(|_| Errno::EINVAL)?;
    let size = usize::try_from(small).map_err(|_| Errno::EINVAL)?;
    let is_on = number != 0;
    done(match option {
        OptionName::Nodelay => socket.set_tcp_nodelay(is_on),
        OptionName::Keepalive => socket.set_keepalive(is_on),
        OptionName::Keepidle => sockopt::set_tcp_keepidle(socket, whole_seconds(number)).map_err(Into::into),
        OptionName::Keepinterval => {
            sockopt::set_tcp_keepintvl(socket, whole_seconds(number)).map_err(Into::into)
        }
        OptionName::Keepcount => sockopt::set_tcp_keepcnt(socket, small).map_err(Into::into),
        OptionName::Linger if number == 0 => socket.set_linger(Some(Duration::ZERO)),
        // Such a close would wait, and nothing here waits.
        OptionName::Linger => return Err(Errno::ENOTSUP),
        OptionName::Usertimeout => sockopt::set_tcp_user_timeout(socket, small).map_err(Into::into),
        OptionName::Mss => socket.set_tcp_mss(small),
        OptionName::Rcvbuf => socket.set_recv_buffer_size(size),
        OptionName::Sndbuf => socket.set_send_buffer_size(size),
        OptionName::Timestamps => write_sysctl("net.ipv4.tcp_timestamps", switch(is_on)),
        OptionName::Sack => write_sysctl("net.ipv4.tcp_sack", switch(is_on)),
        OptionName::Dscp => {
            let traffic_class =
                small.checked_shl(DSCP_SHIFT).filter(|class| *class < 256).ok_or(Errno::EINVAL)?;
            if is_v6 { socket.set_tclass_v6(traffic_class) } else { socket.set_tos_v4(traffic_class) }
        }
        OptionName::Ttl if is_v6 => socket.set_unicast_hops_v6(small),
        OptionName::Ttl => socket.set_ttl_v4(small),
        OptionName::Ackdelay | OptionName::Windowscale | OptionName::Congestion => {
            return Err(Errno::ENOTSUP);
        }
    })
}

fn done(outcome: io::Result<()>) -> Result<(), Errno> {
    outcome.map_err(|error| errno::name(&error))
}

const fn switch(is_on: bool) -> &'static str {
    if is_on { ON } else { OFF }
}

/// The kernel counts these in seconds: no less than was asked for.
const fn whole_seconds(milliseconds: u64) -> Duration {
    Duration::from_secs(milliseconds.div_ceil(1_000))
}
