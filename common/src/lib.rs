//! What both ends of the wire must agree on.
//!
//! Everything here is pure: no clock, disk, network or async runtime. Time, randomness and keys arrive as arguments, so
//! that the same code runs in the servers, in the simulation and in a verifier that somebody else wrote a program around.

pub mod assignment;
pub mod batch;
pub mod breakdown;
pub mod calendar;
pub mod checkpoint;
pub mod clock;
pub mod description;
pub mod disclosure;
pub mod encoding;
pub mod enrolment;
pub mod epoch;
pub mod ids;
pub mod jose;
pub mod limits;
pub mod merkle;
pub mod message;
pub mod modi;
pub mod problem;
pub mod questionnaire;
pub mod receipt;
pub mod response;
pub mod settings;
pub mod statistics;
