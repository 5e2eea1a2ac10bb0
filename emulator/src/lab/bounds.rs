//! What a client can make the emulator keep, wait for or open, at most. The README lists these numbers with what happens at each.

use std::time::Duration;

/// The part of a request's body that is kept, in bytes. The service takes no larger ones, so the rest is read and thrown away.
pub const BODY_KEPT: usize = crate::core::MAX_BODY;
/// How much of a body is read, in bytes: enough that a client with a body somewhat too large sees the reply, not a broken connection.
pub const BODY_READ: usize = 1024 * 1024;
/// The largest body of a call to `/emulator/v1`, in bytes: a whole state may be large.
pub const CONTROL_BODY: usize = 64 * 1024 * 1024;
/// How long a request's header, a TLS handshake, and the pause between two requests may take.
pub const HEADER_TIME: Duration = Duration::from_secs(30);
/// How long a request's body may take.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// The header fields of one request.
pub const HEADERS: usize = 100;
/// The header fields of one request in bytes, request line included.
pub const HEADER_BYTES: usize = 32 * 1024;

/// Entries of the journal for one app.
pub const JOURNAL_ENTRIES: usize = 1000;
/// The whole journal, in bytes.
pub const JOURNAL_BYTES: usize = 64 * 1024 * 1024;
/// A body, or a web socket's frame, in the journal, in bytes.
pub const JOURNAL_BODY: usize = 10 * 1024;
/// The frames of one web socket in the journal, in bytes.
pub const JOURNAL_SOCKET_BYTES: usize = 1024 * 1024;
/// The frames of one web socket in the journal: pings go on for hours, and the first few tell enough.
pub const JOURNAL_SOCKET_FRAMES: usize = 100;
/// How long `GET /emulator/v1/requests?wait=` waits, in milliseconds.
pub const JOURNAL_WAIT: u64 = 30_000;
/// Secrets that are no longer valid and still masked.
pub const RETIRED_SECRETS: usize = 10_000;

/// Open web sockets.
pub const SOCKETS: usize = 256;
/// The largest frame of a web socket, in bytes.
pub const FRAME: usize = 64 * 1024;
/// From the opening of a web socket to a valid `auth` frame.
pub const SOCKET_AUTH_TIME: Duration = Duration::from_secs(10);
/// How long an authenticated client may be silent; the official one pings every 15 seconds.
pub const SOCKET_SILENCE: Duration = Duration::from_secs(120);
/// How long sending a frame, or the closing handshake, may take.
pub const SOCKET_FAREWELL: Duration = Duration::from_secs(1);

/// Apps.
pub const APPS: usize = 1000;
/// Fault rules.
pub const RULES: usize = 1000;
/// The longest delay of a fault rule, in milliseconds. For longer there is `hang`.
pub const DELAY: u64 = 600_000;
/// How far the clock goes, in seconds: a hundred years, forwards or back.
pub const CLOCK: u64 = 3_155_760_000;
