//! The judge: what must hold on every trace, live or captured, whatever its author thought of.
//!
//! [`judge_trace`] judges the device of a scenario, [`Judge`] the connections of a capture, packet by packet. Each
//! rule is decided, kept or broken, or said to be undecidable; none guesses: a false alarm is worse than silence. Of
//! the reference it uses the wire formats and the units of time, nothing else; its arithmetic is its own.
//!
//! ```text
//!  packets ──> Judge ──> Case (a connection) ──> families of rules ──> findings ──> judgement
//!                        └ follower: what each end sent, acknowledged, offered, may have received
//! ```
//!
//! | file | what |
//! |---|---|
//! | [`registry`], [`rule`] | all rules, what a rule is; `INVARIANTS.md` shows what each is for |
//! | [`judge`], `cases` | connections told apart |
//! | [`trace`] | a scenario's trace, with fates and calls |
//! | [`judgement`] | verdicts and figures |
//! | [`state`] | sets of states |
//! | `segment`, `plain` | a packet as rules see it, and where nearly all are read without detours |
//! | `follower`, `ranges`, `octets`, `recent` | what is known of a connection, bounded |
//! | `case`, `findings`, `summary` | a connection before the judge |
//! | `ordinary` | segments of which all is known beforehand |
//! | `doubt` | breaks that wait for proof |
//! | `growth` | how far congestion windows may grow |
//! | `format`, `sequence`, `window`, `acknowledgment`, `opening`, `reset`, `timer`, `congestion`, `options`, `urgent`, `application` | the families of rules |
//! | `notice` | what an end makes of ICMP errors |
//! | `isn`, `icmp` | rules that concern hosts and not connections |

mod acknowledgment;
mod application;
mod case;
mod cases;
mod congestion;
mod doubt;
mod findings;
mod follower;
mod format;
mod growth;
mod icmp;
mod isn;
pub mod judge;
pub mod judgement;
mod notice;
mod octets;
mod opening;
mod options;
mod ordinary;
mod plain;
mod ranges;
mod recent;
pub mod registry;
mod reset;
pub mod rule;
mod segment;
mod sequence;
pub mod state;
mod summary;
mod timer;
pub mod trace;
mod urgent;
mod window;

pub use judge::{Closing, Judge, JudgeOptions, Ready, concern};
pub use judgement::{Break, ConnectionJudgement, End, EndSummary, Judgement, Rtt, Summary, Verdict};
pub use plain::Plain;
pub use registry::{RULES, RuleId};
pub use rule::{Family, Needs, Rule};
pub use segment::{Arrival, Observed};
pub use state::States;
pub use trace::{Knowledge, judge_trace};

#[cfg(test)]
mod tests;
