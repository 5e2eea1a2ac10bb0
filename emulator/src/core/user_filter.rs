//! The filters of a list of users.

use super::entity::User;

/// The users that a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) active: bool,
    pub(crate) deactivated: bool,
    /// The beginning of a uid or a name.
    pub(crate) search: Option<Search>,
    /// Any of these roles; empty for all users.
    pub(crate) roles: Vec<String>,
    /// Any of these tags; empty for all users.
    pub(crate) tags: Vec<String>,
}

/// A search for the beginning of uids or names, in any letter case.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) lower_case: String,
    pub(crate) in_uids: bool,
    pub(crate) in_names: bool,
}

impl Filter {
    /// Whether a user matches.
    pub(crate) fn matches(&self, user: &User) -> bool {
        let of_role = self.roles.is_empty() || self.roles.contains(&user.role);
        let of_tag = self.tags.is_empty() || user.tags.iter().any(|tag| self.tags.contains(tag));
        of_role && of_tag && self.search.as_ref().is_none_or(|search| search.matches(user))
    }
}

impl Search {
    fn matches(&self, user: &User) -> bool {
        (self.in_uids && user.uid.starts_with(&self.lower_case))
            || (self.in_names && user.name.to_lowercase().starts_with(&self.lower_case))
    }
}
