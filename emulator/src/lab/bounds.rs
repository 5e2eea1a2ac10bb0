//! The limits on what a client can make the emulator keep, wait for or open. The README lists them
//! with what happens at each.

use std::time::Duration;

/// How much of a request's body is kept, in bytes. The service accepts no larger bodies, so the
/// rest is read and discarded.
pub const BODY_KEPT: usize = crate::core::MAX_BODY;
/// How much of a body is read, in bytes. A client whose body is slightly too large then gets a
/// response in place of a broken connection.
pub const BODY_READ: usize = 1024 * 1024;
/// The largest body of a call to `/emulator/v1`, in bytes. A whole state can be large.
pub const CONTROL_BODY: usize = 64 * 1024 * 1024;
/// How long a request's header, a TLS handshake, and the pause between two requests may take.
pub const HEADER_TIME: Duration = Duration::from_secs(30);
/// How long a request's body may take.
pub const BODY_TIME: Duration = Duration::from_secs(10);
/// The header fields of one request.
pub const HEADERS: usize = 100;
/// The header fields of one request in bytes, request line included.
pub const HEADER_BYTES: usize = 32 * 1024;

/// The most entries of the journal for one app.
pub const JOURNAL_ENTRIES: usize = 1000;
/// The largest size of the whole journal, in bytes.
pub const JOURNAL_BYTES: usize = 64 * 1024 * 1024;
/// The largest body or web socket frame in the journal, in bytes.
pub const JOURNAL_BODY: usize = 10 * 1024;
/// The largest size of the frames of one web socket in the journal, in bytes.
pub const JOURNAL_SOCKET_BYTES: usize = 1024 * 1024;
/// The most frames of one web socket in the journal. Later ones are mostly pings.
pub const JOURNAL_SOCKET_FRAMES: usize = 100;
/// The longest wait of `GET /emulator/v1/requests?wait=`, in milliseconds.
pub const JOURNAL_WAIT: u64 = 30_000;
/// How many secrets stay masked after they are no longer valid.
pub const RETIRED_SECRETS: usize = 10_000;

/// The most open web sockets.
pub const SOCKETS: usize = 256;
/// The largest frame of a web socket, in bytes.
pub const FRAME: usize = 64 * 1024;
/// The longest time from the opening of a web socket to a valid `auth` frame.
pub const SOCKET_AUTH_TIME: Duration = Duration::from_secs(10);
/// How long an authenticated client may be silent. The official client pings every 15 seconds.
pub const SOCKET_SILENCE: Duration = Duration::from_secs(120);
/// How long sending a frame, or the closing handshake, may take.
pub const SOCKET_FAREWELL: Duration = Duration::from_secs(1);

/// The most apps.
pub const APPS: usize = 1000;
/// The most snapshots.
pub const SNAPSHOTS: usize = 100;
/// The most fault rules.
pub const RULES: usize = 1000;
/// The longest delay of a fault rule, in milliseconds. `hang` has no end.
pub const DELAY: u64 = 600_000;
/// The largest offset of the clock, in seconds: a hundred years, forwards or back.
pub const CLOCK: u64 = 3_155_760_000;
