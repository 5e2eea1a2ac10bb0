//! The export for JavaScript. See `reader.ts`.
#![expect(unsafe_code, reason = "JavaScript passes memory by its address")]

use core::slice;

use crate::format::checksum;

/// Decodes the text at an address. Behind it there is room for the longest function and the module,
/// `room` bytes each. Returns the length of the module, or 0 if the text was changed.
///
/// # Safety
/// JavaScript has added this memory, and does not use it during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn decode(text: *mut u8, length: usize, room: usize, expected: u32) -> usize {
    // SAFETY: see above. Any byte is a valid `u8`.
    let memory = unsafe { slice::from_raw_parts_mut(text, length + 2 * room) };
    let (text, rest) = memory.split_at_mut(length);
    let (body, module) = rest.split_at_mut(room);
    if checksum(text) == expected { crate::decode(text, body, module) } else { 0 }
}
