//! The collector: citizens answer here, and what they answered stays here.
//!
//! A response walks through `intake` and `store`; counts of at least k of them leave through `seal`.

pub mod clock;
pub mod enrolment;
pub mod http;
pub mod intake;
pub mod push;
pub mod seal;
pub mod store;
pub mod survey;
pub mod tls;
pub mod work;
