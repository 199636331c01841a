//! Machines that fail: crashes, restores from older backups, disks that refuse a commit.

use gradimento_collector::push::Step;
use gradimento_common::clock::Clock as _;

use super::{Effect, World};
use crate::aggregator;
use crate::disk::{self, Refusal};
use crate::invariants::rule;
use crate::op::{Line, Moment, Table};

impl World {
    pub(super) async fn crash_collector(&mut self, agency: u8, moment: Moment) -> bool {
        let folder = self.folder.path().to_owned();
        if moment == Moment::Confirming {
            return self.crash_before_the_receipt_is_kept(agency).await;
        }
        let member = self.member(agency);
        let image = match moment {
            Moment::Idle | Moment::Accepting | Moment::Confirming => Some(member.collector.image(&folder).await),
            Moment::Sealing => member.collector.image_while_sealing(&folder).await,
            Moment::Answering => {
                let Some(nth) = member.fill_in(0, false) else { return false };
                let image = member.collector.image(&folder).await;
                member.send(nth, false).await;
                Some(image)
            }
        };
        let crashed = image.is_some();
        if let Some(image) = image {
            member.collector.start_again_in(image);
        }
        crashed
    }

    /// The aggregator has confirmed, and the collector comes back as it was before it heard of it.
    async fn crash_before_the_receipt_is_kept(&mut self, agency: u8) -> bool {
        let folder = self.folder.path().to_owned();
        let image = self.member(agency).collector.image(&folder).await;
        let step = self.push(agency, Line::Whole).await;
        self.member(agency).collector.start_again_in(image);
        step == Some(Step::Delivered)
    }

    /// What is under way is lost: a message that was not in the ledger yet, or the reply to one that was.
    pub(super) async fn crash_aggregator(&mut self, agency: u8, moment: Moment) -> bool {
        let before = aggregator::image(&self.aggregator, self.folder.path());
        let step = if moment == Moment::Idle { None } else { self.push(agency, Line::ReplyLost).await };
        let accepted = moment == Moment::Confirming;
        let image = if accepted { aggregator::image(&self.aggregator, self.folder.path()) } else { before };
        self.aggregator.start_again_with(image);
        moment == Moment::Idle || step.is_some_and(|step| step != Step::Idle)
    }

    pub(super) fn restore_aggregator(&mut self) -> Effect {
        let Some(backup) = &self.backup else { return Ok(false) };
        let restored = disk::fresh_path(self.folder.path(), "restored");
        disk::copy(backup, &restored);
        self.aggregator.restored = Some(self.aggregator.clock.now());
        self.aggregator.start_again_with(restored);
        self.ledger.forget();
        self.check_ledger()?;
        // What both sides have lost, nobody knows of any more.
        let restored = self.members.iter().filter(|member| member.collector.is_to_resume());
        restored.for_each(|member| self.ledger.forget_lost(member.collector.courier.origin.stream));
        Ok(true)
    }

    pub(super) fn back_up_collector(&mut self, agency: u8) -> bool {
        let folder = self.folder.path().to_owned();
        let member = self.member(agency);
        member.backup = Some((member.collector.back_up(&folder), member.books.clone()));
        true
    }

    pub(super) fn restore_collector(&mut self, agency: u8) -> bool {
        let folder = self.folder.path().to_owned();
        let member = self.member(agency);
        let Some((backup, books)) = &member.backup else { return false };
        member.collector.restore(backup, &folder);
        member.books = books.restored(std::mem::take(&mut member.books.records));
        let stream = member.collector.courier.origin.stream;
        self.ledger.forget_lost(stream);
        true
    }

    pub(super) async fn commit_fails(&mut self, agency: u8, table: Table) -> Effect {
        let database = match table {
            Table::Entry | Table::Rollup => self.aggregator.database.clone(),
            _ => self.member(agency).collector.database(),
        };
        let name = match table {
            Table::Pool => "pool",
            Table::Tally => "tally",
            Table::Outbox | Table::Receipt => "outbox",
            Table::Entry => "entry",
            Table::Rollup => "rollup_count",
        };
        let refusal = Refusal::of(&database, name);
        self.disk_refuses = true;
        let effect = match table {
            Table::Pool | Table::Tally => {
                let counted = self.answer(agency, 0, table == Table::Tally, true).await;
                rule(!counted, || "a response counts that the disk refused".to_owned())?;
                true
            }
            Table::Outbox => {
                let sealed = self.seal(agency).await?;
                rule(!sealed, || "a batch was sealed that the disk refused".to_owned())?;
                true
            }
            Table::Receipt | Table::Entry | Table::Rollup => {
                let step = self.push(agency, Line::Whole).await;
                step != Some(Step::Idle)
            }
        };
        drop(refusal);
        self.disk_refuses = false;
        Ok(effect)
    }
}
