//! Messages out of a folder: the newest first, within a window, in batches by bytes. Looks only.

use std::ops::{ControlFlow, RangeInclusive};

use imap_proto::types::{AttributeValue, Response};
use jiff::Timestamp;

use crate::source::RawMessage;

use super::command::{Command, Items};
use super::quote::UidSet;
use super::session::{Connection, Selected};
use super::{Cursor, Fault, FaultKind};

/// Bytes and messages of one FETCH: the crate holds the whole answer in memory, and one round trip for each
/// few messages is what makes a slow line slow (500 small ones a batch gave 7 times the speed of 50 at 50 ms).
const BATCH_BYTES: u64 = 4 << 20;
const BATCH_MESSAGES: usize = 200;

/// What was taken out of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where to go on next time. Only where everything was taken: nothing, if the taker broke off.
    pub cursor: Option<Cursor>,
    /// How many messages were handed out.
    pub count: usize,
    /// Messages of which only the beginning was fetched, as they are larger than `Limits::message_bytes`.
    pub cut: Vec<u32>,
    /// Messages that were asked for and that the server did not give, or not in a form that can be read.
    pub skipped: Vec<u32>,
}

/// What a FETCH response says of one message.
#[derive(Default)]
struct Fetched {
    uid: Option<u32>,
    size: Option<u32>,
    flags: Vec<String>,
    received: Option<Timestamp>,
    body: Option<Vec<u8>>,
}

impl Fetched {
    fn read(attributes: Vec<AttributeValue<'_>>) -> Self {
        let mut fetched = Self::default();
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(uid) => fetched.uid = Some(uid),
                AttributeValue::Rfc822Size(size) => fetched.size = Some(size),
                AttributeValue::Flags(flags) => fetched.flags = flags.into_iter().map(Into::into).collect(),
                AttributeValue::InternalDate(date) => fetched.received = internal_date(&date),
                AttributeValue::BodySection { section: None, data, .. } => {
                    fetched.body = data.map(Into::into);
                }
                _ => {}
            }
        }
        fetched
    }
}

impl Connection {
    /// Hands out the messages after `last_uid` (0: all), the newest first, at most `window` of them. The taker
    /// may break off; what it was given stays given, but there is no cursor then.
    pub fn fetch_newer(
        &mut self,
        selected: &Selected,
        last_uid: u32,
        window: u32,
        take: &mut dyn FnMut(RawMessage) -> ControlFlow<()>,
    ) -> Result<Taken, Fault> {
        self.go_to(selected)?;
        let mut sizes = self.sizes(selected, last_uid, window)?;
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes.dedup_by_key(|(uid, _)| *uid);
        sizes.truncate(usize::try_from(window).unwrap_or(usize::MAX));
        let newest = sizes.first().map_or(last_uid, |(uid, _)| *uid);
        let mut taken = Taken { cursor: None, count: 0, cut: Vec::new(), skipped: Vec::new() };
        let mut rest = &sizes[..];
        while !rest.is_empty() {
            let (batch, items) = self.next_batch(rest);
            rest = &rest[batch.len()..];
            if self.take_batch(selected, batch, items, &mut taken, take)?.is_break() {
                return Ok(taken);
            }
        }
        taken.cursor = Some(Cursor { uid_validity: selected.uid_validity, last_uid: newest });
        Ok(taken)
    }

    /// UIDs and sizes of the messages in question, maybe of some more. The first look at a large folder goes by
    /// message number, so that only the window is listed.
    fn sizes(&mut self, selected: &Selected, last_uid: u32, window: u32) -> Result<Vec<(u32, u64)>, Fault> {
        if window == 0 || last_uid == u32::MAX || (last_uid == 0 && selected.exists == 0) {
            return Ok(Vec::new());
        }
        let command = if last_uid == 0 {
            Command::fetch_sizes_from_number(selected.exists.saturating_sub(window - 1).max(1))
        } else {
            Command::fetch(&UidSet::from(last_uid + 1), Items::Sizes)
        };
        let answer = self.run(&command)?;
        let mut sizes = Vec::new();
        for (_, response) in answer.responses() {
            if let Response::Fetch(_, attributes) = response {
                let fetched = Fetched::read(attributes);
                if let Some(uid) = fetched.uid.filter(|uid| *uid > last_uid) {
                    // A message whose size the server does not tell is asked for all the same.
                    sizes.push((uid, u64::from(fetched.size.unwrap_or(0))));
                }
            }
        }
        Ok(sizes)
    }

