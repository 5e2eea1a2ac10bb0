//! The streams of a text.

use crate::format::{LAST, LEADING, OUTSIDE_SHIFT, SEPARATOR, Stream, digit_value};

/// For each stream, what is still to be read.
pub struct Streams<'a> {
    text: &'a [u8],
    cursors: [usize; Stream::COUNT],
}

impl<'a> Streams<'a> {
    /// Finds the streams.
    pub fn new(text: &'a [u8]) -> Self {
        let mut cursors = [0; Stream::COUNT];
        let mut end = 0;
        for cursor in &mut cursors {
            *cursor = end;
            while text.get(end).is_some_and(|character| *character != SEPARATOR) {
                end += 1;
            }
            end += 1;
        }
        Self { text, cursors }
    }

    /// The next number of a stream; 0 at its end.
    // See `Output::push`.
    #[inline(never)]
    pub fn next(&mut self, stream: usize) -> u32 {
        let Some(cursor) = self.cursors.get_mut(stream) else { return 0 };
        let mut number: u32 = 0;
        while let Some(character) = self.text.get(*cursor)
            && *character != SEPARATOR
        {
            *cursor += 1;
            let digit = digit_value(*character);
            if digit >= LEADING {
                return number.wrapping_mul(LAST).wrapping_add(digit - LEADING);
            }
            // Every leading digit counts one more than its place, so that each number has one form.
            number = number.wrapping_mul(LEADING).wrapping_add(digit + 1);
        }
        number
    }

    /// The next byte of a stream of bytes.
    pub fn byte(&mut self, stream: Stream) -> u8 {
        let byte = self.next(stream as usize) as u8;
        if stream == Stream::Outside { byte.wrapping_add(OUTSIDE_SHIFT) } else { byte }
    }
}
