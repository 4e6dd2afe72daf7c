//! The wire: a TAP device, whose other end is a file.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::ioctl::{IntegerSetter, Opcode, Setter, ioctl, opcode};

/// Where TAP devices come from.
pub(super) const CLONE_DEVICE: &str = "/dev/net/tun";
/// The device's name in its namespace.
pub(super) const NAME: &str = "tap0";
/// The longest frame that is read: the largest MTU of a TAP device and an Ethernet header.
const LONGEST_FRAME: usize = 65_535 + 14;
/// An Ethernet header: what is shorter is no frame.
const SHORTEST_FRAME: usize = 14;

/// `linux/if_tun.h`: TUNSETIFF, which is declared with an `int` and takes an `ifreq`.
const TUNSETIFF: Opcode = opcode::write::<i32>(b'T', 202);
/// The same, whether the device stays when its file is closed.
const TUNSETPERSIST: Opcode = opcode::write::<i32>(b'T', 203);
const IFF_TAP: i16 = 0x0002;
/// No header before the frame.
const IFF_NO_PI: i16 = 0x1000;

/// `struct ifreq` of netdevice(7), with its flags.
#[repr(C)]
#[derive(Clone, Copy)]
struct InterfaceRequest {
    name: [u8; 16],
    flags: i16,
    rest: [u8; 22],
}

/// A TAP device; it is gone when this and its namespace are.
pub(super) struct Tap {
    file: OwnedFd,
    room: Vec<u8>,
}

impl Tap {
    /// A new device in the thread's namespace.
    pub(super) fn open() -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::open(CLONE_DEVICE, flags, Mode::empty())?;
        let mut request = InterfaceRequest { name: [0; 16], flags: IFF_TAP | IFF_NO_PI, rest: [0; 22] };
        for (to, from) in request.name.iter_mut().zip(NAME.bytes()) {
            *to = from;
        }
        // SAFETY: TUNSETIFF reads a `struct ifreq` (40 octets, as `InterfaceRequest` has) at the given address and
        // writes one back there; the value lives in the setter for the whole call. No other memory is touched.
        unsafe { ioctl(&file, Setter::<TUNSETIFF, InterfaceRequest>::new(request))? };
        // Otherwise closing the file takes the device away, and waits for the whole kernel to have noticed. So it goes with
        // its namespace, which the kernel clears away behind our back, many at once.
        // SAFETY: TUNSETPERSIST takes a number in the place of an address and touches no memory.
        unsafe { ioctl(&file, IntegerSetter::<TUNSETPERSIST>::new_usize(1))? };
        Ok(Self { file, room: vec![0; LONGEST_FRAME] })
    }

    /// A frame arrives at the kernel's stack: when this returns it has gone through it.
    pub(super) fn write(&self, frame: &[u8]) -> io::Result<()> {
        if frame.len() < SHORTEST_FRAME {
            // No network card hands this up.
            return Ok(());
        }
        match rustix::io::write(&self.file, frame) {
            Ok(_) => Ok(()),
            // What the kernel cannot take for a frame, a card would not hand up either.
            Err(Errno::INVAL) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The next frame that the kernel's stack has sent.
    pub(super) fn read(&mut self) -> io::Result<Option<Vec<u8>>> {
        match rustix::io::read(&self.file, &mut self.room[..]) {
            Ok(len) => Ok(Some(self.room.get(..len).unwrap_or_default().to_vec())),
            Err(Errno::AGAIN | Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Tap {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_has_the_size_that_the_kernel_reads() {
        assert_eq!(size_of::<InterfaceRequest>(), 40);
        assert_eq!(TUNSETIFF, 0x4004_54ca);
    }
}
