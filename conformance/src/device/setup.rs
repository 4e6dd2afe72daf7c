//! What a reset gives a device: addresses, limits, the seed. Prints and parses as `KEY=VALUE...`.

use super::call::TextError;
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

/// The arguments of `reset`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Feeds all randomness as far as the stack allows; without it the stack's own default.
    pub seed: Option<u64>,
    /// The device's Ethernet address.
    pub mac: [u8; 6],
    /// Its IPv4 address and prefix length, `None`: no IPv4.
    pub ipv4: Option<(Ipv4Addr, u8)>,
    /// Its IPv6 address and prefix length, `None`: no IPv6 but for what the stack gives itself.
    pub ipv6: Option<(Ipv6Addr, u8)>,
    /// The IPv4 router.
    pub gateway: Option<Ipv4Addr>,
    /// The IPv6 router.
    pub gateway6: Option<Ipv6Addr>,
    /// The largest IP packet on this link, in octets.
    pub mtu: u32,
    /// Where the stack's own clock starts, in nanoseconds; only for devices with the capability `clock`.
    pub clock: Option<u64>,
    /// The initial sequence number of every connection; only for devices with the capability `iss`.
    pub iss: Option<u32>,
}

impl Default for Setup {
    /// The device of the tests: 192.0.2.2/24 and 2001:db8::2/64 behind 02:00:00:00:00:02, the tester as router.
    fn default() -> Self {
        Self {
            seed: Some(0),
            mac: [0x02, 0, 0, 0, 0, 0x02],
            ipv4: Some((Ipv4Addr::new(192, 0, 2, 2), 24)),
            ipv6: Some((Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2), 64)),
            gateway: Some(Ipv4Addr::new(192, 0, 2, 1)),
            gateway6: Some(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
            mtu: 1500,
            clock: None,
            iss: None,
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, mac: [a, b, c, d, e, g], ipv4, ipv6, gateway, gateway6, mtu, clock, iss } = self;
        if let Some(seed) = seed {
            write!(f, "seed={seed} ")?;
        }
        write!(f, "mac={a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")?;
        if let Some((address, prefix)) = ipv4 {
            write!(f, " ipv4={address}/{prefix}")?;
        }
        if let Some((address, prefix)) = ipv6 {
            write!(f, " ipv6={address}/{prefix}")?;
        }
        if let Some(gateway) = gateway {
            write!(f, " gateway={gateway}")?;
        }
        if let Some(gateway) = gateway6 {
            write!(f, " gateway6={gateway}")?;
        }
        write!(f, " mtu={mtu}")?;
        if let Some(clock) = clock {
            write!(f, " clock={clock}")?;
        }
        if let Some(iss) = iss {
            write!(f, " iss={iss}")?;
        }
        Ok(())
    }
}

impl FromStr for Setup {
    type Err = TextError;

    /// Reads `KEY=VALUE...`; unknown keys are ignored, `mac` and `mtu` have to be there.
    fn from_str(text: &str) -> Result<Self, TextError> {
        let mut setup = Self {
            seed: None,
            mac: [0; 6],
            ipv4: None,
            ipv6: None,
            gateway: None,
            gateway6: None,
            mtu: 0,
            clock: None,
            iss: None,
        };
        let (mut has_mac, mut has_mtu) = (false, false);
        for word in text.split_ascii_whitespace() {
            let column = column_of(text, word);
            let Some((key, value)) = word.split_once('=') else {
                return Err(TextError::new(column, "KEY=VALUE", word));
            };
            let column = column + key.chars().count() + 1;
            match key {
                "seed" => setup.seed = Some(read(value, column, "a number below 2^64")?),
                "mac" => {
                    setup.mac =
                        read_mac(value).ok_or_else(|| TextError::new(column, "a MAC address", value))?;
                    has_mac = true;
                }
                "ipv4" => setup.ipv4 = Some(read_prefix(value, column, "an IPv4 address with prefix", 32)?),
                "ipv6" => setup.ipv6 = Some(read_prefix(value, column, "an IPv6 address with prefix", 128)?),
                "gateway" => setup.gateway = Some(read(value, column, "an IPv4 address")?),
                "gateway6" => setup.gateway6 = Some(read(value, column, "an IPv6 address")?),
                "mtu" => {
                    setup.mtu = read(value, column, "a number of octets")?;
                    has_mtu = true;
                }
                "clock" => setup.clock = Some(read(value, column, "nanoseconds, a number below 2^64")?),
                "iss" => setup.iss = Some(read(value, column, "a number below 2^32")?),
                _ => {}
            }
        }
        let end = text.chars().count() + 1;
        if !has_mac {
            return Err(TextError::new(end, "mac=", "the end"));
        }
        if !has_mtu {
            return Err(TextError::new(end, "mtu=", "the end"));
        }
        Ok(setup)
    }
}

/// The column, from 1, of `word`, which is a part of `text`.
fn column_of(text: &str, word: &str) -> usize {
    let offset = (word.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    text.get(..offset).map_or(1, |before| before.chars().count() + 1)
}

fn read<T: FromStr>(value: &str, column: usize, expected: &str) -> Result<T, TextError> {
    value.parse().map_err(|_| TextError::new(column, expected, value))
}

fn read_prefix<T: FromStr>(
    value: &str,
    column: usize,
    expected: &str,
    most: u8,
) -> Result<(T, u8), TextError> {
    let error = || TextError::new(column, expected, value);
    let (address, prefix) = value.split_once('/').ok_or_else(error)?;
    let prefix: u8 = prefix.parse().ok().filter(|prefix| *prefix <= most).ok_or_else(error)?;
    Ok((address.parse().map_err(|_| error())?, prefix))
}

fn read_mac(value: &str) -> Option<[u8; 6]> {
    let mut mac = [0; 6];
    let mut parts = value.split(':');
    for octet in &mut mac {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *octet = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_prints_as_the_protocol_says_and_reads_back() {
        let setup = Setup { seed: Some(7), clock: Some(5), iss: Some(9), ..Setup::default() };
        let text = setup.to_string();
        assert_eq!(
            text,
            "seed=7 mac=02:00:00:00:00:02 ipv4=192.0.2.2/24 ipv6=2001:db8::2/64 gateway=192.0.2.1 \
             gateway6=2001:db8::1 mtu=1500 clock=5 iss=9"
        );
        assert_eq!(text.parse(), Ok(setup));
    }

    #[test]
    fn keys_that_are_not_known_are_ignored() {
        let setup: Setup = "mac=02:00:00:00:00:02 colour=blue mtu=576".parse().unwrap();
        assert_eq!((setup.mtu, setup.ipv4, setup.seed), (576, None, None));
    }

    #[test]
    fn a_value_that_cannot_be_read_is_named_with_its_column() {
        let error = "mac=02:00:00:00:00:02 ipv4=192.0.2.2/33 mtu=1500".parse::<Setup>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "column 28: expected an IPv4 address with prefix, found `192.0.2.2/33`"
        );
        let error = "mac=02:00:00:00:00:02".parse::<Setup>().unwrap_err();
        assert_eq!(error.to_string(), "column 22: expected mtu=, found `the end`");
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "((seed|mac|ipv4|ipv6|mtu|gateway|clock)=|[0-9a-f.:/]{0,9}| |\\PC){0,12}") {
            if let Ok(setup) = text.parse::<Setup>() {
                proptest::prop_assert_eq!(setup.to_string().parse(), Ok(setup));
            }
        }
    }
}
