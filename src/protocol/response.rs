//! Responses: status and body → the `data` of the envelope, or an exception (rules B21, B22, B26).

use std::rc::Rc;

use super::error::{Code, Exception, Http, Meaning, ServiceError};
use super::json::{CanonicalJson, Json};
use super::mask::Mask;

/// A response of the service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// Status and `Retry-After`.
    pub http: Http,
    /// The body; empty if it is not JSON.
    pub body: CanonicalJson,
}

impl Response {
    /// The `data` of a successful response.
    ///
    /// # Errors
    /// The service's error, or `Code::INVALID_RESPONSE` if the response is not an envelope.
    pub fn data(&self, mask: Mask<'_>) -> Result<Json<'_>, Rc<Exception>> {
        let envelope = self.body.root();
        let data = envelope.at("data");
        if data.is_there() && matches!(self.http.status, 200..=299) {
            return Ok(data);
        }
        let error = envelope.at("error");
        let code = error.text_of("code");
        if code.is_empty() || !matches!(self.http.status, 100..=599) {
            return Err(self.invalid());
        }
        let message = error.text_of("message");
        let message = mask.text(if message.is_empty() { &code } else { &message });
        Err(Rc::new(Exception::Service {
            error: ServiceError {
                meaning: Meaning::of(&code),
                code: mask.code(&code),
                message,
                details: mask.text(error.at("details").raw()),
            },
            http: self.http,
        }))
    }

    /// The exception for an invalid response.
    pub fn invalid(&self) -> Rc<Exception> {
        Rc::new(Exception::Own { code: Code::INVALID_RESPONSE, subject: "", http: self.http })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        let body = CanonicalJson::from_engine(body.into());
        Response { http: Http { status, retry_after: 7 }, body }
    }

    fn error_of(response: &Response, mask: Mask<'_>) -> ServiceError {
        match &*response.data(mask).unwrap_err() {
            Exception::Service { error, http } => {
                assert_eq!(*http, response.http);
                error.clone()
            }
            other => panic!("an error of the service, not {other:?}"),
        }
    }

    #[test]
    fn b21_data_counts_with_success_only() {
        let body = r#"{"data":{"a":1}}"#;
        assert_eq!(response(200, body).data(Mask::default()).unwrap().raw(), r#"{"a":1}"#);
        for status in [199, 300, 400, 500] {
            let error = response(status, body).data(Mask::default()).unwrap_err();
            assert_eq!(error.code(), Some(Code::INVALID_RESPONSE), "{status}");
        }
    }

    #[test]
    fn b22_what_is_no_envelope_is_an_invalid_response_with_its_status() {
        for body in ["", "null", "{}", "[]", r#"{"error":5}"#, r#"{"error":{"message":"no code"}}"#]
        {
            let error = response(502, body).data(Mask::default()).unwrap_err();
            let http = Http { status: 502, retry_after: 7 };
            assert_eq!(*error, Exception::Own { code: Code::INVALID_RESPONSE, subject: "", http });
            assert!(error.is_retryable());
        }
    }

    #[test]
    fn b22_the_services_error_is_passed_on_at_any_status() {
        let body = r#"{"error":{"code":"ERR_X","message":"m","details":{"uid":["bad"]},"devMessage":"d"}}"#;
        let nowhere = response(0, body).data(Mask::default()).unwrap_err();
        assert_eq!(nowhere.code(), Some(Code::INVALID_RESPONSE), "a status that is none");
        for status in [200, 401, 429, 500] {
            let error = error_of(&response(status, body), Mask::default());
            assert_eq!((&*error.code, &*error.message), ("ERR_X", "m"));
            assert_eq!((&*error.details, error.meaning), (r#"{"uid":["bad"]}"#, Meaning::Other));
        }
        let error = error_of(&response(401, r#"{"error":{"code":"ERR_Y"}}"#), Mask::default());
        assert_eq!((&*error.message, &*error.details), ("ERR_Y", ""), "the code says it");
    }

    #[test]
    fn b10_the_meaning_of_a_code_is_known_before_it_is_masked() {
        let body = r#"{"error":{"code":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND","message":"The auth token AUTH_TOKEN does not exist."}}"#;
        let error = error_of(&response(401, body), Mask(["AUTH_TOKEN", "", ""]));
        assert_eq!(error.meaning, Meaning::TokenUnknown);
        assert_eq!(error.message, "The auth token *** does not exist.");
    }

    #[test]
    fn b26_the_credentials_are_masked_in_every_text_of_the_service() {
        let body = r#"{"error":{"code":"ERR_pa s\"sword","message":"The key pa s\"sword\nor pa%20s%22sword","details":{"pa s\"sword":["pa s%22sword"]}}}"#;
        let error = error_of(&response(401, body), Mask(["pa s\"sword", "", ""]));
        assert_eq!(error.code, "ERR_***");
        assert_eq!(error.message, "The key ***\nor ***");
        assert_eq!(error.details, r#"{"***":["***"]}"#);
    }
}
