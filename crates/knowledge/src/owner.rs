//! Organisations: their parents, and whether one of them makes a system.

use std::cell::Cell;

use crate::book::{Book, Row, compiled};
use crate::layout::{owners, systems};

/// How many parents are followed; the checker refuses longer chains as circles.
const MAX_PARENTS: usize = 16;

/// The owner and its parents, the owner first: `Instagram (Meta)`, `Meta`. Unknown names stand alone.
pub fn ancestors(owner: &str) -> Vec<&str> {
    ancestors_in(compiled(), owner)
}

/// As [`ancestors`], by one book.
pub(crate) fn ancestors_in<'o>(book: &Book<'static>, owner: &'o str) -> Vec<&'o str> {
    let mut chain = vec![owner];
    chain.extend(parents(book, owner));
    chain
}

fn parents(book: &Book<'static>, owner: &str) -> Vec<&'static str> {
    let rows = book.rows(owners::TABLE);
    let start = rows.named(owners::NAME, owner);
    let next = move |row: &Row<'static>| rows.numbered(row.number(owners::PARENT));
    let first = start.and_then(|row| next(&row));
    std::iter::successors(first, next).take(MAX_PARENTS).map(|row| row.text(owners::NAME)).collect()
}

/// The row of a system, by its name in any case: `macOS`, `Windows 10`, `Ubuntu`.
pub(crate) fn system_row(book: &Book<'static>, system: &str) -> Option<Row<'static>> {
    thread_local! {
        /// The last one of the compiled book by its exact name: look-ups of one capture ask for the same.
        static LAST: Cell<Option<(&'static str, Row<'static>)>> = const { Cell::new(None) };
    }
    let is_compiled = std::ptr::eq(book, compiled());
    if let Some((name, row)) = LAST.get()
        && is_compiled
        && name == system
    {
        return Some(row);
    }
    let rows = book.rows(systems::TABLE);
    let exact = rows.named(systems::NAME, system);
    if let Some(row) = exact.filter(|_| is_compiled) {
        LAST.set(Some((row.text(systems::NAME), row)));
    }
    exact.or_else(|| rows.iter().find(|row| row.text(systems::NAME).eq_ignore_ascii_case(system)))
}

/// The family that rules are scoped by: `Windows 10` and `Windows` are `Windows`, `Ubuntu` is `Linux`.
pub fn family(system: &str) -> Option<&'static str> {
    system_row(compiled(), system).map(|row| row.text(systems::FAMILY))
}

/// Who makes a system; `None` when nobody or many do (`Linux`).
pub fn maker(system: &str) -> Option<&'static str> {
    let row = system_row(compiled(), system)?;
    compiled().rows(owners::TABLE).numbered(row.number(systems::MAKER)).map(|owner| owner.text(owners::NAME))
}

/// The systems that an organisation or a parent of it makes, by name.
pub fn systems_of(owner: &str) -> Vec<&'static str> {
    systems_in(compiled(), owner)
}

/// As [`systems_of`], by one book.
pub(crate) fn systems_in(book: &Book<'static>, owner: &str) -> Vec<&'static str> {
    let chain = ancestors_in(book, owner);
    let rows = book.rows(systems::TABLE);
    let made = rows.iter().filter(|row| {
        let maker = book.rows(owners::TABLE).numbered(row.number(systems::MAKER));
        maker.is_some_and(|maker| chain.contains(&maker.text(owners::NAME)))
    });
    made.map(|row| row.text(systems::NAME)).collect()
}

/// Whether `owner`, or a parent of it, makes `system`. `None` when the system is not known, or when the owner makes
/// some system of that family and it is not known which one this is: Canonical makes Ubuntu, but does it make a
/// system of which only `Linux` is known?
pub fn is_vendor_of(owner: &str, system: &str) -> Option<bool> {
    let system = system_row(compiled(), system)?;
    let rows = compiled().rows(owners::TABLE);
    match rows.named(owners::NAME, owner) {
        Some(owner) => makes(compiled(), &owner, &system),
        None => Some(false),
    }
}

/// As [`is_vendor_of`], for rows.
pub(crate) fn makes(book: &Book<'static>, owner: &Row<'static>, system: &Row<'static>) -> Option<bool> {
    let rows = book.rows(owners::TABLE);
    let maker = rows.numbered(system.number(systems::MAKER)).map(|maker| maker.number(owners::NAME));
    let chain = std::iter::successors(Some(*owner), |row| rows.numbered(row.number(owners::PARENT)));
    if maker.is_some() && chain.take(MAX_PARENTS).any(|row| Some(row.number(owners::NAME)) == maker) {
        return Some(true);
    }
    let is_bare_family = system.number(systems::NAME) == system.number(systems::FAMILY);
    let makes_another = owner.wide(owners::MAKES) & bit(system) != 0;
    if is_bare_family && makes_another { None } else { Some(false) }
}

/// The bit of a system's family, as it stands in the sets of rules and owners.
pub(crate) fn bit(system: &Row<'static>) -> u128 {
    1u128.checked_shl(u32::from(system.byte(systems::FAMILY_BIT))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{ancestors, family, is_vendor_of, systems_of};

    #[test]
    fn ownership_goes_through_parents() {
        assert_eq!(ancestors("Beats (Apple)"), ["Beats (Apple)", "Apple"]);
        assert_eq!(is_vendor_of("Beats (Apple)", "macOS"), Some(true));
        assert_eq!(is_vendor_of("LinkedIn (Microsoft)", "Windows"), Some(true));
        assert_eq!(is_vendor_of("YouTube (Google)", "Android"), Some(true));
        assert_eq!(is_vendor_of("Instagram (Meta)", "Android"), Some(false));
        assert_eq!(is_vendor_of("Apple", "macos"), Some(true));
        assert_eq!(is_vendor_of("Apple", "Windows 10"), Some(false));
    }

    #[test]
    fn a_maker_of_one_linux_is_undecided_for_linux() {
        assert_eq!(is_vendor_of("Canonical", "Ubuntu"), Some(true));
        assert_eq!(is_vendor_of("Canonical", "Linux"), None);
        assert_eq!(is_vendor_of("Canonical", "Fedora"), Some(false));
        assert_eq!(is_vendor_of("Facebook (Meta)", "Linux"), Some(false));
        assert_eq!(is_vendor_of("Samsung", "Android"), None);
        assert_eq!(is_vendor_of("Apple", "BeOS"), None);
        assert_eq!(is_vendor_of("Nobody In Particular", "macOS"), Some(false));
    }

    #[test]
    fn families_and_makers_are_told_by_system() {
        assert_eq!(family("Windows 11"), Some("Windows"));
        assert_eq!(family("iPadOS"), Some("iOS"));
        assert!(systems_of("Apple").contains(&"macOS"));
        assert!(systems_of("LinkedIn (Microsoft)").contains(&"Windows"));
    }
}
