//! The rows of the database: one for each entity, with its JSON document.

use super::error::explain;
use crate::core::{ApiKey, Change, Role, Token, User};
use rusqlite::{Connection, params};
use serde::de::DeserializeOwned;

/// Reads everything: the changes that lead from an empty state to the content of the file.
pub(super) fn load(connection: &Connection) -> Result<Vec<Change>, String> {
    let mut changes = Vec::new();
    let apps = read(connection, "SELECT app, '', 0 FROM apps", |row| Ok(row.app))?;
    changes.extend(apps.into_iter().map(|app| Change::AddApp { app }));
    changes.extend(read(connection, "SELECT app, doc, seq FROM users", |row| {
        let user = User { seq: row.seq, ..row.entity()? };
        Ok(Change::PutUser { app: row.app, user })
    })?);
    changes.extend(read(connection, "SELECT app, doc, seq FROM tokens", |row| {
        let token = Token { seq: row.seq, ..row.entity()? };
        Ok(Change::PutToken { app: row.app, token })
    })?);
    changes.extend(read(connection, "SELECT app, doc, seq FROM keys", |row| {
        let key = ApiKey { seq: row.seq, ..row.entity()? };
        Ok(Change::PutKey { app: row.app, key })
    })?);
    changes.extend(read(connection, "SELECT app, doc, seq FROM roles", |row| {
        let role = Role { seq: row.seq, ..row.entity()? };
        Ok(Change::PutRole { app: row.app, role })
    })?);
    Ok(changes)
}

struct Row {
    app: String,
    doc: String,
    seq: u64,
}

impl Row {
    fn entity<T: DeserializeOwned>(&self) -> Result<T, String> {
        // The parser's message may quote the row, which holds secrets.
        serde_json::from_str(&self.doc)
            .map_err(|_| "a row in it is damaged. Restore it, or name another file.".to_owned())
    }
}

fn read<T>(
    connection: &Connection,
    sql: &str,
    convert: impl Fn(Row) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    let problem = |error: rusqlite::Error| explain(&error);
    let mut statement = connection.prepare(sql).map_err(problem)?;
    let mut rows = statement.query([]).map_err(problem)?;
    let mut all = Vec::new();
    while let Some(row) = rows.next().map_err(problem)? {
        let column = |at| row.get(at).map_err(problem);
        let seq: i64 = row.get(2).map_err(problem)?;
        let row = Row { app: column(0)?, doc: column(1)?, seq: u64::try_from(seq).unwrap_or(0) };
        all.push(convert(row)?);
    }
    Ok(all)
}

/// Writes one change.
pub(super) fn write(connection: &Connection, change: &Change) -> rusqlite::Result<()> {
    let doc = |result: serde_json::Result<String>| {
        result.map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
    };
    // SQLite's integers are signed.
    let seq = |seq: u64| i64::try_from(seq).unwrap_or(i64::MAX);
    let run = |sql: &str, params: &[&dyn rusqlite::ToSql]| {
        connection.prepare_cached(sql)?.execute(params).map(|_| ())
    };
    match change {
        Change::Clear => {
            let tables = ["tokens", "users", "keys", "roles", "apps"];
            tables.into_iter().try_for_each(|table| run(&format!("DELETE FROM {table}"), &[]))
        }
        Change::RemoveApp { app } => {
            let tables = ["tokens", "users", "keys", "roles", "apps"];
            // App ids are compared in any letter case.
            tables.into_iter().try_for_each(|table| {
                run(&format!("DELETE FROM {table} WHERE app = ?1 COLLATE NOCASE"), params![app])
            })
        }
        Change::AddApp { app } => run("INSERT OR IGNORE INTO apps (app) VALUES (?1)", params![app]),
        Change::PutUser { app, user } => run(
            "INSERT OR REPLACE INTO users (app, uid, doc, seq) VALUES (?1, ?2, ?3, ?4)",
            params![app, user.uid, doc(serde_json::to_string(user))?, seq(user.seq)],
        ),
        Change::RemoveUser { app, uid } => {
            run("DELETE FROM tokens WHERE app = ?1 AND uid = ?2", params![app, uid])?;
            run("DELETE FROM users WHERE app = ?1 AND uid = ?2", params![app, uid])
        }
        Change::PutToken { app, token } => run(
            "INSERT OR REPLACE INTO tokens (app, token, uid, doc, seq) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                app,
                token.token,
                token.uid,
                doc(serde_json::to_string(token))?,
                seq(token.seq)
            ],
        ),
        Change::RemoveToken { app, token } => {
            run("DELETE FROM tokens WHERE app = ?1 AND token = ?2", params![app, token])
        }
        Change::PutKey { app, key } => run(
            "INSERT OR REPLACE INTO keys (app, api_key, doc, seq) VALUES (?1, ?2, ?3, ?4)",
            params![app, key.api_key, doc(serde_json::to_string(key))?, seq(key.seq)],
        ),
        Change::RemoveKey { app, api_key } => {
            run("DELETE FROM keys WHERE app = ?1 AND api_key = ?2", params![app, api_key])
        }
        Change::PutRole { app, role } => run(
            "INSERT OR REPLACE INTO roles (app, role, doc, seq) VALUES (?1, ?2, ?3, ?4)",
            params![app, role.role, doc(serde_json::to_string(role))?, seq(role.seq)],
        ),
        Change::RemoveRole { app, role } => {
            run("DELETE FROM roles WHERE app = ?1 AND role = ?2", params![app, role])
        }
        Change::Counted { .. } => Ok(()),
    }
}
