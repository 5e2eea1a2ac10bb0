//! Random values.

use super::step::ResponseFields;
use crate::model::{Call, Provided, Token, Uid};

/// SplitMix64. Proptest's strategies take minutes here in a build without optimisation.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub fn below(&mut self, of: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((bits ^ (bits >> 31)) >> 33).unwrap() % of
    }

    pub fn once_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub fn choose<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A user. The first ones are more frequent, so that steps meet the same session.
    pub fn user(&mut self) -> u8 {
        self.choose(&[0, 0, 1, 1, 2])
    }

    pub fn uid(&mut self) -> Uid {
        Uid { user: self.user(), upper: self.once_in(3) }
    }

    pub fn token(&mut self) -> Token {
        Token { user: self.user(), number: self.choose(&[1, 1, 2]) }
    }

    pub fn fields(&mut self) -> ResponseFields {
        ResponseFields {
            token: self.choose(&[1, 2, 3]),
            upper: self.once_in(4),
            jwt: !self.once_in(3),
            channel: !self.once_in(3),
            hosts: !self.once_in(3),
        }
    }

    pub fn weighted_index(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| left.checked_sub(*weight).map(|less| left = less).is_none())
            .unwrap()
    }

    pub fn provided(&mut self) -> Provided {
        match self.below(8) {
            0 => Provided::Blank,
            1 => Provided::NonAscii,
            _ => Provided::Token(self.token()),
        }
    }

    pub fn init(&mut self) -> Call {
        Call::Init {
            app: usize::from(self.once_in(6)),
            session_mode: self.once_in(3),
            timeout: self.choose(&[10_000, 10_000, 3_000, 30_000]),
            other_region: self.once_in(4),
        }
    }
}
