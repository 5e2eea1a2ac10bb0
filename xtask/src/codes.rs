//! The codes of a `CometChatException` for those who read: `docs/reference/errors.md`, and the union that TypeScript offers.
//!
//! Our own stand in the package's one table, `src/protocol/error.rs`. The service's are passed through as they come; those that its
//! documentation names stand here, out of the WebAssembly.

use std::fmt::Write;
use std::fs;

use anyhow::{Result, bail};
use cometchat_auth::protocol::error::TABLE;

use crate::workspace::{self, Workspace};

/// A documented code of the service: its name, when it comes, what to do.
type Documented = (&'static str, &'static str, &'static str);

/// The service's codes that calls of this package can meet.
const OF_THE_SERVICE: [Documented; 26] = [
    (
        "AUTH_ERR_EMPTY_APPID",
        "The request named no app.",
        "Look for a proxy that drops the header `appId`.",
    ),
    (
        "AUTH_ERR_INVALID_APPID",
        "There is no such app in that region.",
        "Compare app id and region with the dashboard; an app of another region is as unknown as none.",
    ),
    (
        "AUTH_ERR_EMPTY_APIKEY",
        "The request carried no key.",
        "Look for a proxy that drops the header `apiKey`.",
    ),
    (
        "AUTH_ERR_APIKEY_NOT_FOUND",
        "There is no such auth key.",
        "Copy the key of this very app from the dashboard.",
    ),
    (
        "AUTH_ERR_NO_ACCESS",
        "The key is known, but its scope does not allow the call.",
        "Use a key with that scope, or let your server make the call.",
    ),
    (
        "AUTH_ERR_EMPTY_AUTH_TOKEN",
        "The request carried no token.",
        "Look for a proxy that drops the header `authToken`.",
    ),
    (
        "AUTH_ERR_AUTH_TOKEN_NOT_FOUND",
        "The auth token does not exist, or no longer: revoked, its user deleted, pushed out by newer ones. The one code that ends a session.",
        "Ask your server for a new token and log in with it.",
    ),
    (
        "ERR_AUTHTOKEN_UNAVAILABLE",
        "The auth token is bound to another device.",
        "Ask your server for a token for this device.",
    ),
    (
        "ERR_AUTHTOKEN_NOT_ACCESSIBLE",
        "The auth token belongs to another user.",
        "Ask your server for a token of this user.",
    ),
    ("ERR_NO_AUTH", "The request was not recognised as anybody's.", "Log in again."),
    (
        "USER_NOT_AUTHORISED",
        "The auth token does not count for this.",
        "Ask your server for a new token and log in with it.",
    ),
    (
        "ERR_UID_NOT_FOUND",
        "There is no such user, or the user is deactivated.",
        "Create the user first, from your server; then log in.",
    ),
    ("ERR_UID_ALREADY_EXISTS", "The uid is taken.", "Use `updateUser()`, or another uid."),
    (
        "ERR_INVALID_UID",
        "The uid has characters that the service does not take.",
        "Letters, digits, `-` and `_` alone, 100 at most.",
    ),
    (
        "ERR_ROLE_NOT_FOUND",
        "There is no such role.",
        "Create the role in the dashboard, or leave it out.",
    ),
    (
        "ERR_BAD_REQUEST",
        "A field of the body does not do.",
        "`details` says which, and what is wrong with it.",
    ),
    (
        "ERR_API_NOT_FOUND",
        "There is no such address.",
        "Check host overrides and proxies: path and method must arrive as they were sent.",
    ),
    (
        "ERR_INVALID_API_VERSION",
        "The version in the address is unknown.",
        "Check the path in host overrides.",
    ),
    (
        "ERR_PLAN_RESTRICTION",
        "The app's plan does not have this.",
        "See the plan in the dashboard.",
    ),
    ("ERR_PLAN_QUOTA_RESTRICTION", "The app's plan is used up.", "See the plan in the dashboard."),
    (
        "ERR_SUBSCRIPTION_EXPIRED",
        "The app's subscription has ended.",
        "See the plan in the dashboard.",
    ),
    (
        "ERR_TOO_MANY_REQUESTS",
        "The app has sent more in this minute than it may.",
        "Wait for `retryAfter` seconds where it is given, a minute where it is not.",
    ),
    ("TOO_MANY_REQUEST", "Another spelling of the same in the documentation.", "The same."),
    ("ERR_OPERATION_FAILED", "A fault of the service.", "Try again later."),
    ("ERR_EXCEPTION", "A fault of the service.", "Try again later."),
    ("ERR_MISSION_FAILED", "A fault of the service.", "Try again later."),
];

/// What the official client says, or its documentation, and what is said here in its place.
const ELSEWHERE: [(&str, &str); 8] = [
    ("`-1` with the name `LOGIN_IN_PROGRESS`", "`LOGIN_IN_PROGRESS`"),
    (
        "`-1` with the name `COMETCHAT_INITIALIZATION_NOT_DONE`, `NOT_INITIALIZED`, or a `TypeError`",
        "`COMETCHAT_INITIALIZATION_NOT_DONE`",
    ),
    ("`USER_NOT_LOGED_IN`", "`USER_NOT_LOGGED_IN`"),
    ("`NO_INTERNET_CONNECTION`, `ERROR_IO_EXCEPTION`", "`FAILED_TO_FETCH`"),
    (
        "`FAILED_TO_FETCH` for a reply that is no JSON, `ERROR_JSON_EXCEPTION`, `UNKNOWN_ERROR_OCCURRED`",
        "`INVALID_RESPONSE`, with the `status`",
    ),
    ("`MISSING_KEY`, `{PARAM}_NOT_PROVIDED`", "`MISSING_PARAMETERS`"),
    (
        "`WS_CONNECTION_FAIL`, `WS_CONNECTION_FALLBACK_FAIL`, `WS_AUTH_FAIL`",
        "nothing: there is no socket",
    ),
    ("`ERR_SETTINGS_HASH_OUTDATED`", "nothing: there is no ping that could be answered so"),
];

/// The files that are made here, from the root of the workspace, and what they should hold.
fn files() -> Result<[(&'static str, String); 2]> {
    Ok([("docs/reference/errors.md", document()?), ("pkg-template/src/codes.ts", union()?)])
}

/// Writes them.
pub fn write(workspace: &Workspace) -> Result<()> {
    files()?
        .into_iter()
        .try_for_each(|(file, content)| workspace::write(&workspace.path(file), content))
}

/// Fails where one is not what the tables say.
pub fn check(workspace: &Workspace) -> Result<()> {
    for (file, content) in files()? {
        if fs::read_to_string(workspace.path(file)).ok().as_deref() != Some(&content) {
            bail!(
                "{file} is not what the tables of codes say: `cargo xtask build` rewrites it, commit it with them"
            );
        }
    }
    Ok(())
}

/// The table for the page's side: what an exception with the number of a row says, and from which number on the same call can succeed later.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn rows() -> Result<String> {
    // The last is the page's own, in words of its own.
    let rows: Vec<_> = TABLE.iter().filter(|row| row.name != "INTERNAL_ERROR").collect();
    let names = rows.iter().map(|row| row.name).collect::<Vec<_>>().join(" ");
    let texts = serde_json::to_string(&rows.iter().map(|row| row.text).collect::<Vec<_>>())?;
    let retryable = rows.iter().filter(|row| !row.retryable).count();
    Ok(format!(
        "export const NAMES = {names:?};\nexport const TEXTS: string[] = {texts};\nexport const RETRYABLE = {retryable};\n"
    ))
}

fn union() -> Result<String> {
    let mut out = String::from(
        "// Written by `cargo xtask build` out of the tables in src/protocol/error.rs and xtask/src/codes.rs.

/** A code that this package makes itself. What each means and what to do: docs/reference/errors.md. */
export type OurCode =",
    );
    for row in TABLE {
        write!(out, "\n  | \"{}\"", row.name)?;
    }
    out.push_str(";\n\n/** A documented code of the service. */\nexport type ServerCode =");
    for (name, ..) in OF_THE_SERVICE {
        write!(out, "\n  | \"{name}\"")?;
    }
    out.push_str(
        ";

/** The code of an exception: the known ones are offered, and one that the service says for the first time tomorrow is no type error. */
export type ErrorCode = OurCode | ServerCode | (string & {});
",
    );
    Ok(out)
}

fn document() -> Result<String> {
    let mut out = String::from(
        "<!-- Written by `cargo xtask build` out of the tables in src/protocol/error.rs and xtask/src/codes.rs. -->

# Errors

Every promise that rejects, rejects with a `CometChatException` (rule [B22](rules.md#errors)). Branch on its `code`; its `message` is for people
and may change.

<!-- given: const authToken: string = \"nobody_token\"; await CometChat.init(\"APP_ID\", { region: \"us\" }); -->
<!-- then: assert(logged.includes(\"Ask your server for another token.\")); -->

```js
import { CometChat, isCometChatException } from \"cometchat-auth\";

try {
  await CometChat.login(authToken);
} catch (error) {
  if (!isCometChatException(error)) throw error;
  if (error.code === \"AUTH_ERR_AUTH_TOKEN_NOT_FOUND\") console.log(\"Ask your server for another token.\");
  else if (error.retryable) console.log(`Try again in ${error.retryAfter ?? 1} s.`);
  else console.error(`${error.code}: ${error.message}`);
}
```

Whether the same call can succeed later without a change is in `retryable`. Where there was a reply its HTTP status decides, whatever the code:
408, 429 and 5xx can.

## Codes of this package

Before a message can stand what it is about, such as `login: authKey:`. Where `…:` is written here, it always does.

| code | when it comes | can be retried | the message |
| --- | --- | --- | --- |
",
    );
    for row in TABLE {
        let retried = match row.name {
            "INVALID_RESPONSE" => "by the status",
            _ if row.retryable => "yes",
            _ => "no",
        };
        let first = row.text.split(' ').next().unwrap_or_default();
        let about = if first.bytes().all(|byte| byte.is_ascii_lowercase()) { "…: " } else { "" };
        writeln!(
            out,
            "| `{}` | {} | {retried} | {about}{} |",
            row.name,
            row.meaning.trim(),
            row.text
        )?;
    }
    out.push_str(
        "
## Codes of the service

They are passed through as they come, with the service's message, `details` where it gave some, and the `status`. These are the documented ones
that calls of this package can meet; there may be others.

| code | when it comes | what to do |
| --- | --- | --- |
",
    );
    for (name, meaning, action) in OF_THE_SERVICE {
        writeln!(out, "| `{name}` | {meaning} | {action} |")?;
    }
    out.push_str(
        "
## Codes of the official client that never come here

| there | here |
| --- | --- |
",
    );
    for (there, here) in ELSEWHERE {
        writeln!(out, "| {there} | {here} |")?;
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn b22_every_code_is_documented_and_offered_once() {
        let (document, union) = (document().expect("written"), union().expect("written"));
        let ours = TABLE.iter().map(|row| row.name);
        let names: Vec<_> = ours.chain(OF_THE_SERVICE.iter().map(|(name, ..)| *name)).collect();
        assert_eq!(
            names.iter().collect::<BTreeSet<_>>().len(),
            names.len(),
            "no code is the service's and ours"
        );
        for name in names {
            assert_eq!(document.matches(&format!("\n| `{name}` |")).count(), 1, "{name}");
            assert_eq!(union.matches(&format!("| \"{name}\"")).count(), 1, "{name}");
        }
        for line in document.lines().filter(|line| line.starts_with('|')) {
            assert!(!line.contains("|  |"), "an empty cell: {line}");
        }
    }
}
