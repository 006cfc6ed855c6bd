//! `cargo xtask e2e`: Oarlock against software that we did not write.
//!
//! The programs below `tests/e2e` are Go modules, one for each, on the upstream's own code. They are built once and kept in
//! `target/e2e`. What listens, listens on loopback, on ports that the system chooses, and ends with this process.

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::Workspace;

mod admission;
mod aggregation;
mod api_front;
mod apiserver;
mod apply;
mod argocd;
mod audit;
mod aws;
mod clock;
mod collect;
mod diagnose;
mod enough;
mod faults;
mod files;
mod generate;
mod go;
mod journey;
mod kubeconfig;
mod kubectl;
mod live;
mod near;
mod no_more;
mod oracles;
mod ours;
mod permitted;
mod policies;
mod python;
mod rbac;
mod report;
mod reviews;
mod scale;
mod server;
mod shipped;
mod suite;
mod tokens;
mod up;
mod writes;

use suite::{Ground, Suite};

/// All suites, in the order in which they run; each has the file of its name.
const SUITES: &[Suite] = &[
    Suite { name: "rbac", what: "RBAC decisions as Kubernetes' own code makes them", run: rbac::run },
    Suite {
        name: "policies",
        what: "IAM decisions as evaluators make them that others wrote",
        run: policies::run,
    },
    Suite {
        name: "oracles",
        what: "cluster Secrets, AppProjects and impersonation as Argo CD's own code reads them",
        run: oracles::run,
    },
    Suite {
        name: "aws",
        what: "the AWS CLI's script, run against an AWS API server and API servers",
        run: aws::run,
    },
    Suite {
        name: "collect",
        what: "`oarlock collect` beside the AWS CLI's script, and with exactly what it asks for itself",
        run: collect::run,
    },
    Suite {
        name: "apply",
        what: "`oarlock apply` where Argo CD's own identity changes: restarted, killed and disturbed on the way",
        run: apply::run,
    },
    Suite {
        name: "journey",
        what: "`oarlock apply` from cluster-admin to what is needed: drift, faults, and killed after each write",
        run: journey::run,
    },
    Suite {
        name: "scale",
        what: "`oarlock collect` and `oarlock apply` on hundreds of clusters, with limits on how often may be asked",
        run: scale::run,
    },
    Suite {
        name: "diagnose",
        what: "one thing broken at a time, its real error diagnosed, and repaired by what is printed",
        run: diagnose::run,
    },
    Suite { name: "reviews", what: "access reviews as a live API server answers them", run: reviews::run },
    Suite {
        name: "admission",
        what: "roles and bindings admitted by a live API server",
        run: admission::run,
    },
    Suite { name: "files", what: "rendered files in the tools that they are for", run: files::run },
    Suite { name: "report", what: "the audit's HTML report in headless Chromium", run: report::run },
    Suite { name: "enough", what: "Argo CD's own code with exactly what Oarlock grants", run: enough::run },
    Suite { name: "no-more", what: "each grant dropped, and missed", run: no_more::run },
    Suite {
        name: "tokens",
        what: "tokens for EKS, from an IAM role to Kubernetes' groups",
        run: tokens::run,
    },
];

/// Suites to run, or servers to play with.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    servers: Option<up::Servers>,
    #[command(flatten)]
    options: Options,
}

/// How much, and which.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these suites, of those listed below
    pub(crate) suites: Vec<String>,
    /// Questions that are made by chance: about RBAC [default: 100000], about IAM [default: 20000, or 100000 with --all]
    #[arg(long)]
    pub(crate) questions: Option<u64>,
    /// Access reviews of generated policies for a live API server and for us
    #[arg(long, default_value_t = 5_000)]
    pub(crate) reviews: usize,
    /// Writes of roles and bindings to a live API server
    #[arg(long, default_value_t = 2_000)]
    pub(crate) writes: usize,
    /// Seed of what is generated
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Only cases whose name has this in it
    #[arg(long, default_value = "")]
    pub(crate) case: String,
    /// Everything, where the default is a sample
    #[arg(long)]
    pub(crate) all: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            suites: Vec::new(),
            questions: None,
            reviews: 5_000,
            writes: 2_000,
            seed: 1,
            case: String::new(),
            all: false,
        }
    }
}

/// Does what the command line says.
pub(crate) fn main(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    match &arguments.servers {
        Some(servers) => up::run(workspace, servers),
        None => run(workspace, &arguments.options).map(drop),
    }
}

/// What each suite shows, for who asks for help.
pub(crate) fn suites() -> String {
    let lines = SUITES.iter().map(|Suite { name, what, .. }| format!("  {name:<10}{what}\n"));
    format!("Suites:\n{}", lines.collect::<String>())
}

/// Builds what is missing, and runs the suites; the first disagreement is an error. What was shown, a line a suite.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<String> {
    let mut shown = Vec::new();
    for suite in chosen(&options.suites)? {
        println!("--- {}: {}", suite.name, suite.what);
        let ground = Ground::new(workspace, options, suite.name)?;
        let line = (suite.run)(&ground).with_context(|| {
            format!(
                "suite {name}; logs are in {logs}; once more: cargo xtask e2e {name} --seed {seed}",
                name = suite.name,
                logs = ground.folder.display(),
                seed = options.seed
            )
        })?;
        std::fs::remove_dir_all(&ground.folder)?;
        println!("{line}");
        shown.push(line);
    }
    Ok(shown.join("; "))
}

fn chosen(names: &[String]) -> Result<Vec<&'static Suite>> {
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        let known: Vec<_> = SUITES.iter().map(|suite| suite.name).collect();
        bail!("no suite is called `{unknown}`: there are {}", known.join(", "));
    }
    Ok(SUITES
        .iter()
        .filter(|suite| names.is_empty() || names.iter().any(|name| name == suite.name))
        .collect())
}
