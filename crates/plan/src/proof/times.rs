//! The inventory before a plan, after it, and after its pending steps.

use access::Accounts;
use inventory::Inventory;

use crate::{Step, after};

/// When one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    Before,
    /// When all has been done that the plan does without `--adopt`.
    After,
    /// When the pending steps have been done, too.
    Adopted,
}

/// What is there at each time.
#[derive(Debug)]
pub(super) struct Done<'i> {
    before: &'i Inventory,
    after: Inventory,
    /// None where nothing is pending.
    adopted: Option<Inventory>,
}

impl<'i> Done<'i> {
    pub(super) fn of(before: &'i Inventory, steps: &[Step]) -> Self {
        let adopted = steps.iter().any(Step::is_pending).then(|| after(before, steps));
        Self { before, after: after(before, steps.iter().filter(|step| !step.is_pending())), adopted }
    }
}

/// The same, to be asked.
#[derive(Debug)]
pub(super) struct Times<'d> {
    before: Accounts<'d>,
    after: Accounts<'d>,
    adopted: Option<Accounts<'d>>,
}

impl<'d> Times<'d> {
    pub(super) fn of(done: &'d Done<'_>) -> Self {
        Self {
            before: Accounts::of(done.before),
            after: Accounts::of(&done.after),
            adopted: done.adopted.as_ref().map(Accounts::of),
        }
    }

    /// Where nothing is pending, all is as after the plan.
    pub(super) fn at(&self, time: Time) -> &Accounts<'d> {
        match time {
            Time::Before => &self.before,
            Time::After => &self.after,
            Time::Adopted => self.adopted.as_ref().unwrap_or(&self.after),
        }
    }
}
