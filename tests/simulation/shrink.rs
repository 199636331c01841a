//! A failing history, cut down to the operations that it takes.

use crate::history::{Effects, Failure, run};
use crate::op::Op;
use crate::template::Template;

/// The shortest history that was found to fail, and how. Ever smaller pieces are left out for as long as it still fails; it need
/// not break the same rule.
pub fn shrink(template: &Template, seed: u64, mut ops: Vec<Op>, mut failure: Failure) -> (Vec<Op>, Failure) {
    ops.truncate(failure.at + 1);
    let mut piece = ops.len().div_ceil(2);
    loop {
        let mut shorter = false;
        let mut start = 0;
        while start < ops.len() {
            let end = (start + piece).min(ops.len());
            let rest: Vec<Op> = ops[..start].iter().chain(&ops[end..]).copied().collect();
            match run(template, seed, &rest, &mut Effects::new()) {
                Err(next) => {
                    (ops, failure, shorter) = (rest, next, true);
                    ops.truncate(failure.at + 1);
                }
                Ok(()) => start = end,
            }
        }
        match (piece, shorter) {
            (1, false) => return (ops, failure),
            (1, true) => (),
            _ => piece = piece.div_ceil(2),
        }
    }
}
