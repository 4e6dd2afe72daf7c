//! Errors of the kernel by the names that the device protocol uses.

use std::io;

use crate::device::Errno;
use rustix::io::Errno as Raw;

/// The kernel's numbers and their names, where the protocol knows them.
const NAMES: [(Raw, Errno); 20] = [
    (Raw::BADF, Errno::EBADF),
    (Raw::INVAL, Errno::EINVAL),
    (Raw::OPNOTSUPP, Errno::ENOTSUP),
    (Raw::CONNREFUSED, Errno::ECONNREFUSED),
    (Raw::CONNRESET, Errno::ECONNRESET),
    (Raw::CONNABORTED, Errno::ECONNABORTED),
    (Raw::TIMEDOUT, Errno::ETIMEDOUT),
    (Raw::PIPE, Errno::EPIPE),
    (Raw::NOTCONN, Errno::ENOTCONN),
    (Raw::DESTADDRREQ, Errno::EDESTADDRREQ),
    (Raw::ISCONN, Errno::EISCONN),
    (Raw::ALREADY, Errno::EALREADY),
    (Raw::ADDRINUSE, Errno::EADDRINUSE),
    (Raw::ADDRNOTAVAIL, Errno::EADDRNOTAVAIL),
    (Raw::HOSTUNREACH, Errno::EHOSTUNREACH),
    (Raw::NETUNREACH, Errno::ENETUNREACH),
    (Raw::NOPROTOOPT, Errno::ENOPROTOOPT),
    (Raw::MSGSIZE, Errno::EMSGSIZE),
    (Raw::NOBUFS, Errno::ENOBUFS),
    (Raw::MFILE, Errno::EMFILE),
];
/// Those for which the protocol has no name of its own.
const OTHERS: [(Raw, &str); 8] = [
    (Raw::PROTO, "EPROTO"),
    (Raw::ACCESS, "EACCES"),
    (Raw::PERM, "EPERM"),
    (Raw::NOMEM, "ENOMEM"),
    (Raw::NOENT, "ENOENT"),
    (Raw::NETDOWN, "ENETDOWN"),
    (Raw::HOSTDOWN, "EHOSTDOWN"),
    (Raw::AGAIN, "EAGAIN"),
];

/// The name of an error of the kernel; its number where it has no name here.
pub(super) fn name(error: &io::Error) -> Errno {
    let Some(raw) = error.raw_os_error().map(Raw::from_raw_os_error) else {
        return Errno::EINVAL;
    };
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == raw) {
        return name.clone();
    }
    let other = OTHERS.iter().find(|(known, _)| *known == raw);
    Errno::Other(other.map_or_else(|| format!("E{}", raw.raw_os_error()), |(_, name)| (*name).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_of_the_protocol_has_the_number_that_the_kernel_gives_it() {
        for errno in Errno::KNOWN {
            let (raw, _) = NAMES.iter().find(|(_, name)| name == errno).expect("a number");
            assert_eq!(name(&io::Error::from_raw_os_error(raw.raw_os_error())), *errno);
        }
    }

    #[test]
    fn errors_that_the_protocol_does_not_know_keep_their_name_or_number() {
        let named = |number| name(&io::Error::from_raw_os_error(number)).to_string();
        assert_eq!(named(Raw::PROTO.raw_os_error()), "EPROTO");
        assert_eq!(named(4_000), "E4000");
    }
}
