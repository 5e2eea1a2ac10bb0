//! Tests as rows of a table.

/// Tests of one request each: the status, and values in the body of the response.
macro_rules! rows {
    ($(
        $(#[$doc:meta])* $name:ident: $method:literal $path:literal $body:tt => $status:literal {
            $($pointer:literal: $value:tt),* $(,)?
        };
    )*) => {
        $($(#[$doc])* #[test]
        fn $name() {
            let mut lab = crate::lab::Lab::new();
            let (status, response) = lab.rest($method, $path, serde_json::json!($body));
            assert_eq!(status, $status, "{response}");
            $(
                let expected = serde_json::json!($value);
                assert_eq!(response.pointer($pointer), Some(&expected), "{}: {response}", $pointer);
            )*
        })*
    };
}

pub(crate) use rows;
