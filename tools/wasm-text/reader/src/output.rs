//! Bytes that are being written.

/// A buffer that is filled from the start.
pub struct Output<'a> {
    buffer: &'a mut [u8],
    length: usize,
}

impl<'a> Output<'a> {
    pub fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, length: 0 }
    }

    /// The number of bytes so far.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Appends a byte. What does not fit the buffer is only counted.
    // Inlined at every use, this and `Streams::next` make the reader a tenth larger.
    #[inline(never)]
    pub fn push(&mut self, byte: u8) {
        if let Some(slot) = self.buffer.get_mut(self.length) {
            *slot = byte;
        }
        self.length += 1;
    }

    /// Appends the LEB128 sequence with that number. The sequences are numbered, the shorter ones
    /// first: 128 is the first of two bytes.
    pub fn push_sequence(&mut self, mut number: u32) {
        while number > 127 {
            self.push(number as u8 | 128);
            number = (number >> 7) - 1;
        }
        self.push(number as u8);
    }

    /// Moves a function to the end, with its size in front of it.
    pub fn push_sized(&mut self, body: &mut Output<'_>) {
        let mut size = body.length;
        while size > 127 {
            self.push(size as u8 | 128);
            size >>= 7;
        }
        self.push(size as u8);
        for byte in body.buffer.iter().take(body.length) {
            self.push(*byte);
        }
        body.length = 0;
    }
}
