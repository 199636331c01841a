//! What the rules need of a collector's database, read without a copy of every text: it happens after every operation.

use std::collections::{BTreeSet, HashMap};

use gradimento_collector::store::StoreError;
use gradimento_common::calendar::Month;
use rusqlite::{Connection, Row};

use crate::form;

/// Where a response belongs: the number of the service (none for `other`), the version, and whether it came with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The service's number.
    pub service: Option<u8>,
    /// The version.
    pub version: u32,
    /// Whether with a ticket.
    pub ticketed: bool,
}

/// A response as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Where it belongs.
    pub place: Place,
    /// Which marks it leaves.
    pub coordinate: u16,
    /// Whether it has entered a batch.
    pub sealed: bool,
    /// The month of its batch, once it has.
    pub month: Option<Month>,
}

/// Version and coordinate: what tells a response from all others, whatever key its row has.
pub type Trace = (u32, u16);

type AllStored = (HashMap<Trace, Stored>, Vec<Trace>);

/// How often each cell of the questionnaire was counted; in order, each cell once.
pub type Cells = Vec<((Place, u16), i64)>;

/// Everything that is looked at after each operation.
pub struct Shelf {
    /// What is stored, by its trace.
    pub stored: HashMap<Trace, Stored>,
    /// What is stored twice.
    pub twice: Vec<Trace>,
    /// What the agency's own pages count.
    pub tallies: Cells,
    /// All messages, in order.
    pub outbox: Vec<Line>,
    /// Where and for which months breakdowns have been made or given up.
    pub broken_down: BTreeSet<(Place, Month)>,
}

/// Reads it all, as of one moment.
pub fn shelf(connection: &Connection) -> Result<Shelf, StoreError> {
    let moment = connection.unchecked_transaction()?;
    let (stored, twice) = stored(&moment)?;
    Ok(Shelf { stored, twice, tallies: tallies(&moment)?, outbox: outbox(&moment)?, broken_down: broken_down(&moment)? })
}

impl Place {
    /// Where a response to this service, of this version, and of this assurance belongs.
    pub fn of(service: &str, version: u32, assurance: &str) -> Self {
        let service = service.rsplit_once('-').and_then(|(_, number)| number.parse().ok());
        Self { service, version, ticketed: assurance == "ticketed" }
    }

    /// From the columns that every table has.
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self::of(text(row, 0)?, row.get(1)?, text(row, 2)?))
    }
}

fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, StoreError> {
    row.get_ref(column)?.as_str().map_err(|_| StoreError::Contradiction("a column is no text"))
}

/// Adds up what stands in the same cell.
pub fn gathered(mut cells: Cells) -> Cells {
    cells.sort_unstable();
    cells.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        kept.1 += if same { next.1 } else { 0 };
        same
    });
    cells
}

fn stored(connection: &Connection) -> Result<AllStored, StoreError> {
    let sql = "SELECT service, version, assurance, answers, 0, NULL FROM pool
               UNION ALL SELECT service, version, assurance, answers, 1, period FROM sealed_today
               UNION ALL SELECT service, version, assurance, answers, 1, period FROM sealed";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let (mut stored, mut twice, mut months) = (HashMap::new(), Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let coordinate = form::coordinate_of_stored(text(row, 3)?).unwrap_or(u16::MAX);
        let place = Place::read(row)?;
        let trace = (place.version, coordinate);
        if stored
            .insert(trace, Stored { place, coordinate, sealed: row.get(4)?, month: month_of(row, 5, &mut months)? })
            .is_some()
        {
            twice.push(trace);
        }
    }
    Ok((stored, twice))
}

/// `2026-11`; `None` where nothing stands there. `known` spares reading the same text for each of many rows.
fn month_of(row: &Row<'_>, column: usize, known: &mut Vec<(String, Month)>) -> Result<Option<Month>, StoreError> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(|_| StoreError::Contradiction("a month is no text"))?;
    if let Some((_, month)) = known.iter().find(|(known, _)| Some(known.as_str()) == text) {
        return Ok(Some(*month));
    }
    let month = month(row, column)?;
    known.extend(text.map(str::to_owned).zip(month));
    Ok(month)
}

fn month(row: &Row<'_>, column: usize) -> Result<Option<Month>, StoreError> {
    let month = row.get_ref(column)?.as_str_or_null().map_err(|_| StoreError::Contradiction("a month is no text"))?;
    month.map(|month| month.parse().map_err(|_| StoreError::Contradiction("a month is none"))).transpose()
}

fn broken_down(connection: &Connection) -> Result<BTreeSet<(Place, Month)>, StoreError> {
    let sql = "SELECT DISTINCT service, version, assurance, period FROM breakdown_budget";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut broken_down = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let place = Place::read(row)?;
        broken_down.extend(month(row, 3)?.map(|month| (place, month)));
    }
    Ok(broken_down)
}

fn tallies(connection: &Connection) -> Result<Cells, StoreError> {
    cells(connection, "SELECT service, version, assurance, question, option, n FROM tally")
}

/// What everybody's pages count: the sums of batches.
pub fn sealed_sums(connection: &Connection) -> Result<Cells, StoreError> {
    cells(connection, "SELECT service, version, assurance, question, option, n FROM sealed_tally WHERE n > 0")
}

fn cells(connection: &Connection, sql: &str) -> Result<Cells, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut cells = Cells::new();
    while let Some(row) = rows.next()? {
        cells.push(((Place::read(row)?, form::cell(text(row, 3)?, text(row, 4)?)), row.get(5)?));
    }
    Ok(gathered(cells))
}

/// A line of the outbox.
pub struct Line {
    /// Its epoch and its number.
    pub place: (u32, u64),
    /// Whether there is a receipt.
    pub receipted: bool,
    /// Whether it was given up, because a later epoch is open.
    pub stranded: bool,
}

fn outbox(connection: &Connection) -> Result<Vec<Line>, StoreError> {
    let sql = "SELECT epoch, sequence, receipt IS NOT NULL, stranded FROM outbox ORDER BY epoch, sequence";
    let mut statement = connection.prepare_cached(sql)?;
    let lines = statement
        .query_map([], |row| Ok(Line { place: (row.get(0)?, row.get(1)?), receipted: row.get(2)?, stranded: row.get(3)? }))?;
    Ok(lines.collect::<Result<_, _>>()?)
}

/// A message and its receipt.
pub fn message(connection: &Connection, place: (u32, u64)) -> Result<(Vec<u8>, Option<String>), StoreError> {
    let sql = "SELECT body, receipt FROM outbox WHERE epoch = ?1 AND sequence = ?2";
    Ok(connection.prepare_cached(sql)?.query_row(place, |row| Ok((row.get(0)?, row.get(1)?)))?)
}
