//! The tester's end on the wire: the hosts that it plays, what it knows of the device's connections, what an honest
//! peer would do. Of the reference it knows the formats and the units of time, nothing else.
//!
//! | file | what |
//! |---|---|
//! | [`host`] | the hosts that the tester plays and their addresses |
//! | [`neighbour`] | ARP and neighbour discovery |
//! | [`facts`] | what a segment says, taken out of its octets once |
//! | [`seen`] | the device's variables as of the last segment seen |
//! | [`connection`] | numbers, what was sent, what was got |
//! | [`stream`] | the octets of a direction |

pub mod connection;
pub mod facts;
pub mod host;
pub mod neighbour;
pub mod seen;
pub mod stream;

pub use connection::{Connection, WINDOW};
pub use facts::{Agreed, Facts};
pub use host::{Host, HostId, MAX_HOSTS};
pub use seen::Seen;
pub use stream::{MAX_LITERALS, Stream};
