//! Makes traffic for tests and examples, frame by frame.
