//! The small closed sets that columns are made of, with the words for them in the tables.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// By its word.
            pub fn of_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }

            /// Its place in the order, as a byte.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// By its place in the order.
            pub fn of_code(code: u8) -> Option<Self> {
                Self::ALL.get(usize::from(code)).copied()
            }
        }
    };
}

words! {
    /// How a pattern is held against a name.
    Match {
        /// The name is the pattern.
        Exact = "exact",
        /// The name matches a pattern with `*`.
        Glob = "glob",
        /// The name lies below the pattern.
        Subdomain = "subdomain",
        /// The name is the pattern or lies below it.
        Suffix = "suffix",
        /// As `suffix`, for a top-level or special-use domain that has one owner.
        Tld = "tld",
    }
}

words! {
    /// How much a table of rules says.
    Class {
        /// What a host is for, looked into by itself.
        Purpose = "rule",
        /// What kind of service a host is, from a list of such.
        Kind = "kind",
        /// Only who owns it.
        Organisation = "organisation",
    }
}

words! {
    /// When a rule holds.
    Scope {
        /// Always; where the machine's system is among the rule's, it is preferred.
        Any = "",
        /// Only when the machine's system is among the rule's.
        System = "system",
        /// Only then, and only when a browser was just started.
        BrowserStart = "browser-start",
    }
}

words! {
    /// How well a statement is known, the best first.
    Grade {
        /// The vendor says so.
        Vendor = "vendor",
        /// It stands in source code.
        SourceCode = "source-code",
        /// It was observed and written down.
        Observed = "observed",
        /// It stands in a public list.
        PublicList = "public-list",
        /// The host is in public data, the purpose is common knowledge.
        Corroborated = "corroborated",
        /// An analyst's knowledge; nothing here confirms it.
        Analyst = "analyst",
    }
}
