//! The fault rules: list, add, replace, remove.

use super::call::{Call, Content, PREFIX, Problem};
use crate::lab::faults::{Rule, Source};
use serde_json::{Value, json};

pub(super) fn list(call: &mut Call<'_>) -> Result<Content, Problem> {
    Ok(Value::Array(call.lab.faults.list(call.param("app"))).into())
}

pub(super) fn add(call: &mut Call<'_>) -> Result<Content, Problem> {
    let rule = Rule::parse(call.parse()?, call.param("app")).map_err(Problem::bad)?;
    let added = call.lab.faults.add(rule, Source::Api).map_err(Problem::bad)?;
    Ok(added.into())
}

pub(super) fn replace(call: &mut Call<'_>) -> Result<Content, Problem> {
    let id = rule_id(call)?;
    let rule = Rule::parse(call.parse()?, None).map_err(Problem::bad)?;
    let replaced = call.lab.faults.replace(id, rule).ok_or_else(|| unknown_rule(id))?;
    Ok(replaced.map_err(Problem::bad)?.into())
}

pub(super) fn clear(call: &mut Call<'_>) -> Result<Content, Problem> {
    let app = call.app();
    call.lab.faults.clear(app.as_deref());
    Ok(json!([]).into())
}

pub(super) fn remove(call: &mut Call<'_>) -> Result<Content, Problem> {
    let id = rule_id(call)?;
    if !call.lab.faults.remove(id) {
        return Err(unknown_rule(id));
    }
    Ok(json!({ "removed": id }).into())
}

fn rule_id(call: &Call<'_>) -> Result<u64, Problem> {
    call.id.parse().map_err(|_| {
        Problem::bad(format!(
            "The id of a fault rule must be a number, as POST {PREFIX}/faults returns it."
        ))
    })
}

fn unknown_rule(id: u64) -> Problem {
    Problem::not_found(format!("There is no fault rule {id} (any more)."))
}
