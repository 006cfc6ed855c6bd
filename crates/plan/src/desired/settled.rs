//! The desired objects of a fleet that has arrived: without what is wanted only while pods change their roles.

use super::{
    Site, Wanted, access_entries, bridge::Bridge, hub_roles, identity_binding, of, resolve, spoke_roles,
};
use crate::input::{ClusterNeeds, Input};

/// What stays once the plan is applied and the pods have their new roles, as if nothing had been there before.
pub(crate) fn settled(input: &Input<'_>, needs: &[ClusterNeeds]) -> Wanted {
    of(&arrived(input, needs))
}

/// Only what AWS knows of it: roles, what ties pods to them, access entries. In no particular order.
pub(crate) fn identities(input: &Input<'_>, needs: &[ClusterNeeds]) -> Wanted {
    let site = arrived(input, needs);
    let bridge = Bridge::of(&site);
    let mut wanted = Wanted::default();
    hub_roles::add(&site, &bridge, &mut wanted);
    spoke_roles::add(&site, &bridge, &mut wanted);
    access_entries::add(&site, &bridge, &mut wanted);
    identity_binding::add(&site, &mut wanted, &[]);
    wanted
}

/// The bridge rests on the roles that pods have today and on the live cluster Secrets.
fn arrived<'a>(input: &'a Input<'a>, needs: &'a [ClusterNeeds]) -> Site<'a> {
    let mut site = resolve::site(input, needs);
    site.today.clear();
    site.spokes.iter_mut().for_each(|spoke| spoke.secret = None);
    site
}
