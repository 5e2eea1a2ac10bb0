//! The export for JavaScript. See `reader.ts`.
#![expect(unsafe_code, reason = "JavaScript passes memory by its address")]

use core::slice;

use crate::format::checksum;

/// Decodes a text of `length` bytes. Behind it are `room` bytes for the longest function, then
/// `room` bytes for the module. Returns the length of the module in bytes, or 0 if the text was
/// changed.
///
/// # Safety
/// `text` must point to `length + 2 * room` bytes that JavaScript has added with `memory.grow` and
/// does not use during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn decode(text: *mut u8, length: usize, room: usize, expected: u32) -> usize {
    // SAFETY: see above. Any byte is a valid `u8`.
    let memory = unsafe { slice::from_raw_parts_mut(text, length + 2 * room) };
    let (text, rest) = memory.split_at_mut(length);
    let (body, module) = rest.split_at_mut(room);
    if checksum(text) == expected { crate::decode(text, body, module) } else { 0 }
}
