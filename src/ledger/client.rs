//! Who is who, and what happened with each: [`Facts`] -> [`Ledger`]. The order in which facts come does not count; entries
//! count in the order in which they were made.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Answer, Commitment, Deed, Entry, Errand, Facts, History, Mark, Party, Past, Person, signs};
use crate::boundary::Calendar;
use crate::boundary::calendar::HoursOfWeek;
use crate::mail::Address;
use crate::triage::Concern;

/// Marks of one kind so near to a message that says the same are the same thing.
const SAME: SignedDuration = SignedDuration::from_hours(24);

/// What is counted of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Last-minute emergencies.
    Emergency,
    /// Complaints.
    Complaint,
    /// Unusual requests.
    Unusual,
    /// Refund demands.
    Refund,
    /// Rounds of changes.
    Redo,
    /// Late payments.
    LatePayment,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 6] =
        [Kind::Emergency, Kind::Complaint, Kind::Unusual, Kind::Refund, Kind::Redo, Kind::LatePayment];

    /// The word in output.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Emergency => "emergency",
            Kind::Complaint => "complaint",
            Kind::Unusual => "unusual",
            Kind::Refund => "refund",
            Kind::Redo => "redo",
            Kind::LatePayment => "late-payment",
        }
    }

    /// So many of it, in words: "3 emergencies".
    pub fn count(self, count: usize) -> String {
        let (one, several) = match self {
            Kind::Emergency => ("emergency", "emergencies"),
            Kind::Complaint => ("complaint", "complaints"),
            Kind::Unusual => ("unusual request", "unusual requests"),
            Kind::Refund => ("refund demand", "refund demands"),
            Kind::Redo => ("round of changes", "rounds of changes"),
            Kind::LatePayment => ("late payment", "late payments"),
        };
        super::counted(count, one, several)
    }

    fn concern(self) -> Option<Concern> {
        match self {
            Kind::Emergency => Some(Concern::Emergency),
            Kind::Complaint => Some(Concern::Complaint),
            Kind::Unusual => Some(Concern::Unusual),
            Kind::Refund => Some(Concern::Refund),
            Kind::Redo | Kind::LatePayment => None,
        }
    }

    fn is_said_in(self, past: &Past) -> bool {
        let says = |word: &str| past.signs.said.iter().any(|said| said == word);
        match self {
            Kind::Redo => says(signs::REDO),
            Kind::LatePayment => says(signs::LATE_PAYMENT),
            _ => self.concern().is_some_and(|concern| past.concerns.contains(&concern)),
        }
    }

    fn is_marked_by(self, mark: &Mark) -> bool {
        matches!(
            (self, mark),
            (Kind::Redo, Mark::Redo { .. }) | (Kind::LatePayment, Mark::LatePayment { .. })
        )
    }
}

/// An address of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The person, as far as the address tells.
    pub person: Person,
    /// The name beside it, and the address as written last.
    pub address: Address,
    /// Several people write from it.
    pub shared: bool,
}

/// A client: a person with one or more addresses, and all that happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Client {
    /// The addresses, that of the newest message first.
    pub known: Vec<Known>,
    /// Their messages, oldest first; of machines too, which are not counted.
    pub messages: Vec<Past>,
    /// The owner's replies to them, oldest first.
    pub answers: Vec<Answer>,
    /// What is promised between the two, oldest first.
    pub commitments: Vec<Commitment>,
    /// What the owner noted, oldest first.
    pub marks: Vec<(i64, Timestamp, Mark)>,
}

impl Client {
    /// Whom the owner knows them as: the name beside their newest message, else an address.
    pub fn name(&self) -> &str {
        let named = self.known.iter().find(|known| !known.address.name.is_empty());
        named.or(self.known.first()).map_or("", |known| known.address.label())
    }

    /// The person of their newest message, which stands for them in entries.
    pub fn person(&self) -> Person {
        self.known.first().map(|known| known.person.clone()).unwrap_or_default()
    }

