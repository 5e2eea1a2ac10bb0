//! Lists: newest first, page by page.

use super::validate::{Field, Kind, Values, optional};
use serde_json::{Value, json};

pub(crate) const PER_PAGE: Field = optional(
    "perPage",
    Kind::Whole { min: 1, max: 1000, default: 100 },
    "How many items a page has.",
);
pub(crate) const PAGE: Field = optional(
    "page",
    Kind::Whole { min: 1, max: 2_147_483_647, default: 1 },
    "Which page; one beyond the last is empty.",
);

/// What a list without filters can be asked.
pub(crate) const QUERY: &[Field] = &[PER_PAGE, PAGE];

/// The page asked for, of items that come newest first, and `meta.pagination`. All counts are real, whether or not a count was asked for.
pub(crate) fn page<T>(items: impl Iterator<Item = T>, values: &Values) -> (Vec<T>, Value) {
    let (per_page, current) = (values.whole(&PER_PAGE), values.whole(&PAGE));
    let first = (current - 1).saturating_mul(per_page);
    let mut total = 0_u64;
    let mut page = Vec::new();
    for item in items {
        if (first..first.saturating_add(per_page)).contains(&total) {
            page.push(item);
        }
        total += 1;
    }
    let pagination = json!({
        "total": total, "count": page.len(), "per_page": per_page,
        "current_page": current, "total_pages": total.div_ceil(per_page),
    });
    (page, pagination)
}
