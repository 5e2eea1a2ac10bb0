//! What came back → the `data` of the reply, or why there is none (rules B21, B22, B26).

use super::error::{Code, Exception, Fault};
use super::json::{Json, map_strings};
use super::text::{redact, whole};

/// A reply as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: String,
    /// The `Retry-After` header, where the page may read it.
    pub retry_after: Option<String>,
}

impl Reply {
    /// The `data` of a reply of success. `secrets` are the credentials of the call.
    ///
    /// # Errors
    /// The service's own, or `INVALID_RESPONSE` where the reply is no envelope.
    pub fn data(&self, secrets: [&str; 2]) -> Result<Json<'_>, Exception> {
        let envelope = Json::parse(&self.body);
        if let Some(data) = envelope.and_then(|json| json.get("data")).filter(|_| matches!(self.status, 200..=299)) {
            return Ok(data);
        }
        Err(self.exception(envelope.and_then(|json| json.get("error")), secrets))
    }

    /// A reply that says something else than it should at this place.
    pub fn invalid(&self) -> Exception {
        Fault { status: Some(u32::from(self.status)), ..Code::InvalidResponse.into() }.into()
    }

    fn exception(&self, error: Option<Json<'_>>, secrets: [&str; 2]) -> Exception {
        let clean = |text: &str| redact(text, secrets);
        let mut fault = Fault { status: Some(u32::from(self.status)), ..Code::InvalidResponse.into() };
        fault.retryable = matches!(self.status, 408 | 429 | 500..=599);
        fault.retry_after = self.retry_after.as_deref().and_then(|text| whole(text.trim_ascii()));
        let error = error.unwrap_or_default();
        if let Some(code) = error.get_text("code") {
            fault.ours = false;
            fault.message = clean(error.get_text("message").as_ref().unwrap_or(&code));
            // A code is no place for a secret, but a secret can be part of one: "AUTH_TOKEN" is, in the documentation.
            let is_code = code.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'));
            fault.code = if is_code { code } else { clean(&code) };
            fault.details =
                error.get("details").filter(|details| details.is_truthy()).map(|details| map_strings(details, &clean));
        }
        fault.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, body: body.into(), retry_after: Some("7".into()) }
    }

    #[test]
    fn b21_data_counts_with_success_only() {
        assert_eq!(reply(200, r#"{"data":{"a":1}}"#).data(["", ""]).unwrap().raw(), r#"{"a":1}"#);
        for status in [199, 300, 400, 500] {
            assert!(
                reply(status, r#"{"data":{"a":1}}"#).data(["", ""]).unwrap_err().is(Code::InvalidResponse),
                "{status}"
            );
        }
    }

    #[test]
    fn b22_what_is_no_envelope_is_an_invalid_response_with_its_status() {
        for body in [
            "",
            "null",
            "{}",
            "[]",
            "<h1>x</h1>",
            r#"{"error":5}"#,
            r#"{"error":{"message":"no code"}}"#,
            r#"{"data":1"#,
        ] {
            let error = reply(502, body).data(["", ""]).unwrap_err();
            assert!(error.is(Code::InvalidResponse) && error.status == Some(502) && error.retryable, "{body}");
        }
        assert!(!reply(200, "ok").data(["", ""]).unwrap_err().retryable);
    }

    #[test]
    fn b22_the_services_error_is_passed_on_at_any_status() {
        for (status, retryable) in [(200, false), (401, false), (429, true), (500, true)] {
            let error =
                reply(status, r#"{"error":{"code":"ERR_X","message":"m","details":{"uid":["bad"]},"devMessage":"d"}}"#)
                    .data(["", ""])
                    .unwrap_err();
            assert_eq!(
                (error.code.as_str(), error.message.as_str(), error.details.as_deref()),
                ("ERR_X", "m", Some(r#"{"uid":["bad"]}"#))
            );
            assert_eq!(
                (error.status, error.retryable, error.retry_after, error.ours),
                (Some(u32::from(status)), retryable, Some(7), false)
            );
        }
    }

    #[test]
    fn b22_a_code_stays_whole_when_a_credential_is_part_of_it() {
        let body = r#"{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND","message":"The auth token AUTH_TOKEN does not exist."}}"#;
        let error = reply(401, body).data(["AUTH_TOKEN", ""]).unwrap_err();
        assert_eq!(error.code, crate::protocol::error::TOKEN_UNKNOWN);
        assert_eq!(error.message, "The auth token *** does not exist.");
    }

    #[test]
    fn b26_the_calls_credentials_are_masked_wherever_the_service_says_them() {
        let body =
            r#"{"error":{"code":"ERR_pa ss","message":"The key pa ss or pa%20ss","details":{"pa ss":["\u0070a ss"]}}}"#;
        let error = reply(401, body).data(["pa ss", ""]).unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("ERR_***", "The key *** or ***"));
        assert_eq!(error.details.as_deref(), Some(r#"{"***":["***"]}"#));
    }
}
