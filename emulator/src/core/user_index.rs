//! The users of an app, in the orders that lists need.
//!
//! A page of a list without filters, of one role or of one tag costs its length, however many users
//! there are. A search or a combination of filters costs as much as its narrowest part matches.

use super::entity::User;
use super::user_filter::{Filter, Search};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Places in the order of creation, oldest first.
type Order = Vec<u64>;

/// The users of an app.
#[derive(Debug, Clone, Default)]
pub(crate) struct Users {
    by_seq: BTreeMap<u64, User>,
    by_uid: BTreeMap<String, u64>,
    active: Index,
    deactivated: Index,
}

/// The orders of either the active or the deactivated users.
#[derive(Debug, Clone, Default)]
struct Index {
    all: Order,
    uids: BTreeMap<String, u64>,
    /// The names in lower case.
    names: BTreeSet<(String, u64)>,
    roles: BTreeMap<String, Order>,
    tags: BTreeMap<String, Order>,
}

impl Users {
    pub(crate) fn len(&self) -> usize {
        self.by_uid.len()
    }

    pub(crate) fn get(&self, uid: &str) -> Option<&User> {
        self.by_uid.get(uid).and_then(|seq| self.by_seq.get(seq))
    }

    pub(crate) fn contains(&self, uid: &str) -> bool {
        self.by_uid.contains_key(uid)
    }

    /// All users, oldest first.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &User> {
        self.by_seq.values()
    }

    /// The active users, oldest first.
    pub(crate) fn active(&self) -> impl Iterator<Item = &User> {
        self.active.all.iter().filter_map(|seq| self.by_seq.get(seq))
    }

    pub(crate) fn active_count(&self) -> usize {
        self.active.all.len()
    }

    /// The users of a role, oldest first.
    pub(crate) fn of_role(&self, role: &str) -> impl Iterator<Item = &User> {
        let orders = [&self.active, &self.deactivated].map(|index| index.roles.get(role));
        orders.into_iter().flatten().flatten().filter_map(|seq| self.by_seq.get(seq))
    }

    /// Adds a user, or replaces the one of the same uid.
    pub(crate) fn put(&mut self, mut user: User) {
        self.remove(&user.uid);
        // Each user has a place of its own, also when a database was edited by hand.
        while self.by_seq.contains_key(&user.seq) {
            user.seq += 1;
        }
        self.by_uid.insert(user.uid.clone(), user.seq);
        self.index_of(&user).insert(&user);
        self.by_seq.insert(user.seq, user);
    }

    /// Removes a user.
    pub(crate) fn remove(&mut self, uid: &str) {
        let seq = self.by_uid.remove(uid);
        if let Some(user) = seq.and_then(|seq| self.by_seq.remove(&seq)) {
            self.index_of(&user).remove(&user);
        }
    }

    fn index_of(&mut self, user: &User) -> &mut Index {
        if user.is_active() { &mut self.active } else { &mut self.deactivated }
    }

    /// The number of users that match, and those at the positions `page`, newest first.
    pub(crate) fn find(&self, filter: &Filter, page: Range<usize>) -> (usize, Vec<&User>) {
        let indexes = [(filter.active, &self.active), (filter.deactivated, &self.deactivated)];
        let matches: Vec<Matches<'_>> = indexes
            .into_iter()
            .filter(|(wanted, _)| *wanted)
            .map(|(_, index)| self.matches(index, filter))
            .collect();
        let total = matches.iter().map(|matches| matches.as_slice().len()).sum();
        let mut lists = matches.iter().map(Matches::as_slice);
        let places = match (lists.next(), lists.next()) {
            (None, _) => Vec::new(),
            (Some(list), None) => newest_of_one(list, page),
            (Some(one), Some(other)) => newest_of_two(one, other, page),
        };
        (total, self.at(&places))
    }

    /// The users at these places, newest first.
    fn at(&self, places: &[u64]) -> Vec<&User> {
        let (Some(newest), Some(oldest)) = (places.first(), places.last()) else {
            return Vec::new();
        };
        // Walking over neighbours is cheaper than a search for each place.
        let span = usize::try_from(newest - oldest).unwrap_or(usize::MAX);
        if span > 4 * places.len() {
            return places.iter().filter_map(|seq| self.by_seq.get(seq)).collect();
        }
        let mut wanted = places.iter().peekable();
        let mut users = Vec::with_capacity(places.len());
        for (seq, user) in self.by_seq.range(oldest..=newest).rev() {
            if wanted.next_if(|place| *place == seq).is_some() {
                users.push(user);
            }
        }
        users
    }

    fn matches<'a>(&self, index: &'a Index, filter: &Filter) -> Matches<'a> {
        let candidates = index.narrowest(filter);
        if candidates.exact {
            return candidates.places;
        }
        let fits = |seq: &u64| self.by_seq.get(seq).is_some_and(|user| filter.matches(user));
        Matches::Picked(candidates.places.as_slice().iter().copied().filter(fits).collect())
    }
}

/// Places in the order of creation, oldest first.
enum Matches<'a> {
    Kept(&'a [u64]),
    Picked(Order),
}

impl Matches<'_> {
    fn as_slice(&self) -> &[u64] {
        match self {
            Self::Kept(places) => places,
            Self::Picked(places) => places,
        }
    }
}

