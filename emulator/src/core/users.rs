//! Users: list, create, get, update, delete, deactivate, reactivate.

use super::access::Caller;
use super::call::{Call, Failure};
use super::list;
use super::state::{App, Change, Role, State, User};
use super::status::Fault;
use super::tokens;
use super::validate::{Field, Input, Kind, MAX_ID, Values, filled, optional, required};
use serde_json::{Map, Value, json};

pub(crate) const AVATARS: &str = "/avatars/";

const TAGS: Kind = Kind::Texts { items: 25, characters: 100 };
const AVATAR: Field = optional("avatar", Kind::Url, "Picture.");
const LINK: Field = optional("link", Kind::Url, "Profile page.");
const STATUS_MESSAGE: Field = optional("statusMessage", Kind::Text(3000), "Status text.");
const METADATA: Field = optional(
    "metadata",
    Kind::Metadata,
    "Free data: an object, or the text of one; at most 5 KB. Its `@private` part is not shown to other users.",
);
const ROLE: Field =
    optional("role", Kind::Text(100), "One of the app's roles; `default` if never set.");
const TAG_LIST: Field = optional("tags", TAGS, "Labels.");
const NAME: Field = filled("name", Kind::Text(100), "The name shown.");
const UNSET: Field = optional(
    "unset",
    Kind::Words(&["avatar", "link", "statusMessage", "metadata", "tags"]),
    "What to clear.",
);

/// So many uids fit into a body of 10 KB at most.
const UIDS: Kind = Kind::Texts { items: 2_500, characters: MAX_ID };

pub(crate) const LIST: &[Field] = &[
    list::PER_PAGE,
    list::PAGE,
    optional(
        "searchKey",
        Kind::Text(100),
        "Only users whose uid or name begins with this, in any letter case.",
    ),
    optional("searchIn", Kind::Words(&["uid", "name"]), "Where to search; in both if left out."),
    optional(
        "status",
        Kind::Word(&["available", "offline"]),
        "Only users who are online, or who are not.",
    ),
    optional("count", Kind::Flag, "Taken; the counts in meta.pagination are always real."),
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
    optional("withTags", Kind::Flag, "Show the tags."),
    optional("withDeactivated", Kind::Flag, "Deactivated users, too."),
    optional("onlyDeactivated", Kind::Flag, "Only deactivated users."),
];

pub(crate) const CREATE: &[Field] = &[
    required("uid", Kind::Id, "The new user's id; kept in lower case, never changed."),
    required("name", Kind::Text(100), "The name shown."),
    AVATAR,
    LINK,
    STATUS_MESSAGE,
    METADATA,
    ROLE,
    TAG_LIST,
    optional("withAuthToken", Kind::Flag, "Answer with an auth token, too."),
];

pub(crate) const UPDATE: &[Field] =
    &[NAME, AVATAR, LINK, STATUS_MESSAGE, METADATA, ROLE, TAG_LIST, UNSET];

/// What users may change about themselves: all but the role. The same rows as above, and what a device says of itself.
pub(crate) const ME: &[Field] = &[
    NAME,
    AVATAR,
    LINK,
    STATUS_MESSAGE,
    METADATA,
    TAG_LIST,
    UNSET,
    optional("platform", Kind::Text(100), "What the client runs on."),
    optional("deviceId", Kind::Text(300), "The client's own id of the device."),
    optional("appInfo", Kind::Object, "What the client tells about itself."),
];

pub(crate) const DELETE: &[Field] = &[optional(
    "permanent",
    Kind::Flag,
    "Remove the user and all tokens for good, instead of deactivating.",
)];

pub(crate) const DEACTIVATE: &[Field] =
    &[required("uidsToDeactivate", UIDS, "Whom to deactivate.")];
pub(crate) const REACTIVATE: &[Field] = &[required("uidsToActivate", UIDS, "Whom to reactivate.")];

/// The failure for a uid that nobody has, or nobody any more.
pub(crate) fn unknown(uid: &str) -> Failure {
    Failure::new(
        Fault::UidNotFound,
        format!(
            "The UID {uid} does not exist, please make sure you have created a user with UID {uid}."
        ),
    )
}

