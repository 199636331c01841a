//! The public listener over a real socket and a real database file, route by route.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "some measure, and print what they measured")]

mod assets;
mod breakdowns;
mod bridges;
mod description;
mod desk;
mod form;
mod gate;
mod kiosk;
mod metrics;
mod page;
mod placement;
mod poster;
mod privacy;
mod responses;
mod sealing;
mod sensitive;
mod spending;
mod tickets;
mod unlinkable;
mod withdrawal;
