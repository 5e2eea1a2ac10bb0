//! Tests as rows of a table.

/// Tests that each say: this call has this status, and this is in its reply.
macro_rules! rows {
    ($(
        $(#[$doc:meta])* $name:ident: $method:literal $path:literal $body:tt => $status:literal {
            $($pointer:literal: $value:tt),* $(,)?
        };
    )*) => {
        $($(#[$doc])* #[test]
        fn $name() {
            let mut lab = crate::lab::Lab::new();
            let (status, reply) = lab.rest($method, $path, serde_json::json!($body));
            assert_eq!(status, $status, "{reply}");
            $(
                let expected = serde_json::json!($value);
                assert_eq!(reply.pointer($pointer), Some(&expected), "{}: {reply}", $pointer);
            )*
        })*
    };
}

pub(crate) use rows;