/// `GET /users`
pub(crate) fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut values = call.query()?;
    let search = values.text("searchKey").map(|text| text.to_lowercase());
    let search_in = values.texts("searchIn").unwrap_or_default();
    let searches = |field: &str| search_in.is_empty() || search_in.iter().any(|name| name == field);
    let matches = |user: &User, search: &str| {
        (searches("uid") && user.uid.starts_with(search))
            || (searches("name") && user.name.to_lowercase().starts_with(search))
    };
    // Nobody is ever online: presence belongs to messaging.
    let nobody = values.text("status").is_some_and(|status| status != OFFLINE);
    let roles: Vec<String> =
        values.text("role").into_iter().chain(values.texts("roles").unwrap_or_default()).collect();
    let tags = values.texts("tags").unwrap_or_default();
    let only_deactivated = values.flag("onlyDeactivated");
    let deactivated_too = only_deactivated || values.flag("withDeactivated");
    let mut users: Vec<&User> = call
        .site
        .app
        .users
        .values()
        .filter(|_| !nobody)
        .filter(
            |user| if user.deactivated_at.is_some() { deactivated_too } else { !only_deactivated },
        )
        .filter(|user| search.as_deref().is_none_or(|search| matches(user, search)))
        .filter(|user| roles.is_empty() || roles.contains(&user.role))
        .filter(|user| tags.is_empty() || user.tags.iter().any(|tag| tags.contains(tag)))
        .collect();
    users.sort_by_key(|user| std::cmp::Reverse(user.seq));
    let (users, pagination) = list::page(users.into_iter(), &values);
    let with_tags = values.flag("withTags");
    let mut meta = Map::new();
    meta.insert("pagination".into(), pagination);
    if let Some(last) = users.last() {
        let at = last.updated_at.unwrap_or(last.created_at);
        meta.insert("cursor".into(), json!({ "updatedAt": at, "affix": "append" }));
    }
    let shown = users.into_iter().map(|user| {
        let mut data = show(call.state, user);
        data.shift_remove("metadata");
        data.shift_remove("tags");
        if with_tags {
            data.insert("tags".into(), json!(user.tags));
        }
        Value::Object(data)
    });
    Ok(json!({ "data": shown.collect::<Vec<_>>(), "meta": meta }))
}

/// `POST /users`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut input = call.body_input(CREATE);
    check_role(&mut input, call.site.app);
    let mut values = input.done()?;
    let uid = values.required_text("uid");
    if let Some(taken) = call.site.app.users.get(&uid) {
        let why = match taken.deactivated_at {
            None => "Please use another uid.",
            Some(_) => {
                "It belongs to a deactivated user: please use another uid, or try after permanently deleting the user."
            }
        };
        return Err(Failure::new(Fault::UidExists, format!("The uid {uid} already exists. {why}")));
    }
    let mut user = User {
        uid: uid.clone(),
        name: String::new(),
        avatar: None,
        link: None,
        status_message: None,
        metadata: None,
        role: Role::DEFAULT.to_owned(),
        tags: Vec::new(),
        created_at: call.request.now,
        updated_at: None,
        deactivated_at: None,
        seq: call.next_seq(),
    };
    write(&mut user, &mut values, call.state);
    let mut data = show(call.state, &user);
    data.insert("tags".into(), json!(user.tags));
    call.put_user(user);
    if values.flag("withAuthToken") {
        let token = tokens::mint(call, &uid);
        data.insert("authToken".into(), json!(token));
    }
    Ok(json!({ "data": data }))
}

/// `GET /users/{uid}`, for an API key or for a logged-in user.
pub(crate) fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    let user = call.path_user()?;
    let mut data = show(call.state, user);
    let looks_on = match call.caller {
        Caller::User(me, _) => Some(me.uid.clone()),
        _ => match call.request.header("onbehalfof").map(str::to_lowercase) {
            Some(uid) if !uid.is_empty() => {
                Some(call.site.app.active_user(&uid).ok_or_else(|| unknown(&uid))?.uid.clone())
            }
            _ => None,
        },
    };
    if let Some(me) = looks_on.filter(|me| *me != user.uid) {
        let (a, b) = if me < user.uid { (&me, &user.uid) } else { (&user.uid, &me) };
        data.insert("conversationId".into(), json!(format!("{a}_user_{b}")));
        data.insert("hasBlockedMe".into(), json!(false));
        data.insert("blockedByMe".into(), json!(false));
        if let Some(Value::Object(metadata)) = data.get_mut("metadata") {
            metadata.remove("@private");
        }
    }
    Ok(json!({ "data": data }))
}

/// `PUT /users/{uid}`
pub(crate) fn update(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut user = call.path_user()?.clone();
    let mut input = call.body_input(UPDATE);
    check_role(&mut input, call.site.app);
    let mut values = input.done()?;
    write(&mut user, &mut values, call.state);
    user.updated_at = Some(call.request.now);
    let mut data = show(call.state, &user);
    data.insert("tags".into(), json!(user.tags));
    call.put_user(user);
    Ok(json!({ "data": data }))
}

/// `DELETE /users/{uid}`: deactivates, or with `permanent: true` removes the user and all tokens.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let permanent = call.body_input(DELETE).done()?.flag("permanent");
    let uid = call.path_uid();
    if permanent && call.site.app.users.contains_key(&uid) {
        // A deactivated user can be deleted for good, too: it is how the uid becomes free again.
        call.changes.push(Change::RemoveUser { app: call.app_id(), uid: uid.clone() });
        let message = format!("User with {uid} has been deleted successfully.");
        return Ok(json!({ "data": { "success": true, "message": message } }));
    }
    let mut user = call.path_user()?.clone();
    user.deactivated_at = Some(call.request.now);
    call.put_user(user);
    Ok(json!({ "data": { "deactivatedUids": [uid] } }))
}

