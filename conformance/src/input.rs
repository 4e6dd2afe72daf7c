//! Files that the user named, whatever they are: opened without waiting for what may never come, read no further than
//! can be held.
//!
//! A pipe that has a name is opened by a shell's `<(command)` as well as by hand. Whoever opens one to read waits until
//! somebody opens it to write, which may be never; here it is told instead. A writer that is there may take its time.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// So long a pipe may wait for its writer, seconds: longer than a shell needs to start the programs of one line.
#[cfg(unix)]
const WRITER_S: u64 = 2;

/// Opens a file to read it.
///
/// # Errors
///
/// What the system says, or that it is a folder, a socket, or a pipe to which nobody writes.
pub fn open(path: &Path) -> io::Result<impl Read + Send + use<>> {
    let (ahead, file) = open_now(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("this is a folder"));
    }
    Ok(io::Cursor::new(ahead).chain(file))
}

/// All octets of a file, if they are no more than `at_most`.
///
/// # Errors
///
/// As [`open`], and that it is longer.
pub fn read(path: &Path, at_most: usize) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    let limit = u64::try_from(at_most).unwrap_or(u64::MAX).saturating_add(1);
    open(path)?.take(limit).read_to_end(&mut octets)?;
    if octets.len() > at_most {
        return Err(io::Error::other(format!("it has more than {at_most} octets")));
    }
    Ok(octets)
}

/// The text of a file, if it has no more than `at_most` octets.
///
/// # Errors
///
/// As [`read`], and that it is no text in UTF-8.
pub fn read_text(path: &Path, at_most: usize) -> io::Result<String> {
    let octets = read(path, at_most)?;
    String::from_utf8(octets).map_err(|error| {
        let message = format!("octet {} is none of UTF-8", error.utf8_error().valid_up_to());
        io::Error::other(message)
    })
}

/// The file, and what had to be read of it already.
#[cfg(not(unix))]
fn open_now(path: &Path) -> io::Result<(Vec<u8>, File)> {
    Ok((Vec::new(), File::open(path)?))
}

/// The file, and what had to be read of it already.
#[cfg(unix)]
fn open_now(path: &Path) -> io::Result<(Vec<u8>, File)> {
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
    if std::fs::metadata(path)?.file_type().is_socket() {
        return Err(io::Error::other("this is a socket"));
    }
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let is_pipe = file.metadata()?.file_type().is_fifo();
    let ahead = if is_pipe { wait_for_writer(&file)? } else { Vec::new() };
    rustix::io::ioctl_fionbio(&file, false)?;
    Ok((ahead, file))
}

/// Waits until a pipe has something to read, or at least somebody who may write it. What it reads to know that is
/// given back.
#[cfg(unix)]
fn wait_for_writer(pipe: &File) -> io::Result<Vec<u8>> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;
    let patience = Timespec { tv_sec: WRITER_S.cast_signed(), tv_nsec: 0 };
    loop {
        match poll(&mut [PollFd::new(pipe, PollFlags::IN)], Some(&patience)) {
            Ok(0) => break,
            Ok(_) => return Ok(Vec::new()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // Nothing came. An empty pipe is at its end if nobody has it open to write, else there is only nothing yet.
    let mut octet = [0; 1];
    match rustix::io::read(pipe, &mut octet) {
        Ok(0) => {
            Err(io::Error::other(format!("this is a pipe that nobody has opened to write for {WRITER_S} s")))
        }
        Ok(_) => Ok(octet.to_vec()),
        Err(Errno::AGAIN) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}
