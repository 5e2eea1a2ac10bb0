//! The fields of users in requests.

use crate::core::avatar;
use crate::core::entity::User;
use crate::core::state::State;
use crate::core::validate::{Field, Kind, MAX_ID, Values, filled, optional, required};

/// The fields that a caller with permission can change. The schemas of users have them, too.
pub(crate) const PROFILE: &[Field] = &[
    optional("avatar", Kind::Url, "Picture."),
    optional("link", Kind::Url, "Profile page."),
    optional("statusMessage", Kind::Text(3000), "Status message."),
    optional(
        "metadata",
        Kind::Metadata,
        "Custom data, at most 5 KB as JSON. Other users do not see its `@private` part.",
    ),
    optional("tags", Kind::Texts { items: 25, characters: 100 }, "Labels."),
];

const NAME: &[Field] = &[filled("name", Kind::Text(100), "The display name.")];
const ROLE: &[Field] =
    &[optional("role", Kind::Text(100), "One of the app's roles; `default` if never set.")];
const UNSET: &[Field] =
    &[optional("unset", Kind::Words(&["avatar", "link", "metadata"]), "The fields to clear.")];

/// A body of 10 KB holds at most this many uids.
const UIDS: Kind = Kind::Texts { items: 2_500, characters: MAX_ID };

/// The query of `GET /users`, besides the page.
pub(crate) const FILTERS: &[Field] = &[
    optional(
        "searchKey",
        Kind::Text(100),
        "Only users whose uid or name begins with this, in any letter case.",
    ),
    optional("searchIn", Kind::Words(&["uid", "name"]), "Where to search; in both if left out."),
    optional("status", Kind::Word(&["available", "offline"]), "Only users with this status."),
    optional("count", Kind::Flag, "Accepted; the counts in meta.pagination are always real."),
    optional("role", Kind::Text(100), "Only users of this role."),
    optional(
        "roles",
        Kind::Texts { items: 100, characters: 100 },
        "Only users of one of these roles.",
    ),
    optional(
        "tags",
        Kind::Texts { items: 25, characters: 100 },
        "Only users with one of these tags.",
    ),
    optional("withTags", Kind::Flag, "Include the tags."),
    optional("withDeactivated", Kind::Flag, "Include deactivated users."),
    optional("onlyDeactivated", Kind::Flag, "Only deactivated users."),
];

const NEW: &[Field] = &[
    required("uid", Kind::Id, "The new user's id; kept in lower case, never changed."),
    required("name", Kind::Text(100), "The display name."),
];
const WITH_TOKEN: &[Field] =
    &[optional("withAuthToken", Kind::Flag, "Respond with an auth token, too.")];

pub(crate) const CREATE: &[&[Field]] = &[NEW, PROFILE, ROLE, WITH_TOKEN];
pub(crate) const UPDATE: &[&[Field]] = &[NAME, PROFILE, ROLE, UNSET];

/// The fields that users may change of themselves: all but the role.
pub(crate) const OWN: [&[Field]; 3] = [NAME, PROFILE, UNSET];

pub(crate) const DELETE: &[&[Field]] = &[&[optional(
    "permanent",
    Kind::Flag,
    "Remove the user and all tokens for good, instead of deactivating.",
)]];
pub(crate) const DEACTIVATE: &[&[Field]] =
    &[&[required("uidsToDeactivate", UIDS, "The users to deactivate.")]];
pub(crate) const REACTIVATE: &[&[Field]] =
    &[&[required("uidsToActivate", UIDS, "The users to reactivate.")]];

/// Replaces what was sent (metadata and tags as a whole), then clears what is to be cleared.
pub(crate) fn write(user: &mut User, values: &mut Values, state: &State) {
    let avatar = values.text("avatar").map(|url| avatar::relative(&state.config, url));
    user.name = values.text("name").unwrap_or(std::mem::take(&mut user.name));
    user.avatar = avatar.or(user.avatar.take());
    user.link = values.text("link").or(user.link.take());
    user.status_message = values.text("statusMessage").or(user.status_message.take());
    user.metadata = values.object("metadata").or(user.metadata.take());
    user.role = values.text("role").unwrap_or(std::mem::take(&mut user.role));
    user.tags = values.texts("tags").unwrap_or(std::mem::take(&mut user.tags));
    for field in values.texts("unset").unwrap_or_default() {
        match field.as_str() {
            "avatar" => user.avatar = None,
            "link" => user.link = None,
            "metadata" => user.metadata = None,
            // `UNSET` lists no other field.
            _ => {}
        }
    }
}
