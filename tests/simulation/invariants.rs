//! What must hold, whatever happened before. A rule that is broken is named with what broke it.

pub mod books;
pub mod ledger;
mod noisy;
mod reading;

use std::fmt;

/// A rule that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation(pub String);

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// That a rule holds, or which does not.
pub type Check = Result<(), Violation>;

/// Checks a rule; what broke it is put into words only where it is broken.
pub fn rule(holds: bool, broken: impl FnOnce() -> String) -> Check {
    if holds { Ok(()) } else { Err(Violation(broken())) }
}
