//! One file per output format over one report.
