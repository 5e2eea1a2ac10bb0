//! The allocator: a third of what the smallest general one weighs, because it knows little. A block is a power of two of
//! bytes, 16 at least; what is given back is kept in a list for its size and handed out again. So memory is never given from
//! one size to another, and what a page holds is bounded by the most it ever used of each size.
#![allow(unsafe_code, reason = "an allocator hands out raw memory")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use core::ptr::null_mut;

#[cfg(target_arch = "wasm32")]
const PAGE: usize = 65_536;
/// The last byte of the smallest block.
const SMALLEST: usize = 15;

/// Where memory comes from.
pub trait Source {
    /// The address of at least that many fresh bytes, and how many they are; `None` where there are no more.
    fn grow(&self, bytes: usize) -> Option<(usize, usize)>;
}

/// The memory of a WebAssembly instance.
#[cfg(target_arch = "wasm32")]
pub struct Instance;

#[cfg(target_arch = "wasm32")]
impl Source for Instance {
    fn grow(&self, bytes: usize) -> Option<(usize, usize)> {
        let pages = bytes.div_ceil(PAGE);
        let before = core::arch::wasm32::memory_grow(0, pages);
        (before != usize::MAX).then_some((before * PAGE, pages * PAGE))
    }
}

/// The allocator of one thread.
pub struct Blocks<S> {
    source: S,
    /// For each size the first block that is free; it holds the address of the next.
    free: [Cell<*mut u8>; 32],
    /// The memory that was never handed out.
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: an instance has one thread.
unsafe impl<S> Sync for Blocks<S> {}

impl<S: Source> Blocks<S> {
    /// Empty.
    pub const fn new(source: S) -> Self {
        Self {
            source,
            free: [const { Cell::new(null_mut()) }; 32],
            next: Cell::new(0),
            end: Cell::new(0),
        }
    }

    /// The power of two that holds it. Each block is aligned to the smallest one's size, and nothing to more.
    fn power(layout: Layout) -> u32 {
        usize::BITS - (layout.size().wrapping_sub(1) | SMALLEST).leading_zeros()
    }

    fn fresh(&self, size: usize) -> *mut u8 {
        if self.end.get() - self.next.get() < size {
            let Some((start, length)) = self.source.grow(size) else { return null_mut() };
            // What is left goes on where the new memory does not.
            if start != self.end.get() {
                self.next.set(start);
            }
            self.end.set(start + length);
        }
        let block = self.next.get();
        self.next.set(block + size);
        block as *mut u8
    }
}

// SAFETY: blocks do not overlap: a fresh one is cut off what was never handed out, another was given back. Each begins at a
// multiple of 16, the source's memory at a multiple of a page, and nothing here is aligned to more.
unsafe impl<S: Source> GlobalAlloc for Blocks<S> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let power = Self::power(layout);
        let Some(free) = self.free.get(power as usize) else { return null_mut() };
        let block = free.get();
        if block.is_null() {
            return self.fresh(1 << power);
        }
        // SAFETY: a free block holds the address of the next.
        free.set(unsafe { *block.cast::<*mut u8>() });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(free) = self.free.get(Self::power(layout) as usize) {
            // SAFETY: the block is ours again, and large enough for an address.
            unsafe { *block.cast::<*mut u8>() = free.get() };
            free.set(block);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::cell::RefCell;

    /// Real memory, in pieces of 64 KiB or more, at most ten of them; some follow on each other, some do not.
    #[derive(Default)]
    struct Pieces(RefCell<Vec<Vec<u128>>>);

    impl Source for Pieces {
        fn grow(&self, bytes: usize) -> Option<(usize, usize)> {
            let mut pieces = self.0.borrow_mut();
            if pieces.len() == 10 {
                return None;
            }
            pieces.push(vec![0; bytes.div_ceil(65_536) * 4096]);
            let piece = pieces.last().unwrap();
            Some((piece.as_ptr() as usize, piece.len() * 16))
        }
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, if size.is_multiple_of(3) { 16 } else { 1 }).unwrap()
    }

    proptest! {
        #[test]
        fn no_two_blocks_overlap_and_each_keeps_what_is_written(steps in prop::collection::vec((0_usize..3, 0_usize..900, any::<u8>()), 1..60)) {
            let blocks = Blocks::new(Pieces::default());
            let mut held: Vec<(*mut u8, usize, u8)> = Vec::new();
            let whole = |(block, size, mark): (*mut u8, usize, u8)| (0..size).all(|at| unsafe { *block.add(at) } == mark);
            for (what, size, mark) in steps {
                if what == 0 || held.is_empty() {
                    let size = size.max(1);
                    let block = unsafe { blocks.alloc(layout(size)) };
                    if block.is_null() {
                        continue;
                    }
                    prop_assert_eq!(block as usize % 16, 0);
                    unsafe { block.write_bytes(mark, size) };
                    held.push((block, size, mark));
                } else {
                    let (block, old, mark) = held.swap_remove(size % held.len());
                    prop_assert!(whole((block, old, mark)));
                    if what == 1 {
                        unsafe { blocks.dealloc(block, layout(old)) };
                    } else {
                        let size = size.max(1);
                        let new = unsafe { blocks.realloc(block, Layout::from_size_align(old, 1).unwrap(), size) };
                        if !new.is_null() {
                            prop_assert!(whole((new, old.min(size), mark)));
                            unsafe { new.write_bytes(mark, size) };
                            held.push((new, size, mark));
                        }
                    }
                }
                for block in &held {
                    prop_assert!(whole(*block));
                }
            }
        }
    }

    #[test]
    fn what_is_given_back_is_used_again() {
        let blocks = Blocks::new(Pieces::default());
        for _ in 0..100_000 {
            let (one, other) = unsafe { (blocks.alloc(layout(1_000)), blocks.alloc(layout(30))) };
            assert!(!one.is_null() && !other.is_null());
            unsafe {
                blocks.dealloc(one, layout(1_000));
                blocks.dealloc(other, layout(30));
            }
        }
        assert_eq!(blocks.source.0.borrow().len(), 1, "one piece of 64 KiB is enough for ever");
    }

    #[test]
    fn too_much_is_refused_and_nothing_breaks() {
        let blocks = Blocks::new(Pieces::default());
        let more = (0..20).map(|_| unsafe { blocks.alloc(layout(60_000)) });
        assert_eq!(more.filter(|block| !block.is_null()).count(), 10);
    }
}
