//! Users: create, get, update, delete or deactivate.

use super::access::Caller;
use super::call::{Call, Failure};
use super::state::{App, Change, State, User};
use super::status::Fault;
use super::tokens;
use super::validate::Fields;
use serde_json::{Map, Value, json};

pub(crate) const AVATARS: &str = "/avatars/";

/// The failure for a uid that nobody has, or nobody any more.
pub(crate) fn unknown(uid: &str) -> Failure {
    Failure::new(
        Fault::UidNotFound,
        format!("The UID {uid} does not exist, please make sure you have created a user with UID {uid}."),
    )
}

/// `POST /users`
pub(crate) fn create(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut fields = Fields::new(&call.body);
    let uid = fields.uid();
    let name = fields.required_text("name", 100);
    let changes = Profile::read(&mut fields, call.site.app, true);
    let with_token = fields.boolean("withAuthToken").unwrap_or(false);
    fields.finish()?;
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
        name,
        avatar: None,
        link: None,
        status_message: None,
        metadata: None,
        role: "default".to_owned(),
        tags: Vec::new(),
        created_at: call.request.now,
        updated_at: None,
        deactivated_at: None,
        seq: call.next_seq(),
    };
    changes.write(&mut user, call.state);
    let mut data = show(call.state, &user);
    data.insert("tags".into(), json!(user.tags));
    call.put_user(user);
    if with_token {
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
    let user = call.path_user()?.clone();
    let user = updated(call, user, true)?;
    let mut data = show(call.state, &user);
    data.insert("tags".into(), json!(user.tags));
    call.put_user(user);
    Ok(json!({ "data": data }))
}

/// The user with the body's fields written over; `role` only where the caller may change it.
pub(crate) fn updated(call: &Call<'_>, mut user: User, with_role: bool) -> Result<User, Failure> {
    let mut fields = Fields::new(&call.body);
    let name = fields.filled_text("name", 100);
    let changes = Profile::read(&mut fields, call.site.app, with_role);
    let unset = fields.unset(&["avatar", "link", "statusMessage", "metadata", "tags"]);
    fields.finish()?;
    if let Some(name) = name {
        user.name = name;
    }
    changes.write(&mut user, call.state);
    for field in &unset {
        match field.as_str() {
            "avatar" => user.avatar = None,
            "link" => user.link = None,
            "statusMessage" => user.status_message = None,
            "metadata" => user.metadata = None,
            _ => user.tags.clear(),
        }
    }
    user.updated_at = Some(call.request.now);
    Ok(user)
}

/// `DELETE /users/{uid}`: deactivates, or with `permanent: true` removes the user and all tokens.
pub(crate) fn delete(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut fields = Fields::new(&call.body);
    let permanent = fields.boolean("permanent").unwrap_or(false);
    fields.finish()?;
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
    put("status", Some(json!("offline")));
    put("role", Some(json!(user.role)));
    put("tags", (!user.tags.is_empty()).then(|| json!(user.tags)));
    put("createdAt", Some(json!(user.created_at)));
    put("updatedAt", user.updated_at.map(|at| json!(at)));
    data
}

fn absolute(state: &State, avatar: &str) -> String {
    if avatar.starts_with(AVATARS) { format!("{}{avatar}", state.config.public_url) } else { avatar.to_owned() }
}

/// The optional fields that create and update have in common.
struct Profile {
    avatar: Option<String>,
    link: Option<String>,
    status_message: Option<String>,
    metadata: Option<Map<String, Value>>,
    role: Option<String>,
    tags: Option<Vec<String>>,
}

impl Profile {
    fn read(fields: &mut Fields<'_>, app: &App, with_role: bool) -> Self {
        let role = if with_role { fields.text("role", 100) } else { None };
        if role.as_ref().is_some_and(|role| !app.roles.contains_key(role)) {
            fields.error("role", "The selected role is invalid.");
        }
        Self {
            avatar: fields.url("avatar"),
            link: fields.url("link"),
            status_message: fields.text("statusMessage", 3000),
            metadata: fields.metadata(),
            role,
            tags: fields.tags(),
        }
    }

    /// What was sent replaces what was there; metadata and tags as a whole.
    fn write(self, user: &mut User, state: &State) {
        // A drawn avatar that comes back as the address it was shown with stays a drawn one.
        let own = format!("{}{AVATARS}", state.config.public_url);
        if let Some(avatar) = self.avatar {
            user.avatar = Some(match avatar.strip_prefix(&own) {
                Some(file) => format!("{AVATARS}{file}"),
                None => avatar,
            });
        }
        user.link = self.link.or(user.link.take());
        user.status_message = self.status_message.or(user.status_message.take());
        user.metadata = self.metadata.or(user.metadata.take());
        if let Some(role) = self.role {
            user.role = role;
        }
        if let Some(tags) = self.tags {
            user.tags = tags;
        }
    }
}
