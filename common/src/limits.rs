//! Every limit in one place, each with the arithmetic that led to it. Messages interpolate these constants.

/// Largest body of one citizen's response, in bytes. The national core with every answer and a suggestion of 1,000
/// characters, each escaped as a surrogate pair (12 bytes), stays under 14 kB; 32 kB leaves room for longer questionnaires.
pub const RESPONSE_BODY_BYTES_MAX: usize = 32 * 1024;

/// Longest idempotency key, in characters. 16 random bytes are 22 to 36 characters in the usual encodings.
pub const SUBMISSION_KEY_CHARS_MAX: usize = 128;
/// Shortest idempotency key, in characters: 16 random bytes in base64url.
pub const SUBMISSION_KEY_CHARS_MIN: usize = 22;

/// Largest message body, in bytes: a leaf of the ledger is served in an entry bundle, where its length is a big-endian
/// 16-bit number (C2SP tlog-tiles).
pub const MESSAGE_BODY_BYTES_MAX: usize = 65_535;
/// How full the collector packs a message, in bytes of batches: the largest body less 4 kB for its envelope.
pub const MESSAGE_PAYLOAD_BYTES_MAX: usize = MESSAGE_BODY_BYTES_MAX - 4_096;
/// Largest token in a header, in bytes: two certificates of about 900 bytes in `x5c`, twice encoded, with room to double.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// How long a token is valid, in seconds. Long enough for a slow line, short enough that its `jti` need not be kept long.
pub const TOKEN_LIFE_SECONDS: i64 = 120;
/// How far two clocks may differ before a token is refused, in seconds. A larger skew is corrected by the server's time.
pub const CLOCK_LEEWAY_SECONDS: i64 = 30;

/// Largest body of an enrolment or a renewal, in bytes: two certificate requests of about 500 bytes each.
pub const ENROLMENT_BODY_BYTES_MAX: usize = 16 * 1024;
/// Largest signed document that a collector pulls, in bytes: 60 questions with 20 options in five languages.
pub const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// Largest reply that a collector reads from the aggregator on the message interface, in bytes: a receipt is under 3 kB.
pub const REPLY_BYTES_MAX: usize = 64 * 1024;

/// Questions in one questionnaire. Nobody answers more, and counts of all of them must fit in a message.
pub const QUESTIONS_MAX: usize = 60;
/// Options of one question; scales have eleven.
pub const OPTIONS_MAX: usize = 40;
/// Counts in one batch, `none` included. Each is at most a key of 40 bytes, a number of 20 and 4 of punctuation: 800 of them, with
/// 60 question ids of 45 bytes, are 54 kB, and one batch must fit in one message.
pub const CELLS_MAX: usize = 800;
/// Longest suggestion that any questionnaire may ask for, in characters.
pub const SUGGESTION_CHARS_MAX: u32 = 4_000;

/// How long a join token can be redeemed, in hours: a weekend and a day.
pub const JOIN_TOKEN_HOURS: i64 = 72;
/// Life of a collector's certificates, in days. Short, so that revocation is never the only thing between us and a lost key.
pub const COLLECTOR_CERTIFICATE_DAYS: i64 = 30;
/// How far back a collector's certificate starts, in minutes, for clocks that are a little behind.
pub const CERTIFICATE_BACKDATE_MINUTES: i64 = 10;
/// Pairs of certificates of one stream that are valid at the same time. Renewal at two thirds of 30 days makes two overlap for ten
/// days; two more are for a collector that lost its new keys, say by being restored from a backup. Beyond that somebody holds keys
/// that nobody renews for.
pub const CERTIFICATE_PAIRS_MAX: u32 = 4;
/// How often a stream may recover after its certificates have expired before a person must approve: a collector that was switched
/// off over a summer, and once more by mistake.
pub const RECOVERIES_MAX: u32 = 2;

/// Open files of a Linux process that does not ask for more.
pub const OPEN_FILES_USUAL: u64 = 1_024;
/// Connections that one listener holds at most; more wait in the kernel's queue. An idle one takes some 11 kB (RELIABILITY.md).
pub const CONNECTIONS_MAX: usize = 16_384;
/// Connections that one listener holds at least.
pub const CONNECTIONS_MIN: usize = 64;

/// How many connections a listener may hold where a process may have so many open files, `others` of which it needs elsewhere.
#[must_use]
pub fn connections(open_files: u64, others: usize) -> usize {
    let open_files = usize::try_from(open_files).unwrap_or(usize::MAX);
    open_files.saturating_sub(others).clamp(CONNECTIONS_MIN, CONNECTIONS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_leaves_the_others_the_files_that_they_need() {
        assert_eq!(connections(OPEN_FILES_USUAL, 672), 352);
        assert_eq!(connections(u64::MAX, 672), CONNECTIONS_MAX);
        assert_eq!(connections(0, 672), CONNECTIONS_MIN);
    }
}
