//! What came back → the `data` of the reply, or why there is none (rules B21, B22, B26).

use std::rc::Rc;

use super::error::{Code, Exception, of_ours};
use super::json::Json;
use super::text::{digit, fill, is_of, put, redact, whole};

/// A reply as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The whole body, rewritten by the engine (see [`super::json`]); empty where it is no JSON.
    pub body: String,
    /// The `Retry-After` header, where the page may read it.
    pub retry_after: Option<String>,
}

impl Reply {
    /// The `data` of a reply of success. `secrets` are the credentials of the call.
    ///
    /// # Errors
    /// The service's own, or `Code::INVALID_RESPONSE` where the reply is no envelope.
    pub fn data(&self, secrets: [&str; 2]) -> Result<Json<'_>, Exception> {
        let envelope = Json(&self.body);
        let data = envelope.at("data");
        if data.is_there() && matches!(self.status, 200..=299) {
            return Ok(data);
        }
        Err(self.exception(envelope.at("error"), secrets))
    }

    /// A reply that says something else than it should at this place.
    pub fn invalid(&self) -> Exception {
        self.exception(Json::default(), ["", ""])
    }

    fn exception(&self, error: Json<'_>, secrets: [&str; 2]) -> Exception {
        let code = error.at("code").raw();
        let mut json;
        if error.text_of("code").is_empty() {
            json = of_ours(Code::INVALID_RESPONSE);
        } else {
            let [one, other] = secrets;
            let (one, other) = (&fill("\x10", &[one]), &fill("\x10", &[other]));
            json = String::from("{\"code\":");
            // A code is no place for a secret, but a secret can be part of one: "AUTH_TOKEN" is, in the documentation.
            if is_of(code, "\"\"09AZ__") {
                json += code;
            } else {
                redact(&mut json, code, one, other);
            }
            json += ",\"message\":";
            let message =
                if error.text_of("message").is_empty() { code } else { error.at("message").raw() };
            redact(&mut json, message, one, other);
            let mut details = String::new();
            redact(&mut details, error.at("details").raw(), one, other);
            put(&mut json, ",\"details\":\"\x10\"", &[&details]);
        };
        if matches!(self.status, 408 | 429 | 500..=599) {
            json += ",\"retryable\":true";
        }
        json += ",\"status\":";
        let mut place = 100;
        while place > 0 {
            json.push_str(digit(usize::from(self.status) / place % 10));
            place /= 10;
        }
        let seconds = self.retry_after.as_deref().unwrap_or_default().trim_ascii();
        if whole(seconds) > 0 {
            put(&mut json, ",\"retryAfter\":\"\0\"", &[seconds]);
        }
        json += "}";
        Exception(Rc::new(json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::error::TOKEN_UNKNOWN;
    use serde_json::{Value, json};

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, body: body.into(), retry_after: Some(" 7".into()) }
    }

    fn said(error: &Exception) -> Value {
        serde_json::from_str(&error.0).unwrap()
    }

    #[test]
    fn b21_data_counts_with_success_only() {
        assert_eq!(reply(200, r#"{"data":{"a":1}}"#).data(["", ""]).unwrap().raw(), r#"{"a":1}"#);
        for status in [199, 300, 400, 500] {
            let error = reply(status, r#"{"data":{"a":1}}"#).data(["", ""]).unwrap_err();
            assert_eq!(said(&error)["ours"], "5", "{status}");
        }
    }

    #[test]
    fn b22_what_is_no_envelope_is_an_invalid_response_with_its_status() {
        for body in ["", "null", "{}", "[]", r#"{"error":5}"#, r#"{"error":{"message":"no code"}}"#]
        {
            let error = said(&reply(502, body).data(["", ""]).unwrap_err());
            assert_eq!(
                error,
                json!({"ours": "5", "retryable": true, "status": 502, "retryAfter": "7"}),
                "{body}"
            );
        }
        assert_eq!(said(&reply(200, "").data(["", ""]).unwrap_err()).get("retryable"), None);
    }

    #[test]
    fn b22_the_services_error_is_passed_on_at_any_status() {
        for (status, retryable) in [(200, false), (401, false), (429, true), (500, true)] {
            let error =
                reply(status, r#"{"error":{"code":"ERR_X","message":"m","details":{"uid":["bad"]},"devMessage":"d"}}"#)
                    .data(["", ""])
                    .unwrap_err();
            let mut expected = json!({"code": "ERR_X", "message": "m", "details": r#"{"uid":["bad"]}"#, "status": status, "retryAfter": "7"});
            if retryable {
                expected["retryable"] = true.into();
            }
            assert_eq!(said(&error), expected);
            assert!(
                error.is_from_service(r#"{"code":"ERR_X""#)
                    && !error.is_from_service(r#"{"code":"ERR""#)
            );
        }
    }

    #[test]
    fn b22_a_code_stays_whole_when_a_credential_is_part_of_it() {
        let body = r#"{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND","message":"The auth token AUTH_TOKEN does not exist."}}"#;
        let error = reply(401, body).data(["AUTH_TOKEN", ""]).unwrap_err();
        assert!(error.is_from_service(TOKEN_UNKNOWN));
        assert_eq!(said(&error)["message"], "The auth token *** does not exist.");
    }

    #[test]
    fn b26_the_calls_credentials_are_masked_wherever_the_service_says_them() {
        let body = r#"{"error":{"code":"ERR_pa s\"s","message":"The key pa s\"s\nor pa%20s%22s","details":{"pa s\"s":["pa s%22s"]}}}"#;
        let error = said(&reply(401, body).data(["pa s\"s", ""]).unwrap_err());
        assert_eq!(error["code"], "ERR_***");
        assert_eq!(error["message"], "The key ***\nor ***");
        assert_eq!(error["details"], r#"{"***":["***"]}"#);
    }
}
