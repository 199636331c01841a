//! Histories that broke a rule once. They stay, cut down to what it took.

use crate::history::{Effects, run};
use crate::op::Line::{ReplyLost, Whole};
use crate::op::Op::{
    self, Answer, AnswerKeyed, BackUpAggregator, BackUpCollector, CloseMonth, Policy, Push, Renew, Repeat, RestoreAggregator,
    RestoreCollector, Seal, Skew, Tick,
};
use crate::template::Template;

fn holds(seed: u64, ops: &[Op]) {
    let lived = run(&Template::make(), seed, ops, &mut Effects::new());
    assert!(lived.is_ok(), "{lived:?}");
}

/// The aggregator refused what had been sealed under an easier policy, for ever, and with it all that came after.
#[test]
fn a_stricter_policy_does_not_stop_what_was_sealed_before() {
    let answer = Answer { agency: 0, service: 0, ticketed: false, told: true };
    holds(1, &[answer, answer, answer, answer, answer, Policy { k: 8, r: 3 }, answer, Seal { agency: 0 }]);
}

/// The certificate that was issued while the aggregator's clock was days behind seemed to be older than the one before it.
#[test]
fn a_certificate_that_was_issued_while_the_clock_was_behind_leads_back_too() {
    let renew = Renew { agency: 0, line: Whole };
    holds(
        216,
        &[Skew { whose: 2, hours: -76 }, renew, Tick { minutes: 16_384 }, Tick { minutes: 10_561 }, Tick { minutes: 16_953 }],
    );
}

/// A collector went on sealing its requests by a difference of clocks that was over, and no reply corrected it.
#[test]
fn a_clock_that_was_put_right_while_certificates_ended_leads_back_too() {
    let push = Push { agency: 0, line: Whole };
    holds(
        113,
        &[
            BackUpCollector { agency: 0 },
            Tick { minutes: 3_120 },
            Tick { minutes: 16_850 },
            Skew { whose: 0, hours: 6 },
            Tick { minutes: 8_325 },
            RestoreCollector { agency: 0 },
            push,
            push,
            push,
            CloseMonth,
        ],
    );
}

/// Not a fault: what a collector said before its restore, and the aggregator lost in its own, is lost on both sides. Its number is
/// used again, which the rules took for two bodies of one message.
#[test]
fn a_number_that_both_sides_have_lost_is_used_again() {
    let push = Push { agency: 0, line: Whole };
    let (back_up, restore) = (BackUpCollector { agency: 0 }, RestoreCollector { agency: 0 });
    holds(3_071, &[back_up, restore, BackUpAggregator, push, push, restore, CloseMonth, RestoreAggregator]);
}

/// A restored collector had opened its new epoch, and asked only then what its former self sent: the aggregator had lost it meanwhile, and
/// responses were published in two messages, whose difference was known to whoever had kept the first.
#[test]
fn what_a_restored_collector_could_have_learnt_is_not_published_again() {
    let answer = Answer { agency: 1, service: 0, ticketed: false, told: true };
    let before = [answer, answer, BackUpAggregator, answer, BackUpCollector { agency: 1 }, answer, answer, answer];
    let lost = [Seal { agency: 1 }, Push { agency: 1, line: ReplyLost }, RestoreCollector { agency: 1 }];
    let after = [Push { agency: 1, line: Whole }, RestoreAggregator, answer, answer];
    let last = AnswerKeyed { agency: 1, service: 0, told: false };
    holds(4_972, &[before.as_slice(), &lost, &after, &[last]].concat());
}

/// A request for certificates from long ago, arriving once more, was answered with new ones for its old keys; those in use seemed to
/// be superseded, and their collector could not recover.
#[test]
fn old_keys_that_are_sent_once_more_do_not_supersede_those_in_use() {
    let (renew, tick) = (Renew { agency: 0, line: Whole }, |minutes| Tick { minutes });
    let early = [Skew { whose: 2, hours: -142 }, renew, tick(2_267), tick(16_069), tick(5_687), tick(2_247), renew];
    let late = [Skew { whose: 2, hours: 153 }, Repeat { nth: 228 }, CloseMonth, tick(16_134), tick(15_582)];
    holds(8_303, &[early.as_slice(), &late].concat());
}

/// A collector that was restored twice had begun epoch 3 when the aggregator lost the second one. Nobody had the second one any more,
/// and the aggregator waited for it, for ever.
#[test]
fn an_epoch_that_both_sides_have_lost_is_passed_over() {
    let push = Push { agency: 1, line: Whole };
    let (back_up, restore) = (BackUpCollector { agency: 1 }, RestoreCollector { agency: 1 });
    holds(8_866, &[back_up, restore, BackUpAggregator, push, push, restore, push, RestoreAggregator]);
}