/// Users among whom all matches are.
struct Candidates<'a> {
    places: Matches<'a>,
    /// Whether each of them matches the whole filter.
    exact: bool,
}

impl Index {
    fn insert(&mut self, user: &User) {
        insert(&mut self.all, user.seq);
        self.uids.insert(user.uid.clone(), user.seq);
        self.names.insert((user.name.to_lowercase(), user.seq));
        insert(self.roles.entry(user.role.clone()).or_default(), user.seq);
        for tag in &user.tags {
            insert(self.tags.entry(tag.clone()).or_default(), user.seq);
        }
    }

    fn remove(&mut self, user: &User) {
        remove(&mut self.all, user.seq);
        self.uids.remove(&user.uid);
        self.names.remove(&(user.name.to_lowercase(), user.seq));
        remove_from(&mut self.roles, &user.role, user.seq);
        for tag in &user.tags {
            remove_from(&mut self.tags, tag, user.seq);
        }
    }

    /// The matches of the part of a filter that has the fewest.
    fn narrowest(&self, filter: &Filter) -> Candidates<'_> {
        let parts = [!filter.roles.is_empty(), !filter.tags.is_empty(), filter.search.is_some()];
        let exact = parts.into_iter().filter(|part| *part).count() <= 1;
        let listed = [(&self.roles, &filter.roles), (&self.tags, &filter.tags)]
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(orders, names)| names.iter().filter_map(|name| orders.get(name)).collect())
            .min_by_key(|orders: &Vec<&Order>| {
                orders.iter().map(|order| order.len()).sum::<usize>()
            });
        let most = listed.as_ref().map(|orders| orders.iter().map(|order| order.len()).sum());
        let found = filter.search.as_ref().and_then(|search| self.search(search, most));
        let places = match (found, listed) {
            (Some(found), _) => found,
            (None, Some(orders)) => match orders.as_slice() {
                [] => Matches::Kept(&[]),
                [order] => Matches::Kept(order),
                orders => Matches::Picked(sorted(orders.iter().copied().flatten().copied())),
            },
            (None, None) => Matches::Kept(&self.all),
        };
        Candidates { places, exact }
    }

    /// The users whose uid or name begins with a text; `None` if they are more than `most`.
    fn search(&self, search: &Search, most: Option<usize>) -> Option<Matches<'_>> {
        let text = search.lower_case.as_str();
        let begins = |key: Option<&str>| key.is_some_and(|key| key.starts_with(text));
        let (first_uid, last_uid) = (self.uids.first_key_value(), self.uids.last_key_value());
        let every_uid = begins(first_uid.map(|(uid, _)| uid.as_str()))
            && begins(last_uid.map(|(uid, _)| uid.as_str()));
        let every_name = begins(self.names.first().map(|(name, _)| name.as_str()))
            && begins(self.names.last().map(|(name, _)| name.as_str()));
        if (search.in_uids && every_uid) || (search.in_names && every_name) {
            // In a sorted list, what is between two that begin with the text begins with it, too.
            return most
                .is_none_or(|most| self.all.len() <= most)
                .then_some(Matches::Kept(&self.all));
        }
        let uids = self.uids.range(text.to_owned()..).take_while(|(uid, _)| uid.starts_with(text));
        let names =
            self.names.range((text.to_owned(), 0)..).take_while(|(name, _)| name.starts_with(text));
        let of_uids = uids.map(|(_, seq)| *seq).filter(|_| search.in_uids);
        let of_names = names.map(|(_, seq)| *seq).filter(|_| search.in_names);
        let limit = most.map_or(usize::MAX, |most| most.saturating_add(1));
        let places: Order = of_uids.chain(of_names).take(limit).collect();
        most.is_none_or(|most| places.len() <= most).then(|| Matches::Picked(sorted(places)))
    }
}

fn insert(order: &mut Order, seq: u64) {
    // Nearly always at the end: a new user is the newest.
    let at = order.partition_point(|other| *other < seq);
    if order.get(at) != Some(&seq) {
        order.insert(at, seq);
    }
}

fn remove(order: &mut Order, seq: u64) {
    if let Ok(at) = order.binary_search(&seq) {
        order.remove(at);
    }
}

fn remove_from(orders: &mut BTreeMap<String, Order>, name: &str, seq: u64) {
    if let Some(order) = orders.get_mut(name) {
        remove(order, seq);
        if order.is_empty() {
            orders.remove(name);
        }
    }
}

fn sorted(places: impl IntoIterator<Item = u64>) -> Order {
    let mut places: Order = places.into_iter().collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn newest_of_one(list: &[u64], page: Range<usize>) -> Order {
    list.iter().rev().skip(page.start).take(page.len()).copied().collect()
}

fn newest_of_two(one: &[u64], other: &[u64], page: Range<usize>) -> Order {
    let mut lists = (one.iter().rev().peekable(), other.iter().rev().peekable());
    let newest = std::iter::from_fn(|| match (lists.0.peek(), lists.1.peek()) {
        (Some(one), Some(other)) if one < other => lists.1.next(),
        (None, _) => lists.1.next(),
        _ => lists.0.next(),
    });
    newest.skip(page.start).take(page.len()).copied().collect()
}
