//! Documents with a shape: a value and where it stands, so that what is wrong can be named.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// A part of a document is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place} is missing or not {expected}")]
pub struct Wrong {
    /// For example `contacts[3].port`.
    pub place: String,
    /// What ought to stand there.
    pub expected: &'static str,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Place<'a> {
    pub(crate) value: &'a Value,
    pub(crate) path: String,
}

impl<'a> Place<'a> {
    /// The whole document.
    pub(crate) const fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    pub(crate) fn wrong(&self, expected: &'static str) -> Wrong {
        Wrong { place: self.path.clone(), expected }
    }

    pub(crate) fn at(&self, name: &str) -> Result<Place<'a>, Wrong> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        match self.value.get(name) {
            Some(value) => Ok(Place { value, path }),
            None => Err(Wrong { place: path, expected: "there" }),
        }
    }

    /// What stands under the name, where something does.
    pub(crate) fn maybe(&self, name: &str) -> Option<Place<'a>> {
        self.at(name).ok().filter(|place| !place.value.is_null())
    }

    pub(crate) fn map(&self) -> Result<&'a Map<String, Value>, Wrong> {
        self.value.as_object().ok_or_else(|| self.wrong("an object"))
    }

    pub(crate) fn items(&self) -> Result<Vec<Place<'a>>, Wrong> {
        let list = self.value.as_array().ok_or_else(|| self.wrong("a list"))?;
        let place = |(at, value)| Place { value, path: format!("{}[{at}]", self.path) };
        Ok(list.iter().enumerate().map(place).collect())
    }

    pub(crate) fn text(&self) -> Result<String, Wrong> {
        self.value.as_str().map(str::to_owned).ok_or_else(|| self.wrong("a text"))
    }

    pub(crate) fn text_or_null(&self) -> Result<Option<String>, Wrong> {
        if self.value.is_null() { Ok(None) } else { self.text().map(Some) }
    }

    pub(crate) fn texts(&self) -> Result<BTreeSet<String>, Wrong> {
        self.items()?.iter().map(Place::text).collect()
    }

    pub(crate) fn count(&self) -> Result<u64, Wrong> {
        self.value.as_u64().ok_or_else(|| self.wrong("a whole number"))
    }

    pub(crate) fn seconds(&self) -> Result<f64, Wrong> {
        self.value.as_f64().filter(|s| s.is_finite()).ok_or_else(|| self.wrong("a number of seconds"))
    }
}
