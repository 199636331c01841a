//! A certificate's way up to the root, as it was at some time: for signatures that are checked long after they were made.

use jiff::Timestamp;
use thiserror::Error;

use super::Purpose;
use super::certificate::{parse, point_of, purpose, signed_by, validity};

/// Why a certificate does not lead up to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathFault {
    /// Something in it is no certificate.
    #[error("a certificate cannot be read")]
    Malformed,
    /// One of them is not signed by the next, or the last not by the root.
    #[error("a certificate is not signed by its issuer")]
    Signature,
    /// An issuer is no authority.
    #[error("a certificate was issued by one that may not issue any")]
    Issuer,
    /// One of them was not valid then.
    #[error("a certificate was not valid at that time")]
    Validity,
}

/// Checks that `leaf` and each of its `issuers` is signed by the next, and the last one by `root`, where a root is given; that
/// the issuers are authorities; and that all of them were valid at `at`; where that is not known, when the leaf's life began.
///
/// # Errors
/// The first check that fails.
pub fn check_path(leaf: &[u8], issuers: &[Vec<u8>], root: Option<&[u8]>, at: Option<Timestamp>) -> Result<(), PathFault> {
    let begins = parse(leaf).and_then(|leaf| validity(&leaf)).ok_or(PathFault::Malformed)?.0;
    let at = at.unwrap_or(begins);
    let mut below = leaf;
    check_validity(leaf, at)?;
    for issuer in issuers.iter().map(Vec::as_slice).chain(root) {
        // The root may stand at the end of the chain too.
        if issuer == below {
            continue;
        }
        if !signed_by(below, issuer) {
            return Err(PathFault::Signature);
        }
        if !parse(issuer).ok_or(PathFault::Malformed)?.is_ca() {
            return Err(PathFault::Issuer);
        }
        check_validity(issuer, at)?;
        below = issuer;
    }
    if below == leaf { Err(PathFault::Signature) } else { Ok(()) }
}

fn check_validity(der: &[u8], at: Timestamp) -> Result<(), PathFault> {
    let (from, until) = parse(der).and_then(|certificate| validity(&certificate)).ok_or(PathFault::Malformed)?;
    let valid = (from.as_second()..=until.as_second()).contains(&at.as_second());
    if valid { Ok(()) } else { Err(PathFault::Validity) }
}

/// Whether this is a seal that names nobody: the aggregator's own, and no collector's.
#[must_use]
pub fn is_own_seal(der: &[u8]) -> bool {
    parse(der).is_some_and(|certificate| {
        let unnamed = matches!(certificate.subject_alternative_name(), Ok(None));
        unnamed && purpose(&certificate) == Some(Purpose::Seal)
    })
}

/// The certified key, an uncompressed point of 65 bytes.
#[must_use]
pub fn key_of(der: &[u8]) -> Option<Vec<u8>> {
    point_of(der)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::rehearsal::Rehearsal;

    #[test]
    fn a_path_leads_to_its_own_root_while_all_of_it_is_valid() {
        let (here, elsewhere) = (Rehearsal::new(), Rehearsal::new());
        let issued = here.collector_at(Purpose::Seal, 1, here.now).issued;
        let issuers = &issued.chain[1..];
        let check = |root: &[u8], at| check_path(&issued.der, issuers, Some(root), at);
        let root = here.authority.root_der();
        assert_eq!(check(root, Some(here.now)), Ok(()));
        assert_eq!(check(root, None), Ok(()));
        assert_eq!(check(elsewhere.authority.root_der(), Some(here.now)), Err(PathFault::Signature));
        let later = issued.not_after + jiff::SignedDuration::from_secs(1);
        assert_eq!(check(root, Some(later)), Err(PathFault::Validity));
        assert_eq!(check_path(&issued.der, &[], None, None), Err(PathFault::Signature), "nobody vouches for it");
        let below = here.collector(2).issued.der;
        assert!(check_path(&below, std::slice::from_ref(&issued.der), None, None).is_err());
    }

    #[test]
    fn a_collectors_seal_never_passes_for_the_aggregators() {
        let here = Rehearsal::new();
        let own = here.authority.issue_own_seal("Gradimento", [3; 16], here.now).unwrap().issued.der;
        assert!(is_own_seal(&own));
        assert!(!is_own_seal(&here.collector_at(Purpose::Seal, 1, here.now).issued.der));
        assert!(!is_own_seal(&here.collector(2).issued.der) && !is_own_seal(here.authority.issuing_der()));
    }
}
