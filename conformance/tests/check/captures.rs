//! Captures written octet by octet: pcap, raw IPv4, TCP between 192.0.2.1 and 192.0.2.2.

/// The end that opens, and the other one.
pub(super) const A: usize = 0;
pub(super) const B: usize = 1;

pub(super) const FIN: u16 = 0x001;
pub(super) const SYN: u16 = 0x002;
pub(super) const PSH: u16 = 0x008;
pub(super) const ACK: u16 = 0x010;

const WINDOW: u16 = 8_192;

/// Packets with their times.
#[derive(Clone, Default)]
pub(super) struct Capture {
    packets: Vec<(f64, Vec<u8>)>,
    now: f64,
    ports: Option<[u16; 2]>,
    identification: u16,
}

impl Capture {
    /// What follows comes at this time, seconds.
    pub(super) fn at(&mut self, time: f64) -> &mut Self {
        self.now = time;
        self
    }

    /// What follows goes between these ports.
    pub(super) fn ports(&mut self, a: u16, b: u16) -> &mut Self {
        self.ports = Some([a, b]);
        self
    }

    /// A segment with right checksums. `options` must fill whole words.
    pub(super) fn send(&mut self, from: usize, flags: u16, seq: u32, ack: u32, options: &[u8], data: &[u8]) {
        let ports = self.ports.unwrap_or([1_025, 80]);
        let address = |end: usize| [192, 0, 2, if end == A { 1 } else { 2 }];
        let words = u16::try_from(5 + options.len() / 4).unwrap();
        let mut tcp = Vec::new();
        tcp.extend(ports[from].to_be_bytes());
        tcp.extend(ports[1 - from].to_be_bytes());
        tcp.extend(seq.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend((words << 12 | flags).to_be_bytes());
        tcp.extend(WINDOW.to_be_bytes());
        tcp.extend([0; 4]);
        tcp.extend(options);
        tcp.extend(data);
        let length = u16::try_from(tcp.len()).unwrap();
        let pseudo = [&address(from)[..], &address(1 - from), &[0, 6], &length.to_be_bytes(), &tcp].concat();
        tcp[16..18].copy_from_slice(&sum(&pseudo).to_be_bytes());
        self.identification = self.identification.wrapping_add(1);
        let mut ip = vec![0x45, 0];
        ip.extend((length + 20).to_be_bytes());
        ip.extend(self.identification.to_be_bytes());
        ip.extend([0x40, 0, 64, 6, 0, 0]);
        ip.extend(address(from));
        ip.extend(address(1 - from));
        let check = sum(&ip).to_be_bytes();
        ip[10..12].copy_from_slice(&check);
        ip.extend(tcp);
        self.packets.push((self.now, ip));
    }

    /// The file: little-endian, microseconds.
    pub(super) fn pcap(&self) -> Vec<u8> {
        let mut file =
            vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0];
        for (time, packet) in &self.packets {
            let micros = (time * 1e6).round() as u64 + 1_000_000_000_000_000;
            let length = u32::try_from(packet.len()).unwrap();
            for field in [(micros / 1_000_000) as u32, (micros % 1_000_000) as u32, length, length] {
                file.extend(field.to_le_bytes());
            }
            file.extend(packet);
        }
        file
    }
}

/// The Internet checksum (RFC 1071).
fn sum(octets: &[u8]) -> u16 {
    let word = |pair: &[u8]| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
    let mut sum: u32 = octets.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !u16::try_from(sum).unwrap()
}
