//! The adversary: a program that is given everything that leaves collectors and tries to find out about fewer than k people.
//! `ADVERSARY_RUNS=100000` makes it try longer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "counts reached are part of what it shows")]

mod attack;
mod histories;
mod indifference;
mod noise;
mod own_answers;
mod world;
