//! The pipeline: the only place where all stages meet.
