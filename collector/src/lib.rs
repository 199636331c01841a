//! The collector: citizens answer here, and what they answered stays here.
//!
//! A response walks through `intake` and `store`; counts of at least k of them leave through `seal`.

pub mod backup;
pub mod bearer;
pub mod breakdown;
pub mod bulletin;
pub mod cli;
pub mod clock;
pub mod config;
pub mod correspondent;
pub mod doctor;
pub mod documents;
pub mod enrolment;
pub mod epoch;
pub mod gate;
pub mod http;
pub mod identity;
pub mod import;
pub mod installation;
pub mod intake;
pub mod member;
pub mod metrics;
pub mod mint;
pub mod origins;
pub mod poster;
pub mod push;
pub mod renewal;
pub mod restore;
pub mod seal;
pub mod sealer;
pub mod sensitive;
pub mod serve;
pub mod store;
pub mod survey;
pub mod tls;
pub mod wire;
pub mod work;