    /// Where they wrote from last.
    pub fn address(&self) -> Option<&Address> {
        self.known.first().map(|known| &known.address)
    }

    /// Messages that they wrote themselves.
    pub fn written(&self) -> impl DoubleEndedIterator<Item = &Past> {
        self.messages.iter().filter(|past| past.client && past.signs.by_person())
    }

    /// When it happened, oldest first. What the owner marked within a day of a message that says so is the same.
    pub fn dates(&self, kind: Kind) -> Vec<Timestamp> {
        let mut dates: Vec<Timestamp> =
            self.written().filter(|past| kind.is_said_in(past)).map(|past| past.at).collect();
        let near = |dates: &[Timestamp], at: Timestamp| {
            dates.iter().any(|other| at.duration_since(*other).abs() <= SAME)
        };
        for (_, at, mark) in &self.marks {
            if kind.is_marked_by(mark) && !near(&dates, *at) {
                dates.push(*at);
            }
        }
        dates.sort();
        dates
    }

    /// The same within a time before now.
    pub fn within(&self, kind: Kind, time: SignedDuration, now: Timestamp) -> Vec<Timestamp> {
        let mut dates = self.dates(kind);
        dates.retain(|at| now.duration_since(*at) <= time);
        dates
    }

    /// When anything happened last.
    pub fn last(&self) -> Option<Timestamp> {
        let messages = self.messages.last().map(|past| past.at);
        let answers = self.answers.last().map(|answer| answer.at);
        let marks = self.marks.last().map(|(_, at, _)| *at);
        messages.max(answers).max(marks)
    }

    /// The first message that they wrote.
    pub fn first(&self) -> Option<Timestamp> {
        self.written().next().map(|past| past.at)
    }

    /// The newest reply that began with one of these templates.
    pub fn told(&self, templates: &[&str]) -> Option<&Answer> {
        let is_it = |answer: &&Answer| {
            answer.template.as_deref().is_some_and(|template| templates.contains(&template))
        };
        self.answers.iter().rev().find(is_it)
    }

    /// Messages that they wrote and that have no reply and were not put away either, oldest first.
    pub fn unanswered(&self) -> impl Iterator<Item = &Past> {
        self.written().filter(|past| !past.settled && self.answer_to(past).is_none())
    }

    /// The first reply that answers a message: to itself, or later in its conversation.
    pub fn answer_to(&self, past: &Past) -> Option<&Answer> {
        self.answers
            .iter()
            .filter(|answer| matches!(answer.errand, Errand::Reply))
            .find(|a| a.message == Some(past.message) || (a.thread == past.thread && a.at >= past.at))
    }

    /// Replies and letters of the owner, rather than reminders and notices.
    pub fn replies(&self) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(|answer| matches!(answer.errand, Errand::Reply | Errand::Letter))
    }

    /// What is still open of one side's promises.
    pub fn open(&self, who: Party) -> impl Iterator<Item = &Commitment> {
        self.commitments.iter().filter(move |owed| owed.who == who && owed.is_open())
    }

    /// What the owner marked as owed, by either side, and not as paid: the entry's number, when, what.
    pub fn unpaid(&self) -> impl Iterator<Item = &(i64, Timestamp, Mark)> {
        let paid = |id: i64| {
            self.marks.iter().any(|(_, _, mark)| matches!(mark, Mark::Paid { entry } if *entry == id))
        };
        self.marks.iter().filter(move |(id, _, mark)| {
            matches!(mark, Mark::Unpaid { .. } | Mark::RefundDue { .. }) && !paid(*id)
        })
    }

    /// The owner's own words about them.
    pub fn private_words(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().filter_map(|(_, _, mark)| mark.words()).filter(|words| !words.trim().is_empty())
    }

    /// When they write: their messages by weekday (Monday first) and hour, and how many lie outside the owner's day of work.
    pub fn hours(&self, calendar: &Calendar) -> (HoursOfWeek, usize) {
        let mut table = HoursOfWeek::default();
        let mut outside = 0;
        for past in self.written() {
            let at = past.at.to_zoned(calendar.zone.clone());
            table.count(&at);
            outside += usize::from(calendar.is_outside(&at));
        }
        (table, outside)
    }

    /// What happened before a message, by its number.
    pub fn history(&self, message: i64) -> History {
        let at = self.messages.iter().find(|past| past.message == message).map(|past| (past.at, message));
        let before =
            |past: &&Past| at.is_none_or(|at| (past.at, past.message) < at) && past.message != message;
        History {
            messages: self.written().filter(before).cloned().collect(),
            answers: self.answers.clone(),
            commitments: self.commitments.clone(),
        }
    }
}

