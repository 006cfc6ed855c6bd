//! `examples/bad`: one mistake in each folder, told with file, line, what is wrong and what instead; nothing is written.

use std::{collections::BTreeSet, fs};

use crate::run::{Run, argument, files, oarlock, root};

/// What is said of one mistake.
struct Mistake<'t> {
    /// File, line and column below the folder, as the message has them.
    place: &'t str,
    wrong: &'t str,
    instead: &'t str,
    /// How many files were fine.
    fine: usize,
}

/// Plans and renders the fleet of a folder: both say the same, and neither writes anything.
#[track_caller]
fn refuses(folder: &str, mistake: &Mistake<'_>) {
    let path = root().join("examples/bad").join(folder);
    let before = files(&path);
    let written = tempfile::tempdir().unwrap();
    let fleet = format!("examples/bad/{folder}/fleet.yaml");
    let saved = written.path().join("plan.json");
    let out = written.path().join("out");
    let plan = oarlock(&["plan", "-f", &fleet, "--out", argument(&saved)]);
    let render = oarlock(&["render", "-f", &fleet, "--format", "terraform", "--out-dir", argument(&out)]);
    for run in [plan, render] {
        says(&run.ended_with(1), folder, mistake);
    }
    assert_eq!(before, files(&path));
    assert!(fs::read_dir(written.path()).unwrap().next().is_none(), "something was written");
}

#[track_caller]
fn says(run: &Run, folder: &str, mistake: &Mistake<'_>) {
    let Mistake { place, wrong, instead, fine } = mistake;
    let stderr = &run.stderr;
    assert_eq!(run.stdout, "");
    let place = if place.is_empty() { folder.to_owned() } else { format!("{folder}/{place}") };
    assert!(stderr.contains(&format!("--> examples/bad/{place}\n")), "no place `{place}` in\n{stderr}");
    assert!(stderr.contains(&format!("error: {wrong}")), "not what is wrong:\n{stderr}");
    assert!(stderr.contains(instead), "not what instead:\n{stderr}");
    let files = if *fine == 1 { "1 file was".to_owned() } else { format!("{fine} files were") };
    let last = format!("error: 1 problem in the input; {files} fine; nothing was written\n");
    assert!(stderr.ends_with(&last), "not `{last}`:\n{stderr}");
}

#[test]
fn malformed_yaml() {
    refuses(
        "malformed-manifest",
        &Mistake {
            place: "rendered/service.yaml:7:7",
            wrong: "malformed YAML: unclosed bracket '{'",
            instead: "help: mend the file",
            fine: 3,
        },
    );
}

#[test]
fn a_manifest_without_kind() {
    refuses(
        "manifest-without-kind",
        &Mistake {
            place: "rendered/service.yaml:6:1",
            wrong: "the object `hello` has no `kind`",
            instead: "every Kubernetes object names its `apiVersion` and `kind`",
            fine: 3,
        },
    );
}

#[test]
fn an_unknown_field() {
    refuses(
        "unknown-field",
        &Mistake {
            place: "fleet.yaml:9:3",
            wrong: "unknown field `topolgy`",
            instead: "did you mean `topology`?",
            fine: 0,
        },
    );
}

#[test]
fn an_arn_that_is_none() {
    refuses(
        "not-an-arn",
        &Mistake {
            place: "fleet.yaml:10:12",
            wrong: "`eu-west-1/prod` is not an ARN",
            instead: "it should look like `arn:aws:service:region:account:resource`",
            fine: 0,
        },
    );
}

#[test]
fn two_clusters_with_one_arn() {
    refuses(
        "duplicate-cluster-arn",
        &Mistake {
            place: "fleet.yaml:13:12",
            wrong: "two clusters have the ARN `arn:aws:eks:eu-west-1:444455556666:cluster/prod`: the other is at \
                examples/bad/duplicate-cluster-arn/fleet.yaml:10:12",
            instead: "name each cluster once",
            fine: 0,
        },
    );
}

#[test]
fn two_clusters_with_one_server() {
    refuses(
        "duplicate-server",
        &Mistake {
            place: "fleet.yaml:15:17",
            wrong: "two clusters have the server `https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com`",
            instead: "give each cluster its own",
            fine: 0,
        },
    );
}

#[test]
fn a_destination_that_names_no_cluster() {
    refuses(
        "unknown-destination",
        &Mistake {
            place: "app.yaml:9:16",
            wrong: "the destination of `hello` is `prd`, which is no cluster of this fleet",
            instead: "did you mean `prod`?",
            fine: 2,
        },
    );
}

#[test]
fn an_account_id_with_11_digits() {
    refuses(
        "short-account-id",
        &Mistake {
            place: "fleet.yaml:10:12",
            wrong: "`44445555666` is not an account id: it has 11 digits",
            instead: "AWS account ids have 12",
            fine: 0,
        },
    );
}

