//! Users: list, create, get, update, delete, deactivate, reactivate.

use super::access::Caller;
use super::avatar;
use super::call::{Call, Content};
use super::entity::User;
use super::error::{ErrorKind, Failure};
use super::list::Page;
use super::permissions;
use super::state::{App, Change, State};
use super::tokens;
use super::user_index::{Filter, Search};
use super::validate::{Field, Input, Kind, MAX_ID, Values, filled, optional, required};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The fields that a caller with permission can change. The schemas of users have them, too.
pub(crate) const PROFILE: &[Field] = &[
    optional("avatar", Kind::Url, "Picture."),
    optional("link", Kind::Url, "Profile page."),
    optional("statusMessage", Kind::Text(3000), "Status message."),
    optional(
        "metadata",
        Kind::Metadata,
        "Custom data: an object, or its JSON text; at most 5 KB. Other users do not see its `@private` part.",
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

/// A user as callers see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View<'a> {
    uid: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Cow<'a, Map<String, Value>>>,
    status: &'static str,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a [String]>,
    created_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivated_at: Option<u64>,
    #[serde(flatten)]
    relation: Option<Relation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_token: Option<String>,
}

/// What a user is to the user on whose behalf it is read.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Relation {
    conversation_id: String,
    has_blocked_me: bool,
    blocked_by_me: bool,
}

/// Presence belongs to messaging: no user is ever online here.
const OFFLINE: &str = "offline";

impl<'a> View<'a> {
    pub(crate) fn of(state: &State, user: &'a User) -> Self {
        Self {
            uid: &user.uid,
            name: &user.name,
            avatar: user.avatar.as_deref().map(|url| avatar::absolute(&state.config, url)),
            link: user.link.as_deref(),
            status_message: user.status_message.as_deref(),
            metadata: user.metadata.as_ref().map(Cow::Borrowed),
            status: OFFLINE,
            role: &user.role,
            tags: Some(user.tags.as_slice()).filter(|tags| !tags.is_empty()),
            created_at: user.created_at,
            updated_at: user.updated_at,
            deactivated_at: user.deactivated_at,
            relation: None,
            auth_token: None,
        }
    }

    /// The response to a change: tags are there even when there are none.
    fn changed(state: &State, user: &'a User) -> Self {
        Self { tags: Some(&user.tags), ..Self::of(state, user) }
    }

    /// An item of a list: metadata never, tags on request.
    fn listed(state: &State, user: &'a User, with_tags: bool) -> Self {
        let tags = with_tags.then_some(user.tags.as_slice());
        Self { metadata: None, tags, ..Self::of(state, user) }
    }
}

/// `GET /users`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Content, Failure> {
    /// The place from which a client would go on.
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Cursor {
        updated_at: u64,
        affix: &'static str,
    }
    let mut values = call.query()?;
    let (page, filter) = (Page::of(&values), filter(&mut values));
    let (total, users) = call.site.app.users.find(&filter, page.positions());
    let cursor = users.last().map(|last| Cursor {
        updated_at: last.updated_at.unwrap_or(last.created_at),
        affix: "append",
    });
    let with_tags = values.flag("withTags");
    let views: Vec<View<'_>> =
        users.iter().map(|user| View::listed(call.state, user, with_tags)).collect();
    Content::list(&views, page.meta(total, views.len(), cursor))
}

fn filter(values: &mut Values) -> Filter {
    let search_in = values.texts("searchIn").unwrap_or_default();
    let searches = |field: &str| search_in.is_empty() || search_in.iter().any(|name| name == field);
    let search = values.text("searchKey").map(|text| Search {
        lower_case: text.to_lowercase(),
        in_uids: searches("uid"),
        in_names: searches("name"),
    });
    let role = values.text("role").into_iter();
    let only_deactivated = values.flag("onlyDeactivated");
    let offline = values.text("status").is_none_or(|status| status == OFFLINE);
    Filter {
        active: offline && !only_deactivated,
        deactivated: offline && (only_deactivated || values.flag("withDeactivated")),
        search,
        roles: role.chain(values.texts("roles").unwrap_or_default()).collect(),
        tags: values.texts("tags").unwrap_or_default(),
    }
}

/// `POST /users`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut input = call.input();
    check_role(&mut input, call.site.app);
    let mut values = input.done()?;
    let uid = values.required_text("uid");
    if let Some(taken) = call.site.app.users.get(&uid) {
        let advice = if taken.is_active() {
            "Please use another uid."
        } else {
            "It belongs to a deactivated user: please use another uid, or try after permanently deleting the user."
        };
        let message = format!("The uid {uid} already exists. {advice}");
        return Err(Failure::new(ErrorKind::UidExists, message));
    }
    let name = values.required_text("name");
    let mut user = User::new(uid, name, call.request.now, call.next_seq());
    write(&mut user, &mut values, call.state);
    call.put_user(user.clone());
    let token = if values.flag("withAuthToken") { Some(tokens::mint(call, &user)?) } else { None };
    Content::data(View { auth_token: token, ..View::changed(call.state, &user) })
}