/// `DELETE /users`
pub(crate) fn deactivate(call: &mut Call<'_>) -> Result<Value, Failure> {
    let sent = call.body_input(DEACTIVATE).done()?.texts("uidsToDeactivate");
    switch(call, sent, Some(call.request.now), "deactivatedUids", "alreadyDeactivatedUids")
}

/// `PUT /users`
pub(crate) fn reactivate(call: &mut Call<'_>) -> Result<Value, Failure> {
    let sent = call.body_input(REACTIVATE).done()?.texts("uidsToActivate");
    switch(call, sent, None, "reactivatedUids", "nonDeactivatedUids")
}

/// Deactivates or reactivates users. Each uid lands in one group; groups without any are left out, and it is no error if nobody is found.
fn switch(
    call: &mut Call<'_>,
    sent: Option<Vec<String>>,
    deactivated_at: Option<u64>,
    changed: &str,
    unchanged: &str,
) -> Result<Value, Failure> {
    let (mut done, mut already, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for text in sent.unwrap_or_default() {
        let uid = text.to_lowercase();
        match call.site.app.users.get(&uid) {
            // As sent, unlike in look-ups.
            None if unknown.contains(&text) => {}
            None => unknown.push(text),
            Some(_) if done.contains(&uid) || already.contains(&uid) => {}
            Some(user) if user.deactivated_at.is_some() == deactivated_at.is_some() => {
                already.push(uid)
            }
            Some(user) => {
                let mut user = user.clone();
                user.deactivated_at = deactivated_at;
                call.put_user(user);
                done.push(uid);
            }
        }
    }
    let mut data = Map::new();
    for (name, uids) in [(changed, done), (unchanged, already), ("notFound", unknown)] {
        if !uids.is_empty() {
            data.insert(name.to_owned(), json!(uids));
        }
    }
    Ok(json!({ "data": data }))
}

const OFFLINE: &str = "offline";

/// A user as callers see it.
pub(crate) fn show(state: &State, user: &User) -> Map<String, Value> {
    let mut data = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            data.insert(name.to_owned(), value);
        }
    };
    put("uid", Some(json!(user.uid)));
    put("name", Some(json!(user.name)));
    put("avatar", user.avatar.as_ref().map(|avatar| json!(absolute(state, avatar))));
    put("link", user.link.as_ref().map(|link| json!(link)));
    put("statusMessage", user.status_message.as_ref().map(|text| json!(text)));
    put("metadata", user.metadata.as_ref().map(|map| Value::Object(map.clone())));
    put("status", Some(json!(OFFLINE)));
    put("role", Some(json!(user.role)));
    put("tags", (!user.tags.is_empty()).then(|| json!(user.tags)));
    put("createdAt", Some(json!(user.created_at)));
    put("updatedAt", user.updated_at.map(|at| json!(at)));
    put("deactivatedAt", user.deactivated_at.map(|at| json!(at)));
    data
}

fn absolute(state: &State, avatar: &str) -> String {
    if avatar.starts_with(AVATARS) {
        format!("{}{avatar}", state.config.public_url)
    } else {
        avatar.to_owned()
    }
}

fn check_role(input: &mut Input, app: &App) {
    if input.peek("role").is_some_and(|role| !app.roles.contains_key(role)) {
        input.refuse("role", "The selected role is invalid.");
    }
}

/// What was sent replaces what was there, metadata and tags as a whole; then what is to be cleared is.
pub(crate) fn write(user: &mut User, values: &mut Values, state: &State) {
    // A drawn avatar that comes back as the address it was shown with stays a drawn one.
    let own = format!("{}{AVATARS}", state.config.public_url);
    let avatar = values.text("avatar").map(|avatar| match avatar.strip_prefix(&own) {
        Some(file) => format!("{AVATARS}{file}"),
        None => avatar,
    });
    if let Some(name) = values.text("name") {
        user.name = name;
    }
    user.avatar = avatar.or(user.avatar.take());
    user.link = values.text("link").or(user.link.take());
    user.status_message = values.text("statusMessage").or(user.status_message.take());
    user.metadata = values.object("metadata").or(user.metadata.take());
    if let Some(role) = values.text("role") {
        user.role = role;
    }
    if let Some(tags) = values.texts("tags") {
        user.tags = tags;
    }
    for field in values.texts("unset").unwrap_or_default() {
        match field.as_str() {
            "avatar" => user.avatar = None,
            "link" => user.link = None,
            "statusMessage" => user.status_message = None,
            "metadata" => user.metadata = None,
            _ => user.tags.clear(),
        }
    }
}