/// All clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Those of whom something happened last first.
    clients: Vec<Client>,
    by_person: BTreeMap<Person, usize>,
    by_message: BTreeMap<i64, usize>,
    shared: BTreeSet<String>,
}

impl Ledger {
    /// What follows from the facts.
    pub fn of(facts: Facts) -> Self {
        let Facts { mut messages, mut answers, mut commitments, mut entries } = facts;
        messages.sort_by_key(|past| (past.at, past.message));
        answers.sort_by_key(|answer| (answer.at, answer.outbox));
        commitments.sort_by_key(|owed| (owed.made_at, owed.id));
        entries.sort_by_key(|entry| entry.id);
        let shared = shared(&entries);
        let groups = groups(&entries);
        let mut gathered: BTreeMap<Person, Client> = BTreeMap::new();
        let root = |person: &Person| groups.get(person).unwrap_or(person).clone();
        let person_of = |address: &Address| Person::of(address, &shared);
        for past in messages {
            let person = person_of(&past.from);
            if person.as_str().is_empty() {
                continue;
            }
            let client = gathered.entry(root(&person)).or_default();
            know(client, person, &past.from, &shared);
            client.messages.push(past);
        }
        let by_number: BTreeMap<i64, Person> = gathered
            .iter()
            .flat_map(|(person, client)| client.messages.iter().map(|past| (past.message, person.clone())))
            .collect();
        for answer in answers {
            let asked = answer.message.and_then(|message| by_number.get(&message).cloned());
            let person = asked.unwrap_or_else(|| root(&person_of(&answer.to)));
            gathered.entry(person).or_default().answers.push(answer);
        }
        for owed in commitments {
            let asked = owed.message.and_then(|message| by_number.get(&message).cloned());
            let person = asked.unwrap_or_else(|| root(&person_of(&owed.client)));
            let client = gathered.entry(person).or_default();
            if client.known.is_empty() {
                know(client, person_of(&owed.client), &owed.client, &shared);
            }
            client.commitments.push(owed);
        }
        for entry in entries {
            if let Deed::Mark { person, mark } = entry.deed {
                gathered.entry(root(&person)).or_default().marks.push((entry.id, entry.at, mark));
            }
        }
        // Who is no client, and of whom the owner never said anything, is in no ledger.
        let is_client = |client: &Client| {
            client.written().next().is_some() || !client.commitments.is_empty() || !client.marks.is_empty()
        };
        let clients: Vec<(Person, Client)> = gathered.into_iter().filter(|(_, c)| is_client(c)).collect();
        let mut ledger = Self::indexed(clients, shared);
        // Addresses that were joined before anything came from them.
        for (person, root) in &groups {
            if let Some(place) = ledger.by_person.get(root).copied() {
                ledger.by_person.entry(person.clone()).or_insert(place);
            }
        }
        ledger
    }

    fn indexed(clients: Vec<(Person, Client)>, shared: BTreeSet<String>) -> Self {
        let mut clients = clients;
        for (person, client) in &mut clients {
            if client.known.is_empty() {
                let address = Address::new("", person.address());
                know(client, person.clone(), &address, &shared);
            }
            client.known.reverse();
        }
        clients.sort_by_key(|(_, client)| std::cmp::Reverse(client.last()));
        let mut ledger = Self { shared, ..Self::default() };
        for (place, (root, client)) in clients.into_iter().enumerate() {
            let persons = client.known.iter().map(|known| known.person.clone()).chain([root]);
            ledger.by_person.extend(persons.map(|person| (person, place)));
            ledger.by_message.extend(client.messages.iter().map(|past| (past.message, place)));
            ledger.clients.push(client);
        }
        ledger
    }

