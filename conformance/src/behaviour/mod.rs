//! Behaviours: feature files, and what runs them.
//!
//! | room | what |
//! |---|---|
//! | [`features`] | feature files: found, read, checked, expanded |

pub mod features;
