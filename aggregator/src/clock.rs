//! The real clock.

use gradimento_common::clock::Clock;
use jiff::Timestamp;

/// The machine's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "this is where the present comes from")]
        Timestamp::now()
    }
}