    /// All clients, those of whom something happened last first.
    pub fn clients(&self) -> &[Client] {
        &self.clients
    }

    /// The person behind an address.
    pub fn person(&self, address: &Address) -> Person {
        Person::of(address, &self.shared)
    }

    /// The client behind an address.
    pub fn client(&self, address: &Address) -> Option<&Client> {
        self.client_of(&self.person(address))
    }

    /// The client that a person belongs to.
    pub fn client_of(&self, person: &Person) -> Option<&Client> {
        self.clients.get(*self.by_person.get(person)?)
    }

    /// The client who wrote a message.
    pub fn writer(&self, message: i64) -> Option<&Client> {
        self.clients.get(*self.by_message.get(&message)?)
    }

    /// Whether two addresses belong to one client.
    pub fn same(&self, one: &Address, other: &Address) -> bool {
        let (one, other) = (self.person(one), self.person(other));
        one == other
            || self.by_person.get(&one).is_some_and(|place| self.by_person.get(&other) == Some(place))
    }

    /// Addresses that the owner said are shared.
    pub fn shared(&self) -> &BTreeSet<String> {
        &self.shared
    }

    /// Addresses from which several names wrote, and of which the owner has not said anything.
    pub fn maybe_shared(&self) -> Vec<&Address> {
        let mut found = Vec::new();
        for client in &self.clients {
            for known in client.known.iter().filter(|known| !known.shared) {
                let names: BTreeSet<String> = client
                    .written()
                    .filter(|past| past.from.same_mailbox(&known.address) && !past.from.name.is_empty())
                    .filter_map(|past| {
                        past.from.name.to_lowercase().split_whitespace().next().map(str::to_owned)
                    })
                    .collect();
                if names.len() > 1 {
                    found.push(&known.address);
                }
            }
        }
        found
    }
}

/// Notes that a person wrote from an address; the newest comes last for now.
fn know(client: &mut Client, person: Person, address: &Address, shared: &BTreeSet<String>) {
    let mut address = address.clone();
    if let Some(at) = client.known.iter().position(|known| known.person == person) {
        let before = client.known.remove(at);
        if address.name.is_empty() {
            address.name = before.address.name;
        }
    }
    let shared = shared.contains(&address.address.to_lowercase());
    client.known.push(Known { person, address, shared });
}

fn shared(entries: &[Entry]) -> BTreeSet<String> {
    let mut set = BTreeSet::new();
    for entry in entries {
        if let Deed::Share { address, shared } = &entry.deed {
            if *shared {
                set.insert(address.to_lowercase());
            } else {
                set.remove(&address.to_lowercase());
            }
        }
    }
    set
}

/// The first person of each one's group, as joined and split in order.
fn groups(entries: &[Entry]) -> BTreeMap<Person, Person> {
    let mut groups: Vec<BTreeSet<Person>> = Vec::new();
    for entry in entries {
        match &entry.deed {
            Deed::Join { one, other } => {
                let (joined, apart): (Vec<_>, Vec<_>) =
                    groups.into_iter().partition(|group| group.contains(one) || group.contains(other));
                groups = apart;
                let both = [one.clone(), other.clone()];
                groups.push(joined.into_iter().flatten().chain(both).collect());
            }
            Deed::Split { person } => {
                for group in &mut groups {
                    group.remove(person);
                }
            }
            Deed::Share { .. } | Deed::Mark { .. } => {}
        }
    }
    let mut first = BTreeMap::new();
    for group in &groups {
        let Some(head) = group.first() else { continue };
        first.extend(group.iter().map(|person| (person.clone(), head.clone())));
    }
    first
}
