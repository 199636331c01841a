//! Numbers: groups of digits with something between them. Which of them are phones, cards or partite IVA is each one's rule;
//! here the groups are tried together, longest first, so that a number is taken whole.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::folding::Folded;
use super::hints::{self, Hint};
use super::{Finding, Marker, card, pattern, phone, vat};

/// Groups in one number: a card typed one digit at a time.
const GROUPS_MAX: usize = 16;
/// Digits in one number: telephones that are said to be some have at least 6, cards up to 19.
const DIGITS_MIN: usize = 6;
const DIGITS_MAX: usize = 19;

/// Digits with up to three separators between them: "06 / 12", "(06) 12", "333 - 12".
static RUN: LazyLock<Regex> = LazyLock::new(|| pattern(r"[0-9]+ (?: [\ ./()\-]{1,3} [0-9]+ )*"));
static GROUP: LazyLock<Regex> = LazyLock::new(|| pattern("[0-9]+"));

/// Some neighbouring groups, looked at as one number.
pub(super) struct Number<'a> {
    folded: &'a Folded,
    groups: &'a [Range<usize>],
    digits: Vec<u8>,
    whole: bool,
    /// What the citizen says that it is.
    pub(super) hint: Option<Hint>,
}

pub(super) fn find(folded: &Folded) -> Vec<Finding> {
    if !folded.has_digit() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for run in RUN.find_iter(folded.bytes()) {
        let groups: Vec<_> = GROUP.find_iter(run.as_bytes()).map(|g| run.start() + g.start()..run.start() + g.end()).collect();
        find_in_run(folded, &groups, &mut findings);
    }
    findings
}

fn find_in_run(folded: &Folded, mut groups: &[Range<usize>], findings: &mut Vec<Finding>) {
    while let Some(first) = groups.first() {
        let hint = hints::before(folded, first.start);
        let windows = || {
            let longest = groups.len().min(GROUPS_MAX);
            (1..=longest).rev().filter_map(|n| Number::of(folded, groups, n, hint).map(|number| (n, number)))
        };
        // What has the shape of a number comes before what only its word speaks for.
        let strict = windows().find_map(|(n, number)| by_shape(&number).map(|marker| (n, number.range(), marker)));
        let said = || hint.and_then(|_| windows().find_map(|(n, number)| by_hint(&number).map(|m| (n, number.range(), m))));
        let found = strict.or_else(said);
        let step = found.as_ref().map_or(1, |(n, _, _)| *n);
        findings.extend(found.map(|(_, range, marker)| Finding { range, marker }));
        groups = groups.get(step..).unwrap_or_default();
    }
}

fn by_shape(number: &Number<'_>) -> Option<Marker> {
    vat::by_shape(number).or_else(|| card::by_shape(number)).or_else(|| phone::by_shape(number))
}

fn by_hint(number: &Number<'_>) -> Option<Marker> {
    vat::by_hint(number).or_else(|| card::by_hint(number)).or_else(|| phone::by_hint(number))
}

impl<'a> Number<'a> {
    /// The first `n` of these groups.
    fn of(folded: &'a Folded, groups: &'a [Range<usize>], n: usize, hint: Option<Hint>) -> Option<Self> {
        let (groups, rest) = groups.split_at_checked(n)?;
        let length: usize = groups.iter().map(Range::len).sum();
        let digits = || groups.iter().flat_map(|group| folded.slice(group)).map(|digit| digit - b'0').collect();
        (DIGITS_MIN..=DIGITS_MAX).contains(&length).then(|| Self {
            folded,
            groups,
            digits: digits(),
            whole: rest.is_empty(),
            hint,
        })
    }

    pub(super) fn digits(&self) -> &[u8] {
        &self.digits
    }

    pub(super) fn len(&self) -> usize {
        self.digits.len()
    }

    /// How long each group is.
    pub(super) fn lengths(&self) -> Vec<usize> {
        self.groups.iter().map(Range::len).collect()
    }

    pub(super) fn is_contiguous(&self) -> bool {
        self.groups.len() == 1
    }

