//! Why a call failed, by the names of POSIX `<errno.h>`.

use core::convert::Infallible;
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};

macro_rules! errnos {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The reason of a failed call. An adapter may name one that is not listed here.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Errno {
            $($(#[$doc])* $name,)*
            /// Any other name, as the device gave it.
            Other(String),
        }

        impl fmt::Display for Errno {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self {
                    $(Self::$name => stringify!($name),)*
                    Self::Other(name) => name,
                })
            }
        }

        impl FromStr for Errno {
            type Err = Infallible;

            fn from_str(name: &str) -> Result<Self, Infallible> {
                Ok(match name {
                    $(stringify!($name) => Self::$name,)*
                    other => Self::Other(other.to_owned()),
                })
            }
        }

        impl Errno {
            /// All that are listed here.
            pub const KNOWN: &[Self] = &[$(Self::$name,)*];
        }
    };
}

errnos! {
    /// No such socket, or closed by the application.
    EBADF,
    /// Arguments that cannot be.
    EINVAL,
    /// The stack cannot do it.
    ENOTSUP,
    /// The peer answered the SYN with a RST.
    ECONNREFUSED,
    /// The peer reset the connection.
    ECONNRESET,
    /// The connection was given up locally.
    ECONNABORTED,
    /// No answer for too long (R2, user timeout).
    ETIMEDOUT,
    /// Sending after the sending side was closed.
    EPIPE,
    /// Not connected.
    ENOTCONN,
    /// It is not said whom to speak to.
    EDESTADDRREQ,
    /// Already connected.
    EISCONN,
    /// A connect is under way.
    EALREADY,
    /// The port or connection is in use.
    EADDRINUSE,
    /// No such address or no port left.
    EADDRNOTAVAIL,
    /// No route, or an ICMP error said so.
    EHOSTUNREACH,
    /// No route to that network.
    ENETUNREACH,
    /// The peer's protocol is unreachable.
    ENOPROTOOPT,
    /// The datagram is too large.
    EMSGSIZE,
    /// Out of buffers.
    ENOBUFS,
    /// Too many sockets.
    EMFILE,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_errno_reads_back_from_its_name_and_unknown_names_are_kept() {
        for errno in Errno::KNOWN.iter().cloned().chain([Errno::Other("EWEIRD".to_owned())]) {
            assert_eq!(errno.to_string().parse(), Ok(errno));
        }
    }
}
