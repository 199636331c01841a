//! Anybody's check of everything that is published, from public data alone.

pub mod published;
