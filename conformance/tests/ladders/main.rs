//! Ladders against devices that play a script: for every construct of the notation one that does what the ladder says
//! and passes, and one that nearly does and must fail, with the message that says why.

mod absorption;
mod alternatives;
mod arrows;
mod calls;
mod connections;
mod filling;
mod kit;
mod left_over;
mod order;
mod set_up;
mod state;
mod time;
