//! The fleet file and its schema.
