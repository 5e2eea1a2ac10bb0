//! Random schedules.

use super::random::Random;
use super::step::{ExternalChange, ResponseKind, Step, StorageKind};
use crate::model::{Call, EntryKind, Login, RefusedAccess};

/// The schedule of that seed.
pub fn schedule(seed: u64) -> Vec<(usize, Step)> {
    let mut generator = Generator::new(seed);
    let started = Call::Init {
        app: 0,
        session_mode: generator.random.once_in(8),
        timeout: 10_000,
        other_region: false,
    };
    let mut schedule = Vec::with_capacity(64);
    if !generator.random.once_in(20) {
        schedule.extend([(0, Step::Call(started)), (1, Step::Call(started))]);
    }
    let (length, other_tab) =
        (6 + generator.random.below(50), generator.random.choose(&[3, 5, 1_000]));
    for _ in 0..length {
        schedule.push((usize::from(generator.random.once_in(other_tab)), generator.step()));
    }
    schedule
}

/// Generates a schedule. Each schedule has its own weights, so that some steps are frequent and
/// others never occur. That reaches combinations which equal weights almost never reach.
struct Generator {
    random: Random,
    steps: [usize; 20],
    calls: [usize; 11],
    last_login: Login,
}

impl Generator {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut factors = [(); 31].map(|()| random.choose(&[0, 1, 1, 4]));
        factors[..2].fill(1);
        let scaled = |at: usize, weight: usize| weight * factors[at];
        let mut at = 0;
        let mut next = |weight| {
            at += 1;
            scaled(at - 1, weight)
        };
        let steps = [28, 14, 6, 3, 5, 3, 1, 4, 2, 2, 2, 3, 1, 1, 1, 2, 1, 1, 2, 1].map(&mut next);
        let calls = [6, 6, 5, 8, 2, 4, 4, 4, 2, 1, 1].map(&mut next);
        let last_login = Login::Token(random.token(), None);
        Self { random, steps, calls, last_login }
    }

    fn login(&mut self, login: Login) -> Call {
        // Often repeat the last login, so that logins can join.
        if !self.random.once_in(3) {
            self.last_login = login;
        }
        Call::Login(self.last_login)
    }

    fn call(&mut self) -> Call {
        let (random, mut calls) = (&mut self.random, self.calls);
        calls[4] += 1;
        match random.weighted_index(&calls) {
            0 => {
                let login = Login::Key(random.uid(), u8::from(random.once_in(4)));
                self.login(login)
            }
            1 => {
                let login = Login::Token(random.token(), random.once_in(3).then(|| random.uid()));
                self.login(login)
            }
            2 => {
                let login = Login::Provider(
                    random.once_in(2).then(|| random.uid()),
                    random.choose(&[1, 1, 2]),
                );
                self.login(login)
            }
            3 => Call::Logout,
            4 => Call::LoggedInUser,
            5 => Call::Verify,
            6 => Call::UpdateMe,
            7 => Call::UpdateUser(random.uid()),
            8 => Call::GetUser(random.uid()),
            9 => Call::CreateUser(random.uid()),
            _ => random.choose(&[
                Call::InvalidInit,
                Call::InvalidInit,
                Call::AbortedLogin,
                Call::InvalidLogin,
            ]),
        }
    }

    fn step(&mut self) -> Step {
        use ResponseKind::{
            ConnectionLost, Error, ForeignHost, Good, Html, NoUser, NullData, OtherUser,
            TokenUnknown, TooMany, UidUnknown,
        };
        const KINDS: [ResponseKind; 16] = [
            Good,
            Good,
            OtherUser,
            OtherUser,
            NoUser,
            ForeignHost,
            Error,
            TooMany,
            UidUnknown,
            Html,
            NullData,
            ConnectionLost,
            ResponseKind::StatusZero,
            ResponseKind::NoContent,
            ResponseKind::TokenUnknownAt(429),
            ResponseKind::TokenUnknownAt(503),
        ];
        const REFUSED: [RefusedAccess; 6] = [
            RefusedAccess::WritesOf(EntryKind::AppId),
            RefusedAccess::WritesOf(EntryKind::Settings),
            RefusedAccess::WritesOf(EntryKind::User),
            RefusedAccess::AllWrites,
            RefusedAccess::All,
            RefusedAccess::All,
        ];
        let random = &mut self.random;
        match random.weighted_index(&self.steps) {
            0 => Step::Call(self.call()),
            1 => Step::RespondToNewest(random.fields()),
            2 => Step::Respond(random.below(64), random.choose(&KINDS), random.fields()),
            3 => Step::Respond(random.below(64), TokenUnknown, random.fields()),
            4 => Step::Provide(random.below(8), random.provided()),
            5 => Step::Advance(random.choose(&[1, 2_999, 3_000, 5_000, 10_000])),
            6 => Step::LateTimer(random.below(64)),
            7 => Step::Abort(random.below(64)),
            8 => Step::Sync,
            9 => Step::Refuse(random.choose(&REFUSED)),
            10 => Step::Refuse(RefusedAccess::None),
            11 => Step::External(StorageKind::Local, ExternalChange::Login(random.token())),
            12 => {
                let external = [
                    ExternalChange::Rename,
                    ExternalChange::Damage,
                    ExternalChange::ForeignHost(random.token()),
                    ExternalChange::Clear,
                ];
                Step::External(StorageKind::Local, random.choose(&external))
            }
            13 => Step::External(StorageKind::Local, ExternalChange::Logout),
            14 => {
                let token = random.token();
                Step::External(
                    StorageKind::Session,
                    random.choose(&[
                        ExternalChange::Login(token),
                        ExternalChange::Login(token),
                        ExternalChange::Logout,
                    ]),
                )
            }
            15 => Step::Call(random.init()),
            16 => random.choose(&[Step::Dispose, Step::Reload]),
            17 => Step::AfterInit(self.call()),
            18 => Step::Freeze(random.choose(&[3_000, 5_600, 10_400, 10_600])),
            _ => Step::RefuseNextRead,
        }
    }
}
