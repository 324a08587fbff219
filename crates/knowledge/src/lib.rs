//! Who owns a name and what it is for: data compiled in.
