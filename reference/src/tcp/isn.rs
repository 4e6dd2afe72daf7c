//! Initial sequence numbers, RFC 6528 3 and RFC 9293 3.4.1: ISN = M + F(localip, localport, remoteip, remoteport, key).
//!
//! M counts 4 microseconds; F is SipHash-2-4, whose key the host draws at its start.

use super::seq::SeqNumber;
use crate::random::Random;
use crate::time::Instant;
use core::hash::Hasher;
use siphasher::sip::SipHasher24;
use std::net::{IpAddr, SocketAddr};

/// One tick of the clock M, in microseconds (MUST-8).
const TICK_MICROS: u64 = 4;

/// Where initial sequence numbers come from.
#[derive(Clone, Debug)]
pub struct IsnGenerator(Source);

#[derive(Clone, Debug)]
enum Source {
    Keyed([u64; 2]),
    Fixed(SeqNumber),
}

impl IsnGenerator {
    /// Draws its secret key (MUST-9) from `random`.
    pub fn new(random: &mut Random) -> Self {
        Self(Source::Keyed([random.next_u64(), random.next_u64()]))
    }

    /// Always gives `iss`: for tests that want to know their numbers beforehand.
    pub const fn fixed(iss: SeqNumber) -> Self {
        Self(Source::Fixed(iss))
    }

    /// The ISN for a connection between `local` and `remote` that begins now.
    pub fn generate(&self, now: Instant, local: SocketAddr, remote: SocketAddr) -> SeqNumber {
        match self.0 {
            Source::Fixed(iss) => iss,
            Source::Keyed(key) => {
                SeqNumber(low_half(now.as_nanos() / 1000 / TICK_MICROS)) + hash(key, local, remote)
            }
        }
    }
}

fn hash([k0, k1]: [u64; 2], local: SocketAddr, remote: SocketAddr) -> u32 {
    let mut hasher = SipHasher24::new_with_keys(k0, k1);
    for end in [local, remote] {
        match end.ip() {
            IpAddr::V4(address) => hasher.write(&address.octets()),
            IpAddr::V6(address) => hasher.write(&address.octets()),
        }
        hasher.write(&end.port().to_be_bytes());
    }
    low_half(hasher.finish())
}

/// The clock wraps every 4.77 hours, as the sequence space does.
fn low_half(number: u64) -> u32 {
    let [_, _, _, _, a, b, c, d] = number.to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Duration;

    fn end(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn for_one_connection_the_number_grows_by_one_in_four_microseconds() {
        let generator = IsnGenerator::new(&mut Random::new(1));
        let isn = |nanos| generator.generate(Instant::from_nanos(nanos), end(1), end(2));
        assert_eq!(isn(3_999).since(isn(0)), 0);
        assert_eq!(isn(4_000).since(isn(0)), 1);
        assert_eq!(isn(Duration::from_secs(1).as_nanos()).since(isn(0)), 250_000);
    }

    #[test]
    fn another_connection_or_another_key_has_other_numbers() {
        let generator = IsnGenerator::new(&mut Random::new(1));
        let other = IsnGenerator::new(&mut Random::new(2));
        let isn = |from: &IsnGenerator, local, remote| from.generate(Instant::ZERO, end(local), end(remote));
        let numbers =
            [isn(&generator, 1, 2), isn(&generator, 2, 1), isn(&generator, 1, 3), isn(&other, 1, 2)];
        for (place, number) in numbers.iter().enumerate() {
            assert!(!numbers[..place].contains(number));
        }
        assert_eq!(isn(&generator, 1, 2), isn(&generator, 1, 2));
    }
}
