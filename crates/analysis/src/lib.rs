//! Names, contacts, machines and phases out of observations.
