//! Whatever is there already: ids are unique, no step stands before what it comes after, nothing is guessed.

use std::sync::LazyLock;

use fleet::Fleet;
use oarlock_plan::{Action, Desired};
use proptest::prelude::*;

use crate::{fleets, is_ordered, planned, world};

static FLEETS: LazyLock<Vec<(Fleet, Desired)>> = LazyLock::new(|| {
    let desired = |fleet: Fleet| {
        let desired = planned(&fleet, None, false).desired();
        (fleet, desired)
    };
    fleets().into_iter().map(desired).collect()
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_makes_exactly_what_is_missing_in_an_order_that_works(
        which in 0..8usize,
        there in prop::collection::vec(any::<bool>(), 64),
        adopt in any::<bool>(),
    ) {
        let (fleet, desired) = &FLEETS[which];
        let mut world = world::empty(fleet);
        let mut missing = Vec::new();
        for (object, there) in desired.objects.iter().zip(there) {
            if there {
                world::put(&mut world, object);
            } else {
                missing.push(object.id());
            }
        }
        missing.retain(|id| id.kind != "restart");
        let plan = planned(fleet, Some(&world), adopt);
        is_ordered(&plan);
        let made = plan.steps.iter().filter(|step| step.action == Action::Create);
        let mut made: Vec<_> = made.map(|step| step.object.clone()).collect();
        made.sort();
        missing.sort();
        prop_assert_eq!(made, missing);
        for step in &plan.steps {
            prop_assert!(!step.is_pending(), "{:?}", step);
        }
    }
}
