//! The certificates of the whole system: a root that can stay offline, an issuing authority below it, and what the two
//! say about collectors, servers and seals. Nothing here opens a connection or a file; time and serials are arguments.

mod authority;
mod certificate;
mod collectors;
mod issued;
mod own;
mod p256;
mod path;
mod peer_name;
mod profile;
#[cfg(test)]
pub(crate) mod rehearsal;
mod request;
mod revocation;
mod validity;

pub use authority::{Authority, AuthorityFault, AuthorityFiles};
pub use certificate::{CertificateFault, CollectorCertificate, not_after};
pub use collectors::{CollectorSubject, Purpose};
pub use issued::{Issued, IssuedWithKey};
pub use path::{PathFault, check_path, is_own_seal, key_of};
pub use peer_name::{NotAPeerName, PeerName};
pub use request::{CertificateRequest, RequestFault};
pub use revocation::CRL_LIFE_DAYS;
