//! The responses of the service.

use super::step::{ResponseFields, ResponseKind};
use crate::model::{Data, Hosts, Response, Token, Uid};

/// The response to a request with that method and about that user. The number is in its data.
pub fn response(
    kind: ResponseKind,
    fields: ResponseFields,
    number: u16,
    method: &str,
    about: Uid,
) -> Response {
    let user =
        if matches!(kind, ResponseKind::OtherUser) { (about.user + 1) % 3 } else { about.user };
    let good = Data {
        uid: Some(Uid { user, upper: fields.upper }),
        // Only `POST` returns the user's token. The token of any other response has to be
        // ignored.
        token: Some(Token { user, number: if method == "POST" { fields.token } else { 9 } }),
        name: number,
        jwt: fields.jwt.then_some(number),
        channel: fields.channel.then_some(number),
        hosts: if fields.hosts { Hosts::OfService(number) } else { Hosts::Absent },
    };
    match kind {
        ResponseKind::Good | ResponseKind::OtherUser => Response::Data(good),
        ResponseKind::NoUser => Response::Data(Data { uid: None, token: None, ..good }),
        ResponseKind::ForeignHost => Response::Data(Data { hosts: Hosts::Foreign, ..good }),
        ResponseKind::Error => Response::Error("ERR_INTERNAL"),
        ResponseKind::TooMany => Response::Error("ERR_TOO_MANY_REQUESTS"),
        ResponseKind::TokenUnknown => Response::Error("AUTH_ERR_AUTH_TOKEN_NOT_FOUND"),
        ResponseKind::UidUnknown => Response::Error("ERR_UID_NOT_FOUND"),
        ResponseKind::Html => Response::Html,
        ResponseKind::NullData => Response::NullData,
        ResponseKind::ConnectionLost => Response::ConnectionLost,
        ResponseKind::StatusZero => Response::StatusZero,
        ResponseKind::NoContent => Response::NoContent,
        ResponseKind::TokenUnknownAt(status) => Response::TokenUnknownAt(status),
    }
}