/// `GET /users/{uid}`, by an API key or by a logged-in user.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Content, Failure> {
    let user = call.path_user()?;
    let on_behalf_of = match call.caller {
        Caller::User(me, _) => {
            permissions::check_read(call.site.app, me, user)?;
            Some(me)
        }
        _ => match call.request.header("onbehalfof").map(str::to_lowercase) {
            Some(uid) if !uid.is_empty() => {
                let me = call.site.app.active_user(&uid);
                Some(me.ok_or_else(|| Failure::unknown_user(&uid))?)
            }
            _ => None,
        },
    };
    let mut view = View::of(call.state, user);
    if let Some(me) = on_behalf_of.filter(|me| me.uid != user.uid) {
        let (first, second) = (me.uid.as_str().min(&user.uid), me.uid.as_str().max(&user.uid));
        view.relation = Some(Relation {
            conversation_id: format!("{first}_user_{second}"),
            has_blocked_me: false,
            blocked_by_me: false,
        });
        if let Some(metadata) = view.metadata.as_mut().filter(|map| map.contains_key("@private")) {
            metadata.to_mut().remove("@private");
        }
    }
    Content::data(view)
}

/// `PUT /users/{uid}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Content, Failure> {
    let mut user = call.path_user()?.clone();
    let mut input = call.input();
    check_role(&mut input, call.site.app);
    let mut values = input.done()?;
    write(&mut user, &mut values, call.state);
    user.updated_at = Some(call.request.now);
    call.put_user(user.clone());
    Content::data(View::changed(call.state, &user))
}

/// `DELETE /users/{uid}`: deactivates, or with `permanent: true` removes the user and all tokens.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Content, Failure> {
    let permanent = call.input().done()?.flag("permanent");
    let uid = call.path_uid();
    // A deactivated user can be deleted for good, too: that makes the uid free again.
    if permanent && call.site.app.users.contains(&uid) {
        call.changes.push(Change::RemoveUser { app: call.app_id(), uid: uid.clone() });
        return Content::done(&format!("User with {uid} has been deleted successfully."));
    }
    let mut user = call.path_user()?.clone();
    user.deactivated_at = Some(call.request.now);
    call.put_user(user);
    Content::data(json!({ "deactivatedUids": [uid] }))
}

/// `DELETE /users`
pub(crate) fn deactivate(call: &mut Call<'_>) -> Result<Content, Failure> {
    let sent = call.input().done()?.texts("uidsToDeactivate");
    switch(call, sent, Some(call.request.now), ["deactivatedUids", "alreadyDeactivatedUids"])
}

/// `PUT /users`
pub(crate) fn reactivate(call: &mut Call<'_>) -> Result<Content, Failure> {
    let sent = call.input().done()?.texts("uidsToActivate");
    switch(call, sent, None, ["reactivatedUids", "nonDeactivatedUids"])
}

/// Deactivates or reactivates users. The response groups the uids: changed, unchanged, not found.
/// Empty groups are left out, and unknown uids are no error.
fn switch(
    call: &mut Call<'_>,
    sent: Option<Vec<String>>,
    deactivated_at: Option<u64>,
    [changed, unchanged]: [&str; 2],
) -> Result<Content, Failure> {
    let (mut done, mut already, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for text in sent.unwrap_or_default() {
        let uid = text.to_lowercase();
        match call.site.app.users.get(&uid) {
            // As sent: the service lower-cases uids only where it looks them up.
            None if unknown.contains(&text) => {}
            None => unknown.push(text),
            Some(_) if done.contains(&uid) || already.contains(&uid) => {}
            Some(user) if user.is_active() == deactivated_at.is_none() => already.push(uid),
            Some(user) => {
                call.put_user(User { deactivated_at, ..user.clone() });
                done.push(uid);
            }
        }
    }
    let groups = [(changed, done), (unchanged, already), ("notFound", unknown)];
    let data: Map<String, Value> = groups
        .into_iter()
        .filter(|(_, uids)| !uids.is_empty())
        .map(|(name, uids)| (name.to_owned(), json!(uids)))
        .collect();
    Content::data(data)
}

fn check_role(input: &mut Input, app: &App) {
    if input.peek("role").is_some_and(|role| !app.roles.contains_key(role)) {
        input.refuse("role", "The selected role is invalid.");
    }
}

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
