//! Smaller documents that say the same.

use std::collections::BTreeSet;

use crate::{
    Conditions, Document, Element, Principals, Statement, Values, Version,
    compare::{is_same, needless},
    operator::{self, Quantifier},
};

/// Beyond so many values only whole statements are tried, not each value against all statements.
const VALUES: usize = 300;

impl Document {
    /// A document that allows the same requests and of which nothing can be left out: no value that others of its list
    /// cover, no statement and no value that other statements make needless, no two statements that say the same of two lists.
    /// It has no statement ids, which mean nothing. What can't be decided stays.
    #[must_use]
    pub fn shrink(&self) -> Self {
        let mut small = Self { id: None, ..self.clone() };
        for statement in &mut small.statements {
            statement.sid.clear();
        }
        loop {
            let before = small.clone();
            for statement in &mut small.statements {
                statement.drop_needless_values(small.version);
            }
            small.unite_statements();
            small.drop_needless_statements();
            small.drop_values_that_other_statements_cover();
            if small == before {
                return small;
            }
        }
    }

    /// Unites statements that differ in one list only.
    fn unite_statements(&mut self) {
        let mut at = 0;
        while let Some(statement) = self.statements.get(at).cloned() {
            let mut rest = self.statements.iter().enumerate().skip(at + 1);
            let united = rest.find_map(|(number, other)| Some((number, statement.united(other)?)));
            match united {
                None => at += 1,
                Some((number, united)) => {
                    self.statements.remove(number);
                    if let Some(place) = self.statements.get_mut(at) {
                        *place = united;
                    }
                }
            }
        }
    }

    fn drop_needless_statements(&mut self) {
        let mut number = self.statements.len();
        while let Some(last) = number.checked_sub(1) {
            number = last;
            let mut without = self.clone();
            without.statements.remove(number);
            self.take_if_the_same(without);
        }
    }

    fn drop_values_that_other_statements_cover(&mut self) {
        if self.statements.len() < 2 || self.statements.iter().map(Statement::len).sum::<usize>() > VALUES {
            return;
        }
        for number in 0..self.statements.len() {
            for list in 0..Statement::LISTS {
                let values = self.statements.get_mut(number).and_then(|it| it.list_mut(list)).cloned();
                for value in values.iter().flatten() {
                    self.drop_value(number, list, value);
                }
            }
        }
    }

    fn drop_value(&mut self, number: usize, list: usize, value: &str) {
        let mut without = self.clone();
        let values = without.statements.get_mut(number).and_then(|it| it.list_mut(list));
        if let Some(values) = values.filter(|values| values.len() > 1) {
            values.remove(value);
            self.take_if_the_same(without);
        }
    }

    fn take_if_the_same(&mut self, other: Self) {
        if is_same(self, &other) {
            *self = other;
        }
    }
}

impl Statement {
    /// How many lists of values can be united or made smaller: actions, resources, principals of IAM.
    const LISTS: usize = 3;

    /// How many values it lists.
    fn len(&self) -> usize {
        self.actions.listed().len() + self.listed_resources().count()
    }

    /// One of its lists.
    fn list_mut(&mut self, number: usize) -> Option<&mut Values> {
        match (number, &mut self.actions, &mut self.resources, &mut self.principals) {
            (0, Element::Only(values), ..)
            | (1, _, Some(Element::Only(values)), _)
            | (2, _, _, Some(Element::Only(Principals { aws: values, .. }))) => Some(values),
            _ => None,
        }
    }

    /// One statement for two, if these differ in one list only, of which either value is enough.
    fn united(&self, other: &Self) -> Option<Self> {
        let lists = (0..Self::LISTS).find_map(|list| {
            let (mut united, mut same) = (self.clone(), other.clone());
            let (own, values) = (united.list_mut(list)?, same.list_mut(list)?);
            own.append(values);
            values.clone_from(own);
            (united == same).then_some(united)
        });
        lists.or_else(|| self.united_principals(other)).or_else(|| self.united_conditions(other))
    }

    fn united_principals(&self, other: &Self) -> Option<Self> {
        let (Some(Element::Only(own)), Some(Element::Only(more))) = (&self.principals, &other.principals)
        else {
            return None;
        };
        let union = |own: &Values, more: &Values| own.union(more).cloned().collect();
        let principals = Principals {
            aws: union(&own.aws, &more.aws),
            service: union(&own.service, &more.service),
            federated: union(&own.federated, &more.federated),
            canonical_user: union(&own.canonical_user, &more.canonical_user),
        };
        let united = Self { principals: Some(Element::Only(principals)), ..self.clone() };
        let same = Self { principals: united.principals.clone(), ..other.clone() };
        (united == same).then_some(united)
    }

    fn united_conditions(&self, other: &Self) -> Option<Self> {
        let mut united = self.clone();
        let mut differing = 0;
        for (operator, keys) in &mut united.conditions {
            for (key, values) in keys {
                let more = other.conditions.get(operator)?.get(key)?;
                if values != more {
                    differing += 1;
                    if !any_value_is_enough(operator) {
                        return None;
                    }
                    values.extend(more.iter().cloned());
                }
            }
        }
        let names = |conditions: &Conditions| {
            conditions
                .iter()
                .flat_map(|(operator, keys)| keys.keys().map(|key| (operator.clone(), key.clone())))
                .collect::<BTreeSet<_>>()
        };
        let same = Self { conditions: self.conditions.clone(), ..other.clone() };
        (differing == 1 && same == *self && names(&self.conditions) == names(&other.conditions))
            .then_some(united)
    }

    /// Drops what other values of the same list cover.
    fn drop_needless_values(&mut self, version: Version) {
        let dropped = needless::actions(self.actions.listed());
        let (Element::Only(actions) | Element::AllBut(actions)) = &mut self.actions;
        actions.retain(|action| !dropped.contains(action));
        if let Some(element) = &mut self.resources {
            let is_inverted = matches!(element, Element::AllBut(_));
            let (Element::Only(resources) | Element::AllBut(resources)) = element;
            let dropped = needless::resources(resources, version, is_inverted);
            resources.retain(|resource| !dropped.contains(resource));
        }
        for (operator, keys) in &mut self.conditions {
            for (key, values) in keys {
                let dropped = needless::condition_values(operator, key, values, version);
                values.retain(|value| !dropped.contains(value));
            }
        }
    }
}

/// Whether a condition is met where one of its values is, for whatever the key has.
fn any_value_is_enough(name: &str) -> bool {
    operator::named(name)
        .is_some_and(|comparison| !comparison.operator.negated && comparison.quantifier != Quantifier::All)
}
