//! Fleet files: a fleet, or problems that are all in the file and in its order.
#![no_main]

use std::sync::Arc;

use fleet::Fleet;
use libfuzzer_sys::fuzz_target;
use oarlock_fuzz::assert_problem;

fuzz_target!(|bytes: &[u8]| {
    let file: Arc<str> = "fleet.yaml".into();
    match Fleet::parse(&file, bytes) {
        Ok(fleet) => {
            assert!(!fleet.clusters.is_empty(), "a fleet without clusters");
            assert!(fleet.clusters.iter().all(|cluster| cluster.arn.partition == fleet.hub.arn.partition));
            assert_eq!(Ok(fleet), Fleet::parse(&file, bytes), "the same bytes are another fleet");
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            assert!(problems.is_sorted_by(|a, b| a.place <= b.place), "problems out of order");
            problems.iter().for_each(|problem| assert_problem(problem, &file, bytes));
        }
    }
});
