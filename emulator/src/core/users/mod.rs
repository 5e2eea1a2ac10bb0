//! Users: list, create, get, update, delete, deactivate, reactivate.

mod fields;
mod view;

pub(crate) use self::fields::{
    CREATE, DEACTIVATE, DELETE, FILTERS, OWN, PROFILE, REACTIVATE, UPDATE, write,
};
pub(crate) use self::view::View;

use self::view::OFFLINE;
use super::access::Caller;
use super::call::{Call, Content};
use super::change::Change;
use super::entity::User;
use super::error::ErrorKind;
use super::failure::Failure;
use super::list::Page;
use super::permissions;
use super::state::App;
use super::tokens;
use super::user_filter::{Filter, Search};
use super::validate::{Input, Values};
use serde::Serialize;
use serde_json::{Map, Value, json};

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
    let views = users.iter().map(|user| View::listed(&call.state.config, user, with_tags));
    Content::list(views, page.meta(total, users.len(), cursor))
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
            "It belongs to a deactivated user: please use another uid, or try after permanently \
             deleting the user."
        };
        let message = format!("The uid {uid} already exists. {advice}");
        return Err(Failure::new(ErrorKind::UidExists, message));
    }
    let name = values.required_text("name");
    let mut user = User::new(uid, name, call.request.now, call.next_seq());
    write(&mut user, &mut values, call.state);
    call.put_user(user.clone());
    let token = if values.flag("withAuthToken") { Some(tokens::mint(call, &user)?) } else { None };
    Content::data(View::changed(&call.state.config, &user).with_token(token))
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
    let view = View::of(&call.state.config, user);
    Content::data(match on_behalf_of.filter(|me| me.uid != user.uid) {
        Some(me) => view.on_behalf_of(me),
        None => view,
    })
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
    Content::data(View::changed(&call.state.config, &user))
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