#[test]
fn a_cluster_in_another_partition_than_its_hub() {
    refuses(
        "other-partition",
        &Mistake {
            place: "fleet.yaml:10:12",
            wrong: "the cluster is in the partition `aws-cn`, its hub in `aws`",
            instead: "each partition needs a hub of its own",
            fine: 0,
        },
    );
}

#[test]
fn a_group_of_kubernetes_own() {
    refuses(
        "system-group",
        &Mistake {
            place: "fleet.yaml:9:20",
            wrong: "the group `system:masters` starts with `system:`, which EKS refuses",
            instead: "choose another, such as `oarlock:argocd`",
            fine: 0,
        },
    );
}

#[test]
fn an_inventory_of_another_fleet() {
    refuses(
        "other-inventory",
        &Mistake {
            place: "inventory",
            wrong: "this inventory is of another fleet: it has `arn:aws:eks:us-east-1:777788889999:cluster/unrelated`",
            instead: "give the inventory that has the hub `arn:aws:eks:eu-west-1:111122223333:cluster/hub`",
            fine: 4,
        },
    );
}

#[test]
fn a_plan_saved_by_another_version() {
    let folder = "saved-plan-version";
    let mistake = Mistake {
        place: "plan.json",
        wrong: "this plan was made by Oarlock `0.0.1`, and this is `",
        instead: "make the plan again with this version",
        fine: 0,
    };
    let written = tempfile::tempdir().unwrap();
    let out = written.path().join("out");
    let plan = "examples/bad/saved-plan-version/plan.json";
    says(&oarlock(&["show", plan]).ended_with(1), folder, &mistake);
    let render = oarlock(&["render", "--plan", plan, "--format", "kubernetes", "--out-dir", argument(&out)]);
    says(&render.ended_with(1), folder, &mistake);
    assert!(!out.exists());
}

#[test]
fn an_output_folder_that_holds_other_peoples_files() {
    let folder = "foreign-output";
    let path = root().join("examples/bad").join(folder);
    let before = files(&path);
    let fleet = "examples/bad/foreign-output/fleet.yaml";
    let out = "examples/bad/foreign-output/out";
    let run = oarlock(&["render", "-f", fleet, "--format", "kubernetes", "--out-dir", out]);
    says(
        &run.ended_with(1),
        folder,
        &Mistake {
            place: "out",
            wrong: "the output folder holds `kustomization.yaml`, which Oarlock didn't write",
            instead: "name a new or empty folder",
            fine: 3,
        },
    );
    assert_eq!(before, files(&path));
}

#[test]
fn every_mistake_is_told_at_once() {
    let two = ["malformed-manifest", "manifest-without-kind"].map(|f| format!("examples/bad/{f}/rendered"));
    let run = oarlock(&["needs", &two[0], &two[1]]).ended_with(1);
    assert!(run.stderr.contains("malformed YAML"), "{}", run.stderr);
    assert!(run.stderr.contains("has no `kind`"), "{}", run.stderr);
    assert!(run.stderr.contains("2 problems in the input; 2 files were fine"), "{}", run.stderr);
}

#[test]
fn the_table_in_the_readme_names_every_folder() {
    let readme = fs::read_to_string(root().join("examples/bad/README.md")).unwrap();
    let named: BTreeSet<_> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned))
        .collect();
    let there: BTreeSet<_> = fs::read_dir(root().join("examples/bad"))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    assert_eq!(named, there);
}

#[test]
fn a_cluster_that_cannot_be_read_is_the_only_mistake_though_others_name_it() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root().join("examples/acme/fleet.yaml")).unwrap();
    let fleet = folder.path().join("fleet.yaml");
    fs::write(
        &fleet,
        text.replace("us-east-1:444455556666:cluster/payments", "us-east-1:44445555666:cluster/payments"),
    )
    .unwrap();
    let run = oarlock(&["plan", "-f", argument(&fleet)]).ended_with(1);
    assert!(run.stderr.contains("it has 11 digits"), "{}", run.stderr);
    assert!(
        run.stderr.ends_with("error: 1 problem in the input; 0 files were fine; nothing was written\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn input_without_any_object_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("empty.yaml");
    fs::write(&empty, "---\n# nothing\n").unwrap();
    let run = oarlock(&["needs", argument(&empty)]).ended_with(1);
    assert!(run.stderr.contains("error: there is no object in the input"), "{}", run.stderr);
    assert_eq!(run.stdout, "");
    // A chart may come to render nothing, and what it needed can go.
    let reports = "examples/acme/rendered/reports";
    let run = oarlock(&["needs", argument(&empty), "-n", "reports", "--against", reports]).ended_with(0);
    assert!(run.stdout.contains("cronjobs.batch"), "{}", run.stdout);
}