    /// The next messages to ask for together: a few megabytes, or one message that is too large, in part.
    fn next_batch<'a>(&self, rest: &'a [(u32, u64)]) -> (&'a [(u32, u64)], Items) {
        let limits = self.limits();
        let too_large = |size: u64| size > u64::from(limits.message_bytes);
        if too_large(rest[0].1) {
            return (&rest[..1], Items::Beginning(limits.cut_bytes));
        }
        let mut bytes = 0;
        let fits = |(_, size): &&(u32, u64)| {
            bytes += size;
            bytes <= BATCH_BYTES && !too_large(*size)
        };
        let count = rest.iter().take(BATCH_MESSAGES).take_while(fits).count().max(1);
        (&rest[..count], Items::Whole)
    }

    fn take_batch(
        &mut self,
        selected: &Selected,
        batch: &[(u32, u64)],
        items: Items,
        taken: &mut Taken,
        take: &mut dyn FnMut(RawMessage) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        let mut uids: Vec<u32> = batch.iter().map(|(uid, _)| *uid).collect();
        uids.reverse();
        let Some(set) = UidSet::new(&uids) else { return Ok(ControlFlow::Continue(())) };
        let mut messages = match self.messages(selected, &Command::fetch(&set, items), &uids) {
            // One damaged message must not keep the others back.
            Err(fault) if fault.kind == FaultKind::Refused && batch.len() > 1 => {
                return self.take_one_by_one(selected, batch, items, taken, take);
            }
            Err(fault) if fault.kind == FaultKind::Refused => Vec::new(),
            messages => messages?,
        };
        for uid in uids.into_iter().rev() {
            let Some(place) = messages.iter().position(|message| message.uid == Some(uid)) else {
                taken.skipped.push(uid);
                continue;
            };
            if matches!(items, Items::Beginning(_)) {
                taken.cut.push(uid);
            }
            taken.count += 1;
            if take(messages.swap_remove(place)).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn take_one_by_one(
        &mut self,
        selected: &Selected,
        batch: &[(u32, u64)],
        items: Items,
        taken: &mut Taken,
        take: &mut dyn FnMut(RawMessage) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        for message in batch.chunks(1) {
            if self.take_batch(selected, message, items, taken, take)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The messages in the answer to a FETCH that are among `wanted`.
    fn messages(
        &mut self,
        selected: &Selected,
        command: &Command,
        wanted: &[u32],
    ) -> Result<Vec<RawMessage>, Fault> {
        let answer = self.run(command)?;
        let mut messages = Vec::new();
        for (_, response) in answer.responses() {
            let Response::Fetch(_, attributes) = response else { continue };
            let Fetched { uid: Some(uid), flags, received, body: Some(bytes), .. } =
                Fetched::read(attributes)
            else {
                continue;
            };
            if wanted.binary_search(&uid).is_ok() {
                let place = format!("{}/{uid}", selected.folder);
                messages.push(RawMessage { place, uid: Some(uid), received, flags, bytes });
            }
        }
        Ok(messages)
    }

    /// UID and flags of each message in a range of UIDs, in ascending order.
    pub fn flags(
        &mut self,
        selected: &Selected,
        uids: RangeInclusive<u32>,
    ) -> Result<Vec<(u32, Vec<String>)>, Fault> {
        self.go_to(selected)?;
        let answer = self.run(&Command::fetch(&UidSet::range(*uids.start(), *uids.end()), Items::Flags))?;
        let mut flags = Vec::new();
        for (_, response) in answer.responses() {
            if let Response::Fetch(_, attributes) = response {
                let fetched = Fetched::read(attributes);
                flags.extend(fetched.uid.filter(|uid| uids.contains(uid)).map(|uid| (uid, fetched.flags)));
            }
        }
        flags.sort_unstable();
        Ok(flags)
    }
}

/// Reads a `date-time` (RFC 3501, 9), such as `17-Jul-1996 02:44:25 -0700`; a day below 10 may begin with a
/// space.
fn internal_date(text: &str) -> Option<Timestamp> {
    let broken_down = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim_start()).ok()?;
    broken_down.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_dates_are_moments() {
        let rows = [
            ("17-Jul-1996 02:44:25 -0700", Some("1996-07-17T09:44:25Z")),
            (" 1-Feb-2026 23:59:59 +0000", Some("2026-02-01T23:59:59Z")),
            ("31-Feb-2026 23:59:59 +0000", None),
            ("", None),
        ];
        for (text, moment) in rows {
            assert_eq!(internal_date(text).map(|t| t.to_string()).as_deref(), moment, "{text:?}");
        }
    }
}