    /// Whether no further group follows.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether it is said to be a number of the office's own.
    pub(super) fn is_reference(&self) -> bool {
        self.hint == Some(Hint::Reference)
    }

    /// What stands between the groups, spaces left out except where there is nothing else.
    pub(super) fn separators(&self) -> Vec<Vec<u8>> {
        let between = self.groups.windows(2).filter_map(|pair| Some(pair.first()?.end..pair.last()?.start));
        let bare = |gap: Range<usize>| self.folded.slice(&gap).iter().copied().filter(|byte| *byte != b' ').collect();
        between.map(bare).collect()
    }

    pub(super) fn has_one_separator(&self) -> bool {
        self.separators().windows(2).all(|pair| pair.first() == pair.last())
    }

    /// The sign in front, over an opening bracket or a space: `+39`, `(+39)`.
    pub(super) fn has_plus(&self) -> bool {
        self.plus().is_some()
    }

    fn plus(&self) -> Option<usize> {
        let start = self.groups.first()?.start;
        (1..=2).filter_map(|back| start.checked_sub(back)).find(|at| self.folded.slice(&(*at..at + 1)) == b"+")
    }

    /// The two letters of a country or a word's end directly in front.
    pub(super) fn letters_before(&self) -> &[u8] {
        let start = self.groups.first().map_or(0, |group| group.start);
        let letters = self.folded.bytes().get(..start).unwrap_or_default();
        let count = letters.iter().rev().take(3).take_while(|byte| byte.is_ascii_alphabetic()).count();
        letters.get(letters.len() - count..).unwrap_or_default()
    }

    /// Whether an amount of money is meant: a currency follows, or stands in front.
    pub(super) fn is_amount(&self) -> bool {
        static AFTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?: ,[0-9]{2} )? \ ? (?: euro\b | eur\b | \x01 )"));
        let end = self.groups.last().map_or(0, |group| group.end);
        let window = end..(end + 12).min(self.folded.bytes().len());
        AFTER.is_match(self.folded.slice(&window))
    }

    pub(super) fn is_date(&self) -> bool {
        let value = |digits: &[u8]| digits.iter().fold(0u32, |value, digit| value * 10 + u32::from(*digit));
        let lengths = self.lengths();
        let (day, month) = match lengths.as_slice() {
            [8] | [2, 2, 2 | 4] => (2, 4),
            [1, 1, 2 | 4] => (1, 2),
            [1, 2, 2 | 4] => (1, 3),
            [2, 1, 2 | 4] => (2, 3),
            _ => return false,
        };
        let part = |range: Range<usize>| value(self.digits.get(range).unwrap_or_default());
        let year_is_likely = self.len() < 8 || (1900..2100).contains(&part(month..self.len()));
        (1..=31).contains(&part(0..day)) && (1..=12).contains(&part(day..month)) && year_is_likely
    }

    /// Whether it is one number and a year behind a slash, as protocol numbers are.
    pub(super) fn is_of_year(&self) -> bool {
        let year = self.groups.last().map(|group| self.folded.slice(group));
        let year = year.is_some_and(|year| year.len() == 4 && (year.starts_with(b"19") || year.starts_with(b"20")));
        year && self.groups.len() == 2 && self.separators().concat() == b"/"
    }

    fn range(&self) -> Range<usize> {
        let first = self.groups.first().map_or(0, |group| group.start);
        self.plus().unwrap_or(first)..self.groups.last().map_or(first, |group| group.end)
    }
}

/// The check of ISO/IEC 7812 on cards, and of a partita IVA.
pub(super) fn passes_luhn(digits: &[u8]) -> bool {
    let doubled = |digit: u8| if digit > 4 { u32::from(digit) * 2 - 9 } else { u32::from(digit) * 2 };
    let value = |(position, digit): (usize, &u8)| if position % 2 == 1 { doubled(*digit) } else { u32::from(*digit) };
    digits.iter().rev().enumerate().map(value).sum::<u32>() % 10 == 0
}
