//! Lists: newest first, page by page.

use super::validate::{Field, Kind, Values, optional};
use serde::Serialize;
use std::ops::Range;

const PER_PAGE: Field = optional(
    "perPage",
    Kind::Whole { min: 1, max: 1000, default: 100 },
    "How many items a page has.",
);
const PAGE: Field = optional(
    "page",
    Kind::Whole { min: 1, max: 2_147_483_647, default: 1 },
    "Which page; one beyond the last is empty.",
);

/// The query of a list without filters.
pub(crate) const QUERY: &[Field] = &[PER_PAGE, PAGE];

/// The page that a request asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    per_page: usize,
    number: usize,
}

/// `meta` of a list.
#[derive(Debug, Serialize)]
pub(crate) struct Meta<C> {
    pagination: Pagination,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<C>,
}

/// All counts are real, whether or not the request asks for a count.
#[derive(Debug, Serialize)]
struct Pagination {
    total: usize,
    count: usize,
    per_page: usize,
    current_page: usize,
    total_pages: usize,
}

impl Page {
    pub(crate) fn of(values: &Values) -> Self {
        let number = |field| usize::try_from(values.whole(field)).unwrap_or(usize::MAX);
        Self { per_page: number(&PER_PAGE).max(1), number: number(&PAGE) }
    }

    /// The positions of its items, the newest at 0.
    pub(crate) fn positions(self) -> Range<usize> {
        let first = self.number.saturating_sub(1).saturating_mul(self.per_page);
        first..first.saturating_add(self.per_page)
    }

    /// `meta` for a list of `total` items of which this page has `count`.
    pub(crate) fn meta<C>(self, total: usize, count: usize, cursor: Option<C>) -> Meta<C> {
        let pagination = Pagination {
            total,
            count,
            per_page: self.per_page,
            current_page: self.number,
            total_pages: total.div_ceil(self.per_page),
        };
        Meta { pagination, cursor }
    }

    /// The items of this page, of a short list that is newest first; and `meta`.
    pub(crate) fn take<T>(self, items: impl Iterator<Item = T>) -> (Vec<T>, Meta<()>) {
        let all: Vec<T> = items.collect();
        let total = all.len();
        let Range { start, end } = self.positions();
        let page: Vec<T> = all.into_iter().skip(start).take(end - start).collect();
        let count = page.len();
        (page, self.meta(total, count, None))
    }
}
